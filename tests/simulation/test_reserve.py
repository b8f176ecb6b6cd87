"""Without a journal, protection works by ids that were reserved while it did."""

import anyio
import pytest

from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan
from quantum_exit.execution.service import Service
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.test_failures import Faults, Listening
from tests.simulation.virtual_loop import run_virtual

NAME = "BTCUSDT:LONG"


async def guarded(world: PaperWorld, service: Service) -> None:
    world.enter()
    await service.protect(long_position())
    await world.walk(100_000, 100_000, step_s=1)


def broken(fault: DiskFault) -> DiskPlan:
    return DiskPlan(faults=dict.fromkeys(range(1, 100_000), fault))


def closes(world: PaperWorld) -> list[str]:
    orders = world.by_hand("GET", "v1/allOrders", symbol="BTCUSDT")
    assert isinstance(orders, list)
    ids = [row["clientOrderId"] for row in orders]
    return [one for one in ids if one.startswith(("x1C", "x1E"))]


@pytest.mark.parametrize("fault", [DiskFault.FULL, DiskFault.FSYNC])
def test_a_close_without_a_journal_leaves_under_an_id_that_was_reserved_before(
    fault: DiskFault,
) -> None:
    async def main() -> None:
        reserved: dict[str, tuple[str, ...]] = {}
        world = PaperWorld(reserved=reserved)
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            listening = Listening(service)
            group.start_soon(listening.run)
            await guarded(world, service)
            before, resting = set(reserved[NAME]), world.resting()
            world.disk.plan = broken(fault)
            await service.tighten("BTCUSDT", None, "99500")
            await world.walk(100_000, 100_000, step_s=1)
            assert world.resting() == resting
            await service.close("BTCUSDT")
            await world.walk(100_000, 100_000, step_s=1)

            assert world.positions() == []
            (close,) = closes(world)
            assert close in before
            assert "journal" in listening.troubles()
            assert "reserve" not in listening.troubles()
            group.cancel_scope.cancel()

    run_virtual(main)


def test_after_a_restart_each_reserved_id_is_asked_about() -> None:
    async def main() -> None:
        reserved: dict[str, tuple[str, ...]] = {}
        asked: list[str] = []
        faults = Faults()

        def note(kind: str, request: Request) -> RequestPlan | None:
            if kind in {"GET /fapi/v1/order", "GET /fapi/v1/algoOrder"}:
                asked.append(request.query)
            return None

        world = PaperWorld(reserved=reserved, request_faults=faults)
        async with world.market():
            async with world.service() as service:
                await guarded(world, service)
                world.disk.plan = broken(DiskFault.FULL)
                await service.close("BTCUSDT")
                await world.walk(100_000, 100_000, step_s=1)
                assert world.positions() == []
            left_over = reserved[NAME]
            world.disk.plan = DiskPlan()
            faults.rule = note
            async with world.service() as service:
                await world.walk(*[100_000] * 20, step_s=1)
                assert service.status().guardian.positions == ()
            assert all(any(one in query for query in asked) for one in left_over)
            assert len(closes(world)) == 1
            assert reserved == {}

    run_virtual(main)


def test_a_clean_end_with_a_sound_journal_leaves_nothing_to_ask_about() -> None:
    async def main() -> None:
        reserved: dict[str, tuple[str, ...]] = {}
        world = PaperWorld(reserved=reserved)
        async with world.market():
            async with world.service() as service:
                await guarded(world, service)
                assert reserved[NAME]
            assert reserved == {}

    run_virtual(main)
