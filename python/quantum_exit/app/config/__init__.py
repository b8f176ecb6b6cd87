"""The configuration: what can be set, where it may come from, and what is refused."""
