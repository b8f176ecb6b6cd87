import gzip
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit._core import TickFile
from quantum_exit.adapters.files import TickBatch, open_bars, open_ticks
from quantum_exit.errors import TickFileError

MS = 1_700_000_000_000
NS = MS * 1_000_000
AGG_HEADER = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
)
TRADES_HEADER = "id,price,qty,quote_qty,time,is_buyer_maker\n"
FUTURES_AGG = f"1,100.5,2,7,8,{MS},true\n2,100.6,1,9,9,{MS + 1},false\n"
SPOT_AGG_US = f"1,100.5,2,7,8,{MS}000,True,True\n2,100.6,1,9,9,{MS + 1}000,False,True\n"
FUTURES_TRADES = f"1,100.5,2,201,{MS},true\n2,100.6,1,100.6,{MS + 1},false\n"
SPOT_TRADES_US = f"1,100.5,2,201,{MS}000,True,True\n2,100.6,1,100.6,{MS + 1}000,False,True\n"
TARDIS = (
    "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    f"binance-futures,BTCUSDT,{MS}000,1,1,buy,100.5,1\n"
    f"binance-futures,BTCUSDT,{MS + 1}000,1,2,sell,100.6,1\n"
)
GENERIC = "price,note,timestamp_ns\n" + f"100.5,x,{NS}\n100.6,y,{NS + 1_000_000}\n"


def save(path: Path, text: str) -> Path:
    """Writes `text`, compressed as the name says."""
    data = text.encode()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(data))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.with_suffix(".csv").name, data)
    else:
        path.write_bytes(data)
    return path


def joined(batches: Iterable[TickBatch]) -> tuple[list[int], list[float], list[int]]:
    """Times, prices and rows of all batches."""
    ts_ns: list[int] = []
    price: list[float] = []
    rows: list[int] = []
    for batch in batches:
        assert batch.ts_ns.dtype == np.int64
        assert batch.price.dtype == np.float64
        ts_ns += batch.ts_ns.tolist()
        price += batch.price.tolist()
        rows += [batch.row_of(i) for i in range(batch.ts_ns.size)]
    return ts_ns, price, rows


def refusal(paths: Path | list[Path]) -> TickFileError:
    with pytest.raises(TickFileError) as caught:
        joined(open_ticks(paths))
    return caught.value


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".zip"])
@pytest.mark.parametrize(
    ("text", "first_row"),
    [
        pytest.param(FUTURES_AGG, 1, id="aggTrades"),
        pytest.param(AGG_HEADER + FUTURES_AGG, 2, id="aggTrades with header"),
        pytest.param(SPOT_AGG_US, 1, id="spot aggTrades in us"),
        pytest.param(FUTURES_TRADES, 1, id="trades"),
        pytest.param(TRADES_HEADER + FUTURES_TRADES, 2, id="trades with header"),
        pytest.param(SPOT_TRADES_US, 1, id="spot trades in us"),
        pytest.param(TARDIS, 2, id="tardis"),
        pytest.param(GENERIC, 2, id="named columns"),
    ],
)
def test_every_layout_in_every_container_gives_the_same_ticks(
    tmp_path: Path, suffix: str, text: str, first_row: int
) -> None:
    path = save(tmp_path / f"t{suffix}", text)

    ts_ns, price, rows = joined(open_ticks(path))

    assert ts_ns == [NS, NS + 1_000_000]
    assert price == [100.5, 100.6]
    assert rows == [first_row, first_row + 1]


@given(
    ticks=st.lists(
        st.tuples(st.integers(0, 10**9), st.decimals("0.00000001", "1000000", places=8)),
        min_size=1,
        max_size=50,
    ),
    batch_rows=st.integers(1, 60),
)
def test_a_written_series_reads_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    ticks: list[tuple[int, object]],
    batch_rows: int,
) -> None:
    times = np.cumsum([step for step, _ in ticks]).tolist()
    prices = [str(price) for _, price in ticks]
    body = "".join(f"{t},{p}\n" for t, p in zip(times, prices, strict=True))
    path = save(tmp_path_factory.mktemp("t") / "t.csv", "timestamp_ns,price\n" + body)

    ts_ns, price, _ = joined(open_ticks(path, batch_rows=batch_rows))

    assert ts_ns == times
    assert price == [float(p) for p in prices]


def test_what_is_no_market_trade_is_dropped_and_counted(tmp_path: Path) -> None:
    text = f"ts,price,X\n{MS},1.5,MARKET\n{MS},0.0,NA\n{MS},9,ADL\n{MS},1.6,MARKET\n"
    (batch,) = open_ticks(save(tmp_path / "t.csv", text))

    assert batch.price.tolist() == [1.5, 1.6]
    assert [batch.row_of(0), batch.row_of(1)] == [2, 5]
    assert batch.non_market == 2
    with pytest.raises(IndexError, match="the batch has 2 values"):
        batch.row_of(2)


def test_rows_of_a_batch_stay_valid_after_the_next(tmp_path: Path) -> None:
    path = save(tmp_path / "t.csv", "timestamp_ns,price\n1,1\n2,2\n3,3\n")

    first, second, _third = open_ticks(path, batch_rows=1)

    assert (first.row_of(0), second.row_of(0)) == (2, 3)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("{t},abc,", "price", '"abc" is not a number; expected a decimal such as 43251.1'),
        (
            "{t},-1,",
            "price",
            '"-1" is not a price; expected a positive, finite decimal such as 43251.1',
        ),
        (
            "{t},nan,",
            "price",
            '"nan" is not a price; expected a positive, finite decimal such as 43251.1',
        ),
        (
            "now,1.5,",
            "time",
            '"now" is not a time stamp; expected an integer such as 1700000000000',
        ),
        (
            "{t}000,1.5,",
            "time",
            f'"{MS}000" is a time in us, the rows above are in ms; expected one unit a file',
        ),
        ("{t},1.5", None, "2 fields; expected 3 (time, price, note)"),
        (
            "1699999999999,1.5,",
            "time",
            (
                "time goes back 1000000 ns behind the latest row above; allowed are 0 ns "
                "(allow_unsorted_ns)"
            ),
        ),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, column: str | None, message: str) -> None:
    text = f"time,price,note\n{MS},1.5,\n{row.format(t=MS)}\n"
    path = save(tmp_path / "t.csv", text)

    error = refusal(path)

    assert (error.path, error.row, error.column) == (str(path), 3, column)
    assert error.message == message
    place = "row 3" if column is None else f"row 3, column {column}"
    assert str(error) == f"{path}: {place}: {message}"


def test_a_missing_column_lists_those_found(tmp_path: Path) -> None:
    error = refusal(save(tmp_path / "t.csv", "timestamp_ns,qty\n1,2\n"))

    assert (error.row, error.column) == (1, "price")
    assert error.message.startswith("missing; found timestamp_ns, qty; needed is price")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "file is empty" in refusal(save(tmp_path / "t.csv", "")).message
    assert "file is empty" in refusal(save(tmp_path / "t.csv.gz", "")).message
    assert "no rows" in refusal(save(tmp_path / "t.csv", AGG_HEADER)).message


@pytest.mark.parametrize("name", ["t.zip", "t.csv.gz"])
def test_a_truncated_archive_is_one_error(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(7)
    body = "".join(f"{i},{p}\n" for i, p in enumerate(rng.integers(1, 10**6, 20_000)))
    path = save(tmp_path / name, "timestamp_ns,price\n" + body)
    path.write_bytes(path.read_bytes()[:-2000])

    error = refusal(path)

    assert error.path == str(path)
    assert "truncated" in error.message


@pytest.mark.parametrize("name", ["t.zip", "t.csv.gz"])
def test_a_decompression_bomb_is_refused(tmp_path: Path, name: str) -> None:
    line = f"1,1,{'0' * 30_000}\n"
    path = save(tmp_path / name, "timestamp_ns,price,note\n" + line * 3000)
    assert path.stat().st_size * 400 < 3000 * len(line)

    error = refusal(path)

    assert "as a decompression bomb does; at most 200 times" in error.message


def test_several_files_are_one_series_in_the_order_given(tmp_path: Path) -> None:
    one = save(tmp_path / "one.csv", "timestamp_ns,price\n10,1\n20,2\n")
    two = save(tmp_path / "two.zip", "timestamp_ns,price\n20,3\n30,4\n")
    seen: list[tuple[int, int]] = []

    ts_ns, price, _ = joined(open_ticks([one, two], on_progress=lambda *at: seen.append(at)))

    assert (ts_ns, price) == ([10, 20, 20, 30], [1, 2, 3, 4])
    total = one.stat().st_size + two.stat().st_size
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_time_that_goes_back_between_files_names_both(tmp_path: Path) -> None:
    one = save(tmp_path / "one.csv", "timestamp_ns,price\n10,1\n20,2\n")
    two = save(tmp_path / "two.csv", "timestamp_ns,price\n15,3\n30,4\n")

    error = refusal([one, two])

    assert str(error) == (
        f"{two}: row 2: time goes back 5 ns behind the latest row of {one}, a file before; "
        "allowed are 0 ns (allow_unsorted_ns)"
    )
    assert joined(open_ticks([one, two], allow_unsorted_ns=5))[0] == [10, 20, 15, 30]


def test_a_file_that_is_absent_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TickFileError, match="cannot be opened: No such file"):
        open_ticks([tmp_path / "absent.csv"])


def test_numbers_out_of_range_are_refused_at_once(tmp_path: Path) -> None:
    path = save(tmp_path / "t.csv", FUTURES_AGG)
    with pytest.raises(ValueError, match=r"paths: .* expected one file or more"):
        open_ticks([])
    with pytest.raises(ValueError, match="batch_rows: 0 is not allowed"):
        open_ticks(path, batch_rows=0)
    with pytest.raises(ValueError, match="allow_unsorted_ns: -1 is not allowed"):
        open_ticks(path, allow_unsorted_ns=-1)
    with pytest.raises(ValueError, match="max_rows: 0 is not allowed"):
        TickFile(path).next_batch(0)


def test_a_tick_file_tells_what_it_is(tmp_path: Path) -> None:
    file = TickFile(save(tmp_path / "t.csv", AGG_HEADER + FUTURES_AGG))

    assert file.format == "binance aggTrades"
    assert file.next_batch(1) is not None
    assert (file.rows, file.row_of(0), file.price_column) == (1, 2, "price")


KLINE = f"{MS},1,2.5,0.5,1.5,10,{MS + 59_999},15,3,5,7,0\n"
KLINE_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".zip"])
@pytest.mark.parametrize("header", ["", KLINE_HEADER])
def test_klines_are_read_in_every_container(tmp_path: Path, suffix: str, header: str) -> None:
    (bars,) = open_bars(save(tmp_path / f"k{suffix}", header + KLINE))

    assert bars.open_ns.tolist() == [NS]
    prices = (bars.open, bars.high, bars.low, bars.close)
    assert [column.tolist() for column in prices] == [[1], [2.5], [0.5], [1.5]]


def test_bars_that_contradict_themselves_or_each_other_are_refused(tmp_path: Path) -> None:
    header = "open_time_ms,open,high,low,close\n"
    bad = save(tmp_path / "bad.csv", header + f"{MS},1,1.2,0.5,1.5\n")
    with pytest.raises(TickFileError, match=r"column high: 1\.2 is below open 1 or close 1.5"):
        list(open_bars(bad))

    one = save(tmp_path / "one.csv", header + f"{MS},1,2,1,1\n")
    message = f"{one}: row 2: the bar opens 0 ns before the last bar of {one}"
    with pytest.raises(TickFileError, match=re.escape(message)):
        list(open_bars([one, one]))
