"""Every recorded tick and bar file is read, and agrees with an independent reader."""

import csv
import gzip

import numpy as np
import pytest
from pyarrow import parquet

from quantum_exit.adapters.files import open_bars, open_ticks
from quantum_exit.errors import TickFileError
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

CSV_COLUMNS = {"TransactionTime": 1_000_000, "timestamp": 1_000}


def test_recorded_csv_agrees_with_the_standard_library() -> None:
    files = sorted(recorded("ticks").rglob("*.csv.gz"))
    assert files
    for path in files:
        with gzip.open(path, "rt", newline="") as file:
            rows = list(csv.DictReader(file))
        market = [r for r in rows if r.get("XUnknownParameter", "MARKET") == "MARKET"]
        (time_column,) = CSV_COLUMNS.keys() & rows[0].keys()
        price_column = "Price" if "Price" in rows[0] else "price"

        batches = list(open_ticks(path, batch_rows=1000))

        ts_ns = np.concatenate([batch.ts_ns for batch in batches]).tolist()
        price = np.concatenate([batch.price for batch in batches]).tolist()
        unit_ns = CSV_COLUMNS[time_column]
        assert ts_ns == [int(r[time_column]) * unit_ns for r in market]
        assert price == [float(r[price_column]) for r in market]
        assert batches[-1].non_market == len(rows) - len(market)


def test_recorded_parquet_agrees_with_pyarrow() -> None:
    files = sorted(recorded("ticks").rglob("*.parquet"))
    assert files
    for path in files:
        table = parquet.read_table(path)
        if "exec_type" in table.column_names:
            table = table.filter(np.array(table["exec_type"].to_pylist()) == "MARKET")
        price = np.concatenate([batch.price for batch in open_ticks(path)])

        assert np.array_equal(price, table["price"].to_numpy())


def test_recorded_bars_are_read() -> None:
    files = sorted(recorded("klines_1m").glob("binance*.parquet"))
    assert files
    for path in files:
        bars = list(open_bars(path))
        assert sum(batch.open.size for batch in bars) == parquet.read_metadata(path).num_rows


def test_recorded_bars_that_open_at_the_previous_close_are_refused() -> None:
    # BitMEX carries the last close over as the open, which then can lie outside low and high.
    (path,) = recorded("klines_1m").glob("bitmex*.parquet")

    with pytest.raises(TickFileError, match=r"row 24, column high: .* is below open"):
        list(open_bars(path))


def test_recorded_order_books_are_refused() -> None:
    files = sorted(recorded("book").glob("*.csv.gz"))
    assert files
    for path in files:
        with pytest.raises(TickFileError):
            list(open_ticks(path))
