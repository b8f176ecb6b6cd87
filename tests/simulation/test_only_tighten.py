"""What the checker holds against a new stop: the tightest that the service can know of."""

from dataclasses import replace
from urllib.parse import urlencode

import anyio
import pytest

from quantum_exit.execution.records import START
from tests.simulation.promises.stops import OnlyTighten
from tests.simulation.schedule import schedule_of
from tests.simulation.seen import Asked, Moment
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld
from tests.simulation.test_told_grid import told

STOP = "x1TB40001000002000000KT6"
SECOND = "x1TB40001000002000010ON7"
WIDE = "x1TB40001000002000020C94"
FAR = "x1TB40001000002000030035"


def parameters(trigger: str, client_id: str = STOP) -> dict[str, str]:
    return {
        "symbol": SYMBOL,
        "side": "SELL",
        "algoType": "CONDITIONAL",
        "type": "STOP_MARKET",
        "quantity": "0.037",
        "triggerPrice": trigger,
        "reduceOnly": "true",
        "clientAlgoId": client_id,
    }


@pytest.fixture
def world() -> SimWorld:
    """A long position with a stop at 90000, in the first life of the service."""
    schedule = schedule_of(0)
    # A stop outlives the position that it was for.
    rules = replace(schedule.rules, expire_reduce_only_with_position=False)
    world = SimWorld(replace(schedule, rates={}, rules=rules))
    world.checker.sight.life = 1
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.037"}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(parameters("90000")))
    return world


def lose_stop(world: SimWorld, client_id: str = STOP) -> None:
    cancel = {"symbol": SYMBOL, "clientAlgoId": client_id}
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


@pytest.mark.parametrize(("lost", "broken"), [((SECOND,), []), ((SECOND, STOP), ["P4"])])
def test_a_stop_of_the_position_before_takes_the_place_of_one_that_leaves(
    world: SimWorld, lost: tuple[str, ...], broken: list[str]
) -> None:
    sight = world.checker.sight
    judge = OnlyTighten(sight)
    seen: list[Moment] = [sight.moment]

    def look(cause: Asked | None = None) -> None:
        seen.append(replace(sight.moment, cause=cause))
        judge.changed(*seen[-2:])

    for side in ("SELL", "BUY"):
        order = {"symbol": SYMBOL, "side": side, "type": "MARKET", "quantity": "0.074"}
        world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
        look()
    for client_id, trigger in ((SECOND, "90000"), (WIDE, "80000")):
        body = urlencode(parameters(trigger, client_id))
        world.exchange.act(0, "POST", "/fapi/v1/algoOrder", body)
        look()
    for client_id in lost:
        lose_stop(world, client_id)
        params = {"symbol": SYMBOL, "clientAlgoId": client_id}
        look(Asked(method="DELETE", path="/fapi/v1/algoOrder", params=params, at_ms=0, life=1))

    assert [one.promise for one in sight.findings.broken if one.promise == "P4"] == broken


@pytest.mark.parametrize(
    ("lost", "by_us", "left_ms", "broken"),
    [
        (SECOND, False, -1, []),
        (SECOND, False, 0, ["P4"]),
        (SECOND, True, -1, ["P4"]),
        (WIDE, False, -1, ["P4"]),
    ],
)
def test_a_cancel_crosses_the_loss_of_the_stop_that_it_was_decided_on(
    world: SimWorld, lost: str, *, by_us: bool, left_ms: int, broken: list[str]
) -> None:
    sight = world.checker.sight
    judge = OnlyTighten(sight)
    seen: list[Moment] = [sight.moment]
    # The cancel leaves `left_ms` after the loss.
    apart_ms = sight.latency_ms + left_ms

    def look(after_ms: int = 0, cause: Asked | None = None, ended: tuple[str, ...] = ()) -> None:
        now_ms = seen[-1].now_ms + after_ms
        seen.append(replace(sight.moment, now_ms=now_ms, cause=cause, ended=ended))
        judge.changed(*seen[-2:])

    def cancel(client_id: str) -> Asked:
        params = {"symbol": SYMBOL, "clientAlgoId": client_id}
        return Asked(method="DELETE", path="/fapi/v1/algoOrder", params=params, at_ms=0, life=1)

    trigger = {SECOND: "90000", WIDE: "80000"}
    for client_id, price in (*trigger.items(), (FAR, "70000")):
        body = urlencode(parameters(price, client_id))
        world.exchange.act(0, "POST", "/fapi/v1/algoOrder", body)
        look()
    lose_stop(world, lost)
    look(cause=cancel(lost) if by_us else None, ended=(lost,))
    for client_id in {STOP, SECOND} - {lost}:
        lose_stop(world, client_id)
        look(apart_ms, cancel(client_id), (client_id,))

    assert [one.promise for one in sight.findings.broken if one.promise == "P4"] == broken


def test_a_working_stop_beside_a_tighter_floor_loosens_nothing(world: SimWorld) -> None:
    floor = parameters("95000", "x1FB40001000002000000RIT") | {"closePosition": "true"}
    del floor["quantity"], floor["reduceOnly"]
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(floor))

    assert not loosens(world, "92000")
    lose_stop(world, floor["clientAlgoId"])
    assert loosens(world, "92000")


@pytest.mark.parametrize(
    ("fired", "trigger", "broken"),
    [
        (True, "90000", False),
        (True, "89999", True),
        (False, "90000", True),
    ],
)
def test_beside_a_stop_that_has_fired_the_next_is_as_tight_as_the_one_that_rests(
    world: SimWorld, trigger: str, *, fired: bool, broken: bool
) -> None:
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(parameters("95000", SECOND)))
    if fired:
        world.checker.changed(replace(world.checker.sight.moment, fired=(SECOND,)))
    lose_stop(world, SECOND)

    assert loosens(world, trigger) is broken


def test_after_the_last_stop_has_fired_none_is_looser(world: SimWorld) -> None:
    world.checker.changed(replace(world.checker.sight.moment, fired=(STOP,)))
    lose_stop(world)

    assert loosens(world, "89999")
