"""How far a price moves: volatility, true range, and how straight or choppy its way is.

Every function takes whole columns and gives one value for each window that lies in them, the last
value of the window being the latest known.
"""

from math import log10, sqrt

import numpy as np

from quantum_exit.intelligence.rolling import Floats, rolling_max, rolling_min, rolling_sum

DAY_NS = 86_400_000_000_000
"""The horizon that volatilities are stated for, in ns."""


def returns(close: Floats, before: float) -> Floats:
    """Simple returns of consecutive closes, the first against the price `before`."""
    return close / _previous(close, before) - 1.0


def rms_volatility(
    moves: Floats, window: int, elapsed: Floats, interval_ns: int, horizon_ns: int = DAY_NS
) -> Floats:
    """Root mean square of `window` returns, scaled to a horizon by the square root of time.

    Args:
        moves: Returns of bars, as fractions.
        window: Returns in a window, 1 or more.
        elapsed: Bars that have passed in each window: fewer than `window` at the start of a series.
        interval_ns: Length of a bar.
        horizon_ns: The time for which the volatility is stated.

    Returns:
        Fractions of the price, 0 or more.
    """
    variance = rolling_sum(moves * moves, window) / elapsed
    scaled: Floats = np.sqrt(variance) * sqrt(horizon_ns / interval_ns)
    return scaled


def true_range(high: Floats, low: Floats, close: Floats, before: float) -> Floats:
    """Wilder's true range in quote currency: the bar's range, stretched to the close before it."""
    previous = _previous(close, before)
    return np.maximum(high, previous) - np.minimum(low, previous)


def average_true_range(ranges: Floats, period: int) -> Floats:
    """Mean of the last `period` true ranges, quote currency."""
    return rolling_sum(ranges, period) / period


def efficiency_ratio(close: Floats, before: float, window: int) -> Floats:
    """Kaufman's efficiency ratio with its sign: net move over the length of the way.

    Returns:
        -1 (straight down) to 1 (straight up); 0 where the price did not move.
    """
    way = rolling_sum(np.abs(close - _previous(close, before)), window)
    # The price from which each window sets out is the close before its first bar.
    start = _previous(close, before)[: way.size]
    net = close[window - 1 :] - start
    ratio = np.divide(net, way, out=np.zeros_like(net), where=way > 0)
    return np.clip(ratio, -1.0, 1.0)


def choppiness(high: Floats, low: Floats, ranges: Floats, period: int) -> Floats:
    """Dreiss' choppiness index: 100 log10(sum of true ranges / whole range) / log10(period).

    Returns:
        0 (a straight move) to 100 (all way, no move); NaN where the price did not move.
    """
    whole = rolling_max(high, period) - rolling_min(low, period)
    total = rolling_sum(ranges, period)
    ratio = np.divide(total, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    # A gap into the window's first bar makes its true range longer than the range of the window.
    index: Floats = 100.0 * np.log10(ratio) / log10(period)
    return np.clip(index, 0.0, 100.0)


def _previous(close: Floats, before: float) -> Floats:
    return np.concatenate((np.array([before]), close[:-1]))
