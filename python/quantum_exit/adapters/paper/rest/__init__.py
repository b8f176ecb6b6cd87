"""The REST endpoints of the simulated exchange, by group."""
