"""The checker is only worth what it finds: each planted defect is found within a few lives."""

import pytest

from quantum_exit.execution.guardian.facts import Command, CommandKind
from quantum_exit.execution.guardian.parts import Parts
from tests.unit.guardian.checker import PromiseBrokenError
from tests.unit.guardian.planted import PLANTED
from tests.unit.guardian.walk import Walk
from tests.unit.guardian.world import World

MOST_LIVES = 300


def test_cancel_before_place_leaves_a_position_naked_during_a_trailing_replacement() -> None:
    with pytest.raises(PromiseBrokenError, match="P1b"):
        tighten(without_working_stop(PLANTED["cancel first"]))
    tighten(without_working_stop(None))


def without_working_stop(parts: Parts | None) -> World:
    """A position with its floor alone: every request for a working stop has been lost."""
    world = World(parts=parts)
    world.fates["place"] = ["ok", *["lost"] * 9]
    world.trade(9)
    world.run(22_000)
    world.fates["place"] = []
    return world


def tighten(world: World) -> None:
    key = world.key()
    command = Command(command_id="c", kind=CommandKind.TIGHTEN, key=key, hard_stop_ticks=900)
    world.feed(command)
    world.run(60_000)


def lives_until_found(name: str) -> int | None:
    for seed in range(MOST_LIVES):
        try:
            Walk(seed, PLANTED[name]).run()
        except PromiseBrokenError:
            return seed + 1
    return None


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_defect_is_found(name: str) -> None:
    assert lives_until_found(name) is not None
