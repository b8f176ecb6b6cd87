"""The remainder that a trailing stop closes alone, while legs are still to come."""

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Place, Resize
from quantum_exit.execution.guardian.facts import CoreEvent, CoreKind
from quantum_exit.execution.orders import MarketClose
from tests.unit.guardian.world import SYMBOL, World


def trailed(lots: int) -> World:
    """A position of nine lots with two legs of three, whose remainder is to be closed."""
    world = World()
    world.trade(9, Side.LONG)
    world.run(1_000)
    event = CoreEvent(key=world.key(), kind=CoreKind.PART_DUE, reason="TRAIL", lots=lots, ts_ns=0)
    world.feed(event)
    world.run(5_000)
    return world


def closes(world: World) -> list[int]:
    return [one.order.lots for one in world.seen(Place) if isinstance(one.order, MarketClose)]


def test_just_the_part_is_closed_and_the_legs_stay() -> None:
    world = trailed(3)

    assert closes(world) == [3]
    assert world.venue.position(SYMBOL, Side.LONG).lots == 6
    assert sorted((one.price_ticks, one.lots) for one in world.profits()) == [(1050, 3), (1100, 3)]
    assert [one.lots for one in world.stops()] == [6]
    world.checker.check_settled()


def test_the_core_which_closed_it_itself_is_not_told_of_its_size() -> None:
    assert trailed(3).seen(Resize) == []
