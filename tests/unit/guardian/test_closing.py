"""Exits: sent, refused, lost, and what an outage does to them."""

import pytest

from quantum_exit.domain.facts import OrderStatus
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
    VenueState,
)
from quantum_exit.execution.orders import MarketClose
from tests.unit.guardian.acting import close_all, opened, stop_moved, stops
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World


def test_a_stop_that_the_price_has_passed_closes_now_and_is_never_pushed_away() -> None:
    world = opened()
    world.fates["place"] = ["-2021"]

    stop_moved(world, 990)
    world.run(3_000)

    assert world.lots() == 0
    triggers = [one.order.trigger_ticks for one in world.seen(Place) if one.order.role == "WORKING"]
    assert triggers == [900, 990]
    assert "stop_through" in world.alarms()
    assert world.venue.open() == []


def test_an_executed_close_whose_reply_is_1007_and_whose_fill_event_comes_later_is_not_sent_again() -> (
    None
):
    world = opened()
    world.fates["place"] = ["reply_lost"]
    world.faults.event_late_ms = 8_000
    world.faults.stale = 1.0

    close_all(world)
    world.run(30_000)

    assert len(world.closes_sent()) == 1
    assert world.lots() == 0
    assert world.closed()[0].reason == "exit"


def test_a_close_that_never_arrived_is_sent_again_only_after_the_proof() -> None:
    world = opened()
    world.fates["place"] = ["lost"]
    asked_ms = world.now_ms

    close_all(world)
    world.run(12_900)
    assert len(world.closes_sent()) == 1
    world.run(5_000)

    assert len(world.closes_sent()) == 2
    again_ms = [at for at, what, _ in world.requests if what == "place"][-1]
    assert again_ms > asked_ms + world.config.proof_after_ms
    assert world.lots() == 0


def test_a_refused_close_is_tried_until_it_is_carried_out() -> None:
    world = opened()
    world.fates["place"] = ["-1008"] * 40

    close_all(world)
    world.run(120_000)

    assert world.lots() == 0
    assert len(world.closes_sent()) == 41
    assert len(set(world.closes_sent())) == 41
    assert "exit_struggles" in world.alarms()


def test_what_is_heard_of_an_outage_is_an_alarm_and_holds_nothing_back() -> None:
    world = opened()
    world.feed(VenueState(accepting=False))
    close_all(world)
    world.run(1_000)

    assert len(world.closes_sent()) == 1
    assert world.lots() == 0
    assert "venue_down" in world.alarms()


def test_when_the_venue_is_back_nothing_waits_out_a_pause_of_the_outage() -> None:
    world = opened()
    world.fates["place"] = ["-1008"] * 9
    close_all(world)
    world.run(5_000)
    before = len(world.closes_sent())
    world.feed(VenueState(accepting=False))
    world.run(10)
    assert len(world.closes_sent()) == before

    world.feed(VenueState(accepting=True))

    assert len(world.closes_sent()) == before + 1


def test_reduce_only_orders_that_use_up_the_budget_make_room_for_the_close() -> None:
    world = opened(world=World(ModelVenue(budget=True)))

    close_all(world)
    world.run(3_000)

    assert world.lots() == 0
    assert len(world.closes_sent()) == 2
    world.run(6_000)
    assert world.venue.open() == []


@pytest.mark.parametrize("hedge", [False, True])
def test_a_close_takes_what_orders_of_others_leave(hedge: bool) -> None:
    world = opened(world=World(ModelVenue(budget=True, hedge=hedge)))
    world.venue.foreign_limit(SYMBOL, Side.LONG, 2_000, 4, "web_limit")

    close_all(world)
    world.run(3_000)

    assert world.lots() == 4
    assert stops(world) == [(900, 4)]
    assert not [one for one in world.seen(Cancel) if one.client_id == "web_limit"]


def test_a_close_that_orders_of_others_keep_out_goes_on_until_they_leave() -> None:
    world = opened(world=World(ModelVenue(budget=True)))
    world.venue.foreign_limit(SYMBOL, Side.LONG, 2_000, 9, "web_limit")

    close_all(world)
    world.run(20_000)
    assert (world.lots(), stops(world)) == (9, [(900, 9)])
    assert "exit_struggles" in world.alarms()

    world.end("web_limit")
    world.run(3_000)
    assert world.lots() == 0


def test_a_close_of_nothing_is_refused_and_ends() -> None:
    world = opened()
    world.streaming = False
    world.trade(-9)

    close_all(world)
    world.run(20_000)

    assert [one.reason for one in world.closed()] == ["hand"]
    assert world.venue.open() == []


def test_a_leg_of_the_core_is_closed_once() -> None:
    world = opened()
    event = CoreEvent(
        key=world.key(), kind=CoreKind.LEG_DUE, reason="TAKE_PROFIT", leg=5, lots=3, ts_ns=0
    )

    world.feed(event)
    world.feed(event)
    world.run(2_000)

    assert world.lots() == 6
    assert stops(world) == [(900, 6)]
    assert world.resized() == []


def test_a_stop_whose_child_fills_in_part_is_followed_by_a_close_of_the_rest() -> None:
    world = opened(world=World(ModelVenue(thin=2)))

    world.move(890)
    world.run(3_000)

    assert world.lots() == 0
    assert "stop_lost" in world.alarms()


def test_a_stop_that_the_venue_refuses_at_its_trigger_closes_at_the_market() -> None:
    world = opened()

    world.end(world.stops()[0].client_id, OrderStatus.REJECTED)
    world.run(3_000)

    assert world.lots() == 0
    assert MarketClose in [type(one.order) for one in world.seen(Place)]


def test_a_command_is_carried_out_once() -> None:
    world = opened()
    close = Command(command_id="same", kind=CommandKind.CLOSE, key=world.key(), lots=2)

    world.feed(close)
    world.feed(close)
    world.run(2_000)

    assert world.lots() == 7
    assert [one.accepted for one in world.answers()] == [True, False]
