"""Bars on an even grid of time, made of finer bars or of ticks; only complete ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit.errors import InvalidInputError

_MAX_BARS = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarSeries:
    """Bars that follow each other without a hole.

    An interval without a trade is a flat bar at the close before it, and `traded` says so.

    Attributes:
        interval_ns: Length of a bar in ns; bars open at its multiples since the UNIX epoch.
        open_ns: Opening times, ns since the UNIX epoch, `interval_ns` apart.
        open: First prices, quote currency.
        high: Highest prices.
        low: Lowest prices.
        close: Last prices.
        traded: Whether the interval holds a trade.
    """

    interval_ns: int
    open_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    traded: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.open_ns.size)

    @property
    def end_ns(self) -> NDArray[np.int64]:
        """When each bar is complete: the earliest time at which it may be used."""
        return self.open_ns + self.interval_ns


def bars_from_ticks(
    ts_ns: NDArray[np.int64],
    price: NDArray[np.float64],
    *,
    interval_ns: int,
    as_of_ns: int | None = None,
) -> BarSeries:
    """The bars of a tick series that are complete at `as_of_ns`.

    Args:
        ts_ns: Times of the ticks, ns since the UNIX epoch, not falling.
        price: Prices, finite and above 0.
        interval_ns: Length of a bar in ns, above 0.
        as_of_ns: Ticks after it are not looked at, and bars reach up to it, flat ones where
            nothing traded. None = the time of the last tick.

    Raises:
        InvalidInputError: An array is not as said, or the series needs too many bars.
    """
    _check_interval(interval_ns)
    _check_columns(ts_ns, {"price": price})
    if bool((np.diff(ts_ns) < 0).any()):
        index = int((np.diff(ts_ns) < 0).argmax()) + 1
        raise InvalidInputError(f"ts_ns[{index}]", ts_ns[index], "expected times that do not fall")
    if as_of_ns is not None:
        known = int(np.searchsorted(ts_ns, as_of_ns, side="right"))
        ts_ns, price = ts_ns[:known], price[:known]
    if ts_ns.size == 0:
        return _empty(interval_ns)
    until_ns = int(ts_ns[-1]) if as_of_ns is None else as_of_ns
    return _gridded(
        interval_ns=interval_ns,
        until_ns=until_ns,
        ts_ns=ts_ns,
        open_=price,
        high=price,
        low=price,
        close=price,
    )


def bars_from_bars(
    open_ns: NDArray[np.int64],
    open_: NDArray[np.float64],
    high: NDArray[np.float64],
    low: NDArray[np.float64],
    close: NDArray[np.float64],
    *,
    bar_ns: int,
    interval_ns: int,
    as_of_ns: int | None = None,
) -> BarSeries:
    """The bars of length `interval_ns` that finer bars make up and that are complete at `as_of_ns`.

    Args:
        open_ns: Opening times of the finer bars, ns since the UNIX epoch, ascending.
        open_: First prices.
        high: Highest prices.
        low: Lowest prices.
        close: Last prices; all prices finite and above 0.
        bar_ns: Length of a finer bar in ns. It is known `bar_ns` after it opened, not before.
        interval_ns: Length of a bar to make, a multiple of `bar_ns`.
        as_of_ns: Bars that end after it are not looked at, and bars reach up to it, flat ones where
            nothing traded. None = the end of the last bar.

    Raises:
        InvalidInputError: An array is not as said, or the series needs too many bars.
    """
    _check_interval(interval_ns)
    if bar_ns <= 0 or interval_ns % bar_ns:
        allowed = f"expected a divisor of the interval, {interval_ns} ns"
        raise InvalidInputError("bar_ns", bar_ns, allowed)
    _check_columns(open_ns, {"open_": open_, "high": high, "low": low, "close": close})
    if bool((np.diff(open_ns) <= 0).any()):
        index = int((np.diff(open_ns) <= 0).argmax()) + 1
        raise InvalidInputError(f"open_ns[{index}]", open_ns[index], "expected ascending times")
    if as_of_ns is not None:
        known = int(np.searchsorted(open_ns, as_of_ns - bar_ns, side="right"))
        open_ns, open_, high = open_ns[:known], open_[:known], high[:known]
        low, close = low[:known], close[:known]
    if open_ns.size == 0:
        return _empty(interval_ns)
    until_ns = int(open_ns[-1]) + bar_ns if as_of_ns is None else as_of_ns
    return _gridded(
        interval_ns=interval_ns,
        until_ns=until_ns,
        ts_ns=open_ns,
        open_=open_,
        high=high,
        low=low,
        close=close,
    )


def bars_from_rows(
    ts_ns: NDArray[np.int64], rows: NDArray[np.float64], until_ns: int, interval_ns: int
) -> BarSeries:
    """The bars that rows of open, high, low and close make up, each row within one interval.

    Args:
        ts_ns: When each row begins, ns since the UNIX epoch, not falling.
        rows: Shape (4, rows): open, high, low, close; finite and above 0.
        until_ns: Until when the data are known: bars that end later are not made.
        interval_ns: Length of a bar in ns, above 0.

    Raises:
        InvalidInputError: The series needs too many bars.
    """
    if ts_ns.size == 0:
        return _empty(interval_ns)
    open_, high, low, close = rows
    return _gridded(
        interval_ns=interval_ns,
        until_ns=until_ns,
        ts_ns=ts_ns,
        open_=open_,
        high=high,
        low=low,
        close=close,
    )


def bar_length_ns(open_ns: NDArray[np.int64]) -> int:
    """The commonest distance between opening times in ns; the shortest of several that are.

    Raises:
        InvalidInputError: There are fewer than two bars.
    """
    if open_ns.size < len(("one bar", "the next")):
        raise InvalidInputError("bars", f"{open_ns.size} bars", "expected two or more")
    lengths, counts = np.unique(np.diff(open_ns), return_counts=True)
    return int(lengths[counts.argmax()])


def _gridded(
    *,
    interval_ns: int,
    until_ns: int,
    ts_ns: NDArray[np.int64],
    open_: NDArray[np.float64],
    high: NDArray[np.float64],
    low: NDArray[np.float64],
    close: NDArray[np.float64],
) -> BarSeries:
    bucket = ts_ns // interval_ns
    starts = np.flatnonzero(np.concatenate(([True], np.diff(bucket) != 0)))
    ends = np.append(starts[1:], bucket.size) - 1
    first = int(bucket[0])
    count = until_ns // interval_ns - first
    if count > _MAX_BARS:
        allowed = f"expected at most {_MAX_BARS} bars from the first datum to the last"
        raise InvalidInputError("interval_ns", f"{interval_ns} gives {count} bars", allowed)
    if count <= 0:
        return _empty(interval_ns)
    place = bucket[starts] - first
    complete = place < count
    place = place[complete]
    source = np.zeros(count, np.int64)
    source[place] = np.arange(place.size)
    np.maximum.accumulate(source, out=source)
    traded = np.zeros(count, np.bool_)
    traded[place] = True
    closes = close[ends][source]
    return BarSeries(
        interval_ns=interval_ns,
        open_ns=(first + np.arange(count, dtype=np.int64)) * interval_ns,
        open=np.where(traded, open_[starts][source], closes),
        high=np.where(traded, np.maximum.reduceat(high, starts)[source], closes),
        low=np.where(traded, np.minimum.reduceat(low, starts)[source], closes),
        close=closes,
        traded=traded,
    )


def _empty(interval_ns: int) -> BarSeries:
    none = np.empty(0)
    return BarSeries(
        interval_ns=interval_ns,
        open_ns=np.empty(0, np.int64),
        open=none,
        high=none,
        low=none,
        close=none,
        traded=np.empty(0, np.bool_),
    )


def _check_interval(interval_ns: int) -> None:
    if interval_ns <= 0:
        raise InvalidInputError("interval_ns", interval_ns, "expected ns above 0")


def _check_columns(ts_ns: NDArray[np.int64], prices: dict[str, NDArray[Any]]) -> None:
    for name, column in prices.items():
        if column.shape != ts_ns.shape or ts_ns.ndim != 1:
            got = f"shape {column.shape}"
            raise InvalidInputError(name, got, f"expected the shape of the times, {ts_ns.shape}")
        bad = ~(np.isfinite(column) & (column > 0))
        if bool(bad.any()):
            index = int(bad.argmax())
            allowed = "expected a finite price above 0"
            raise InvalidInputError(f"{name}[{index}]", column[index], allowed)
