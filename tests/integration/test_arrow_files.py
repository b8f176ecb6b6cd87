from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from quantum_exit.adapters import arrow_columns
from quantum_exit.adapters.files import TickBatch, open_bars, open_ticks, ticks_from_table
from quantum_exit.errors import MissingExtraError, TickFileError

MS = 1_700_000_000_000
NS = MS * 1_000_000


def table(**columns: Any) -> pa.Table:
    return pa.table({"timestamp_ms": [MS, MS + 1], "price": [100.5, 100.6], **columns})


def saved(path: Path, content: pa.Table) -> Path:
    parquet.write_table(content, path)
    return path


def only(content: pa.Table) -> TickBatch:
    (batch,) = ticks_from_table(content)
    return batch


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("timestamp_ns", [NS, NS + 1_000_000]),
        ("timestamp_us", [MS * 1000, MS * 1000 + 1000]),
        ("ts", [MS, MS + 1]),
        ("timestamp", pa.array([MS, MS + 1], pa.timestamp("ms", "UTC"))),
        ("time", pa.array([NS, NS + 1_000_000], pa.timestamp("ns"))),
        ("ts", pa.array([NS, NS + 1_000_000], pa.uint64())),
    ],
)
def test_every_unit_of_time_becomes_ns(tmp_path: Path, name: str, times: Any) -> None:
    path = saved(
        tmp_path / "t.parquet", pa.table({name: times, "price": [100.5, 100.6], "z": [1, 2]})
    )

    (batch,) = open_ticks(path)

    assert batch.ts_ns.tolist() == [NS, NS + 1_000_000]
    assert batch.price.tolist() == [100.5, 100.6]
    assert [batch.row_of(0), batch.row_of(1)] == [1, 2]


AWKWARD = ["0.1", "43251.10", "0.00000123", "123456789.123456789", "9007199254740993"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(AWKWARD),
        pa.array(AWKWARD, pa.large_string()),
        pa.array(AWKWARD).dictionary_encode(),
        pa.array([Decimal(text) for text in AWKWARD], pa.decimal128(38, 12)),
        pa.array([Decimal(text) for text in AWKWARD], pa.decimal256(50, 20)),
    ],
    ids=lambda column: str(column.type),
)
def test_decimals_and_text_become_the_nearest_double(column: Any) -> None:
    batch = only(pa.table({"timestamp_ns": list(range(5)), "price": column}))

    assert batch.price.tolist() == [float(text) for text in AWKWARD]


def test_integers_are_prices_as_long_as_they_are_exact() -> None:
    assert only(table(price=pa.array([7, 8], pa.int32()))).price.tolist() == [7, 8]
    with pytest.raises(TickFileError, match=r"row 2, column price: .* has no exact double"):
        only(table(price=[1, 2**53 + 1]))


@pytest.mark.parametrize("encode", [pa.array, lambda v: pa.array(v).dictionary_encode()])
def test_what_is_no_market_trade_is_dropped_and_counted(encode: Callable[[Any], Any]) -> None:
    content = pa.table(
        {
            "ts": [MS, MS, MS, MS],
            "price": [1.5, 0.0, None, 1.6],
            "exec_type": encode(["MARKET", "NA", None, "MARKET"]),
        }
    )
    batch = only(content)

    assert batch.price.tolist() == [1.5, 1.6]
    assert [batch.row_of(0), batch.row_of(1)] == [1, 4]
    assert batch.non_market == 2


@pytest.mark.parametrize(
    ("content", "row", "column", "message"),
    [
        (
            table(price=[1.0, None]),
            2,
            "price",
            "null is not a number; expected a decimal such as 43251.1",
        ),
        (
            table(price=[1.0, float("nan")]),
            2,
            "price",
            '"nan" is not a price; expected a positive, finite decimal such as 43251.1',
        ),
        (
            table(price=[0.0, 1.0]),
            1,
            "price",
            '"0.0" is not a price; expected a positive, finite decimal such as 43251.1',
        ),
        (
            table(price=["1.5", "abc"]),
            2,
            "price",
            '"abc" is not a number; expected a decimal such as 43251.1',
        ),
        (
            table(price=pa.array([1, 2], pa.float32())),
            None,
            "price",
            (
                "has type float, which does not hold a price exactly; expected double, decimal, "
                "string or integer"
            ),
        ),
        (
            table(timestamp_ms=[MS, None]),
            2,
            "timestamp_ms",
            "null is not a time stamp; expected an integer such as 1700000000000",
        ),
        (
            table(timestamp_ms=[MS, MS - 1]),
            2,
            "timestamp_ms",
            (
                "time goes back 1000000 ns behind the latest row above; allowed are 0 ns "
                "(allow_unsorted_ns)"
            ),
        ),
        (
            table(timestamp_ms=[1.5, 2.5]),
            None,
            "timestamp_ms",
            "has type double; expected an integer or a timestamp",
        ),
        (
            table(timestamp_ms=[-1, 1]),
            1,
            "timestamp_ms",
            '"-1" is not a time stamp; expected an integer such as 1700000000000',
        ),
        (
            table(timestamp_ms=[MS, 10**14]),
            2,
            "timestamp_ms",
            f'"{10**14}" ms lies after the year 2262; expected a time that fits 64-bit nanoseconds',
        ),
        (
            pa.table({"ts": [MS, MS * 1000], "price": [1.0, 2.0]}),
            2,
            "ts",
            f'"{MS}000" is a time in us, the rows above are in ms; expected one unit a file',
        ),
        (
            table(symbol=["BTCUSDT", "ETHUSDT"]),
            2,
            "symbol",
            '"ETHUSDT" follows "BTCUSDT"; expected one symbol a file',
        ),
    ],
)
def test_a_bad_value_is_named_as_in_a_csv(
    tmp_path: Path, content: pa.Table, row: int | None, column: str, message: str
) -> None:
    path = saved(tmp_path / "t.parquet", content)

    with pytest.raises(TickFileError) as caught:
        list(open_ticks(path))

    error = caught.value
    assert (error.path, error.row, error.column) == (str(path), row, column)
    assert error.message == message


def test_columns_are_refused_by_the_rules_of_a_csv(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.parquet", pa.table({"timestamp_ns": [1], "qty": [2]}))

    with pytest.raises(TickFileError, match="column price: missing; found timestamp_ns, qty;"):
        list(open_ticks(path))


def test_rows_and_order_are_kept_across_batches(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "t.parquet", pa.table({"timestamp_ns": [1, 2, 3, 2], "price": [1.0] * 4})
    )

    with pytest.raises(TickFileError) as caught:
        list(open_ticks(path, batch_rows=2))
    assert caught.value.row == 4

    batches = list(open_ticks(path, batch_rows=2, allow_unsorted_ns=1))
    assert [batch.row_of(1) for batch in batches] == [2, 4]
    assert batches[-1].done_bytes == batches[-1].total_bytes == path.stat().st_size


def test_a_damaged_or_empty_file_is_one_error(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.parquet", table())
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(TickFileError, match="truncated or damaged Parquet file"):
        list(open_ticks(path))

    empty = saved(tmp_path / "e.parquet", table().slice(0, 0))
    with pytest.raises(TickFileError, match="no rows; expected one trade or bar a row"):
        list(open_ticks(empty))
    with pytest.raises(TickFileError, match="no rows; expected one trade a row"):
        list(ticks_from_table(table().slice(0, 0)))


def test_csv_and_parquet_mix_in_one_series(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text(f"ts,price\n{MS - 1},99.5\n")
    other = saved(tmp_path / "b.parquet", table())

    batches = list(open_ticks([csv, other]))
    assert np.concatenate([b.price for b in batches]).tolist() == [99.5, 100.5, 100.6]

    with pytest.raises(TickFileError, match=r"a\.csv: row 2: time goes back .*b\.parquet"):
        list(open_ticks([other, csv]))


def test_without_pyarrow_a_parquet_file_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    path = saved(tmp_path / "t.parquet", table())
    monkeypatch.setattr(arrow_columns, "import_module", absent)

    with pytest.raises(MissingExtraError, match=r'pip install "quantum-exit\[data\]"'):
        list(open_ticks(path))


def test_a_pyarrow_table_is_not_copied() -> None:
    content = pa.table({"timestamp_ns": [1, 2], "price": [1.0, 2.0]})

    batch = only(content)

    for array, name in ((batch.ts_ns, "timestamp_ns"), (batch.price, "price")):
        buffer = content[name].chunk(0).buffers()[1]
        assert array.__array_interface__["data"][0] == buffer.address


def test_a_polars_frame_is_read_through_the_arrow_interface() -> None:
    frame = pl.DataFrame(
        {
            "timestamp": pl.Series([MS, MS + 1]).cast(pl.Datetime("ms", "UTC")),
            "price": ["100.5", "100.6"],
            "X": pl.Series(["MARKET", "ADL"]).cast(pl.Categorical),
        }
    )
    (batch,) = ticks_from_table(frame)

    assert batch.ts_ns.tolist() == [NS]
    assert batch.price.tolist() == [100.5]
    assert batch.non_market == 1
    with pytest.raises(TickFileError, match=r"^mine: column price: missing; found timestamp, X;"):
        ticks_from_table(frame.drop("price"), name="mine")


def test_bars_of_parquet_are_checked_like_those_of_a_csv(tmp_path: Path) -> None:
    good: dict[str, Any] = {
        "open_time_ms": [MS, MS + 60_000],
        "open": [1.0, 2.0],
        "high": [2.0, 3.0],
        "low": [0.5, 2.0],
        "close": [2.0, 2.5],
    }
    (bars,) = open_bars(saved(tmp_path / "k.parquet", pa.table(good)))
    assert bars.open_ns.tolist() == [NS, NS + 60_000_000_000]
    assert bars.low.tolist() == [0.5, 2.0]

    wrong: list[tuple[dict[str, Any], str]] = [
        ({"low": [0.5, 2.2]}, "row 2, column low: 2.2 is above open 2.0 or close 2.5"),
        ({"high": [2.0, 2.2]}, "row 2, column high: 2.2 is below open 2.0 or close 2.5"),
        ({"open_time_ms": [MS, MS]}, "row 2, column open_time_ms: the bar opens 0 ns before"),
        ({"close": [2.0, None]}, "row 2, column close: null is not a number"),
    ]
    for changed, message in wrong:
        path = saved(tmp_path / "bad.parquet", pa.table(good | changed))
        with pytest.raises(TickFileError, match=message):
            list(open_bars(path))
