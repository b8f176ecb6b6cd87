"""The first orders of a position."""

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Place
from tests.unit.guardian.acting import floors, opened, profits, stops
from tests.unit.guardian.world import World


def test_a_position_gets_its_floor_first_then_its_working_stop_then_its_profits() -> None:
    world = opened()

    assert [one.order.role for one in world.seen(Place)] == [
        "FLOOR",
        "WORKING",
        "TAKE_PROFIT",
        "TAKE_PROFIT",
    ]
    assert (floors(world), stops(world)) == ([850], [(900, 9)])
    assert profits(world) == [(1050, 3), (1100, 3)]
    world.checker.check_settled()


def test_a_position_is_covered_within_half_a_second_of_a_round_trip_of_a_tenth() -> None:
    world = World()
    world.run(500)
    world.trade(9)
    world.run(500)

    assert all(world.checker.cover().values())
    assert world.guardian.status(world.now_ms).positions[0].protected


def test_a_short_position_is_the_mirror_image() -> None:
    world = opened(side=Side.SHORT)

    assert (floors(world), stops(world)) == ([1150], [(1100, 9)])
    assert profits(world) == [(900, 3), (950, 3)]
