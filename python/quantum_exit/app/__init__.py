"""The command line and what it is wired from."""
