"""The public functions, each a thin door to the layer that does the work."""
