"""Limits that are counted by address: what somebody else at ours has used up is not there for us."""

import anyio

from quantum_exit.adapters.paper.in_process_client import InProcessTransport
from quantum_exit.adapters.paper.limits import LimitRules
from tests.simulation.paper_world import KEY, PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual

WEIGHT_1M = 2_400
RESERVE_FRAC = 0.2
READ_WEIGHT = 40


async def read_much(world: PaperWorld, times: int) -> int:
    """Another program at our address reads open orders of all symbols.

    Returns:
        What the venue has counted since the minute began.
    """
    other = InProcessTransport(world.face, KEY, world.clock)
    used = 0
    for _ in range(times):
        answer = await other.request("GET", "/fapi/v1/openOrders", {}, signed=True)
        assert answer.status == 200
        used = int(answer.headers["x-mbx-used-weight-1m"])
    return used


def test_the_budget_knows_what_others_at_the_address_have_used() -> None:
    async def main() -> int:
        world = PaperWorld()
        async with world.market():
            await read_much(world, 30)
            async with world.service() as service:
                return service.status().budget_left["weight_per_60s"]

    assert run_virtual(main) < WEIGHT_1M - 30 * READ_WEIGHT


def test_a_start_learns_the_limits_of_the_venue_before_it_waits_for_room() -> None:
    async def main() -> tuple[float, int]:
        world = PaperWorld(limits=LimitRules(weight_1m=4 * WEIGHT_1M))
        async with world.market():
            used = await read_much(world, 2 * WEIGHT_1M // READ_WEIGHT)
            began = anyio.current_time()
            async with world.service() as service:
                left = service.status().budget_left["weight_per_60s"]
                return anyio.current_time() - began, 4 * WEIGHT_1M - used - left

    took_s, of_the_start = run_virtual(main)

    assert took_s < 1
    assert 0 < of_the_start < WEIGHT_1M / 8


def test_reading_stops_before_the_reserve_and_protection_does_not() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await read_much(world, 43)
            world.enter()
            await service.protect(long_position())
            await anyio.sleep(38)
            used = await read_much(world, 1)
            stops = [kind for kind, _, _ in world.resting() if kind == "STOP_MARKET"]

            assert used <= WEIGHT_1M * (1 - RESERVE_FRAC) + READ_WEIGHT
            assert len(stops) == 2

    run_virtual(main)
