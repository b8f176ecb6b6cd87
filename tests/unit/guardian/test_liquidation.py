"""The liquidation price moves; what rests stays before it."""

import pytest

from quantum_exit.domain.position import Side
from tests.unit.guardian.acting import floors, opened, stops
from tests.unit.guardian.test_regrid import rules
from tests.unit.guardian.world import World

AUDIT_MS = 11_000


def guarded(side: Side = Side.LONG) -> World:
    world = opened(side=side)
    world.feed(rules("1", "1"))
    return world


def moved(world: World, liquidation: int | None) -> World:
    world.venue.liquidation = None if liquidation is None else str(liquidation)
    world.run(AUDIT_MS)
    return world


@pytest.mark.parametrize(
    ("liquidation", "floor", "stop"),
    [
        (None, 850, 900),
        (700, 850, 900),
        (845, 850, 900),
        (846, 856, 900),
        (880, 890, 900),
        (950, 960, 960),
        # Half of the room is left where the buffer would be through the market.
        (990, 995, 995),
        (1_100, 850, 900),
    ],
)
def test_stops_keep_their_distance(liquidation: int | None, floor: int, stop: int) -> None:
    world = moved(guarded(), liquidation)

    assert (floors(world), stops(world)) == ([floor], [(stop, 9)])


def test_a_short_position_has_it_the_other_way_round() -> None:
    world = moved(guarded(Side.SHORT), 1_050)

    assert (floors(world), stops(world)) == ([1_040], [(1_040, 9)])


def test_a_liquidation_price_that_goes_away_again_loosens_nothing() -> None:
    world = moved(moved(guarded(), 950), 500)

    assert (floors(world), stops(world)) == ([960], [(960, 9)])


def test_a_person_is_told_once_each_time_it_comes_near() -> None:
    world = guarded()
    for liquidation in (880, 881, None, 920):
        moved(world, liquidation)

    assert "liquidation_near" in world.alarms()
