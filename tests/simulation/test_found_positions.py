"""A position that nobody handed over, found while the venue answers badly."""

import anyio

from quantum_exit.adapters.paper.faults.answers import always, page
from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Request
from tests.simulation.paper_world import PaperWorld
from tests.simulation.test_failures import Faults, stops
from tests.simulation.virtual_loop import run_virtual


def test_what_planning_could_not_read_is_read_again_within_seconds() -> None:
    async def main() -> None:
        faults = Faults()
        world = PaperWorld(request_faults=faults)
        until_s = anyio.current_time() + 3

        def rule(kind: str, request: Request) -> RequestPlan | None:
            is_off = 1 < anyio.current_time() < until_s and kind.startswith("GET")
            return RequestPlan(execute=False, answer=always(page(403))) if is_off else None

        faults.rule = rule
        async with world.market(), world.service():
            await anyio.sleep(1.1 - anyio.current_time())
            world.enter()
            await anyio.sleep(4)

            assert len(stops(world)) == 2

    run_virtual(main)
