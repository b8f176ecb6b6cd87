"""The venue's trailing order beside the stops."""

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.guardian.facts import (
    CoreEvent,
    CoreKind,
    LegKind,
    LegTarget,
    TrailStep,
    TrailTarget,
)
from quantum_exit.execution.orders import VenueTrail
from tests.unit.guardian.world import World, plan

STEP = TrailStep(best_ticks=1_150, callback_tenths=5)


def guarded(lots: int | None, *, legs: tuple[LegTarget, ...] = ()) -> World:
    """A long position of nine lots at 1000 ticks whose trailing order guards `lots`."""
    world = World()
    world.trade(9, Side.LONG)
    world.run(1_000)
    trail = TrailTarget(lots=lots, activation_ticks=1_100, callback_tenths=20, steps=(STEP,))
    world.feed(plan(world.key(), 9, world.now_ms, world.venue, legs=legs, trail=trail))
    world.run(1_000)
    return world


def moved(world: World, best_ticks: int) -> None:
    event = CoreEvent(
        key=world.key(), kind=CoreKind.TRAIL_MOVED, reason="TRAIL", best_ticks=best_ticks, ts_ns=0
    )
    world.feed(event)
    world.run(1_000)


def placed(world: World) -> list[tuple[int, int | None, int]]:
    orders = [one.order for one in world.seen(Place) if isinstance(one.order, VenueTrail)]
    return [(one.lots, one.activation_ticks, one.callback_tenths) for one in orders]


def trails_at_venue(world: World) -> int:
    return len(world.of_kind("TRAILING_STOP_MARKET"))


def test_it_waits_at_the_venue_for_the_price_from_which_it_follows() -> None:
    assert placed(guarded(None)) == [(9, 1_100, 20)]


def test_where_it_becomes_tighter_the_new_one_rests_before_the_old_one_leaves() -> None:
    world = guarded(None)
    moved(world, 1_120)
    before = len(world.effects)
    moved(world, 1_160)

    assert placed(world) == [(9, 1_100, 20), (9, None, 5)]
    kinds = [type(one) for one in world.effects[before:] if isinstance(one, Place | Cancel)]
    assert kinds == [Place, Cancel]
    assert trails_at_venue(world) == 1


def test_that_of_the_remainder_rests_once_the_legs_are_done() -> None:
    leg = LegTarget(leg=0, price_ticks=1_050, lots=6, kind=LegKind.SOFT)
    world = guarded(3, legs=(leg,))
    assert placed(world) == []

    world.move(1_060)
    world.run(1_000)
    assert placed(world) == [(3, 1_100, 20)]


def test_it_leaves_with_the_close_of_everything() -> None:
    world = guarded(None)
    world.feed(CoreEvent(key=world.key(), kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=0))
    world.run(5_000)

    assert trails_at_venue(world) == 0
    world.checker.check_settled()
