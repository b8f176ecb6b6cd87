"""One stop takes the place of another."""

from dataclasses import replace

import pytest

from quantum_exit.domain.facts import OrderStatus, OrderView
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Cancel
from quantum_exit.execution.guardian.facts import (
    CommandKind,
)
from quantum_exit.execution.outcomes import NotDone
from tests.unit.guardian.acting import command, floors, opened, plan_at, stop_moved, stops
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, Faults, World


def test_a_trailing_replacement_places_before_it_cancels() -> None:
    world = opened()
    before = len(world.requests)

    stop_moved(world, 940)
    world.run(2_000)

    assert [what for _, what, _ in world.requests[before:]] == ["place", "cancel"]
    assert stops(world) == [(940, 9)]


@pytest.mark.parametrize("fate", ["lost", "reply_lost", "late", "-1008", "-1111"])
def test_whatever_becomes_of_the_new_stop_the_old_one_stays_until_it_is_proven_live(
    fate: str,
) -> None:
    world = opened()
    world.fates["place"] = [fate]
    cancel = world.venue.cancel

    def cancel_beside_the_new_one(client_id: str) -> OrderView | NotDone:
        assert (940, 9) in stops(world)
        return cancel(client_id)

    world.venue.cancel = cancel_beside_the_new_one  # type: ignore[method-assign]
    stop_moved(world, 940)
    world.run(40_000)

    assert stops(world) == [(940, 9)]


def test_without_room_for_another_stop_the_resting_one_stays_and_a_person_hears_of_it() -> None:
    world = opened(world=World(ModelVenue(most_algo=2)))

    stop_moved(world, 950)
    world.run(3_000)

    assert stops(world) == [(900, 9)]
    assert "trailing_degraded" in world.alarms()


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.TRIGGERING])
def test_a_cancel_that_has_not_left_stays_here_once_the_new_stop_rests_no_more(
    status: OrderStatus,
) -> None:
    world = opened()
    world.fates["cancel"] = ["lost"]
    stop_moved(world, 940)
    world.run(500)
    cancel = world.seen(Cancel)[-1]
    assert world.guardian.may_cancel(cancel, world.now_ms)

    new = next(one for one in world.stops() if one.trigger_ticks == 940)
    world.feed(replace(new, status=status, updated_ms=world.now_ms))

    assert not world.guardian.may_cancel(cancel, world.now_ms)


def test_a_stop_follows_the_size_while_others_keep_the_rest_of_a_close_out() -> None:
    world = World(ModelVenue(budget=True))
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.feed(plan_at(world, legs=()))
    world.tell()
    world.run(1_000)
    world.venue.foreign_limit(SYMBOL, Side.LONG, 1_400, 6, "web_limit")
    stop_moved(world, 1_010)
    world.run(3_000)

    assert world.lots() == 6
    assert stops(world) == [(900, 6)]


def test_no_stop_is_placed_beyond_the_hard_stop_for_the_sake_of_its_size() -> None:
    world = World(ModelVenue(budget=True))
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.feed(plan_at(world, legs=()))
    world.tell()
    world.run(1_000)
    world.venue.foreign_limit(SYMBOL, Side.LONG, 1_400, 6, "web_limit")
    command(world, CommandKind.TIGHTEN, hard_stop_ticks=1_010, stop_ticks=1_010)
    world.run(3_000)

    assert world.lots() == 6
    assert stops(world) == [(900, 9)]


def test_an_old_stop_that_is_firing_is_waited_for() -> None:
    world = opened()
    world.fates["cancel"] = ["-4117"]

    stop_moved(world, 940)
    world.run(10_000)

    assert world.closes_sent() == []
    assert stops(world) == [(940, 9)]


def test_both_stops_fire_and_nothing_is_left_behind() -> None:
    world = opened()
    stop_moved(world, 940)
    world.move(800)
    world.run(6_000)

    assert world.lots() == 0
    assert world.venue.open() == []
    assert world.closed()[0].reason == "stop"


@pytest.mark.parametrize("fate", ["lost", "reply_lost", "late", "-1008", "-2011"])
def test_a_cancel_that_is_not_proven_is_repeated(fate: str) -> None:
    world = opened()
    world.fates["cancel"] = [fate]

    stop_moved(world, 940)
    world.run(20_000)

    assert stops(world) == [(940, 9)]


@pytest.mark.parametrize("fate", ["lost", "-1008"])
def test_a_cancel_is_repeated_only_once_the_new_stop_has_been_shown_again(fate: str) -> None:
    world = opened()
    world.fates["cancel"] = [fate]
    cancel = world.venue.cancel

    def cancel_beside_the_new_one(client_id: str) -> OrderView | NotDone:
        assert (940, 9) in stops(world)
        return cancel(client_id)

    world.venue.cancel = cancel_beside_the_new_one  # type: ignore[method-assign]
    stop_moved(world, 940)
    while not world.seen(Cancel):
        world.run(1)
    # Nobody tells that the new stop has gone.
    world.streaming = False
    world.end(next(one for one in world.stops() if one.trigger_ticks == 940).client_id)
    world.streaming = True
    world.run(20_000)

    assert stops(world) == [(940, 9)]


def test_replacements_are_coalesced_to_the_newest_target() -> None:
    world = opened()
    before = len(world.requests)

    for ticks in range(910, 960, 5):
        stop_moved(world, ticks)
    world.run(2_000)

    assert stops(world) == [(955, 9)]
    assert len(world.requests) - before == 4


def test_a_move_below_the_minimum_is_not_worth_a_request() -> None:
    world = opened()
    before = len(world.requests)

    stop_moved(world, 901)
    world.run(2_000)

    assert len(world.requests) == before


@pytest.mark.parametrize("delays", range(5))
def test_a_position_that_grows_while_its_new_stop_is_on_its_way_gets_one_of_its_size(
    delays: int,
) -> None:
    world = opened(world=World(faults=Faults(seed=delays)))
    world.fates["place"] = ["late"]
    world.trade(3)
    world.run(20)
    world.trade(4)
    # The new one is live late, beside two others: there is no room for a fourth.
    world.run(8_000)

    assert stops(world) == [(900, 16)]


def test_a_stop_only_ever_tightens() -> None:
    world = opened()
    stop_moved(world, 950)
    world.run(1_000)

    stop_moved(world, 920)
    command(world, CommandKind.TIGHTEN, stop_ticks=930)
    world.run(1_000)

    assert stops(world) == [(950, 9)]
    assert [one.accepted for one in world.answers()] == [False]


def test_a_recorded_command_may_loosen() -> None:
    world = opened()
    world.run(15_000)
    world.loosened = True

    command(world, CommandKind.LOOSEN, stop_ticks=860, hard_stop_ticks=800)
    world.run(3_000)

    assert (floors(world), stops(world)) == ([800], [(860, 9)])


def test_a_new_lease_loosens_nothing() -> None:
    world = opened()
    world.crash()

    command(world, CommandKind.LOOSEN, stop_ticks=860)
    world.run(1_000)

    assert stops(world) == [(900, 9)]
    assert "lease" in world.answers()[0].why
