"""Bars of a tick series that comes in stretches and need not fit into memory."""

import numpy as np
from numpy.typing import NDArray

from quantum_exit.intelligence.bars import BarSeries, bars_from_rows


class BarCollector:
    """Makes bars of stretches of ticks, holding what the bars need and no tick.

    Args:
        interval_ns: Length of a bar in ns, above 0.
    """

    def __init__(self, interval_ns: int) -> None:
        self._interval_ns = interval_ns
        self._rows: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        self._until_ns = 0

    def add(self, ts_ns: NDArray[np.int64], price: NDArray[np.float64]) -> None:
        """Takes the next stretch.

        Args:
            ts_ns: Times, ns since the UNIX epoch; not falling, also from stretch to stretch.
            price: Prices, finite and above 0.
        """
        if ts_ns.size == 0:
            return
        bucket = ts_ns // self._interval_ns
        starts = np.flatnonzero(np.concatenate((np.ones(1, np.bool_), np.diff(bucket) != 0)))
        ends = np.append(starts[1:], ts_ns.size) - 1
        rows = np.stack(
            (
                price[starts],
                np.maximum.reduceat(price, starts),
                np.minimum.reduceat(price, starts),
                price[ends],
            )
        )
        self._rows.append((ts_ns[starts], rows))
        self._until_ns = int(ts_ns[-1])

    def bars(self) -> BarSeries:
        """The bars that were complete at the last tick."""
        if not self._rows:
            return bars_from_rows(
                np.empty(0, np.int64), np.empty((4, 0)), self._until_ns, self._interval_ns
            )
        return bars_from_rows(
            np.concatenate([times for times, _ in self._rows]),
            np.concatenate([rows for _, rows in self._rows], axis=1),
            self._until_ns,
            self._interval_ns,
        )
