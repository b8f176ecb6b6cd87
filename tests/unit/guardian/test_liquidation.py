import pytest

from quantum_exit._core import Instrument
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.facts import RulesChanged
from quantum_exit.execution.ports import SymbolRules
from tests.unit.guardian.world import SYMBOL, World

RULES = RulesChanged(
    rules=SymbolRules(
        instrument=Instrument(SYMBOL, "1", "1", "1", "5"),
        trading=True,
        max_algo_orders=None,
        max_orders=None,
        market_max_lots=None,
        trigger_band_frac=None,
    )
)


def guarded(side: Side) -> World:
    world = World()
    world.feed(RULES)
    world.trade(9, side)
    world.run(1_000)
    return world


def liquidated_at(world: World, ticks: int) -> None:
    world.venue.liquidation = ticks
    world.run(15_000)


def triggers(world: World) -> tuple[list[int | None], list[int | None]]:
    return (
        [one.trigger_ticks for one in world.floors()],
        [one.trigger_ticks for one in world.stops()],
    )


@pytest.mark.parametrize(
    ("side", "liquidation", "floor", "stop"),
    [(Side.LONG, 870, 875, 900), (Side.SHORT, 1130, 1125, 1100)],
)
def test_a_floor_beyond_the_liquidation_price_is_pulled_in_front_of_it(
    side: Side, liquidation: int, floor: int, stop: int
) -> None:
    world = guarded(side)

    liquidated_at(world, liquidation)

    assert triggers(world) == ([floor], [stop])


def test_a_working_stop_is_pulled_along_where_the_liquidation_price_is_nearer_still() -> None:
    world = guarded(Side.LONG)

    liquidated_at(world, 920)

    assert triggers(world) == ([925], [925])


def test_a_stop_is_not_pulled_through_the_market() -> None:
    world = guarded(Side.LONG)

    liquidated_at(world, 996)

    assert triggers(world) == ([998], [998])
    assert world.lots() == 9


@pytest.mark.parametrize("liquidation", [700, 1_200])
def test_a_liquidation_price_beyond_the_floor_or_on_the_profit_side_changes_nothing(
    liquidation: int,
) -> None:
    world = guarded(Side.LONG)

    liquidated_at(world, liquidation)

    assert triggers(world) == ([850], [900])
