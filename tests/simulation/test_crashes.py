"""The process is killed before a callback, wherever that is, and started again."""

import anyio
import pytest

from quantum_exit.adapters.store.memory import MemoryStore
from quantum_exit.execution.recording import Recorder
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import Killed, VirtualLoop, run_virtual

POINTS = 48
# A stop whose sending was cut is proven to be absent after receive window + 10 s.
PROVEN_S = 16


async def life(world: PaperWorld) -> None:
    """Entry, a filled target, a stop that trails, and the stop that fires."""
    async with world.market(), world.service() as service:
        world.enter()
        await service.protect(long_position())
        await world.walk(100_500, 101_300, 101_300, 102_600, 102_600, 104_000, step_s=0.5)
        await world.walk(104_000, 102_000, 102_000, 102_000, step_s=0.5)


async def recovery(world: PaperWorld) -> None:
    async with world.market(), world.service() as service:
        await world.walk(*[world.last_price] * PROVEN_S, step_s=1)
        covered(world)
        for status in service.status().guardian.positions:
            await service.close(status.key.symbol, status.key.side)
        await world.walk(*[world.last_price] * 12, step_s=1)
        assert world.positions() == []
        assert world.resting() == []


def covered(world: PaperWorld) -> None:
    """Every open position has a floor and a stop for all of it; a flat account has no order."""
    positions, resting = world.positions(), world.resting()
    if not positions:
        assert resting == []
        return
    ((_, amount),) = positions
    stops = [quantity for kind, _, quantity in resting if kind == "STOP_MARKET"]
    assert sorted(stops) == sorted(["0.000", amount])


def ours_at_the_exchange(world: PaperWorld) -> set[str]:
    orders = world.by_hand("GET", "v1/allOrders", symbol="BTCUSDT")
    algos = world.by_hand("GET", "v1/allAlgoOrders", symbol="BTCUSDT")
    assert isinstance(orders, list)
    assert isinstance(algos, list)
    ids = {row["clientOrderId"] for row in orders} | {row["clientAlgoId"] for row in algos}
    return {one for one in ids if one.startswith("x1")}


async def intended(world: PaperWorld) -> set[str]:
    records = await MemoryStore(world.disk).read(0, 1_000_000)
    intents = [Recorder().intent_of(record) for record in records]
    return {intent.client_id for intent in intents if intent is not None}


def whole_life(seed: int) -> int:
    """How many callbacks the uncut life takes."""
    steps: list[int] = []

    async def main() -> None:
        await life(PaperWorld())
        loop = anyio.lowlevel.current_token().native_token
        assert isinstance(loop, VirtualLoop)
        steps.append(loop.steps)

    run_virtual(main, seed=seed)
    return steps[0]


@pytest.mark.parametrize("part", range(POINTS))
def test_whatever_the_process_was_doing_when_it_was_killed(part: int) -> None:
    world = PaperWorld()
    # An odd stride, so that the points fall on ever other moments of the life.
    kill_at = 1 + part * whole_life(part) // POINTS + part % 7
    with pytest.raises(Killed):
        run_virtual(lambda: life(world), seed=part, kill_at=kill_at)
    world.reboot(keep_bytes=0)
    run_virtual(lambda: recovery(world), seed=part)

    async def check() -> None:
        assert ours_at_the_exchange(world) <= await intended(world)

    world.reboot()
    run_virtual(check)
