"""Exit engine core. Prices, sizes and times are integers: ticks, lots, ns since the UNIX epoch."""

__all__ = ["__version__"]

__version__: str
