"""The floor, ours and those of others."""

import pytest

from quantum_exit.domain.facts import OrderStatus
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.guardian.facts import (
    CommandKind,
    LegKind,
    LegTarget,
)
from quantum_exit.execution.orders import Role
from tests.unit.guardian.acting import command, floors, opened, plan_at, profits, stop_moved, stops
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World


def test_a_floor_below_which_the_price_lies_closes_the_position() -> None:
    world = World()
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.venue.move(840)
    world.feed(plan_at(world, hard_stop_ticks=850, stop_ticks=900))
    world.tell()
    world.run(5_000)

    assert world.lots() == 0


def test_a_foreign_floor_blocks_ours_and_the_working_stop_covers() -> None:
    world = World()
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    opened(world=world)

    assert stops(world) == [(900, 9)]
    assert floors(world) == [700]
    assert "floor_blocked" in world.alarms()
    world.run(60_000)
    assert not [one for one in world.seen(Cancel) if one.client_id == "web_stop"]


def test_where_others_keep_out_floor_and_close_a_stand_in_covers_below_the_price() -> None:
    world = World(ModelVenue(budget=True))
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    world.venue.foreign_limit(SYMBOL, Side.LONG, 1_400, 9, "web_limit")
    world.venue.trade(SYMBOL, Side.LONG, 9)
    world.feed(plan_at(world, hard_stop_ticks=850, stop_ticks=1_010, legs=()))
    world.tell()
    world.run(1_000)

    assert world.lots() == 9
    assert (floors(world), stops(world)) == ([700], [(850, 9)])
    assert world.guardian.status(world.now_ms).positions[0].protected


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


def test_a_position_that_grows_in_the_dance_keeps_its_tightest_stop() -> None:
    world = opened()
    world.fates["cancel"] = ["-1008"] * 3
    command(world, CommandKind.TIGHTEN, hard_stop_ticks=940, stop_ticks=950)
    world.run(150)
    assert stops(world) == [(900, 9), (940, 9)]
    world.trade(5)

    tightest = []
    for _ in range(60):
        world.run(50)
        resting = [one.trigger_ticks or 0 for one in (*world.stops(), *world.floors())]
        tightest.append(max(resting))

    assert tightest == sorted(tightest)
    assert (floors(world), stops(world)) == ([940], [(950, 14)])


def test_where_the_new_floor_is_refused_the_stand_in_stays() -> None:
    world = opened()
    world.fates["place"] = ["ok", "-1111", "-1111"]

    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(1_500)
    assert floors(world) == []
    assert stops(world) == [(880, 9), (900, 9)]
    world.run(10_000)

    assert (floors(world), stops(world)) == ([880], [(900, 9)])


def test_where_there_is_no_room_for_the_new_floor_the_stand_in_stays() -> None:
    world = opened()
    world.fates["place"] = ["ok", "-4045", "-4045"]

    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(1_500)
    assert floors(world) == []
    assert stops(world) == [(880, 9), (900, 9)]
    world.run(12_000)

    assert (floors(world), stops(world)) == ([880], [(900, 9)])


def kept_out() -> World:
    """A world in which somebody else's stop has taken the floor's place while it was moved."""
    world = opened()
    world.fates["place"] = ["ok", "-4130"]
    command(world, CommandKind.TIGHTEN, hard_stop_ticks=880)
    world.run(1_000)
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    assert stops(world) == [(880, 9), (900, 9)]
    return world


@pytest.mark.parametrize("lots", [4, -4])
def test_a_stand_in_that_has_to_stay_follows_the_size(lots: int) -> None:
    world = kept_out()

    world.trade(abs(lots), Side.LONG if lots > 0 else Side.SHORT)
    world.run(2_000)

    assert stops(world) == [(880, 9 + lots), (900, 9 + lots)]


def test_the_working_stop_follows_the_price_beside_a_stand_in_that_has_to_stay() -> None:
    world = kept_out()

    stop_moved(world, 950)
    world.run(1_000)

    assert stops(world) == [(880, 9), (950, 9)]


def test_a_resized_stand_in_that_is_refused_is_not_sent_again_at_once() -> None:
    world = kept_out()
    sent = len(world.seen(Place))
    world.fates["place"] = ["-1111"] * 99

    world.trade(4, Side.SHORT)
    world.run(900)

    assert stops(world) == [(880, 9), (900, 9)]
    roles = [one.order.role for one in world.seen(Place)[sent:]]
    assert roles.count(Role.WORKING) == 2
    world.fates["place"] = []
    world.run(3_000)
    assert stops(world) == [(880, 5), (900, 5)]


def test_the_floor_takes_the_place_of_a_resized_stand_in() -> None:
    world = kept_out()
    world.trade(4, Side.SHORT)
    world.run(2_000)

    world.venue.end("web_stop", OrderStatus.CANCELED)
    world.run(12_000)

    assert (floors(world), stops(world)) == ([880], [(900, 5)])


def test_release_keeps_the_floor_alone() -> None:
    world = opened()

    command(world, CommandKind.RELEASE)
    stop_moved(world, 950)
    world.run(2_000)

    assert (floors(world), profits(world)) == ([850], [])


def test_a_working_stop_sought_in_vain_is_not_waited_for_while_the_floor_is_kept_out() -> None:
    world = World()
    world.venue.foreign_stop(SYMBOL, Side.LONG, 700, "web_stop")
    # The working stop is lost on its way: its absence takes 13 s to be proven.
    world.fates["place"] = ["ok", "lost"]
    world.trade(9)
    world.run(4_000)

    assert floors(world) == [700]
    assert stops(world) == [(850, 9)]
    world.run(30_000)
    assert (900, 9) in stops(world)


def test_a_floor_that_is_tightened_while_the_stop_is_replaced_moves_without_another_touch() -> None:
    world = opened()
    stop_moved(world, 930)
    command(world, CommandKind.TIGHTEN, hard_stop_ticks=890)
    world.run(2_000)

    assert floors(world) == [890]
