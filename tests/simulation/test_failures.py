"""What fails around the service: the disk, the venue, the clock of the lease, the prices."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import anyio
import pytest

from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Json, Reply, Request
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan, MemoryStore
from quantum_exit.errors import LeaseLostError, NotProtectedError, PlanRefusedError
from quantum_exit.execution.budget import RateBudget
from quantum_exit.execution.guardian.effects import Alarm, AlarmKind, Closed
from quantum_exit.execution.hub import Event, Trouble
from quantum_exit.execution.leases import LeaseScope
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.restoring import restored
from quantum_exit.execution.service import Service
from quantum_exit.execution.works import Works
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual


async def guarded(world: PaperWorld, service: Service) -> None:
    world.enter()
    await service.protect(long_position())
    await world.walk(100_000, 100_000, step_s=1)
    assert len(stops(world)) == 2


def stops(world: PaperWorld) -> list[tuple[str, str, str]]:
    return [row for row in world.resting() if row[0] == "STOP_MARKET"]


class Listening:
    """Collects what a service tells."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.events: list[Event] = []

    async def run(self) -> None:
        async for event in self.service.events():
            self.events += [event]

    def troubles(self) -> set[str]:
        return {event.kind for event in self.events if isinstance(event, Trouble)}


class Faults:
    """Answers requests as a rule says; None = no fault."""

    def __init__(self) -> None:
        self.rule: Callable[[str, Request], RequestPlan | None] = lambda kind, request: None
        self.seen: list[str] = []

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        self.seen.append(kind)
        return self.rule(kind, request) or RequestPlan()


class LateEvents:
    """Delays the events of the account; drops the prices."""

    def __init__(self) -> None:
        self.delay_ms = 0
        self.drops_prices = False

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        if channel == "user":
            return ((self.delay_ms, message),)
        return () if self.drops_prices else ((0, message),)


def test_without_a_disk_nothing_is_tightened_and_a_close_still_leaves() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            listening = Listening(service)
            group.start_soon(listening.run)
            await guarded(world, service)
            before = world.resting()
            world.disk.plan = DiskPlan(faults=dict.fromkeys(range(1, 100_000), DiskFault.FULL))
            await world.walk(101_000, 101_200, 101_200, step_s=1)
            await service.tighten("BTCUSDT", None, "99500")
            await world.walk(101_200, 101_200, step_s=1)
            assert world.resting() == before
            assert "journal" in listening.troubles()
            assert not service.status().journal_works

            await service.close("BTCUSDT")
            await world.walk(101_200, 101_200, step_s=1)
            assert world.positions() == []
            group.cancel_scope.cancel()

    run_virtual(main)


def test_without_a_disk_a_take_profit_stays_that_no_close_needs_out_of_the_way() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)
        async with world.market(), world.service() as service:
            await guarded(world, service)
            assert ("LIMIT", "101250.0", "0.250") in world.resting()
            world.disk.plan = DiskPlan(faults=dict.fromkeys(range(1, 100_000), DiskFault.FULL))
            world.enter("SELL", "0.9")
            await world.walk(100_000, 100_000, step_s=1)
            assert "DELETE /fapi/v1/order" not in faults.seen

            world.disk.plan = DiskPlan()
            await world.walk(*[100_000] * 5, step_s=1)
            assert "DELETE /fapi/v1/order" in faults.seen
            assert service.status().journal_works

    run_virtual(main)


def test_when_the_disk_is_back_the_stop_follows() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded(world, service)
            first = world.disk.writes + 1
            world.disk.plan = DiskPlan(
                faults=dict.fromkeys(range(first, first + 5), DiskFault.FULL)
            )
            await service.tighten("BTCUSDT", None, "99000")
            await world.walk(*[100_000] * 15, step_s=1)
            assert ("STOP_MARKET", "99000.0", "1.000") in world.resting()
            assert service.status().journal_works

    run_virtual(main)


def test_the_journal_alone_rebuilds_the_state() -> None:
    async def main() -> None:
        world = PaperWorld()
        world.config = replace(world.config, snapshot_every=40)
        async with world.market():
            async with world.service() as service:
                await guarded(world, service)
                await world.walk(101_300, 101_300, 102_600, 102_600, 104_000, step_s=1)
                mind = service._works.mind  # noqa: SLF001 - the state is what is compared
                await service._works.gateway.drained()  # noqa: SLF001 - as above
            assert world.disk.snapshots
            for snapshots in (dict(world.disk.snapshots), {}):
                world.disk.snapshots = snapshots
                before = await restored(
                    MemoryStore(world.disk),
                    Recorder(),
                    config=world.config.guardian,
                    account="main",
                    watch=world.config.watch,
                )
                assert before.mind.guardian.state_hash() == mind.guardian.state_hash()
                (key,) = before.mind.log.plans()
                assert before.mind.watch.stop_ticks(key) == mind.watch.stop_ticks(key)

    run_virtual(main)


def test_two_hours_without_the_venue_leave_the_stops_and_end_with_the_exit() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)
        # The heartbeat of the loop's watchdog is most of what happens in two hours.
        world.config = replace(world.config, blocked_ms=10_000)
        down = RequestPlan(execute=False, never_reply=True)
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            listening = Listening(service)
            group.start_soon(listening.run)
            await guarded(world, service)
            before = world.resting()
            faults.rule = lambda kind, request: down
            await service.close("BTCUSDT")
            for _ in range(120):
                await world.walk(100_000, step_s=60)
            assert world.resting() == before
            assert world.positions() == [("BTCUSDT", "1.000")]
            assert service.status().venue_accepts is False
            assert AlarmKind.VENUE_DOWN in {
                event.kind for event in listening.events if isinstance(event, Alarm)
            }
            faults.rule = lambda kind, request: None
            back_at = anyio.current_time()
            while world.positions():
                await world.walk(100_000, step_s=0.05)
            assert anyio.current_time() - back_at <= 3
            assert service.status().venue_accepts
            await world.walk(*[100_000] * 10, step_s=1)
            assert world.resting() == []
            assert [event.reason for event in listening.events if isinstance(event, Closed)]
            group.cancel_scope.cancel()

    run_virtual(main)


def test_an_executed_close_whose_reply_is_1007_and_whose_fill_event_comes_later_is_not_sent_again() -> (
    None
):
    async def main() -> None:
        faults = Faults()
        events = LateEvents()
        world = PaperWorld(request_faults=faults, event_faults=events)

        def lost(kind: str, request: Request) -> RequestPlan | None:
            if kind == "POST /fapi/v1/order" and "MARKET" in request.query:
                return RequestPlan(answer=unknown)
            return None

        def unknown(reply: Reply) -> Reply:
            if reply.status != 200:
                return reply
            events.delay_ms = 6_000
            body = {"code": -1007, "msg": "Timeout waiting for response from backend server."}
            return Reply(status=408, headers=reply.headers, body=body)

        async with world.market(), world.service() as service:
            await guarded(world, service)
            faults.rule = lost
            await service.close("BTCUSDT")
            await world.walk(*[100_000] * 30, step_s=1)
            orders = world.by_hand("GET", "v1/allOrders", symbol="BTCUSDT")
            assert isinstance(orders, list)
            closes = [row for row in orders if row["clientOrderId"].startswith("x1C")]
            assert len(closes) == 1
            assert world.positions() == []

    run_virtual(main)


async def overtaken(world: PaperWorld) -> None:
    async with world.service() as service:
        await guarded(world, service)
        # The store grants the lease anew, as it does once it has run out.
        await world.leases.acquire(LeaseScope("main", "*"), "one", 30_000)
        await anyio.sleep(60)


def test_whoever_loses_the_lease_sends_nothing_more_and_ends() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            with pytest.raises(LeaseLostError):
                await overtaken(world)
            assert len(stops(world)) == 2

    run_virtual(main)


def test_an_old_price_is_told_and_a_fresh_one_ends_it() -> None:
    async def main() -> None:
        events = LateEvents()
        world = PaperWorld(event_faults=events)
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            listening = Listening(service)
            group.start_soon(listening.run)
            await guarded(world, service)
            await world.walk(100_000, step_s=1)
            assert service.status().stale == ()
            events.drops_prices = True
            await anyio.sleep(5)
            assert service.status().stale == ("BTCUSDT",)
            assert "stale_price" in listening.troubles()
            events.drops_prices = False
            await world.walk(100_000, step_s=1)
            assert service.status().stale == ()
            group.cancel_scope.cancel()

    run_virtual(main)


def test_a_blocked_loop_is_reported() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            listening = Listening(service)
            group.start_soon(listening.run)
            await anyio.sleep(1)
            world.clock.pass_ms(5_000)
            await anyio.sleep(1)
            assert "loop_blocked" in listening.troubles()
            group.cancel_scope.cancel()

    run_virtual(main)


class SmallBugError(Exception):
    pass


@pytest.mark.parametrize(
    ("part", "name"), [(Works, "measure"), (Mind, "apply"), (RateBudget, "spend")]
)
def test_an_exception_anywhere_ends_the_service_and_the_next_life_guards_on(
    monkeypatch: pytest.MonkeyPatch, part: type, name: str
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise SmallBugError

    async def breaks(world: PaperWorld, broken: pytest.MonkeyPatch) -> None:
        async with world.service() as service:
            await guarded(world, service)
            broken.setattr(part, name, fails)
            await world.walk(*[100_500] * 15, step_s=1)

    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            with monkeypatch.context() as broken, pytest.raises(SmallBugError):
                await breaks(world, broken)
            assert len(stops(world)) == 2
            async with world.service():
                await world.walk(*[96_000] * 5, step_s=1)
            assert world.positions() == []

    run_virtual(main)


def test_a_position_that_cannot_be_planned_is_refused_when_handed_over_and_closed_when_found() -> (
    None
):
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            with pytest.raises(PlanRefusedError):
                await service.protect(replace(long_position(), leverage=200.0))
            world.by_hand("POST", "v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
            world.by_hand("POST", "v1/leverage", symbol="BTCUSDT", leverage="125")
            world.enter(quantity="0.1")
            await world.walk(*[100_000] * 10, step_s=1)
            assert world.positions() == []
            assert world.resting() == []

    run_virtual(main)


def test_no_proof_in_time_is_an_error_and_the_service_goes_on() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)
        async with world.market(), world.service() as service:
            world.enter()
            silent = RequestPlan(execute=False, never_reply=True)
            faults.rule = lambda kind, _: silent if "algoOrder" in kind else None
            with pytest.raises(NotProtectedError, match="no floor"):
                await service.protect(long_position())
            faults.rule = lambda kind, request: None
            await world.walk(*[100_000] * 30, step_s=1)
            assert len(stops(world)) == 2

    run_virtual(main)


def test_an_account_that_could_not_be_read_is_read_as_soon_as_it_answers() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)

        def forbidden(kind: str, request: Request) -> RequestPlan | None:
            del request
            page = Reply(status=403, body="<html>403 Forbidden</html>")
            refuses = kind == "GET /fapi/v3/positionRisk"
            return RequestPlan(execute=False, answer=lambda true: page) if refuses else None

        async def answers_again() -> None:
            await anyio.sleep(50)
            faults.rule = lambda kind, request: None

        faults.rule = forbidden
        async with world.market(), anyio.create_task_group() as group:
            group.start_soon(answers_again)
            async with world.service():
                assert anyio.current_time() < 53
            group.cancel_scope.cancel()

    run_virtual(main)


def test_the_old_stream_brings_the_signals_while_the_venue_refuses_the_one_for_more_symbols() -> (
    None
):
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)

        def refuse(kind: str, request: Request) -> RequestPlan | None:
            del request
            page = Reply(status=403, body="<html>403 Forbidden</html>")
            refuses = kind == "POST /fapi/v1/listenKey" and faults.seen.count(kind) > 1
            return RequestPlan(execute=False, answer=lambda true: page) if refuses else None

        faults.rule = refuse
        async with world.market(), world.service() as service:
            await anyio.sleep(1)
            # The symbol is new: its prices come on another set of streams.
            world.enter()
            await service.protect(long_position())
            await anyio.sleep(1)
            world.by_hand(
                "POST", "v1/order", symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.4"
            )
            await anyio.sleep(1)
            assert faults.seen.count("POST /fapi/v1/listenKey") > 2
            assert sorted(quantity for _, _, quantity in stops(world)) == ["0.000", "0.600"]

    run_virtual(main)
