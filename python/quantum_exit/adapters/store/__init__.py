"""Stores of the journal, its snapshots and the leases: SQLite, PostgreSQL, a simulated disk."""
