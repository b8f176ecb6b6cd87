"""The grid of a symbol changes while a position is guarded."""

import pytest

from quantum_exit._core import Instrument
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Place, ReadAccount, Replan
from quantum_exit.execution.guardian.facts import RulesChanged
from quantum_exit.execution.ports import SymbolRules
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
