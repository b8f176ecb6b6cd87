"""A price line of bounded size, whatever the number of ticks."""

import numpy as np
from numpy.typing import NDArray

_DEFAULT_BUCKETS = 2_000


class PriceLine:
    """The lowest and the highest price of each of many runs of ticks, so that no extreme is lost.

    Runs double in length when there are too many of them.

    Args:
        buckets: Fewest runs that a long series is kept in, 1 or more; at most twice as many.
    """

    def __init__(self, buckets: int = _DEFAULT_BUCKETS) -> None:
        self._most = 2 * buckets
        self._ticks_a_bucket = 1
        # Time of the low, low, time of the high, high.
        self._times = np.empty((0, 2), np.int64)
        self._prices = np.empty((0, 2))
        self._rest_ts = np.empty(0, np.int64)
        self._rest_price = np.empty(0)

    def note(self, ts_ns: NDArray[np.int64], price: NDArray[np.float64]) -> None:
        """Adds ticks that follow those noted before."""
        ts_ns = np.concatenate((self._rest_ts, ts_ns))
        price = np.concatenate((self._rest_price, price))
        while ts_ns.size // self._ticks_a_bucket + len(self._times) > self._most:
            self._widen()
        whole = ts_ns.size // self._ticks_a_bucket * self._ticks_a_bucket
        times, prices = _extremes(ts_ns[:whole], price[:whole], self._ticks_a_bucket)
        self._times = np.concatenate((self._times, times))
        self._prices = np.concatenate((self._prices, prices))
        self._rest_ts, self._rest_price = ts_ns[whole:].copy(), price[whole:].copy()

    def points(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times and prices to draw, in order."""
        times, prices = self._times, self._prices
        if self._rest_ts.size > 0:
            rest = _extremes(self._rest_ts, self._rest_price, self._rest_ts.size)
            times = np.concatenate((times, rest[0]))
            prices = np.concatenate((prices, rest[1]))
        flat, flat_prices = times.ravel(), prices.ravel()
        # Low and high of a run are one point where all its prices are equal.
        keep = np.ones(flat.size, bool)
        keep[1::2] = (flat[1::2] != flat[::2]) | (flat_prices[1::2] != flat_prices[::2])
        return flat[keep], flat_prices[keep]

    def _widen(self) -> None:
        self._ticks_a_bucket *= 2
        pairs = len(self._times) // 2 * 2
        times = self._times[:pairs].reshape(-1, 4)
        prices = self._prices[:pairs].reshape(-1, 4)
        merged = _lowest_and_highest(times, prices)
        # An odd run at the end stays as it is: shorter than the others, but nothing is lost.
        self._times = np.concatenate((merged[0], self._times[pairs:]))
        self._prices = np.concatenate((merged[1], self._prices[pairs:]))


def _extremes(
    ts_ns: NDArray[np.int64], price: NDArray[np.float64], ticks_a_bucket: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return _lowest_and_highest(ts_ns.reshape(-1, ticks_a_bucket), price.reshape(-1, ticks_a_bucket))


def _lowest_and_highest(
    times: NDArray[np.int64], prices: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Lowest and highest price of each row with their times, in the order of their places."""
    places = np.sort(np.column_stack((prices.argmin(axis=1), prices.argmax(axis=1))), axis=1)
    return np.take_along_axis(times, places, 1), np.take_along_axis(prices, places, 1)
