"""Whatever holds ticks or bars, as one series of stretches: arrays, tables, files, batches."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantum_exit.adapters.arrow import ArrowStream, ticks_from_table
from quantum_exit.adapters.batches import BarBatch, TickBatch
from quantum_exit.adapters.files import Dropped, Paths, Progress, open_bars, open_ticks
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.stretches import Stretch

TickSource: TypeAlias = tuple[ArrayLike, ArrayLike] | ArrowStream | Paths | Iterable[TickBatch]
BarSource: TypeAlias = (
    tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike, ArrayLike] | Paths | Iterable[BarBatch]
)

_BAR_COLUMNS = ("open_ns", "open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class TickArrays:
    """Ticks that came as arrays.

    Attributes:
        ts_ns: Nanoseconds since the UNIX epoch.
        price: Quote currency.
        path: None: the ticks are from no file.
        price_column: None.
        row_of: The index itself.
    """

    ts_ns: NDArray[np.int64]
    price: NDArray[np.float64]
    path: None = None
    price_column: None = None
    row_of: Callable[[int], int] = int


@dataclass(frozen=True, slots=True)
class BarArrays:
    """Bars that came as arrays.

    Attributes:
        open_ns: Opening times in ns since the UNIX epoch.
        open: First prices.
        high: Highest prices.
        low: Lowest prices.
        close: Last prices.
        path: None: the bars are from no file.
        row_of: The index itself.
    """

    open_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    path: None = None
    row_of: Callable[[int], int] = int


def tick_stretches(
    ticks: TickSource,
    *,
    allow_unsorted_ns: int = 0,
    on_progress: Progress | None = None,
    on_dropped: Dropped | None = None,
) -> Iterator[Stretch]:
    """The ticks of one symbol, in order.

    Args:
        ticks: A pair of arrays (ts_ns, price), not copied where they are contiguous int64 and
            float64; a table with the Arrow C stream interface (pyarrow, polars, pandas, DuckDB); a
            path or several, read as one series; or batches as `open_ticks` gives them.
        allow_unsorted_ns: How far in ns a tick of a file or table may lie before the latest one.
        on_progress: Called with (bytes read, bytes in all) while files are read.
        on_dropped: Called at the end of every file and table with the rows that were no market
            trade.

    Raises:
        InvalidInputError: Arrays of the wrong type or length.
        TickFileError: A file or table is bad (while iterating).
        MissingExtraError: pyarrow is needed and not installed.
    """
    if _are_arrays(ticks):
        return iter([_tick_arrays(cast("tuple[Any, ...]", ticks))])
    if hasattr(ticks, "__arrow_c_stream__"):
        table = cast("ArrowStream", ticks)
        return ticks_from_table(table, allow_unsorted_ns=allow_unsorted_ns, on_dropped=on_dropped)
    if isinstance(ticks, str | os.PathLike) or _are_paths(ticks):
        return open_ticks(
            cast("Paths", ticks),
            allow_unsorted_ns=allow_unsorted_ns,
            on_progress=on_progress,
            on_dropped=on_dropped,
        )
    if _are_batches(ticks):
        return iter(cast("Iterable[TickBatch]", ticks))
    allowed = "expected two arrays, a table, paths or batches of ticks"
    raise InvalidInputError("ticks", type(ticks).__name__, allowed)


def bar_stretches(
    bars: BarSource, *, on_progress: Progress | None = None
) -> Iterator[BarBatch | BarArrays]:
    """The bars of one symbol, in order.

    Args:
        bars: Five arrays (open_ns, open, high, low, close); a path or several, read as one series;
            or batches as `open_bars` gives them.
        on_progress: Called with (bytes read, bytes in all) while files are read.

    Raises:
        InvalidInputError: Arrays of the wrong type or length, or a bar that contradicts itself.
        TickFileError: A file is bad (while iterating).
        MissingExtraError: pyarrow is needed and not installed.
    """
    if _are_arrays(bars):
        return iter([_bar_arrays(cast("tuple[Any, ...]", bars))])
    if isinstance(bars, str | os.PathLike) or _are_paths(bars):
        return open_bars(cast("Paths", bars), on_progress=on_progress)
    if _are_batches(bars):
        return iter(cast("Iterable[BarBatch]", bars))
    allowed = "expected five arrays, paths or batches of bars"
    raise InvalidInputError("bars", type(bars).__name__, allowed)


def _are_arrays(source: object) -> bool:
    return isinstance(source, tuple) and not _are_paths(source)


def _are_batches(source: object) -> bool:
    return isinstance(source, Iterable) and not isinstance(source, Mapping | np.ndarray)


def _are_paths(source: object) -> bool:
    return isinstance(source, list | tuple) and all(
        isinstance(one, str | os.PathLike) for one in source
    )


def _tick_arrays(pair: tuple[Any, ...]) -> TickArrays:
    names = ("ts_ns", "price")
    if len(pair) != len(names):
        raise InvalidInputError("ticks", f"{len(pair)} arrays", "expected two: ts_ns and price")
    ts_ns, price = (_column(name, values) for name, values in zip(names, pair, strict=True))
    _same_length(names, (ts_ns, price))
    return TickArrays(ts_ns, price)


def _bar_arrays(five: tuple[Any, ...]) -> BarArrays:
    if len(five) != len(_BAR_COLUMNS):
        allowed = f"expected five: {', '.join(_BAR_COLUMNS)}"
        raise InvalidInputError("bars", f"{len(five)} arrays", allowed)
    open_ns, open_, high, low, close = (
        _column(name, values) for name, values in zip(_BAR_COLUMNS, five, strict=True)
    )
    _same_length(_BAR_COLUMNS, (open_ns, open_, high, low, close))
    bars = BarArrays(open_ns, open_, high, low, close)
    if bars.open_ns.size == 0:
        raise InvalidInputError("bars", "0 bars", "expected one or more")
    bad = (bars.high < np.maximum(bars.open, bars.close)) | (
        bars.low > np.minimum(bars.open, bars.close)
    )
    bad[1:] |= np.diff(bars.open_ns) <= 0
    if bad.any():
        index = int(bad.argmax())
        allowed = "low <= open, close <= high and opening times that ascend"
        raise InvalidInputError("bars", f"bar {index}", f"expected {allowed}")
    return bars


def _column(name: str, values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    is_time = name in ("ts_ns", "open_ns")
    wanted: type[np.int64 | np.float64] = np.int64 if is_time else np.float64
    if array.ndim != 1 or array.dtype.kind not in ("iu" if is_time else "iuf"):
        got = f"{array.dtype} of {array.ndim} dimensions"
        raise InvalidInputError(name, got, f"expected {np.dtype(wanted)} of one dimension")
    return np.ascontiguousarray(array, wanted)


def _same_length(names: tuple[str, ...], columns: Iterable[NDArray[Any]]) -> None:
    lengths = [column.size for column in columns]
    if len(set(lengths)) > 1:
        got = ", ".join(f"{n} {name}" for n, name in zip(lengths, names, strict=True))
        raise InvalidInputError(f"len({names[-1]})", got, "expected equal lengths")
