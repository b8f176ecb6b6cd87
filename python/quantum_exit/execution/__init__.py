"""Plans carried out: on recorded ticks, and on live ones."""
