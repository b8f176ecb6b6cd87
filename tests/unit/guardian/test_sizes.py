"""Positions that grow, shrink, flip, end and begin again."""

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Adopt, Place
from tests.unit.guardian.acting import (
    close_all,
    floors,
    opened,
    plan_at,
    profits,
    stop_moved,
    stops,
)
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World


def test_a_position_that_grew_is_covered_before_anything_is_cancelled() -> None:
    world = opened()
    before = len(world.requests)

    world.trade(6)
    world.run(2_000)

    assert [what for _, what, _ in world.requests[before:]] == ["place", "cancel"]
    assert stops(world) == [(900, 15)]
    assert [one.lots for one in world.resized()] == [15]


def test_a_position_that_was_cut_by_hand_gets_a_smaller_stop_and_ladder() -> None:
    world = opened()

    world.trade(-5)
    world.run(2_000)

    assert stops(world) == [(900, 4)]
    assert profits(world) == [(1050, 3), (1100, 1)]


def test_a_profit_that_fills_shrinks_the_stop_and_leaves_the_floor() -> None:
    world = opened()

    world.move(1_060)
    world.run(1_000)

    assert (floors(world), stops(world)) == ([850], [(900, 6)])
    assert profits(world) == [(1100, 3)]
    assert [(one.leg, one.lots) for one in world.legs_filled()] == [(0, 3)]
    assert world.resized() == []


def test_one_source_that_says_flat_cancels_no_stop() -> None:
    world = opened()
    held = dict(world.venue.positions)
    world.venue.positions.clear()  # a replica that does not know the position
    world.audit()
    world.run(60)
    world.venue.positions.update(held)
    world.run(4_000)

    assert (floors(world), stops(world)) == ([850], [(900, 9)])
    assert world.closed() == []


def test_a_position_is_gone_when_two_sources_agree() -> None:
    world = opened()

    world.trade(-9)
    world.run(500)

    assert [one.reason for one in world.closed()] == ["hand"]
    assert world.venue.open() == []


def test_a_flip_ends_one_position_and_adopts_the_other() -> None:
    world = opened()

    world.trade(14, Side.SHORT)
    world.run(3_000)

    assert world.lots(Side.SHORT) == 5
    assert [one.key.side for one in world.closed()] == [Side.LONG]
    assert stops(world) == [(1100, 5)]
    assert floors(world) == [1150]
    assert world.key(Side.SHORT).epoch == 2


def test_a_flip_there_and_back_in_one_millisecond_is_another_position_at_once() -> None:
    world = opened()
    world.trade(14, Side.SHORT)
    world.venue.price -= 5
    world.trade(14)
    world.run(8_000)

    assert world.lots() == 9
    assert world.key().epoch > 1
    assert len(floors(world)) == 1
    assert [lots for _, lots in stops(world)] == [9]
    assert [one.key.epoch for one in world.closed() if one.key.side is Side.LONG] == [1]


def test_a_position_opened_again_inherits_nothing() -> None:
    world = opened()
    stop_moved(world, 950)
    world.run(1_000)
    world.trade(-9)
    world.run(2_000)

    world.trade(4)
    world.run(2_000)

    assert world.key().epoch == 2
    assert stops(world) == [(900, 4)]


def test_a_stop_cancelled_by_hand_is_placed_again() -> None:
    world = opened()

    world.end(world.floors()[0].client_id)
    world.end(world.stops()[0].client_id)
    world.run(500)

    assert (floors(world), stops(world)) == ([850], [(900, 9)])


def test_a_stop_cancelled_by_hand_is_placed_again_though_no_event_ever_comes() -> None:
    world = opened()
    world.streaming = False

    world.end(world.floors()[0].client_id)
    world.run(11_000)

    assert floors(world) == [850]


def test_hedge_mode_keeps_both_sides_apart() -> None:
    world = World(ModelVenue(hedge=True))
    world.trade(9, Side.LONG)
    world.trade(4, Side.SHORT)
    world.run(1_000)

    assert stops(world) == [(900, 9), (1100, 4)]
    close_all(world, Side.SHORT)
    world.run(2_000)

    assert (world.lots(Side.LONG), world.lots(Side.SHORT)) == (9, 0)
    assert (floors(world), stops(world)) == ([850], [(900, 9)])


def test_late_news_of_a_position_that_has_ended_unguarded_opens_none() -> None:
    world = World()
    world.run(500)
    world.venue.trade(SYMBOL, Side.LONG, 9)
    opened_then = world.venue.view_of(SYMBOL, Side.LONG)
    world.run(500)
    world.venue.trade(SYMBOL, Side.LONG, -9)
    world.feed(world.venue.view_of(SYMBOL, Side.LONG))

    world.feed(opened_then)
    world.run(500)

    assert world.guardian.status(world.now_ms).unguarded == ()
    assert world.seen(Adopt) == []


def test_what_was_handed_over_and_is_not_there_is_gone_once_the_venue_refuses_to_reduce_it() -> (
    None
):
    world = World()
    world.run(500)
    world.feed(plan_at(world))
    # Its take-profits are refused: there is nothing to reduce.
    world.run(4_000)

    assert world.seen(Place) != []
    assert world.venue.open() == []
    assert len(world.closed()) == 1
