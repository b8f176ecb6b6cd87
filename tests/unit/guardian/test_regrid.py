"""The grid of a symbol changes while a position is guarded."""

from dataclasses import replace

import pytest

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import OrderStatus, VenuePosition
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Adopt, Effect, Place, ReadAccount, Replan
from quantum_exit.execution.guardian.facts import (
    Audit,
    CoreEvent,
    CoreKind,
    Fact,
    LeaseEpoch,
    RulesChanged,
)
from quantum_exit.execution.orders import ExitOrder, MarketClose, OrderGrid
from quantum_exit.execution.ports import SymbolRules
from tests.unit.guardian.acting import close_all
from tests.unit.guardian.world import SYMBOL, World


def rules(tick_size: str, lot_step: str) -> RulesChanged:
    return RulesChanged(
        rules=SymbolRules(
            instrument=Instrument(SYMBOL, tick_size, lot_step, lot_step, "5"),
            trading=True,
            max_algo_orders=None,
            max_orders=None,
            market_max_lots=None,
            trigger_band_frac=None,
        )
    )


def guarded(side: Side = Side.LONG) -> World:
    world = World()
    world.feed(rules("1", "1"))
    world.trade(9, side)
    world.run(1_000)
    return world


def test_a_stop_that_was_lost_before_there_was_a_plan_is_remembered_on_the_new_grid() -> None:
    world = guarded()
    world.crash(forget=True)
    world.feed(rules("1", "1"))
    world.feed(replace(world.stops()[0], status=OrderStatus.EXPIRED))

    world.guardian.step(rules("0.1", "1"), world.now_ms)

    side = world.guardian.snapshot()["state"]["sides"][f"{SYMBOL}:LONG"]
    assert side["holding"]["lost_stop"][1] == 9_000


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("tick", "scale"), [("0.1", 10), ("10", 0.1), ("0.25", 4)])
def test_what_rests_is_the_same_price_on_the_new_grid_and_nothing_is_sent_for_it(
    side: Side, tick: str, scale: float
) -> None:
    world = guarded(side)
    before = world.guardian.status(world.now_ms).positions[0]

    effects = world.guardian.step(rules(tick, "1"), world.now_ms)

    (after,) = world.guardian.status(world.now_ms).positions
    for old, new in (
        (before.floor_ticks, after.floor_ticks),
        (before.working_ticks, after.working_ticks),
    ):
        assert old is not None
        assert new == round(old * scale)
    assert after.protected
    assert [type(one) for one in effects] == [Replan, ReadAccount]


def test_a_price_between_two_ticks_of_the_new_grid_goes_toward_the_market() -> None:
    for side, floor in ((Side.LONG, 122), (Side.SHORT, 164)):
        world = guarded(side)
        world.guardian.step(rules("7", "1"), world.now_ms)
        (after,) = world.guardian.status(world.now_ms).positions
        assert after.floor_ticks == floor


def test_a_finer_step_leaves_the_cover_whole() -> None:
    world = guarded()

    effects = world.guardian.step(rules("1", "0.1"), world.now_ms)

    (after,) = world.guardian.status(world.now_ms).positions
    assert (after.lots, after.working_lots, after.protected) == (90, 90, True)
    assert not [one for one in effects if isinstance(one, Place)]


def core(world: World, kind: CoreKind, **values: int) -> CoreEvent:
    plan = world.guardian.status(world.now_ms).positions[0]
    return CoreEvent(
        key=plan.key, kind=kind, reason="STOP", ts_ns=world.now_ms * 1_000_000, **values
    )


def test_what_the_core_decided_in_ticks_and_lots_of_the_former_grid_moves_nothing() -> None:
    world = guarded()
    world.guardian.step(rules("10", "1"), world.now_ms)
    world.now_ms += 500

    # 950 former ticks are 95 of the new ones; taken as new ones they lie far above the market.
    moved = world.guardian.step(core(world, CoreKind.STOP_MOVED, stop_ticks=950), world.now_ms)
    due = world.guardian.step(core(world, CoreKind.LEG_DUE, leg=0, lots=9), world.now_ms)

    assert not [one for one in (*moved, *due) if isinstance(one, Place)]


def test_a_price_that_was_past_the_stop_closes_on_every_grid() -> None:
    world = guarded()
    world.guardian.step(rules("10", "1"), world.now_ms)

    effects = world.guardian.step(core(world, CoreKind.CLOSE_ALL), world.now_ms)

    (close,) = [one.order for one in effects if isinstance(one, Place)]
    assert isinstance(close, MarketClose)
    assert close.lots == 9


def test_a_plan_that_could_not_be_made_is_asked_for_again_by_every_audit() -> None:
    world = guarded()
    world.guardian.step(rules("10", "1"), world.now_ms)

    asked = [
        world.guardian.step(audit_of(world, world.now_ms + later_ms), world.now_ms + later_ms)
        for later_ms in (10_000, 20_000)
    ]

    assert [sum(isinstance(one, Replan) for one in effects) for effects in asked] == [1, 1]


def test_a_reading_from_before_the_change_says_nothing_of_the_symbol() -> None:
    world = guarded()
    before_ms = world.now_ms - 1
    world.guardian.step(rules("1", "0.1"), world.now_ms)

    # It was read in former lots, and taken in after the change.
    world.guardian.step(audit_of(world, before_ms, lots=9), world.now_ms)

    assert world.guardian.status(world.now_ms).positions[0].lots == 90


def audit_of(world: World, taken_at_ms: int, lots: int = 9) -> Audit:
    position = VenuePosition(
        symbol=SYMBOL,
        side=Side.LONG,
        hedge=False,
        lots=lots,
        entry_price="1000",
        mark_price=None,
        liquidation_price=None,
        leverage=None,
        updated_ms=taken_at_ms,
    )
    return Audit(
        symbol=None,
        positions=(position,),
        open_orders=(),
        taken_at_ms=taken_at_ms,
        complete=True,
    )


def test_an_order_tells_its_tick_and_its_lot() -> None:
    world = World()
    world.feed(rules("0.5", "0.1"))
    placed: list[ExitOrder] = []
    step = world.guardian.step

    def noted(fact: Fact, now_ms: int) -> tuple[Effect, ...]:
        effects = step(fact, now_ms)
        placed.extend(one.order for one in effects if isinstance(one, Place))
        return effects

    world.guardian.step = noted  # type: ignore[method-assign]
    world.trade(9, Side.LONG)
    world.run(1_000)

    assert placed
    assert {order.grid for order in placed} == {OrderGrid("0.5", "0.1")}


def test_what_a_coarser_step_has_left_out_is_covered_again_when_the_step_is_finer() -> None:
    world = guarded()
    world.guardian.step(rules("1", "2"), world.now_ms)
    coarse = world.guardian.status(world.now_ms)

    world.guardian.step(rules("1", "1"), world.now_ms)

    fine = world.guardian.status(world.now_ms)
    assert (coarse.positions[0].lots, coarse.dust) == (4, (f"{SYMBOL} LONG 1",))
    assert (fine.positions[0].lots, fine.dust) == (9, ())


def test_what_opens_in_a_later_life_is_not_counted_on_the_grid_of_what_had_ended() -> None:
    world = guarded()
    close_all(world)
    world.run(20_000)
    world.guardian.step(LeaseEpoch(epoch=2), world.now_ms)
    effects = world.guardian.step(audit_of(world, world.now_ms, lots=4), world.now_ms)
    (found,) = [one for one in effects if isinstance(one, Adopt)]

    world.guardian.step(rules("1", "0.2"), world.now_ms)

    assert (found.lots, world.guardian.unplanned_lots(found.key)) == (4, 4)


def test_what_is_guarded_keeps_its_grid_in_a_later_life() -> None:
    world = guarded()
    world.guardian.step(LeaseEpoch(epoch=2), world.now_ms)

    world.guardian.step(rules("1", "0.1"), world.now_ms)

    (after,) = world.guardian.status(world.now_ms).positions
    assert (after.lots, after.working_lots) == (90, 90)
