"""The venue's trailing order, which goes on where the service does not."""

import anyio

from quantum_exit.domain.market import MarketRegime
from quantum_exit.execution.entering import OrderStyle, TrailingResidency
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.profiles import TPProfile, TPProfileLeg, TrailingProfile
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual

RUNNER = TPProfile(
    name="RUNNER",
    tp_legs=(TPProfileLeg(10, 1),),
    trailing=TrailingProfile(0.0194, 0.5, ((1.5, 0.01),)),
)
DESK = PlanningDesk(
    book=ProfileBook.default().with_profile(RUNNER, regime=MarketRegime.NORMAL),
    style=OrderStyle(trailing_residency=TrailingResidency.EXCHANGE),
)


def trailing(world: PaperWorld) -> list[tuple[int, int]]:
    """Callback in ppm and lots of every trailing order; lists of the API tell no callback."""
    algos = world.exchange.desk.venue.open_algos(0)
    return [(one.callback_ppm, one.lots) for one in algos if one.type == "TRAILING_STOP_MARKET"]


def test_it_is_as_wide_as_the_next_tenth_of_a_percent_and_tightens_with_the_core() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service(DESK) as service:
            world.enter()
            await service.protect(long_position())
            await anyio.sleep(1)
            assert trailing(world) == [(20_000, 1_000)]
            await world.walk(101_500, 102_500, 104_000, 104_000, step_s=1)
            assert trailing(world) == [(10_000, 1_000)]

    run_virtual(main)


def test_it_closes_the_position_of_a_service_that_is_gone() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service(DESK) as service:
                world.enter()
                await service.protect(long_position())
                await world.walk(101_500, 102_500, 104_000, 104_000, step_s=1)
            await world.walk(108_000, 107_500, 106_800, step_s=1)

            assert world.positions() == []

    run_virtual(main)
