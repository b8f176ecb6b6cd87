"""What tick and bar readers hand out: arrays, and where each value came from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TickBatch:
    """Consecutive market trades of one file or table.

    Attributes:
        path: The file; for an archive of several files followed by `:member`.
        ts_ns: ns since the UNIX epoch, in the order of the file.
        price: Positive and finite; the float nearest to the decimal in the file.
        price_column: Name of the price column.
        row_of: The row of value `index`: 1-based line of a CSV (a header is line 1), 1-based data
            row of a Parquet file or a table.
        non_market: Rows of this file dropped so far because they were no market trade.
        done_bytes: Bytes read so far, of all files.
        total_bytes: Size of all files in bytes; 0 where it is not known.
    """

    path: str
    ts_ns: NDArray[np.int64]
    price: NDArray[np.float64]
    price_column: str
    row_of: Callable[[int], int]
    non_market: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarBatch:
    """Consecutive bars of one file; `low <= open, close <= high` in each.

    Attributes:
        path: The file; for an archive of several files followed by `:member`.
        open_ns: Opening times in ns since the UNIX epoch, strictly ascending.
        open: First prices.
        high: Highest prices.
        low: Lowest prices.
        close: Last prices.
        row_of: The row of value `index`, as in `TickBatch`.
        done_bytes: Bytes read so far, of all files.
        total_bytes: Size of all files in bytes; 0 where it is not known.
    """

    path: str
    open_ns: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    row_of: Callable[[int], int]
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of all bytes that one file is, for progress.

    Attributes:
        before_bytes: Size of the files before it.
        own_bytes: Its own size.
        total_bytes: Size of all files.
    """

    before_bytes: int
    own_bytes: int
    total_bytes: int
