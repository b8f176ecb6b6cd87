from collections.abc import Callable

import anyio

from quantum_exit._core import Phase
from quantum_exit.domain.facts import OrderBook, OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.budget import RateBudget
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.gateway import Gateway
from quantum_exit.execution.guardian.effects import Cancel, Place, Priority
from quantum_exit.execution.guardian.facts import Sent
from quantum_exit.execution.orders import ExitOrder, FloorStop, MarketClose, WorkingStop
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction
from quantum_exit.execution.ports import Steps
from quantum_exit.execution.sending import NOT_SENT, Sender, SendingConfig
from quantum_exit.execution.slots import Holder, SlotTable
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual

LONG = PositionKey("main", "BTCUSDT", Side.LONG, 1)
OTHER = PositionKey("main", "ETHUSDT", Side.LONG, 2)


def floor(key: PositionKey = LONG, name: str = "floor") -> Place:
    order = FloorStop(key=key, trigger_ticks=900_000)
    return Place(order=order, client_id=name, priority=Priority.FLOOR)


def working(key: PositionKey = LONG, name: str = "working") -> Place:
    order = WorkingStop(key=key, lots=1, trigger_ticks=950_000, on_mark=False)
    return Place(order=order, client_id=name, priority=Priority.WORKING)


def close(key: PositionKey = LONG, name: str = "close") -> Place:
    order = MarketClose(key=key, lots=1)
    return Place(order=order, client_id=name, priority=Priority.CLOSE)


def cancel(name: str) -> Cancel:
    return Cancel(
        key=LONG,
        symbol="BTCUSDT",
        client_id=name,
        book=OrderBook.ALGO,
        priority=Priority.CANCEL,
    )


class World:
    """A gateway in front of a venue that answers after 100 ms, or after an hour."""

    def __init__(self) -> None:
        clock = VirtualClock(1_000_000)
        fence = Fence(clock, 1_000)
        fence.grant(1, 0, 86_000_000)
        self.table = SlotTable(4)
        self.log: list[tuple[str, float]] = []
        self.phases: list[Phase] = []
        self.reports: list[Sent] = []
        self.slow: set[str] = set()
        self.needed: set[str] = set()
        self.known: set[str] = set()
        self.busy: set[str] = set()
        sender = Sender(
            clock=clock,
            fence=fence,
            budget=RateBudget(()),
            follower=self,
            config=SendingConfig(deadline_ms=3_600_000),
            seed=1,
        )
        self.gateway = Gateway(
            venue=self,
            sender=sender,
            holder=Holder(self.table, 1_000, clock.monotonic_ns),
            phase_of=lambda symbol, side: Phase.PROTECTED,
            may_place=self.may_place,
            may_cancel=self.may_cancel,
            report=self.report,
            now_ns=clock.monotonic_ns,
        )

    def may_place(self, place: Place) -> bool:
        return place.client_id not in self.known

    def may_cancel(self, cancel: Cancel) -> bool:
        return cancel.client_id not in self.needed

    async def resync(self) -> None:
        raise AssertionError

    async def send(
        self, order: ExitOrder, client_id: str, steps: Steps | None, *, asked_ms: int
    ) -> Outcome:
        self.phases.append(self.table.phase(order.key.symbol, order.key.side))
        return await self.answer(client_id)

    async def cancel(
        self, symbol: str, client_id: str, book: OrderBook, *, asked_ms: int
    ) -> Outcome:
        return await self.answer(f"cancel {client_id}")

    async def find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView | None:
        raise AssertionError

    async def answer(self, name: str) -> Outcome:
        self.log.append((name, round(anyio.current_time(), 3)))
        await anyio.sleep(1_000 if name in self.slow else 0.1)
        if name in self.busy:
            return NotDone(code=-1008, message="overloaded", reaction=Reaction.RESEND)
        return Done(order=None)

    async def report(self, sent: Sent) -> None:
        self.reports.append(sent)


def run(drive: Callable[[World, anyio.abc.TaskGroup], None]) -> World:
    async def main() -> World:
        world = World()
        async with anyio.create_task_group() as group:
            drive(world, group)
            await world.gateway.drained()
        return world

    return run_virtual(main)


def submit(*intents: Place | Cancel) -> Callable[[World, anyio.abc.TaskGroup], None]:
    def drive(world: World, group: anyio.abc.TaskGroup) -> None:
        for intent in intents:
            world.gateway.submit(intent, group)

    return drive


def test_one_side_sends_one_at_a_time_by_priority() -> None:
    world = run(submit(cancel("old"), working(), floor(), working(name="second")))

    assert [name for name, _ in world.log] == ["floor", "working", "second", "cancel old"]
    assert [at for _, at in world.log] == [0.0, 0.1, 0.2, 0.3]
    assert [sent.action for sent in world.reports] == ["place", "place", "place", "cancel"]


def test_symbols_do_not_wait_for_each_other() -> None:
    world = run(submit(floor(), floor(OTHER, "other")))

    assert sorted(world.log) == [("floor", 0.0), ("other", 0.0)]


def test_a_close_does_not_wait_for_an_answer_that_hangs() -> None:
    async def later(world: World, group: anyio.abc.TaskGroup) -> None:
        await anyio.sleep(0.05)
        for intent in (close(), close(name="again"), working(name="late")):
            world.gateway.submit(intent, group)

    def drive(world: World, group: anyio.abc.TaskGroup) -> None:
        world.slow.add("working")
        world.gateway.submit(working(), group)
        group.start_soon(later, world, group)

    world = run(drive)

    assert world.log == [("working", 0.0), ("close", 0.05), ("again", 0.15), ("late", 1000.0)]


def test_what_can_wait_does_not_leave_while_a_close_is_under_way() -> None:
    async def later(world: World, group: anyio.abc.TaskGroup) -> None:
        await anyio.sleep(0.05)
        for intent in (close(), working(name="late")):
            world.gateway.submit(intent, group)

    def drive(world: World, group: anyio.abc.TaskGroup) -> None:
        world.slow.add("close")
        world.gateway.submit(working(), group)
        group.start_soon(later, world, group)

    world = run(drive)

    assert world.log == [("working", 0.0), ("close", 0.05), ("late", 1000.05)]


def test_a_cancel_is_judged_again_when_it_leaves() -> None:
    async def later(world: World) -> None:
        await anyio.sleep(0.05)
        world.needed.add("old")

    def drive(world: World, group: anyio.abc.TaskGroup) -> None:
        submit(working(), cancel("old"), cancel("other"))(world, group)
        group.start_soon(later, world)

    world = run(drive)

    assert [name for name, _ in world.log] == ["working", "cancel other"]
    kept = next(sent for sent in world.reports if sent.client_id == "old")
    assert isinstance(kept.outcome, NotDone)
    assert kept.outcome.code == NOT_SENT


def test_an_order_that_is_known_by_now_is_not_sent_once_more() -> None:
    async def later(world: World) -> None:
        await anyio.sleep(0.15)
        world.known.add("working")

    def drive(world: World, group: anyio.abc.TaskGroup) -> None:
        world.busy.add("working")
        submit(working())(world, group)
        group.start_soon(later, world)

    world = run(drive)

    assert [name for name, _ in world.log] == ["working"]
    assert [sent.client_id for sent in world.reports] == ["working"]
    assert isinstance(world.reports[0].outcome, NotDone)


def test_the_slot_is_held_while_something_is_under_way() -> None:
    world = run(submit(floor(), close()))

    assert world.phases == [Phase.SETTLING, Phase.CLOSING]
    assert world.table.phase("BTCUSDT", Side.LONG) == Phase.PROTECTED


def test_every_intent_is_reported_once() -> None:
    world = run(submit(*[working(name=f"w{number}") for number in range(20)]))

    assert sorted(sent.client_id for sent in world.reports) == sorted(f"w{n}" for n in range(20))
