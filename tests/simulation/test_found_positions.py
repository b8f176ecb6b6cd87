"""Positions that somebody else opened get their floor soon, whatever else is going on."""

from dataclasses import replace

import anyio

from quantum_exit.adapters.paper.faults.answers import always, page
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.adapters.paper.wire import Reply, Request
from quantum_exit.execution.budget import Limit
from tests.simulation.paper_world import PaperWorld
from tests.simulation.test_failures import Faults, stops
from tests.simulation.virtual_loop import run_virtual

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "BNBUSDT")
PRICES = (100_000.0, 4_000.0, 200.0, 2.0, 600.0)
QUANTITIES = ("0.1", "1", "10", "1000", "10")


class Firewall:
    """Refuses whatever is read, while it is up."""

    def __init__(self) -> None:
        self.up = False

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        if not self.up or not kind.startswith("GET"):
            return AS_IT_SHOULD_BE
        return RequestPlan(execute=False, answer=lambda reply: Reply(status=403, body=""))


def test_a_position_that_could_not_be_planned_is_guarded_as_soon_as_the_venue_answers() -> None:
    async def main() -> None:
        firewall = Firewall()
        world = PaperWorld(request_faults=firewall)
        async with world.market(), world.service() as service:
            await anyio.sleep(1)
            firewall.up = True
            world.enter()
            await anyio.sleep(0.4)
            assert service.status().guardian.unguarded == ("BTCUSDT LONG",)
            firewall.up = False
            await anyio.sleep(0.5)

            (status,) = service.status().guardian.positions
            assert status.floor_ticks is not None

    run_virtual(main)


def test_floors_leave_before_the_take_profits_of_others() -> None:
    async def main() -> None:
        world = PaperWorld()
        limit = Limit(name="orders", most=10, window_ms=60_000)
        world.config = replace(world.config, symbols=SYMBOLS, limits=(limit,))
        async with world.market(), world.service() as service:
            for symbol, price in zip(SYMBOLS, PRICES, strict=True):
                world.price(price, symbol)
            for symbol, quantity in zip(SYMBOLS, QUANTITIES, strict=True):
                world.enter(symbol=symbol, quantity=quantity)
                await anyio.sleep(1)

            positions = service.status().guardian.positions
            assert [one.key.symbol for one in positions if one.floor_ticks] == sorted(SYMBOLS)

    run_virtual(main)


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
