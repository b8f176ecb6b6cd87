"""Arrow tables and record batches as ticks and bars, with the checks of the CSV reader."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import find_bar_columns, find_tick_columns
from quantum_exit.adapters.arrow_columns import (
    Place,
    Rows,
    plain,
    price_values,
    pyarrow,
    same_symbol,
    time_values,
)
from quantum_exit.adapters.batches import BarBatch, TickBatch
from quantum_exit.errors import TickFileError

_HIGH_IS_BELOW = "{} is below open {} or close {}; expected the highest price"
_LOW_IS_ABOVE = "{} is above open {} or close {}; expected the lowest price"


class ArrowStream(Protocol):
    """A table of pyarrow, polars, DuckDB or pandas: anything with the Arrow PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A PyCapsule that holds an Arrow C stream."""


def ticks_from_table(
    table: ArrowStream,
    *,
    allow_unsorted_ns: int = 0,
    name: str = "table",
    on_dropped: Callable[[int], object] | None = None,
) -> Iterator[TickBatch]:
    """Streams the market trades of `table`, a batch for each of its chunks.

    Columns, checks and errors are those of a file. `timestamp_ns` as int64 (or a timestamp in ns)
    and `price` as double are not copied.

    Args:
        table: The table.
        allow_unsorted_ns: How far in ns a tick may lie before the latest tick before it, 0 or more.
        name: What errors call the table.
        on_dropped: Called at the end with the rows that were no market trade.

    Raises:
        TickFileError: A column is missing (at once), or (while iterating) holds a bad value, or
            time goes back.
        MissingExtraError: pyarrow is not installed.
        ValueError: `allow_unsorted_ns` is negative.
    """
    if allow_unsorted_ns < 0:
        msg = f"allow_unsorted_ns: {allow_unsorted_ns} is not allowed; expected 0 or more"
        raise ValueError(msg)
    stream = pyarrow().RecordBatchReader.from_stream(table)
    return _table_ticks(stream, ArrowTicks(name, stream.schema, allow_unsorted_ns), on_dropped)


def _table_ticks(
    stream: Any, reader: "ArrowTicks", on_dropped: Callable[[int], object] | None
) -> Iterator[TickBatch]:
    for arrow_batch in stream:
        batch = reader.read(arrow_batch, done_bytes=0, total_bytes=0)
        if batch is not None:
            yield batch
    if reader.rows == 0:
        raise TickFileError(path=reader.path, message="no rows; expected one trade a row")
    if on_dropped is not None:
        on_dropped(reader.non_market)


class ArrowTicks:
    """Turns the record batches of one series into ticks, in order.

    Args:
        path: What errors call the source.
        schema: Its pyarrow schema.
        allow_unsorted_ns: How far in ns a tick may lie before the latest tick before it.

    Raises:
        TickFileError: A needed column is missing or doubled, or the columns are no trades.
    """

    def __init__(self, path: str, schema: Any, allow_unsorted_ns: int) -> None:
        names = schema.names
        time, self._unit_ns, price, exec_type, symbol = find_tick_columns(path, names)
        self.path = path
        self.rows = 0
        self._time = names[time]
        self._price = names[price]
        self._exec_type = None if exec_type is None else names[exec_type]
        self._symbol_column = None if symbol is None else names[symbol]
        self._symbol: str | None = None
        self._allow_unsorted_ns = allow_unsorted_ns
        self._latest_ns = -1
        self.non_market = 0

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        wanted = (self._time, self._price, self._exec_type, self._symbol_column)
        return [name for name in wanted if name is not None]

    def read(self, batch: Any, *, done_bytes: int, total_bytes: int) -> TickBatch | None:
        """The market trades of `batch`; `None` where it has none.

        Raises:
            TickFileError: A value is bad, or time goes back too far.
        """
        first_row = self.rows + 1
        self.rows += batch.num_rows
        batch, kept = self._market_only(batch)
        if batch.num_rows == 0:
            return None
        rows = Rows(first_row, kept, batch.num_rows)
        if self._symbol_column is not None:
            place = Place(self.path, self._symbol_column, rows)
            self._symbol = same_symbol(place, batch.column(self._symbol_column), self._symbol)
        place = Place(self.path, self._time, rows)
        ts_ns, self._unit_ns = time_values(place, batch.column(self._time), self._unit_ns)
        self._check_order(place, ts_ns)
        price = price_values(Place(self.path, self._price, rows), batch.column(self._price))
        return TickBatch(
            path=self.path,
            ts_ns=ts_ns,
            price=price,
            price_column=self._price,
            row_of=rows,
            non_market=self.non_market,
            done_bytes=done_bytes,
            total_bytes=total_bytes,
        )

    def _market_only(self, batch: Any) -> tuple[Any, NDArray[np.int64] | None]:
        if self._exec_type is None or batch.num_rows == 0:
            return batch, None
        pa = pyarrow()
        compute = pyarrow("pyarrow.compute")
        columns = [plain(batch.column(name)) for name in self.columns]
        batch = pa.RecordBatch.from_arrays(columns, names=self.columns)
        exec_type = batch.column(self._exec_type)
        is_market = compute.equal(exec_type, pa.scalar("MARKET", exec_type.type)).fill_null(False)
        kept = np.flatnonzero(is_market.to_numpy(zero_copy_only=False))
        if kept.size == batch.num_rows:
            return batch, None
        self.non_market += batch.num_rows - kept.size
        return batch.filter(is_market), kept

    def _check_order(self, place: Place, ts_ns: NDArray[np.int64]) -> None:
        if ts_ns[0] >= self._latest_ns and bool(np.all(ts_ns[1:] >= ts_ns[:-1])):
            self._latest_ns = int(ts_ns[-1])
            return
        latest_ns = np.maximum.accumulate(np.concatenate(([self._latest_ns], ts_ns)))
        back_ns = latest_ns[:-1] - ts_ns
        bad = back_ns > self._allow_unsorted_ns
        if bad.any():
            index = int(bad.argmax())
            place.refuse(
                index,
                f"time goes back {back_ns[index]} ns behind the latest row above; allowed are "
                f"{self._allow_unsorted_ns} ns (allow_unsorted_ns)",
            )
        self._latest_ns = int(latest_ns[-1])


class ArrowBars:
    """Turns the record batches of one series into bars, in order.

    Args:
        path: What errors call the source.
        schema: Its pyarrow schema.

    Raises:
        TickFileError: A needed column is missing or doubled.
    """

    def __init__(self, path: str, schema: Any) -> None:
        names = schema.names
        time, self._unit_ns, prices, symbol = find_bar_columns(path, names)
        self._path = path
        self._time = names[time]
        self._prices = [names[price] for price in prices]
        self._symbol_column = None if symbol is None else names[symbol]
        self._symbol: str | None = None
        self._latest_ns = -1
        self._rows = 0

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        symbol = [] if self._symbol_column is None else [self._symbol_column]
        return [self._time, *self._prices, *symbol]

    def read(self, batch: Any, *, done_bytes: int, total_bytes: int) -> BarBatch | None:
        """The bars of `batch`; `None` where it has none.

        Raises:
            TickFileError: A value is bad, a bar contradicts itself or opens too early.
        """
        if batch.num_rows == 0:
            return None
        rows = Rows(self._rows + 1, None, batch.num_rows)
        self._rows += batch.num_rows
        if self._symbol_column is not None:
            place = Place(self._path, self._symbol_column, rows)
            self._symbol = same_symbol(place, batch.column(self._symbol_column), self._symbol)
        place = Place(self._path, self._time, rows)
        open_ns, self._unit_ns = time_values(place, batch.column(self._time), self._unit_ns)
        self._check_order(place, open_ns)
        places = [Place(self._path, name, rows) for name in self._prices]
        open_, high, low, close = (price_values(p, batch.column(p.column)) for p in places)
        too_low = high < np.maximum(open_, close)
        _refuse_extreme(places[1], too_low, _HIGH_IS_BELOW, high, open_, close)
        too_high = low > np.minimum(open_, close)
        _refuse_extreme(places[2], too_high, _LOW_IS_ABOVE, low, open_, close)
        return BarBatch(
            path=self._path,
            open_ns=open_ns,
            open=open_,
            high=high,
            low=low,
            close=close,
            row_of=rows,
            done_bytes=done_bytes,
            total_bytes=total_bytes,
        )

    def _check_order(self, place: Place, open_ns: NDArray[np.int64]) -> None:
        steps_ns = np.diff(open_ns, prepend=self._latest_ns)
        bad = steps_ns <= 0
        if bad.any():
            index = int(bad.argmax())
            place.refuse(
                index,
                f"the bar opens {-steps_ns[index]} ns before the bar above; expected a later "
                "opening",
            )
        self._latest_ns = int(open_ns[-1])


def _refuse_extreme(
    place: Place,
    bad: NDArray[np.bool_],
    relation: str,
    *prices: NDArray[np.float64],
) -> None:
    if bad.any():
        index = int(bad.argmax())
        place.refuse(index, relation.format(*(float(price[index]) for price in prices)))
