"""What the checker holds against a new stop: the tightest that the service can know of."""

from dataclasses import replace
from urllib.parse import urlencode

import anyio
import pytest

from quantum_exit.execution.records import START
from tests.simulation.schedule import schedule_of
from tests.simulation.seen import Asked
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld
from tests.simulation.test_told_grid import told

STOP = "x1TB40001000002000000KT6"


def parameters(trigger: str) -> dict[str, str]:
    return {
        "symbol": SYMBOL,
        "side": "SELL",
        "algoType": "CONDITIONAL",
        "type": "STOP_MARKET",
        "quantity": "0.037",
        "triggerPrice": trigger,
        "reduceOnly": "true",
        "clientAlgoId": STOP,
    }


@pytest.fixture
def world() -> SimWorld:
    """A long position with a stop at 90000, in the first life of the service."""
    world = SimWorld(replace(schedule_of(0), rates={}))
    world.checker.sight.life = 1
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.037"}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(parameters("90000")))
    return world


def lose_stop(world: SimWorld) -> None:
    cancel = {"symbol": SYMBOL, "clientAlgoId": STOP}
    world.exchange.act(0, "DELETE", "/fapi/v1/algoOrder", urlencode(cancel))


def loosens(world: SimWorld, trigger: str = "80000") -> bool:
    """Whether a stop at `trigger` is found to be looser than what was there."""
    asked = Asked(
        method="POST",
        path="/fapi/v1/algoOrder",
        params=parameters(trigger),
        at_ms=START_MS,
        life=world.checker.sight.life,
    )
    world.checker.arrived(asked)
    return "P4" in [one.promise for one in world.checker.sight.findings.broken]


def test_a_looser_stop_is_found_although_the_tighter_one_has_left(world: SimWorld) -> None:
    lose_stop(world)

    assert not loosens(world, "90000")
    assert loosens(world, "89999")


def test_a_life_that_saw_the_stop_remembers_it(world: SimWorld) -> None:
    world.checker.sight.life = 2
    lose_stop(world)

    assert loosens(world)


def test_a_life_that_never_saw_the_stop_and_has_no_journal_cannot_know_it(world: SimWorld) -> None:
    lose_stop(world)
    world.checker.sight.life = 2

    assert not loosens(world)


def test_a_stop_that_the_journal_names_is_known_to_every_life(world: SimWorld) -> None:
    lose_stop(world)
    world.checker.sight.life = 2
    disk = world.disk
    anyio.run(disk.write, disk.boot, f'{{"client_id":"{STOP}"}}'.encode(), START)

    assert loosens(world)


def test_a_position_that_was_dust_inherits_no_stop(world: SimWorld) -> None:
    world.checker.replied(told("0.1"))
    lose_stop(world)
    world.checker.replied(told("0.001"))

    assert not loosens(world)


def test_while_an_order_could_close_something_the_stop_is_remembered(world: SimWorld) -> None:
    world.checker.replied(told("0.01"))
    lose_stop(world)
    world.checker.replied(told("0.001"))

    assert loosens(world)
