"""Restarts, lost state and identity."""

import pytest

from quantum_exit.domain.facts import OrderBook, OrderStatus, StreamGap
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.effects import Adopt, Cancel, Place
from quantum_exit.execution.guardian.facts import (
    CommandKind,
    Found,
    LeaseEpoch,
    StreamBack,
    VenueState,
)
from quantum_exit.execution.orders import TakeProfitLimit
from tests.unit.guardian.acting import close_all, command, floors, opened, stop_moved, stops
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World, plan


def test_a_duplicated_id_means_that_the_order_exists() -> None:
    world = opened()
    stop_moved(world, 930)
    world.fates["place"] = ["-4116"]

    stop_moved(world, 940)
    world.run(30_000)

    assert stops(world) == [(940, 9)]


def test_after_a_loss_of_all_state_the_resting_orders_are_taken_over() -> None:
    world = opened()
    stop_moved(world, 940)
    world.run(1_000)

    world.crash(forget=True)
    world.run(12_000)

    assert (floors(world), stops(world)) == ([850], [(940, 9)])
    assert world.key().epoch > 1
    world.checker.check_settled()


def test_after_a_loss_of_all_state_orders_without_a_position_leave_as_soon_as_that_is_proven() -> (
    None
):
    world = opened()
    world.streaming = False
    world.crash(forget=True)
    world.trade(-9)

    world.run(world.config.proof_after_ms)
    before = len(world.venue.open())
    world.run(1_000)

    assert (before, world.venue.open()) == (4, [])


@pytest.mark.parametrize("is_floor", [True, False])
def test_a_stop_that_left_while_nobody_listened_is_asked_for_and_placed_again_at_once(
    *, is_floor: bool
) -> None:
    world = opened()
    before = floors(world), stops(world)
    world.streaming = False
    world.end((world.floors() if is_floor else world.stops())[0].client_id)
    world.crash()
    world.streaming = True

    world.run(1_000)

    assert (floors(world), stops(world)) == before


@pytest.mark.parametrize(
    ("is_closed", "status", "stop"),
    [
        (False, OrderStatus.EXPIRED, 940),
        (False, OrderStatus.CANCELED, 940),
        (True, OrderStatus.EXPIRED, 900),
    ],
)
def test_a_stop_that_is_lost_before_there_is_a_plan_comes_back_as_tight(
    *, is_closed: bool, status: OrderStatus, stop: int
) -> None:
    world = opened()
    stop_moved(world, 940)
    world.run(1_000)
    world.faults.read_lost = 1.0
    world.crash(forget=True)
    world.end(world.stops()[0].client_id, status)
    world.run(100)
    if is_closed:
        # Another position inherits nothing.
        world.trade(-9)
        world.trade(9)
        world.run(100)
    world.faults.read_lost = 0.0

    world.audit()
    world.run(20_000)

    assert stops(world) == [(stop, 9)]


def test_a_crash_between_intent_and_reply_leaves_one_order() -> None:
    world = opened()
    close_all(world)

    world.crash()
    world.run(20_000)

    assert world.lots() == 0
    assert len(world.closes_sent()) == 1


def test_an_epoch_that_is_taken_is_refused_and_changes_nothing() -> None:
    world = opened()
    before = world.guardian.state_hash()
    taken = plan(world.key()._replace(side=Side.SHORT), 5, world.now_ms, world.venue)

    with pytest.raises(InvalidInputError) as refused:
        world.guardian.step(taken, world.now_ms)

    assert refused.value.field == "key.epoch"
    assert world.guardian.state_hash() == before


def test_two_positions_found_at_once_get_two_epochs() -> None:
    world = World(ModelVenue(hedge=True))
    world.trade(3, Side.LONG)
    world.trade(3, Side.SHORT)
    world.run(1_000)

    assert len({one.key.epoch for one in world.seen(Adopt)}) == 2


def test_a_stop_stays_until_a_reading_shows_that_nothing_was_opened_again() -> None:
    world = opened()
    world.streaming = False
    world.crash()
    world.venue.trade(SYMBOL, Side.LONG, -9)
    world.run(150)
    # What was read says that the position is gone; somebody opens it again before it is read anew.
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.run(3_000)

    assert not [one for one in world.requests if one[1] == "cancel" and one[2][2] in "FT"]


def orphaned() -> World:
    """A position has ended; the cancels of its orders are lost, and the stream falls silent."""
    world = opened()
    world.fates["cancel"] = ["lost"] * 4
    world.trade(-9)
    world.run(500)
    world.streaming = False
    return world


def test_an_orphan_whose_cancel_was_lost_stays_for_whoever_has_opened_its_position_again() -> None:
    world = orphaned()
    world.venue.trade(SYMBOL, Side.LONG, 9)

    assert_covered_all_the_time(world)


def test_an_orphan_stays_for_whoever_has_opened_its_position_again_in_a_gap() -> None:
    world = opened()
    world.fates["cancel"] = ["-1008"] * 8
    world.trade(-9)
    world.run(300)
    world.gap(1_000)
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.fates["cancel"] = []

    assert_covered_all_the_time(world)


def assert_covered_all_the_time(world: World) -> None:
    covered = []
    for _ in range(100):
        world.run(50)
        covered.append(bool(world.floors() or world.stops()))

    assert all(covered)
    assert world.guardian.status(world.now_ms).positions[0].protected


def test_an_orphan_whose_cancel_was_lost_leaves_once_a_reading_shows_nothing_open() -> None:
    world = orphaned()
    world.run(4_000)

    assert world.venue.open() == []


def test_in_an_outage_no_stop_leaves_on_the_strength_of_what_was_known_before() -> None:
    world = opened()
    world.fates["cancel"] = ["-1008"]
    stop_moved(world, 930)
    world.run(250)
    assert stops(world) == [(900, 9), (930, 9)]

    world.faults.read_lost = 1.0
    world.feed(VenueState(accepting=False))
    world.run(3_000)
    assert stops(world) == [(900, 9), (930, 9)]

    world.faults.read_lost = 0.0
    world.audit()
    # As soon as the account was read, and not with the next price or timer.
    world.run(200)
    assert stops(world) == [(930, 9)]


def test_young_stops_that_end_unheard_are_missed_by_the_first_audit() -> None:
    world = opened()
    world.run(7_000)
    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(1_000)
    stop_moved(world, 930)
    world.run(500)
    assert (floors(world), stops(world)) == ([880], [(930, 9)])

    world.streaming = False
    for stop in (*world.floors(), *world.stops()):
        world.end(stop.client_id)
    world.run(2_000)

    assert (floors(world), stops(world)) == ([880], [(930, 9)])


def test_a_new_life_knows_the_size_before_it_places_a_stop_beside_those_that_it_seeks() -> None:
    world = World()
    world.fates["place"] = ["lost"] * 4
    world.trade(9)
    world.run(100)
    world.streaming = False
    world.trade(3)
    sought = [one for one in world.seen(Place) if not isinstance(one.order, TakeProfitLimit)]
    world.crash()
    world.streaming = True
    for one in sought:
        # Answered before the account, which takes three questions.
        answer = Found(
            symbol=SYMBOL,
            client_id=one.client_id,
            book=OrderBook.ALGO,
            order=None,
            asked_ms=world.now_ms,
        )
        world.feed(answer)

    world.run(1_500)

    assert [one.lots for one in world.stops()] == [12]


def test_what_the_last_life_left_is_proven_from_when_it_could_send_nothing_any_more() -> None:
    world = World()
    world.fates["place"] = ["lost"]
    world.trade(9)
    while not world.seen(Place):
        world.run(1)
    now_ms = world.now_ms + 20_000

    world.guardian.step(LeaseEpoch(epoch=2, won_ago_ms=19_000), now_ms)

    orders = world.guardian.snapshot()["state"]["sides"][f"{SYMBOL}:LONG"]["orders"]
    proof = orders[world.seen(Place)[0].client_id]["proof"]
    assert proof["since_ms"] == now_ms - 19_000


def test_no_stop_leaves_after_a_gap_of_the_stream_before_the_account_was_read_again() -> None:
    world = opened()
    world.fates["cancel"] = ["lost"] * 3
    world.trade(-5)
    world.run(300)
    cancel = [one for one in world.seen(Cancel) if one.client_id[2] == "T"][-1]
    before = world.guardian.may_cancel(cancel, world.now_ms)

    # It may have been added to unheard.
    world.feed(StreamGap(stream="user", why="test"))
    in_gap = world.guardian.may_cancel(cancel, world.now_ms)
    world.feed(StreamBack(stream="user"))
    world.run(300)

    assert (before, in_gap, world.guardian.may_cancel(cancel, world.now_ms)) == (True, False, True)
