"""Positions that are larger than one order may be."""

import pytest

from quantum_exit._core import Instrument
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Place, ReadRules
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
    RulesChanged,
)
from quantum_exit.execution.ids import client_id, identity_of
from quantum_exit.execution.ports import SymbolRules
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, World


def rules(market_max_lots: int | None, *, max_qty: str | None = None) -> RulesChanged:
    return RulesChanged(
        rules=SymbolRules(
            instrument=Instrument(SYMBOL, "1", "1", "1", "5", max_qty),
            trading=True,
            max_algo_orders=None,
            max_orders=None,
            market_max_lots=market_max_lots,
            trigger_band_frac=None,
        )
    )


def opened(lots: int, told: RulesChanged | None, most_lots: int = 4) -> World:
    world = World(ModelVenue(most_lots=most_lots))
    if told is not None:
        world.feed(told)
    world.trade(lots)
    world.run(1_000)
    return world


def close_all(world: World) -> None:
    world.feed(
        CoreEvent(
            key=world.key(Side.LONG), kind=CoreKind.CLOSE_ALL, reason="STOP", leg=None, ts_ns=0
        )
    )


def closes(world: World) -> list[int]:
    ids = world.closes_sent()
    return [view.filled_lots for one in ids if (view := world.venue.orders.get(one)) is not None]


@pytest.mark.parametrize("told", [rules(4), rules(None, max_qty="4"), rules(9, max_qty="4")])
def test_a_close_above_the_largest_order_leaves_in_parts_one_after_the_other(
    told: RulesChanged,
) -> None:
    world = opened(10, told)

    close_all(world)
    world.run(3_000)

    assert world.lots() == 0
    assert closes(world) == [4, 4, 2]
    assert world.closed()[0].filled_lots == 10


def test_the_parts_of_a_close_are_attempts_of_one_decision_in_their_ids() -> None:
    world = opened(10, rules(4))

    close_all(world)
    world.run(3_000)

    identities = [identity for one in world.closes_sent() if (identity := identity_of(one))]
    assert [one.attempt for one in identities] == [0, 1, 2]
    assert len({one.revision for one in identities}) == 1
    assert [client_id(one) for one in identities] == world.closes_sent()


def test_a_part_whose_answer_is_lost_is_proven_before_the_next_one_leaves() -> None:
    world = opened(10, rules(4))
    world.fates["place"] = ["reply_lost"]

    close_all(world)
    world.run(5_000)

    assert (world.lots(), closes(world)) == (0, [4, 4, 2])


def test_a_limit_that_nobody_told_is_found_by_halving() -> None:
    world = opened(50, None)

    close_all(world)
    world.run(15_000)

    assert world.lots() == 0
    refused = [one for one in world.closes_sent() if one not in world.venue.orders]
    assert len(refused) <= 4
    assert world.seen(ReadRules)


def test_a_stop_is_clamped_to_the_largest_order_the_floor_covers_the_rest_and_a_person_hears() -> (
    None
):
    world = opened(10, rules(4))

    assert [one.lots for one in world.stops()] == [4]
    assert [one.trigger_ticks for one in world.floors()] == [850]
    assert world.guardian.status(world.now_ms).positions[0].protected
    assert "stop_too_large" in world.alarms()
    assert all(one.order.lots <= 4 for one in world.seen(Place) if one.order.role != "FLOOR")


def test_a_clamped_stop_still_follows_the_internal_one_and_rests_alone() -> None:
    world = opened(10, rules(4))
    key = world.key()

    world.feed(
        CoreEvent(key=key, kind=CoreKind.STOP_MOVED, reason="TRAIL", stop_ticks=940, ts_ns=0)
    )
    world.run(2_000)
    before = len(world.requests)
    world.run(30_000)

    assert [(one.trigger_ticks, one.lots) for one in world.stops()] == [(940, 4)]
    assert len(world.requests) == before


def test_a_floor_that_no_stand_in_can_replace_stays_where_it_is() -> None:
    world = opened(10, rules(4))

    world.feed(
        Command(command_id="c", kind=CommandKind.TIGHTEN, key=world.key(), hard_stop_ticks=880)
    )
    world.run(30_000)

    assert [one.trigger_ticks for one in world.floors()] == [850]
    assert len(world.stops()) == 1


def test_new_rules_make_the_learnt_limit_forgotten() -> None:
    world = opened(10, None)
    world.run(5_000)
    assert [one.lots for one in world.stops()] == [2]

    world.venue.most_lots = None
    world.feed(rules(100))
    world.feed(rules(101))
    world.run(5_000)

    assert [one.lots for one in world.stops()] == [10]
