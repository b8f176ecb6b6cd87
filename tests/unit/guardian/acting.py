"""What happens to a guarded position, and what then rests at the venue."""

from typing import Any

from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
    PositionOpened,
)
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


def plan_at(world: World, **more: Any) -> PositionOpened:
    key = PositionKey("main", SYMBOL, Side.LONG, world.guardian.next_epoch())
    return plan(key, 9, world.now_ms, world.venue, **more)
