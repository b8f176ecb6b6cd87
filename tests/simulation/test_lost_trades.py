"""What the journal never heard of is in it after the next start."""

from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Reply, Request
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan
from tests.simulation.durable_journal import DurableJournal
from tests.simulation.paper_world import PaperWorld
from tests.simulation.test_failures import Faults
from tests.simulation.virtual_loop import run_virtual

FULL_DISK = DiskPlan(faults=dict.fromkeys(range(1, 100_000), DiskFault.FULL))


async def come_and_gone(world: PaperWorld) -> list[int]:
    """A position of which the journal hears nothing; the numbers of its trades."""
    async with world.service() as service:
        world.disk.plan = FULL_DISK
        world.enter()
        await world.walk(100_000, 100_000, step_s=1)
        await service.close("BTCUSDT")
        await world.walk(100_000, 100_000, step_s=1)
    world.disk.plan = DiskPlan()
    assert world.positions() == []
    return numbers(world)


def numbers(world: PaperWorld) -> list[int]:
    rows = world.by_hand("GET", "v1/userTrades", symbol="BTCUSDT", limit="1000")
    assert isinstance(rows, list)
    return [row["id"] for row in rows]


def told(world: PaperWorld) -> list[int]:
    journal = DurableJournal(world.disk)
    journal.read()
    return sorted(number for symbol, number in journal.trades if symbol == "BTCUSDT")


def test_trades_of_a_position_that_came_and_went_without_a_journal_are_booked_at_last() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            world.enter()
            world.enter("SELL")
            # What was traded before the account was ever watched stays out.
            former = numbers(world)
            await world.walk(100_000, 100_000)
            lost = [one for one in await come_and_gone(world) if one not in former]
            assert len(lost) == 2
            assert told(world) == []

            async with world.service():
                await world.walk(100_000, 100_000, step_s=1)

            assert told(world) == lost

    run_virtual(main)


def test_a_venue_that_refuses_to_name_the_symbols_is_asked_until_it_does() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)
        async with world.market():
            lost = await come_and_gone(world)

            def refuse(kind: str, request: Request) -> RequestPlan | None:
                refused = Reply(status=503, body={"code": -1, "msg": "Service Unavailable."})
                return (
                    RequestPlan(answer=lambda true: refused)
                    if kind == "GET /fapi/v1/income"
                    else None
                )

            faults.rule = refuse
            async with world.service() as service:
                await world.walk(*[100_000] * 15, step_s=1)
                assert told(world) == []
                world.price(3_000, symbol="ETHUSDT")
                world.enter(symbol="ETHUSDT")
                await world.walk(100_000, 100_000, step_s=1)
                (position,) = service.status().guardian.positions
                assert position.protected
                faults.rule = lambda kind, request: None
                await world.walk(*[100_000] * 15, step_s=1)

            assert told(world) == lost

    run_virtual(main)
