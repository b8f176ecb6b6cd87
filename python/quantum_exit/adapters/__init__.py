"""What connects the engine to the world outside: files, venues, stores, hosts."""
