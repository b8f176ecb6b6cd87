from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from quantum_exit._core import ExitPlan, Instrument
from quantum_exit.app.planned_entries import (
    PlannedEntries,
    Wanted,
    plan_entries,
    wanted_from_file,
)
from quantum_exit.app.planner_options import Planning
from quantum_exit.domain.position import Side
from quantum_exit.domain.risk import RiskMode
from quantum_exit.errors import InputFileError, InvalidInputError
from quantum_exit.intelligence.bar_collector import BarCollector
from quantum_exit.intelligence.bars import bars_from_ticks
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig
from quantum_exit.planning.context import Advice
from quantum_exit.planning.planned import Planner

SECOND_NS = 1_000_000_000
HOUR_NS = 3_600 * SECOND_NS
QUARTER_NS = 900 * SECOND_NS
BTC = Instrument("BTCUSDT", "0.1", "0.001", "0.001", "5")

Ticks = tuple[NDArray[np.int64], NDArray[np.float64]]


def ticks(seed: int, hours: float = 12.0) -> Ticks:
    """One tick every 30 seconds on the grid of BTC."""
    count = int(hours * 120)
    moves = 0.0006 * np.random.default_rng(seed).standard_normal(count)
    price = np.rint(100_000 * np.exp(np.cumsum(moves)) * 10) / 10
    return 30 * SECOND_NS * np.arange(1, count + 1, dtype=np.int64), price.astype(np.float64)


def planning(planner: Planner = Planner.EXIT_BRAIN, **change: Any) -> Planning:
    given_: dict[str, Any] = {
        "planner": planner,
        "book": ProfileBook.default(),
        "advice": Advice(signal_confidence=0.7),
        "risk_mode": RiskMode.NORMAL,
        "calm": False,
        "leverage": 5.0,
        "strategy_id": "DEFAULT",
        "config": PlanningConfig(),
    }
    return Planning(**given_ | change)


def planned(stretches: list[Ticks], how: Planning, **change: Any) -> PlannedEntries:
    given_: dict[str, Any] = {"wanted": None, "every_ns": HOUR_NS, "qty": Decimal("0.1")}
    return plan_entries(iter(stretches), BTC, how, **given_ | change)


def levels(entries: PlannedEntries) -> list[Any]:
    def flat(plan: ExitPlan) -> Any:
        return plan.entry_price, plan.stop_price, plan.levels, plan.activation_price

    return [
        (one.position_id, one.entry_ns, flat(one.plan))
        for one in entries.entries
        if isinstance(one.plan, ExitPlan)
    ]


def until(series: Ticks, count: int) -> Ticks:
    return series[0][:count], series[1][:count]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 100), cut=st.integers(1, 1440), planner=st.sampled_from(list(Planner)))
def test_no_plan_uses_a_tick_after_its_entry(seed: int, cut: int, planner: Planner) -> None:
    series = ticks(seed)
    how = planning(planner)
    whole = levels(planned([series], how))

    past = levels(planned([until(series, cut)], how))

    last_ns = int(series[0][cut - 1])
    assert past == [one for one in whole if one[1] <= last_ns]


def test_what_comes_after_the_entry_changes_no_plan() -> None:
    series = ticks(3)
    other = (series[0], series[1].copy())
    entry = int(np.searchsorted(series[0], 9 * HOUR_NS))
    other[1][entry + 1 :] = np.rint(other[1][entry + 1 :] * 20) / 10
    wanted = [Wanted(entry_ns=9 * HOUR_NS, side=Side.LONG, qty=Decimal("0.1"))]

    one, two = (planned([each], planning(), wanted=wanted) for each in (series, other))

    assert levels(one) == levels(two)
    assert one.regimes == two.regimes


@pytest.mark.parametrize("sizes", [[1], [7], [1000], [1, 13, 480]])
def test_stretches_of_any_length_give_the_same_plans(sizes: list[int]) -> None:
    series = ticks(4)
    stretches: list[Ticks] = []
    start = 0
    while start < series[0].size:
        size = sizes[len(stretches) % len(sizes)]
        stretches.append((series[0][start : start + size], series[1][start : start + size]))
        start += size

    assert levels(planned(stretches, planning())) == levels(planned([series], planning()))


@pytest.mark.parametrize("size", [1, 7, 480])
def test_collected_bars_are_those_of_the_whole_series(size: int) -> None:
    ts_ns, price = ticks(5)
    collector = BarCollector(QUARTER_NS)
    for start in range(0, ts_ns.size, size):
        collector.add(ts_ns[start : start + size], price[start : start + size])

    collected, whole = collector.bars(), bars_from_ticks(ts_ns, price, interval_ns=QUARTER_NS)

    for column in ("open_ns", "open", "high", "low", "close", "traded"):
        assert np.array_equal(getattr(collected, column), getattr(whole, column))


def test_a_late_tick_counts_from_when_it_came() -> None:
    series = ticks(6)
    late = (series[0].copy(), series[1])
    late[0][700] = series[0][100]

    assert levels(planned([late], planning()))[0] == levels(planned([series], planning()))[0]


def test_the_entry_is_the_price_of_the_first_tick_at_or_after_it() -> None:
    series = ticks(7)
    wanted = [
        Wanted(entry_ns=int(series[0][800]), side=Side.SHORT, qty=Decimal("0.1")),
        Wanted(entry_ns=int(series[0][800]) + 1, side=Side.LONG, qty=Decimal("0.1")),
        Wanted(entry_ns=int(series[0][-1]) + 1, side=Side.LONG, qty=Decimal("0.1")),
    ]

    found = levels(planned([series], planning(), wanted=wanted))

    assert [(one[0], one[2][0]) for one in found] == [(0, series[1][800]), (1, series[1][801])]


def test_positions_before_there_is_enough_data_are_planned_as_normal() -> None:
    found = planned([ticks(8, hours=2)], planning())

    assert found.regimes == {"insufficient_data": 4}
    assert found.profiles == {"NORMAL_DEFAULT": 4}


def test_a_planner_that_needs_a_true_range_leaves_out_positions_without_one() -> None:
    found = planned([ticks(9, hours=8)], planning(Planner.POLICY))

    assert found.not_planned == {"no average true range yet": 8}
    assert [one.position_id for one in found.entries] == list(range(8, 16))
    plan = found.entries[0].plan
    assert isinstance(plan, ExitPlan)
    assert plan.break_even_at_price is not None
    assert plan.time_stop is not None


def test_positions_that_no_stop_can_protect_are_left_out() -> None:
    found = planned([ticks(9, hours=2)], planning(leverage=80.0))

    assert not found.entries
    assert found.not_planned == {"no stop can protect it": 4}


def test_in_an_emergency_nothing_is_entered() -> None:
    found = planned([ticks(9, hours=2)], planning(risk_mode=RiskMode.ESS_ACTIVE))

    assert not found.entries
    assert sum(found.not_planned.values()) == 4


def test_advice_that_a_planner_lacks_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="signal_confidence"):
        planned([ticks(9, hours=2)], planning(Planner.DYNAMIC, advice=Advice()))


def test_an_unknown_risk_is_planned_for_more_carefully_than_a_calm_one() -> None:
    unknown, calm = (
        planned([ticks(9, hours=2)], planning(Planner.DYNAMIC, calm=calm)).entries[0].plan
        for calm in (False, True)
    )
    assert isinstance(unknown, ExitPlan)
    assert isinstance(calm, ExitPlan)

    assert unknown.levels[0][1] < calm.levels[0][1]


@pytest.mark.parametrize("column", ["stop_price,99000", "profile,TREND_DEFAULT"])
def test_an_entries_file_may_not_set_what_the_planner_sets(tmp_path: Path, column: str) -> None:
    name, value = column.split(",")
    path = tmp_path / "entries.csv"
    path.write_text(f"entry_ns,side,entry_price,qty,{name}\n1,LONG,,0.1,{value}\n")

    with pytest.raises(InputFileError, match=f"row 2, column {name}"):
        wanted_from_file(str(path))
