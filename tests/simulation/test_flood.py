"""Every queue between the venue and a decision is bounded: prices conflate, fills never drop."""

from dataclasses import replace

import anyio

from quantum_exit.adapters.store.memory import DiskPlan, MemoryStore
from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.facts import TradesRead
from quantum_exit.execution.journal import records_after
from quantum_exit.execution.recording import Recorder
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual

WAITING = 20
BURST_STEPS = 1_500
FILLS = 300


async def journal_fills(world: PaperWorld) -> set[int]:
    """Trade ids of the fills in the journal."""
    recorder, found = Recorder(), set[int]()
    async for record in records_after(MemoryStore(world.disk)):
        given = recorder.input_of(record)
        fills = given.fills if isinstance(given, TradesRead) else (given,)
        found |= {fill.trade_id for fill in fills if isinstance(fill, Fill)}
    return found


def test_a_flood_of_prices_and_fills_on_a_slow_disk_loses_no_fill() -> None:
    async def main() -> None:
        world = PaperWorld()
        world.config = replace(world.config, inbox_most=WAITING)
        most_waiting = sent = 0
        async with world.market(), world.service() as service:
            world.enter()
            await service.protect(long_position())
            await anyio.sleep(1)
            world.disk.plan = DiskPlan(fsync_ms=200)
            before = service.status().prices
            for step in range(BURST_STEPS):
                world.price(100_000 + step % 700)
                sent += 1
                if step % (BURST_STEPS // FILLS) == 0:
                    world.enter("SELL", "0.001")
                await anyio.sleep(1 / BURST_STEPS)
                most_waiting = max(most_waiting, service.status().waiting)
            world.disk.plan = DiskPlan()
            await anyio.sleep(15)

            status = service.status()
            seen = status.prices - before
            assert (status.waiting, status.is_breached) == (0, False)
            (position,) = status.guardian.positions
            assert (position.lots, position.protected) == (1_000 - FILLS, True)
        ledger = world.by_hand("GET", "v1/userTrades", symbol="BTCUSDT", limit="1000")
        assert isinstance(ledger, list)
        assert len(ledger) == FILLS + 1
        assert await journal_fills(world) == {row["id"] for row in ledger}
        # The bound, and the few that come from inside.
        assert WAITING <= most_waiting <= WAITING + 10
        # Conflated, not shown late.
        assert seen < sent

    run_virtual(main)
