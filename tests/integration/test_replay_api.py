import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyarrow import parquet

import quantum_exit as qe
from quantum_exit._core import EVENT_DTYPE, EVENT_KINDS, REASONS, Replay
from quantum_exit.adapters.files import open_ticks
from quantum_exit.adapters.sources import TickArrays
from quantum_exit.execution.entries import Entry, MarketPlan, every
from quantum_exit.execution.replay import ReplaySettings, replay_symbol
from tests.integration.recorded import recorded
from tests.worlds import FIRST_NS, World, worlds

HOUR_NS = 3_600_000_000_000


def live_events(
    instrument: qe.Instrument,
    ts_ns: NDArray[np.int64],
    price: NDArray[np.float64],
    entries: tuple[qe.Entry, ...],
    max_jump_frac: str | None = None,
) -> NDArray[np.void]:
    """The events of the live engine, tick by tick, in the order of a replay's table."""
    engine = qe.Engine(max_jump_frac=max_jump_frac)
    symbol = engine.add_symbol(instrument)
    for position_id, entry in enumerate(entries):
        assert isinstance(entry.plan, qe.ExitPlan)
        engine.open(symbol, entry.plan, entry.entry_ns, position_id)
    told = [np.empty(0, EVENT_DTYPE)]
    for ts, value in zip(ts_ns.tolist(), price.tolist(), strict=True):
        events = engine.on_price(symbol, value, ts)
        if events is not None:
            told.append(events.to_numpy())
    table = np.concatenate(told)
    return table[np.argsort(table["ts_ns"], kind="stable")]


@given(worlds(at_market=False), st.sampled_from((None, "0.05")))
def test_a_replay_tells_what_the_live_engine_tells(world: World, max_jump_frac: str | None) -> None:
    result = qe.replay(
        world.ticks, world.entries, instrument=world.instrument, max_jump_frac=max_jump_frac
    )

    live = live_events(world.instrument, *world.ticks, world.entries, max_jump_frac)
    assert result.events.tobytes() == live.tobytes()


@given(worlds(), st.integers(1, 50))
def test_neither_stretches_nor_a_late_entry_change_the_events(world: World, length: int) -> None:
    order = sorted(range(len(world.entries)), key=lambda place: world.entries[place].entry_ns)
    by_time = [replace(world.entries[place], position_id=place) for place in order]

    def stretches() -> Iterator[TickArrays]:
        for start in range(0, world.ts_ns.size, length):
            part = slice(start, start + length)
            yield TickArrays(world.ts_ns[part], world.price[part])

    whole = qe.replay(world.ticks, by_time, instrument=world.instrument)
    # As a schedule does, these come only when the ticks have reached them.
    numbered = iter([replace(entry, position_id=entry.position_id) for entry in by_time])
    late = replay_symbol(
        stretches(), numbered, instrument=world.instrument, settings=ReplaySettings()
    )

    assert late.events.tobytes() == whole.events.tobytes()
    assert late.trades.tobytes() == whole.trades.tobytes()


@given(worlds())
def test_recording_the_stop_path_changes_nothing_else(world: World) -> None:
    plain = qe.replay(world.ticks, world.entries, instrument=world.instrument)

    recording = qe.replay(
        world.ticks, world.entries, instrument=world.instrument, record_stop_path=True
    )

    assert recording.events.tobytes() == plain.events.tobytes()
    assert recording.trades.tobytes() == plain.trades.tobytes()
    for position_id in np.unique(recording.stop_path["position_id"]):
        own = recording.stop_path[recording.stop_path["position_id"] == position_id]
        side = plain.trades["side"][plain.trades["position_id"] == position_id][0]
        moves = np.diff(own["stop"]) * (1 if side == 0 else -1)
        assert np.all(moves >= 0), "a stop never loosens"


@given(worlds(refused=False))
def test_lots_out_are_lots_in_and_nothing_follows_the_end(world: World) -> None:
    result = qe.replay(world.ticks, world.entries, instrument=world.instrument)

    step = float(world.instrument.lot_step)
    for trade in result.trades:
        own = result.events[result.events["position_id"] == trade["position_id"]]
        kinds = [EVENT_KINDS[code] for code in own["kind"]]
        exits = own[np.isin(own["kind"], [EVENT_KINDS.index(kind) for kind in EXITS])]
        lots_out = round(exits["qty"].sum() / step)
        assert lots_out + round(trade["open_qty"] / step) == round(trade["qty"] / step)
        assert kinds[0] == "OPEN"
        assert kinds.count("CLOSED") == (trade["open_qty"] == 0)
        assert "CLOSED" not in kinds[:-1]


EXITS = ("LEG_FILLED", "STOPPED", "TRAILED", "TIMED_OUT")


def trend(minutes: int = 300) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A seeded BTCUSDT path of ten ticks a minute."""
    random = np.random.default_rng(3)
    steps = random.normal(0.02, 1, minutes * 10)
    price = np.round(50_000 + 20 * np.cumsum(steps), 1)
    return FIRST_NS + np.arange(price.size) * 6_000_000_000, price


def positions(count: int = 20) -> list[qe.Entry]:
    rules = qe.load_profile("NORMAL_DEFAULT").rules()
    sides = ("LONG", "SHORT")
    return [
        qe.Entry(
            FIRST_NS + place * 600_000_000_000,
            qe.MarketPlan(side=sides[place % 2], quantity="0.1", rules=rules, stop_frac="0.005"),
        )
        for place in range(count)
    ]


def sources(folder: Path) -> Iterator[tuple[str, object]]:
    """The same ticks in every form that is taken."""
    ts_ns, price = trend()
    table = pa.table({"timestamp_ns": ts_ns, "price": price})
    yield "pyarrow", table
    yield "polars", pl.DataFrame({"timestamp_ns": ts_ns, "price": price})
    yield "pandas", table.to_pandas()
    parquet.write_table(table, folder / "t.parquet", row_group_size=700)
    yield "parquet", folder / "t.parquet"
    lines = [f"{ts},{value}" for ts, value in zip(ts_ns.tolist(), price.tolist(), strict=True)]
    (folder / "t.csv").write_text("timestamp_ns,price\n" + "\n".join(lines) + "\n")
    yield "csv", str(folder / "t.csv")
    half = len(lines) // 2
    (folder / "a.csv").write_text("timestamp_ns,price\n" + "\n".join(lines[:half]) + "\n")
    (folder / "b.csv").write_text("timestamp_ns,price\n" + "\n".join(lines[half:]) + "\n")
    yield "files", [folder / "a.csv", folder / "b.csv"]
    yield "batches", open_ticks(folder / "t.csv", batch_rows=123)
    yield "lists", (ts_ns.tolist(), price.tolist())
    yield "strided", (np.repeat(ts_ns, 2)[::2], np.repeat(price, 2)[::2])


def test_the_form_of_the_ticks_does_not_matter(tmp_path: Path) -> None:
    expected = qe.replay(trend(), positions(), instrument="BTCUSDT")
    assert expected.summary()["closed"] > 10

    for name, ticks in sources(tmp_path):
        result = qe.replay(ticks, positions(), instrument="BTCUSDT")  # type: ignore[arg-type]

        assert result.events.tobytes() == expected.events.tobytes(), name
        assert result.trades.tobytes() == expected.trades.tobytes(), name


def test_many_symbols_give_the_tables_of_each_merged_by_time() -> None:
    ts_ns, price = trend()
    ticks = {"BTCUSDT": (ts_ns, price), "ETHUSDT": (ts_ns, np.round(price / 20, 2))}
    instruments = [qe.load_instrument(symbol) for symbol in ticks]
    entries = [
        replace(entry, symbol=symbol, position_id=10 * place + offset)
        for place, entry in enumerate(positions())
        for offset, symbol in enumerate(ticks)
    ]

    both = qe.replay(ticks, entries, instrument=instruments)

    assert np.all(np.diff(both.events["ts_ns"]) >= 0)
    assert np.all(np.diff(both.trades["position_id"]) > 0)
    assert both.ticks == 2 * ts_ns.size
    for symbol, arrays in ticks.items():
        own = [entry for entry in entries if entry.symbol == symbol]
        alone = qe.replay(arrays, own, instrument=symbol)
        ids = [entry.position_id for entry in own if entry.position_id is not None]
        mine = both.events[np.isin(both.events["position_id"], ids)]
        assert mine.tobytes() == alone.events.tobytes()
        assert {both.symbols[one] for one in ids} == {symbol}


def test_tables_leave_as_frames_with_names_for_codes() -> None:
    ts_ns, price = trend(60)
    price[5] = np.nan
    result = qe.replay((ts_ns, price), positions(4), instrument="BTCUSDT")

    frame = result.to_polars()
    assert frame.columns == list(EVENT_DTYPE.names or ())
    assert set(frame["kind"]) <= set(EVENT_KINDS)
    assert set(frame["reason"]) <= set(REASONS)
    refused = frame.filter(pl.col("kind") == "REJECTED_TICK")
    assert refused["position_id"].to_list() == [None]
    assert refused["stop"].to_list() == [None]
    pandas = result.to_pandas()
    assert pandas["kind"].tolist() == frame["kind"].to_list()
    assert int(pandas["position_id"].isna().sum()) == 1
    trades = result.trades_to_polars()
    assert set(trades["side"]) == {"LONG", "SHORT"}
    closed = trades["closed_ns"].null_count()
    assert closed == result.summary()["open"]
    assert result.trades_to_pandas()["closed_ns"].isna().sum() == closed
    plain = result.to_dict()
    assert plain["events"] == frame.to_dicts()
    assert plain["summary"] == result.summary()


def test_a_frame_without_its_library_names_the_extra() -> None:
    program = """
import sys
sys.modules["polars"] = sys.modules["pandas"] = None
import numpy as np, quantum_exit as qe
result = qe.replay((np.array([1]), np.array([1.0])), [], instrument="BTCUSDT")
for convert in (result.to_polars, result.to_pandas):
    try:
        convert()
    except qe.MissingExtraError as error:
        print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert run.stdout.splitlines() == [
        'polars is not installed; pip install "quantum-exit[data]"',
        'pandas is not installed; pip install "quantum-exit[data]"',
    ]


def test_a_replay_without_positions_or_ticks_is_empty() -> None:
    nothing = (np.empty(0, np.int64), np.empty(0))

    result = qe.replay(nothing, positions(2), instrument="BTCUSDT")

    assert result.events.size == result.trades.size == 0
    assert result.unopened == (0, 1)
    assert result.summary()["never_opened"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"limit_fill": "near"}, 'limit_fill: "near" is not allowed; one of through, touch'),
        ({"slippage_ticks": -1}, "slippage_ticks: -1 is not allowed; 0 or more"),
        ({"taker_fee_frac": 2.0}, "taker_fee_frac: 2 is not allowed; a fraction from -0.1"),
        ({"max_jump_frac": "0"}, "max_jump_frac: 0"),
        ({"instrument": "NOPE"}, "instrument: 'NOPE' is not allowed"),
        ({"ticks": 3}, "ticks: int is not allowed; expected two arrays, a table, paths or batches"),
        ({"ticks": (np.array([1.5]), np.array([1.0]))}, "ts_ns: float64 of 1 dimensions"),
        ({"ticks": (np.array([1]), np.array(["a"]))}, "price: <U1 of 1 dimensions"),
        ({"ticks": (np.array([1, 2]), np.array([1.0]))}, "len(price): 2 ts_ns, 1 price"),
        ({"ticks": (np.array([1]),)}, "ticks: 1 arrays is not allowed; expected two"),
        (
            {"plans": [Entry(1, p.plan, position_id=7) for p in positions(2)]},
            "position_id: 7 is not allowed; an id that no other entry has",
        ),
        (
            {"plans": [replace(positions(1)[0], symbol="ETHUSDT")]},
            "position 0: symbol: ETHUSDT is not allowed; expected one of BTCUSDT",
        ),
        (
            {
                "plans": [
                    Entry(1, MarketPlan(side="UP", quantity=1, rules=qe.ExitRules(), stop_frac=0.1))
                ]
            },
            'position 0: side: "UP" is not allowed; one of LONG, SHORT',
        ),
        (
            {"plans": [Entry(1, MarketPlan(side="LONG", quantity=1, rules=qe.ExitRules()))]},
            "position 0: stop_price, stop_frac: ",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(change: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {"ticks": trend(5), "plans": positions(1), "instrument": "BTCUSDT"}
    given_ |= change

    with pytest.raises(qe.InvalidInputError) as refused:
        qe.replay(given_.pop("ticks"), given_.pop("plans"), **given_)  # type: ignore[arg-type]

    assert str(refused.value).startswith(message)


def test_an_off_grid_price_is_refused_with_its_place(tmp_path: Path) -> None:
    ts_ns, price = trend(2)
    price[7] = 50_000.05
    with pytest.raises(qe.OffGridError) as refused:
        qe.replay((ts_ns, price), positions(1), instrument="BTCUSDT")
    assert (refused.value.index, refused.value.price) == (7, 50_000.05)

    path = tmp_path / "t.csv"
    rows = "".join(f"{ts},{value}\n" for ts, value in zip(ts_ns, price, strict=True))
    path.write_text(f"timestamp_ns,price\n{rows}")
    for batch_rows in (3, 1000):
        with pytest.raises(qe.TickFileError) as in_file:
            qe.replay(open_ticks(path, batch_rows=batch_rows), [], instrument="BTCUSDT")
        assert str(in_file.value) == (
            f"{path}: row 9, column price: price 50000.05 is not on the grid of BTCUSDT; the "
            "nearest prices on the grid of 0.1 are 50000.0 and 50000.1"
        )


def test_a_schedule_goes_on_as_far_as_the_ticks() -> None:
    ts_ns, price = trend(180)
    plans = [entry.plan for entry in positions(2)]

    result = replay_symbol(
        iter([TickArrays(ts_ns, price)]),
        every(FIRST_NS, HOUR_NS, plans),
        instrument=qe.load_instrument("BTCUSDT"),
        settings=ReplaySettings(),
    )

    assert result.trades["entry_ns"].tolist() == [
        FIRST_NS + hour * HOUR_NS for hour in (0, 0, 1, 1, 2, 2)
    ]
    assert result.unopened == ()


def test_an_entry_that_the_ticks_have_passed_is_refused() -> None:
    replay = Replay(qe.load_instrument("BTCUSDT"))
    market = {"side": "LONG", "quantity": 1, "stop_frac": "0.01"}
    replay.feed(np.array([1, 5]), np.array([50_000.0, 50_000.0]))

    with pytest.raises(qe.InvalidInputError) as refused:
        replay.add_at_market(0, 5, **market)  # type: ignore[arg-type]
    replay.add_at_market(0, 6, **market)  # type: ignore[arg-type]

    assert str(refused.value) == (
        "entry_ns: 5 is not allowed; after 5, the time of the last tick replayed"
    )
    assert replay.open_positions == 1


def test_a_schedule_without_distance_is_refused() -> None:
    with pytest.raises(qe.InvalidInputError, match="every_ns: 0 is not allowed"):
        every(0, 0, [])


def test_a_plan_that_listens_to_the_mark_price_needs_it() -> None:
    instrument = qe.load_instrument("BTCUSDT")
    plan = qe.ExitPlan(
        instrument,
        side="LONG",
        entry_price=50_000,
        quantity=1,
        stop_price=49_500,
        stop_source="MARK",
    )
    ticks = (np.array([1, 2, 3]), np.array([50_000.0, 49_000.0, 49_000.0]))
    mark = (np.array([2, 3]), np.array([49_900.04, 49_499.96]))

    result = qe.replay(ticks, [qe.Entry(0, plan)], instrument=instrument, mark=mark)

    (trade,) = result.trades
    assert (trade["closed_ns"], trade["exit_price"]) == (3, 49_500.0)
    with pytest.raises(qe.InvalidInputError, match="record_stop_path: True is not allowed"):
        qe.replay(ticks, [], instrument=instrument, mark=mark, record_stop_path=True)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "symbol"),
    [
        ("binance_usdm_BTCUSDT_20241028.trades.parquet", "BTCUSDT"),
        ("binance_usdm_ETHUSDT_202407.trades.parquet", "ETHUSDT"),
        ("binance_usdm_TRXUSDT_20250304.trades.csv.gz", "TRXUSDT"),
    ],
)
@pytest.mark.parametrize("profile", ["TREND_DEFAULT", "VOLATILE_DEFAULT", "CHOP_DEFAULT"])
def test_parity_on_recorded_trades(file: str, symbol: str, profile: str) -> None:
    path = recorded("ticks/perp") / file
    instrument = qe.load_instrument(symbol)
    batches = list(open_ticks(path))
    ts_ns = np.concatenate([batch.ts_ns for batch in batches])
    price = np.concatenate([batch.price for batch in batches])
    rules = qe.load_profile(profile).rules()
    entries = []
    for place in np.linspace(0, ts_ns.size - 1, 60).astype(int).tolist():
        for side, factor in (("LONG", 0.998), ("SHORT", 1.002)):
            plan = rules.plan(
                instrument,
                side=side,
                entry_price=float(price[place]),
                quantity=instrument.qty(1000),
                stop_price=repr(float(price[place]) * factor)[:10],
            )
            entries.append(qe.Entry(int(ts_ns[place]), plan))

    result = qe.replay(path, entries, instrument=instrument)

    live = live_events(instrument, ts_ns, price, tuple(entries))
    assert result.events.tobytes() == live.tobytes()
    assert result.summary()["closed"] > 0
