"""The venue makes the grid of a symbol coarser while a position is guarded."""

import anyio
import pytest

from quantum_exit.adapters.paper.faults.operator import SetFilters
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.domain.position import Side
from quantum_exit.execution.hub import Event, Guarded, Trouble
from quantum_exit.execution.service import Service
from tests.simulation.paper_world import PaperWorld
from tests.simulation.virtual_loop import run_virtual


async def events_of(service: Service, into: list[Event]) -> None:
    async for event in service.events():
        into += [event]


@pytest.mark.parametrize(
    ("entry", "side", "wanted", "amount"),
    [("BUY", Side.LONG, "98500.5", "1.000"), ("SELL", Side.SHORT, "101500.5", "-1.000")],
)
def test_a_position_is_planned_anew_without_prices_of_the_former_grid(
    entry: str, side: Side, wanted: str, amount: str
) -> None:
    async def main() -> None:
        world = PaperWorld()
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            world.enter(entry)
            await world.walk(100_000, 100_000, 100_000, step_s=1)
            await anyio.sleep(0.5)
            await world.walk(100_010, step_s=0.1)
            filters = SetFilters(symbol="BTCUSDT", price_multiple=10, lot_multiple=10)
            filters.carry_out(Stage(world.exchange, 0))
            # The order that this takes is off the new grid; its refusal tells of it.
            await service.tighten("BTCUSDT", side, wanted)
            await anyio.sleep(2)

            plans = [event for event in seen if isinstance(event, Guarded)]
            assert [event.lots for event in plans] == [1_000, 100]
            assert 90_000 < plans[-1].stop_ticks < 110_000
            assert [
                one for one in seen if isinstance(one, Trouble) and one.kind == "unplanned"
            ] == []
            assert world.positions() == [("BTCUSDT", amount)]
            assert service.status().guardian.positions[0].protected
            group.cancel_scope.cancel()

    run_virtual(main)
