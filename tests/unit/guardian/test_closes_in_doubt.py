"""What is known of a close is not known yet: what waits for the proof, and what does not."""

import pytest

from quantum_exit.domain.facts import OrderBook
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import Place
from quantum_exit.execution.guardian.facts import Action, CoreEvent, CoreKind, Found, Sent
from quantum_exit.execution.orders import MarketClose
from quantum_exit.execution.outcomes import Unknown
from tests.unit.guardian.world import SYMBOL, World


def guarded() -> World:
    world = World()
    world.trade(9)
    world.run(1_000)
    return world


def leg_due(world: World) -> None:
    world.feed(
        CoreEvent(
            key=world.key(), kind=CoreKind.LEG_DUE, reason="TAKE_PROFIT", leg=0, lots=3, ts_ns=0
        )
    )


def close_all(world: World) -> None:
    world.feed(CoreEvent(key=world.key(), kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=0))


def closing_lots(world: World) -> list[int]:
    placed = [effect.order for effect in world.seen(Place)]
    return [order.lots for order in placed if isinstance(order, MarketClose)]


def test_an_exit_of_all_does_not_wait_for_the_proof_that_a_leg_was_not_closed() -> None:
    world = guarded()
    world.fates["place"] = ["lost"]
    leg_due(world)
    world.run(1_200)
    close_all(world)
    world.run(3_000)

    assert world.lots() == 0
    assert closing_lots(world) == [3, 9]


def test_an_exit_of_all_leaves_out_what_a_close_under_way_is_after() -> None:
    world = guarded()
    leg_due(world)
    close_all(world)
    world.run(3_000)

    assert world.lots() == 0
    assert closing_lots(world)[:2] == [3, 6]


def test_an_exit_of_all_takes_over_what_a_leg_could_not_close() -> None:
    world = guarded()
    world.fates["place"] = ["-1008", "-1008"]
    leg_due(world)
    close_all(world)
    world.run(3_000)

    assert world.lots() == 0
    assert closing_lots(world) == [3, 6, 9]


@pytest.mark.parametrize("fate", ["late", "reply_lost"])
def test_both_closes_execute_and_the_position_is_flat_and_no_more(fate: str) -> None:
    world = guarded()
    world.streaming = False
    world.fates["place"] = [fate]
    leg_due(world)
    world.run(1_200)
    close_all(world)
    world.run(20_000)

    assert world.lots() == 0


def test_a_restart_does_not_begin_a_proof_anew_whose_request_cannot_leave_any_more() -> None:
    world = guarded()
    world.fates["place"] = ["lost"]
    close_all(world)
    for _ in range(4):
        world.run(2_500)
        world.crash()
    proof_ms = GuardianConfig().proof_after_ms
    world.run(proof_ms + 3_000 - 4 * 2_500)

    assert world.lots() == 0


def test_a_restart_begins_the_proof_of_a_request_that_may_have_left_until_then() -> None:
    world = guarded()
    world.fates["place"] = ["lost"]
    close_all(world)
    world.run(500)
    world.crash()
    world.run(GuardianConfig().proof_after_ms - 200)

    assert len(world.closes_sent()) == 1


def test_a_try_that_leaves_after_the_proof_has_begun_begins_it_anew() -> None:
    world = guarded()
    world.fates["place"] = ["lost"]
    close_all(world)
    client_id = world.closes_sent()[0]
    began_ms = world.now_ms
    world.run(10_000)
    world.feed(
        Sent(
            client_id=client_id,
            action=Action.PLACE,
            outcome=Unknown(why="no answer"),
            sent_ms=world.now_ms,
        )
    )
    world.feed(
        Found(
            symbol=SYMBOL,
            client_id=client_id,
            book=OrderBook.REGULAR,
            order=None,
            asked_ms=world.now_ms,
        )
    )
    world.run(began_ms + GuardianConfig().proof_after_ms + 4_000 - world.now_ms)

    assert world.closes_sent() == [client_id]
