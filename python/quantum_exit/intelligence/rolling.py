"""Sums and extremes over a sliding window, each the same whatever series it is cut from.

A running sum carries the rounding of everything before it. These add the window's own values,
oldest first, so that the last value of a long series and that of its tail alone are the same float.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rolling_sum(values: Floats, window: int) -> Floats:
    """Sum of each `window` consecutive values: `len(values) - window + 1` of them."""
    total = _shifted(values, 0, window).copy()
    for offset in range(1, window):
        total += _shifted(values, offset, window)
    return total


def rolling_max(values: Floats, window: int) -> Floats:
    """Largest of each `window` consecutive values: `len(values) - window + 1` of them."""
    largest = _shifted(values, 0, window).copy()
    for offset in range(1, window):
        np.maximum(largest, _shifted(values, offset, window), out=largest)
    return largest


def rolling_min(values: Floats, window: int) -> Floats:
    """Smallest of each `window` consecutive values: `len(values) - window + 1` of them."""
    smallest = _shifted(values, 0, window).copy()
    for offset in range(1, window):
        np.minimum(smallest, _shifted(values, offset, window), out=smallest)
    return smallest


def _shifted(values: Floats, offset: int, window: int) -> Floats:
    return values[offset : len(values) - window + 1 + offset]
