"""News that comes late, and cancels that come to nothing: what rests goes on counting."""

from dataclasses import replace

import pytest

from quantum_exit.domain.facts import Fill, OrderStatus, VenuePosition
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import Booked, Place, ReadTrades
from quantum_exit.execution.guardian.facts import CoreEvent, CoreKind, TradesRead
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.guardian.state import AccountState, SideState
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import WorkingStop
from tests.unit.guardian.acting import stop_moved
from tests.unit.guardian.world import START_MS, SYMBOL, World


def guarded() -> World:
    world = World()
    world.trade(9)
    world.run(1_000)
    return world


def is_protected(world: World) -> bool:
    return all(one.protected for one in world.guardian.status(world.now_ms).positions)


def test_stops_whose_cancel_was_refused_do_not_block_those_of_the_next_position() -> None:
    world = guarded()
    world.fates["cancel"] = ["-1008"] * 1_000
    world.feed(
        CoreEvent(
            key=world.key(), kind=CoreKind.STOP_MOVED, reason="TRAIL", stop_ticks=930, ts_ns=0
        )
    )
    world.run(1_000)
    assert [one.lots for one in world.stops()] == [9, 9]
    world.trade(-9)
    world.run(3_000)
    world.trade(5)
    world.run(3_000)

    assert is_protected(world)
    world.fates["cancel"] = []
    world.run(12_000)
    assert [one.lots for one in world.stops()] == [5]
    assert len(world.floors()) == 1


def test_a_report_of_the_ms_in_which_a_position_ended_opens_no_other_one() -> None:
    world = guarded()
    before = world.venue.view_of(SYMBOL, Side.LONG)
    world.trade(-9)
    ended_ms = world.now_ms
    world.run(3_000)
    world.feed(replace(before, lots=4, updated_ms=ended_ms))
    world.run(3_000)

    assert len(world.closed()) == 1
    assert world.guardian.status(world.now_ms).unguarded == ()
    assert world.venue.open() == []


def traded_in_parts(world: World, parts: tuple[int, ...]) -> list[tuple[VenuePosition, Fill]]:
    """Trades within one millisecond, each with the report of what it left; nobody is told."""
    world.streaming = False
    told = []
    for lots in parts:
        world.trade(lots)
        told.append((world.venue.view_of(SYMBOL, Side.LONG), world.venue.trades[-1]))
    world.streaming = True
    return told


def known_lots(world: World) -> list[int]:
    return [one.lots for one in world.guardian.status(world.now_ms).positions]


@pytest.mark.parametrize("parts", [(-1,) * 4, (2,) * 4, (-2, -1, -3)])
def test_a_report_that_trades_of_its_millisecond_have_overtaken_says_nothing(
    parts: tuple[int, ...],
) -> None:
    world = guarded()
    told = traded_in_parts(world, parts)
    for report, fill in told:
        world.feed(report)
        world.feed(fill)
    for report, _ in told[:-1]:
        world.feed(report)
        assert known_lots(world) == [9 + sum(parts)]


@pytest.mark.parametrize("parts", [(-1,) * 4, (2,) * 4])
def test_trades_tell_that_the_reports_of_their_millisecond_came_in_another_order(
    parts: tuple[int, ...],
) -> None:
    world = guarded()
    told = traded_in_parts(world, parts)
    for number in (3, 0, 2, 1):
        world.feed(told[number][0])
    for _, fill in told:
        world.feed(fill)

    assert known_lots(world) == [9 + sum(parts)]


def test_trades_to_and_fro_within_one_millisecond_leave_what_the_venue_tells() -> None:
    world = guarded()
    for report, fill in traded_in_parts(world, (-2, 2, -1, 1, -3)):
        world.feed(report)
        world.feed(fill)

    assert known_lots(world) == [6]


def test_a_position_that_was_opened_again_unheard_keeps_its_cover_until_it_has_its_own() -> None:
    world = guarded()
    world.streaming = False
    world.faults.read_lost = 1.0
    world.trade(-9)
    world.feed(world.venue.view_of(SYMBOL, Side.LONG))
    world.run(1_000)
    world.venue.price += 5
    world.trade(2)
    world.run(500)
    world.trade(3)
    world.run(500)
    world.faults.read_lost = 0.0
    # The trades come first, and the account as it is then.
    trades = tuple(one for one in world.venue.trades if one.ts_ms > START_MS + 2_000)
    world.feed(TradesRead(symbol=SYMBOL, from_id=None, fills=trades, asked_ms=world.now_ms))
    world.audit()
    world.run(20_000)

    assert is_protected(world)
    assert [one.lots for one in world.stops()] == [5]
    assert world.key().epoch > 1


def test_a_position_is_covered_before_the_proof_that_three_stops_are_absent() -> None:
    world = World()
    # Floor, working stop, two take-profits, stand-in.
    world.fates["place"] = ["lost"] * 5
    world.trade(9)
    world.run(12_000)

    assert len(world.stops()) == 1
    assert is_protected(world)


def test_an_answer_that_another_one_has_overtaken_books_nothing_twice() -> None:
    world = guarded()
    for lots in (1, 2, 3):
        world.trade(lots)
    world.run(5_000)
    first, *rest = world.venue.trades
    booked = len(world.seen(Booked))
    assert booked == len(world.venue.trades)

    for fills in ((first, *rest), (first,), tuple(rest)):
        from_id = fills[0].trade_id
        world.feed(
            TradesRead(symbol=SYMBOL, from_id=from_id, fills=fills, asked_ms=world.now_ms - 2_000)
        )

    assert len(world.seen(Booked)) == booked


def test_trades_that_a_proof_waits_for_are_asked_for_beside_those_that_are_only_booked() -> None:
    account = AccountState(name="main")
    sides = [SideState(symbol=SYMBOL, side=one) for one in Side]
    turn = Turn(
        config=GuardianConfig(),
        parts=Parts(),
        tag="",
        account=account,
        homes={},
        now_ms=START_MS,
    )

    for needed in (False, True, True, False):
        for side in sides:
            turn.read_trades(side, needed=needed)

    asked = [one.needed for one in turn.effects if isinstance(one, ReadTrades)]
    assert asked == [False, True]


def test_an_order_leaves_only_until_the_venue_has_shown_it() -> None:
    world = World()
    world.trade(9)
    while not world.seen(Place):
        world.run(1)
    floor = world.seen(Place)[0]
    asked = world.guardian.may_place(floor)
    world.run(1_000)
    shown = world.guardian.may_place(floor)
    world.venue.end(floor.client_id, OrderStatus.CANCELED)
    world.tell()
    world.run(1_000)

    assert (asked, shown, world.guardian.may_place(floor)) == (True, False, False)


def test_an_order_whose_outcome_is_unknown_may_leave_once_more() -> None:
    world = World()
    world.fates["place"] = ["lost"] * 10
    world.trade(9)
    world.run(3_000)

    assert world.guardian.may_place(world.seen(Place)[0])


def test_a_stop_that_has_waited_while_the_wanted_one_moved_does_not_leave_any_more() -> None:
    world = World()
    world.trade(9)
    while not (asked := [one for one in world.seen(Place) if isinstance(one.order, WorkingStop)]):
        world.run(1)
    before = world.guardian.may_place(asked[0])

    stop_moved(world, 901)
    by_a_tick = world.guardian.may_place(asked[0])
    stop_moved(world, 940)

    assert (before, by_a_tick, world.guardian.may_place(asked[0])) == (True, True, False)
