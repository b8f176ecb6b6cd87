from typing import Any

import pytest

from quantum_exit.domain.facts import OrderStatus, OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import Adopt, Cancel, Place
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
    LegKind,
    LegTarget,
    PositionOpened,
    VenueState,
)
from quantum_exit.execution.orders import MarketClose
from quantum_exit.execution.outcomes import NotDone
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World, plan


def opened(lots: int = 9, side: Side = Side.LONG, world: World | None = None) -> World:
    world = World() if world is None else world
    world.trade(lots, side)
    world.run(1_000)
    return world


def stop_moved(world: World, ticks: int, side: Side = Side.LONG) -> None:
    key = world.key(side)
    world.feed(
        CoreEvent(key=key, kind=CoreKind.STOP_MOVED, reason="TRAIL", stop_ticks=ticks, ts_ns=0)
    )


def close_all(world: World, side: Side = Side.LONG) -> None:
    world.feed(CoreEvent(key=world.key(side), kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=0))


def command(world: World, kind: CommandKind, **more: int) -> None:
    number = len(world.answers())
    world.feed(Command(command_id=f"c{number}", kind=kind, key=world.key(), **more))


def stops(world: World) -> list[tuple[int | None, int]]:
    return sorted((one.trigger_ticks, one.lots) for one in world.stops())


def floors(world: World) -> list[int | None]:
    return [one.trigger_ticks for one in world.floors()]


def profits(world: World) -> list[tuple[int, int]]:
    return sorted((one.price_ticks or 0, one.lots - one.filled_lots) for one in world.profits())


def test_a_position_gets_its_floor_first_then_its_working_stop_then_its_profits() -> None:
    world = opened()

    assert [one.order.role for one in world.seen(Place)] == [
        "FLOOR",
        "WORKING",
        "TAKE_PROFIT",
        "TAKE_PROFIT",
    ]
    assert (floors(world), stops(world)) == ([850], [(900, 9)])
    assert profits(world) == [(1050, 3), (1100, 3)]
    world.checker.check_settled()


def test_a_position_is_covered_within_half_a_second_of_a_round_trip_of_a_tenth() -> None:
    world = World()
    world.run(500)
    world.trade(9)
    world.run(500)

    assert all(world.checker.cover().values())
    assert world.guardian.status(world.now_ms).positions[0].protected


def test_a_short_position_is_the_mirror_image() -> None:
    world = opened(side=Side.SHORT)

    assert (floors(world), stops(world)) == ([1150], [(1100, 9)])
    assert profits(world) == [(900, 3), (950, 3)]


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


def test_a_floor_below_which_the_price_lies_closes_the_position() -> None:
    world = World()
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.venue.move(840)
    world.feed(plan_at(world, hard_stop_ticks=850, stop_ticks=900))
    world.tell()
    world.run(5_000)

    assert world.lots() == 0


def plan_at(world: World, **more: Any) -> PositionOpened:
    key = PositionKey("main", SYMBOL, Side.LONG, world.guardian.next_epoch())
    return plan(key, 9, world.now_ms, world.venue, **more)


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


def test_a_close_of_nothing_is_refused_and_ends() -> None:
    world = opened()
    world.streaming = False
    world.trade(-9)

    close_all(world)
    world.run(20_000)

    assert [one.reason for one in world.closed()] == ["hand"]
    assert world.venue.open() == []


def test_a_foreign_floor_blocks_ours_and_the_working_stop_covers() -> None:
    world = World()
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    opened(world=world)

    assert stops(world) == [(900, 9)]
    assert floors(world) == [700]
    assert "floor_blocked" in world.alarms()
    world.run(60_000)
    assert not [one for one in world.seen(Cancel) if one.client_id == "web_stop"]


def test_a_foreign_floor_counts_only_where_the_configuration_says_so() -> None:
    world = World(config=GuardianConfig(foreign_stop_covers=True))
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    world.run(100)
    opened(world=world)

    assert [one.order.role for one in world.seen(Place)][:1] == ["WORKING"]
    assert floors(world) == [700]


def test_a_stop_limit_of_the_venue_costs_the_farthest_profit_and_never_the_cover() -> None:
    world = World(ModelVenue(most_algo=3))
    world.venue.trade(SYMBOL, Side.LONG, 9)
    hard = tuple(
        LegTarget(leg=leg, price_ticks=1_050 + 50 * leg, lots=1, kind=LegKind.HARD)
        for leg in (0, 1)
    )
    world.feed(plan_at(world, legs=hard, hard_tp_resident=True))
    world.tell()
    world.run(1_000)
    assert len(world.of_kind("TAKE_PROFIT_MARKET")) == 1

    stop_moved(world, 950)
    world.run(3_000)

    assert stops(world) == [(950, 9)]
    assert floors(world) == [850]


def test_without_room_for_another_stop_the_resting_one_stays_and_a_person_hears_of_it() -> None:
    world = opened(world=World(ModelVenue(most_algo=2)))

    stop_moved(world, 950)
    world.run(3_000)

    assert stops(world) == [(900, 9)]
    assert "trailing_degraded" in world.alarms()


def test_a_duplicated_id_means_that_the_order_exists() -> None:
    world = opened()
    stop_moved(world, 930)
    world.fates["place"] = ["-4116"]

    stop_moved(world, 940)
    world.run(30_000)

    assert stops(world) == [(940, 9)]


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


def test_moving_the_floor_takes_the_four_steps() -> None:
    world = opened()
    before = len(world.requests)

    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(3_000)

    roles = {one.client_id: one.order for one in world.seen(Place)}
    steps = [
        (what, roles[client_id].role, client_id[14])
        for _, what, client_id in world.requests[before:]
    ]
    assert [(what, role) for what, role, _ in steps] == [
        ("place", "WORKING"),
        ("cancel", "FLOOR"),
        ("place", "FLOOR"),
        ("cancel", "WORKING"),
    ]
    assert (floors(world), stops(world)) == ([880], [(900, 9)])


def test_where_the_new_floor_is_refused_the_stand_in_stays() -> None:
    world = opened()
    world.fates["place"] = ["ok", "-1111", "-1111"]

    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(1_500)
    assert floors(world) == []
    assert stops(world) == [(880, 9), (900, 9)]
    world.run(10_000)

    assert (floors(world), stops(world)) == ([880], [(900, 9)])


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


def test_a_profit_that_fills_shrinks_the_stop_and_leaves_the_floor() -> None:
    world = opened()

    world.move(1_060)
    world.run(1_000)

    assert (floors(world), stops(world)) == ([850], [(900, 6)])
    assert profits(world) == [(1100, 3)]
    assert [(one.leg, one.lots) for one in world.legs_filled()] == [(0, 3)]
    assert world.resized() == []


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


def test_release_keeps_the_floor_alone() -> None:
    world = opened()

    command(world, CommandKind.RELEASE)
    stop_moved(world, 950)
    world.run(2_000)

    assert (floors(world), profits(world)) == ([850], [])


def test_a_command_is_carried_out_once() -> None:
    world = opened()
    close = Command(command_id="same", kind=CommandKind.CLOSE, key=world.key(), lots=2)

    world.feed(close)
    world.feed(close)
    world.run(2_000)

    assert world.lots() == 7
    assert [one.accepted for one in world.answers()] == [True, False]


def test_after_a_loss_of_all_state_the_resting_orders_are_taken_over() -> None:
    world = opened()
    stop_moved(world, 940)
    world.run(1_000)

    world.crash(forget=True)
    world.run(12_000)

    assert (floors(world), stops(world)) == ([850], [(940, 9)])
    assert world.key().epoch > 1
    world.checker.check_settled()


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
