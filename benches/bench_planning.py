"""What planning costs: one position, from its values to a plan that the core accepts.

The budget is 50 us a position. It is printed beside the measurement and not asserted: absolute
times belong to a machine.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from quantum_exit import (
    Advice,
    Instrument,
    MarketContext,
    MarketRegime,
    PlannedExit,
    Planner,
    Position,
    ProfileBook,
    RiskContext,
    RiskMode,
    Side,
    plan_exit,
)

BUDGET_US = 50.0
INSTRUMENT = Instrument("BTCUSDT", "0.1", "0.001", "0.001", "100")
BOOK = ProfileBook.default()
SCALED_BOOK = BOOK.with_scale("RL_V3", "BTCUSDT", 1.05)


def plan_one(book: ProfileBook, planner: Planner) -> Callable[[], PlannedExit]:
    """Builds the values of one position and plans it, as a service does on each entry."""

    def plan() -> PlannedExit:
        return plan_exit(
            Position(
                instrument=INSTRUMENT,
                side=Side.LONG,
                entry_price=Decimal(50_000),
                quantity=Decimal("0.1"),
                leverage=3.0,
                strategy_id="RL_V3",
            ),
            MarketContext(regime=MarketRegime.TREND, volatility=0.02, atr=500.0),
            book=book,
            risk=RiskContext(
                as_of_ns=0, ess_factor=1.2, systemic_risk_level=0.1, correlation_risk=0.3
            ),
            advice=Advice(signal_confidence=0.75, rl_sl_hint=0.025, rl_confidence=0.8),
            risk_mode=RiskMode.NORMAL,
            planner=planner,
            as_of_ns=0,
        )

    return plan


@pytest.mark.parametrize(
    ("planner", "stop_price", "first_level"),
    [
        (Planner.EXIT_BRAIN, 49_000.0, 50_500.0),
        (Planner.LEGACY, 49_000.0, 51_125.0),
        (Planner.DYNAMIC, 48_848.5, 53_636.3),
        (Planner.HYBRID, 48_750.0, 52_500.0),
        (Planner.POLICY, 49_250.0, 51_500.0),
    ],
)
def test_planning_one_position(
    benchmark: BenchmarkFixture, planner: Planner, stop_price: float, first_level: float
) -> None:
    plan = plan_one(BOOK, planner)
    planned = plan()
    assert planned.plan.stop_price == stop_price
    assert planned.plan.levels[0][1] == first_level
    benchmark.extra_info["budget_us"] = BUDGET_US

    benchmark(plan)


def test_planning_one_position_under_a_runtime_scale(benchmark: BenchmarkFixture) -> None:
    plan = plan_one(SCALED_BOOK, Planner.EXIT_BRAIN)
    assert plan().plan.levels[0][1] == 50_525.0
    benchmark.extra_info["budget_us"] = BUDGET_US

    benchmark(plan)
