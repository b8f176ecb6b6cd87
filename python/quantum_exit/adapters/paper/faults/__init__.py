"""Faults of the simulated exchange: by rate and seed, or by a script."""
