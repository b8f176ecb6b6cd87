from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import quantum_exit as qe
from quantum_exit._core import TRADE_DTYPE
from tests.worlds import FIRST_NS, World, worlds


@given(worlds(at_market=False), st.sampled_from((1, 3)))
def test_a_row_of_a_sweep_is_the_trade_of_a_replay(world: World, threads: int) -> None:
    swept = qe.sweep(
        world.ticks, world.entries, instrument=world.instrument, threads=threads
    ).trades

    for row, entry in zip(swept, world.entries, strict=True):
        alone = qe.replay(
            world.ticks, [replace(entry, position_id=0)], instrument=world.instrument
        ).trades
        if alone.size == 0:
            assert row["opened_ns"] == np.iinfo(np.int64).min
            continue
        expected = alone[0].copy()
        expected["position_id"] = row["position_id"]
        assert row.tobytes() == expected.tobytes()


def path() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    random = np.random.default_rng(5)
    price = np.round(50_000 + 15 * np.cumsum(random.normal(size=4000)), 1)
    return FIRST_NS + np.arange(4000) * 1_000_000_000, price


def plan(stop: float, profile: str = "TREND_DEFAULT") -> qe.ExitPlan:
    return (
        qe.load_profile(profile)
        .rules()
        .plan(
            qe.load_instrument("BTCUSDT"),
            side="LONG",
            entry_price=50_000,
            quantity=1,
            stop_price=stop,
        )
    )


def test_bare_plans_begin_at_the_first_tick() -> None:
    plans = [plan(49_900), plan(49_500)]

    bare = qe.sweep(path(), plans, instrument="BTCUSDT")
    placed = qe.sweep(path(), [qe.Entry(FIRST_NS, one) for one in plans], instrument="BTCUSDT")

    assert bare.trades.tobytes() == placed.trades.tobytes()
    assert bare.trades["opened_ns"].tolist() == [FIRST_NS, FIRST_NS]
    assert bare.ticks == 4000
    assert len(bare) == 2


def test_an_index_serves_any_number_of_sweeps() -> None:
    instrument = qe.load_instrument("BTCUSDT")
    index = qe.TickIndex(instrument, *path())

    first = qe.sweep(index, [plan(49_900)], instrument=instrument)
    second = qe.sweep(index, [plan(49_900), plan(49_500)], instrument=instrument)

    assert first.trades[0].tobytes() == second.trades[0].tobytes()


def test_a_sweep_leaves_as_frames() -> None:
    result = qe.sweep(path(), [plan(49_900), plan(49_500)], instrument="BTCUSDT")

    assert result.to_polars().columns == list(TRADE_DTYPE.names or ())
    assert result.to_pandas()["side"].tolist() == ["LONG", "LONG"]
    assert result.summary()["opened"] == 2


def test_an_empty_sweep_is_empty() -> None:
    assert len(qe.sweep(path(), [], instrument="BTCUSDT")) == 0


def test_files_are_swept_like_arrays(tmp_path: Path) -> None:
    ts_ns, price = path()
    file = tmp_path / "t.csv"
    rows = "".join(f"{ts},{value}\n" for ts, value in zip(ts_ns, price, strict=True))
    file.write_text(f"timestamp_ns,price\n{rows}")

    swept = qe.sweep(file, [plan(49_900)], instrument="BTCUSDT")

    assert (
        swept.trades.tobytes()
        == qe.sweep(path(), [plan(49_900)], instrument="BTCUSDT").trades.tobytes()
    )


@pytest.mark.parametrize(
    ("plans", "message"),
    [
        (
            [plan(49_900), qe.Entry(0, plan(49_900))],
            "plans: a mixture is not allowed; expected either plans or entries, all alike",
        ),
        (
            [
                qe.Entry(
                    0,
                    qe.MarketPlan(side="LONG", quantity=1, rules=qe.ExitRules(), stop_frac="0.01"),
                )
            ],
            "plans[0].plan: an entry at the market is not allowed; a plan with its prices",
        ),
    ],
)
def test_what_cannot_be_swept_is_refused(plans: list[qe.Entry | qe.ExitPlan], message: str) -> None:
    with pytest.raises(qe.InvalidInputError) as refused:
        qe.sweep(path(), plans, instrument="BTCUSDT")

    assert str(refused.value).startswith(message)


def test_no_threads_are_refused() -> None:
    with pytest.raises(qe.InvalidInputError, match="threads: 0 is not allowed; 1 or more"):
        qe.sweep(path(), [], instrument="BTCUSDT", threads=0)
