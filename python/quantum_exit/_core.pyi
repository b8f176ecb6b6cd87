"""The Rust core, as Python sees it."""

from os import PathLike
from typing import final

import numpy as np
from numpy.typing import NDArray

@final
class Rows:
    """Row numbers of one batch: `rows(index)` is the 1-based line that gave value `index`.

    Raises:
        IndexError: The batch has no value `index`.
    """

    def __call__(self, index: int) -> int: ...
    def __len__(self) -> int: ...

@final
class TickFile:
    """Streams the market trades of one CSV, `.csv.gz` or `.zip` file in constant memory.

    Args:
        path: The file. Members of a zip archive follow each other by name, as one series.
        allow_unsorted_ns: How far in ns a row may lie before the latest row above it, 0 or more.

    Raises:
        TickFileError: The file cannot be opened, is empty or damaged, or lacks a column.
    """

    def __new__(cls, path: str | PathLike[str], allow_unsorted_ns: int = 0) -> TickFile: ...
    def next_batch(self, max_rows: int, /) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """The next 1 to `max_rows` trades as (ns since the UNIX epoch, price), `None` at the end.

        All are of one archive member. The GIL is released while the file is parsed.

        Raises:
            TickFileError: The first bad row; raised again by every later call.
            ValueError: `max_rows` is 0.
        """

    def row_of(self, index: int, /) -> int:
        """1-based line of the file that gave value `index` of the last batch."""

    @property
    def batch_rows(self) -> Rows:
        """Row numbers of the last batch; they stay valid after the next."""

    @property
    def member(self) -> str:
        """Name of the file or archive member that the last batch came from."""

    @property
    def non_market(self) -> int:
        """Rows dropped so far because they were no market trade."""

    @property
    def rows(self) -> int:
        """Data rows read so far, dropped ones included."""

    @property
    def format(self) -> str:
        """What the columns were recognised as, such as `binance aggTrades`."""

    @property
    def price_column(self) -> str:
        """Name of the price column."""

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""

@final
class BarFile:
    """Streams the bars of one CSV, `.csv.gz` or `.zip` file in constant memory.

    Raises:
        TickFileError: The file cannot be opened, is empty or damaged, or lacks a column.
    """

    def __new__(cls, path: str | PathLike[str]) -> BarFile: ...
    def next_batch(
        self, max_rows: int, /
    ) -> (
        tuple[
            NDArray[np.int64],
            NDArray[np.float64],
            NDArray[np.float64],
            NDArray[np.float64],
            NDArray[np.float64],
        ]
        | None
    ):
        """The next 1 to `max_rows` bars as (opening ns, open, high, low, close), `None` at the end.

        Raises:
            TickFileError: The first bad row; raised again by every later call.
            ValueError: `max_rows` is 0.
        """

    def row_of(self, index: int, /) -> int:
        """1-based line of the file that gave value `index` of the last batch."""

    @property
    def batch_rows(self) -> Rows:
        """Row numbers of the last batch; they stay valid after the next."""

    @property
    def member(self) -> str:
        """Name of the file or archive member that the last batch came from."""

    @property
    def rows(self) -> int:
        """Bars read so far."""

    @property
    def format(self) -> str:
        """What the columns were recognised as, such as `binance klines`."""

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""

def find_tick_columns(
    path: str, names: list[str], /
) -> tuple[int, int | None, int, int | None, int | None]:
    """Indices of (time, -, price, execution type, symbol) among `names`; second, ns in a time unit.

    Raises:
        TickFileError: A needed column is missing or doubled, or the columns are no trades.
    """

def find_bar_columns(
    path: str, names: list[str], /
) -> tuple[int, int | None, list[int], int | None]:
    """Indices of (time, -, [open, high, low, close], symbol); second, ns in a time unit.

    Raises:
        TickFileError: A needed column is missing or doubled.
    """

def unit_ns_of(value: int, /) -> int | None:
    """Nanoseconds in the unit in which `value` is a time of 1973 to 5138, or `None`."""
