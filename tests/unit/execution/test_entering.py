from decimal import Decimal

import pytest

from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Position, Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.entering import OrderStyle, hard_stop_ticks, opened, unplanned
from quantum_exit.planning.api import plan_exit
from quantum_exit.planning.limits import StopLimits

BTC = built_in_instrument("BTCUSDT")
LIMITS = StopLimits()


def position(side: Side, **more: object) -> Position:
    given = {"entry_price": Decimal(100_000), "quantity": Decimal(1), **more}
    return Position(instrument=BTC, side=side, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("side", "leverage", "liquidation", "expected"),
    [
        # One and a half times the planned 2.5 %.
        (Side.LONG, 1.0, None, 962_500),
        (Side.SHORT, 1.0, None, 1_037_500),
        # A tenth of the margin at leverage 3 is 3.3333 % (six decimals, toward the market).
        (Side.LONG, 3.0, None, 966_667),
        # The liquidation price less 1 % of the entry.
        (Side.LONG, 1.0, "96000", 970_000),
        (Side.SHORT, 1.0, "104000", 1_030_000),
        # At leverage 10 the plan's own stop is the furthest there is.
        (Side.LONG, 10.0, None, 990_000),
    ],
)
def test_the_floor_lies_beyond_the_stop_and_never_beyond_what_may_be_lost(
    side: Side, leverage: float, liquidation: str | None, expected: int
) -> None:
    held = position(
        side,
        leverage=leverage,
        liquidation_price=None if liquidation is None else Decimal(liquidation),
    )

    assert hard_stop_ticks(plan_exit(held), held, OrderStyle(), LIMITS) == expected


def test_guardian_and_core_are_told_the_same() -> None:
    held = position(Side.SHORT)
    key = PositionKey("main", "BTCUSDT", Side.SHORT, 3)

    made = opened(
        plan_exit(held), held, key, style=OrderStyle(), limits=LIMITS, hedge=True, now_ms=5
    )

    assert made.fact.key == made.plan.key == key
    assert (made.fact.lots, made.fact.hedge, made.fact.opened_ms) == (1_000, True, 5)
    assert made.plan.exit_plan().stop_price == BTC.price(made.fact.stop_ticks)
    assert sum(leg.lots for leg in made.fact.legs) == 1_000


def test_a_live_stop_is_kept() -> None:
    held = position(Side.LONG, stop_price=Decimal(99_500), current_price=Decimal(100_500))
    key = PositionKey("main", "BTCUSDT", Side.LONG, 3)

    made = opened(
        plan_exit(held), held, key, style=OrderStyle(), limits=LIMITS, hedge=False, now_ms=5
    )

    assert made.fact.stop_ticks == made.plan.tighten_ticks == 995_000


@pytest.mark.parametrize(
    ("side", "last", "stop"),
    [
        (Side.LONG, "100000", 999_999),
        (Side.LONG, "99000.05", 990_000),
        (Side.SHORT, "100000", 1_000_001),
        (Side.SHORT, "101000", 1_010_001),
    ],
)
def test_without_a_plan_the_stop_is_the_tightest_there_is(side: Side, last: str, stop: int) -> None:
    held = position(side, current_price=Decimal(last))
    key = PositionKey("main", "BTCUSDT", side, 1)

    made = unplanned(held, key, style=OrderStyle(), hedge=False, now_ms=1)

    assert made.fact.stop_ticks == made.fact.hard_stop_ticks == stop
    assert made.plan.exit_plan().quantity == 1.0


@pytest.mark.parametrize("factor", [0.9, 5.1, float("nan")])
def test_a_floor_nearer_than_the_stop_is_refused(factor: float) -> None:
    with pytest.raises(InvalidInputError, match="hard_stop_factor"):
        OrderStyle(hard_stop_factor=factor)
