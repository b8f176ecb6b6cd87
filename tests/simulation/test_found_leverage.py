"""Positions that are found are planned by the leverage that the account has set for their symbol."""

import anyio
import pytest

from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.execution.guardian.effects import Alarm
from quantum_exit.execution.hub import Event, Guarded
from quantum_exit.execution.service import Service
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual

SETTINGS = "GET /fapi/v1/symbolConfig"


async def events_of(service: Service, into: list[Event]) -> None:
    async for event in service.events():
        into += [event]


def stops(world: PaperWorld) -> list[tuple[str, str]]:
    """Trigger and quantity of the stops that rest; a floor has no quantity."""
    return [row[1:] for row in world.resting() if row[0] == "STOP_MARKET"]


class SilentSettings:
    """While it is silent, the settings of the symbols are not told."""

    def __init__(self) -> None:
        self.silent = True

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        silent = self.silent and kind == SETTINGS
        return RequestPlan(execute=False, never_reply=silent) if silent else RequestPlan()


@pytest.mark.parametrize(("leverage", "stop"), [(10, "99000.0"), (20, "99500.0"), (40, "99750.0")])
def test_the_stops_of_a_found_position_lose_at_most_a_tenth_of_its_margin(
    leverage: int, stop: str
) -> None:
    async def main() -> None:
        world = PaperWorld()
        world.by_hand("POST", "v1/leverage", symbol="BTCUSDT", leverage=str(leverage))
        async with world.market(), world.service() as service:
            world.enter()
            await world.walk(100_000, 100_000, step_s=1)

            assert stops(world) == [(stop, "0.000"), (stop, "1.000")]
            assert service.status().longest_gap_ms <= 500

    run_virtual(main)


def test_the_first_stops_do_not_wait_for_the_leverage_and_then_tighten_without_a_gap() -> None:
    async def main() -> None:
        faults = SilentSettings()
        world = PaperWorld(request_faults=faults)
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            await anyio.sleep(0.5)
            world.enter()
            await world.walk(100_000, step_s=1)
            wide = stops(world)
            assert len(wide) == 2
            assert service.status().longest_gap_ms <= 500

            faults.silent = False
            for _ in range(1_000):
                world.price(100_000)
                await anyio.sleep(0.02)
                assert service.status().guardian.positions[0].protected
                assert stops(world)

            assert stops(world) == [("99500.0", "0.000"), ("99500.0", "1.000")]
            assert min(wide) < ("99500.0", "0.000")
            assert [event for event in seen if isinstance(event, Alarm)] == []
            plans = [event for event in seen if isinstance(event, Guarded)]
            assert [event.stop_ticks for event in plans][-1] == 995_000
            group.cancel_scope.cancel()

    run_virtual(main)


def test_a_leverage_that_is_raised_by_hand_tightens_the_stops_of_a_found_position() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            world.enter()
            await world.walk(100_000, 100_000, step_s=1)
            world.by_hand("POST", "v1/leverage", symbol="BTCUSDT", leverage="40")
            await world.walk(*[100_000] * 4, step_s=1)
            assert stops(world) == [("99750.0", "0.000"), ("99750.0", "1.000")]

            # A stop never goes back.
            world.by_hand("POST", "v1/leverage", symbol="BTCUSDT", leverage="2")
            await world.walk(*[100_000] * 4, step_s=1)
            assert stops(world) == [("99750.0", "0.000"), ("99750.0", "1.000")]
            assert service.status().longest_gap_ms <= 500

    run_virtual(main)


def test_what_is_handed_over_keeps_the_leverage_that_was_told_with_it() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            world.enter()
            await service.protect(long_position())
            await world.walk(100_000, step_s=1)
            before = stops(world)
            world.by_hand("POST", "v1/leverage", symbol="BTCUSDT", leverage="40")
            await world.walk(*[100_000] * 4, step_s=1)

            assert stops(world) == before == [("96250.0", "0.000"), ("97500.0", "1.000")]

    run_virtual(main)


def test_a_plan_without_leverage_that_a_crash_left_behind_is_made_good() -> None:
    async def main() -> None:
        faults = SilentSettings()
        world = PaperWorld(request_faults=faults)
        async with world.market():
            async with world.service():
                world.enter()
                await world.walk(100_000, 100_000, step_s=1)
                assert stops(world)[0] < ("99500.0", "0.000")
            faults.silent = False
            async with world.service():
                await world.walk(*[100_000] * 20, step_s=1)
                assert stops(world) == [("99500.0", "0.000"), ("99500.0", "1.000")]

    run_virtual(main)
