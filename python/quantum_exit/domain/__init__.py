"""The values of the trade: instruments, positions, plans, events and outcomes."""
