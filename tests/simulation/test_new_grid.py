"""The venue makes the grid of a symbol coarser while a position is guarded."""

import anyio
import pytest

from quantum_exit.adapters.paper.faults.operator import SetFilters
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.adapters.store.memory import DiskPlan, MemoryDisk
from quantum_exit.app.status_json import status_as_json
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Alarm, Closed
from quantum_exit.execution.hub import Event, Guarded, Trouble
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.monitor import MonitorConfig
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import ServiceConfig
from tests.simulation.durable_journal import DurableJournal
from tests.simulation.paper_world import PaperWorld
from tests.simulation.virtual_loop import run_virtual


async def events_of(service: Service, into: list[Event]) -> None:
    async for event in service.events():
        into += [event]


@pytest.mark.parametrize(
    ("entry", "side", "wanted", "amount"),
    [("BUY", Side.LONG, "99700.5", "1.000"), ("SELL", Side.SHORT, "100299.5", "-1.000")],
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


@pytest.mark.parametrize("fsync_ms", [0.0, 300.0])
def test_a_position_in_a_symbol_whose_step_has_changed_since_the_start_has_its_whole_size(
    fsync_ms: float,
) -> None:
    async def main() -> None:
        # What is told waits for the disk before it is known.
        world = PaperWorld(disk=MemoryDisk(DiskPlan(fsync_ms=fsync_ms)))
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            filters = SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=10)
            filters.carry_out(Stage(world.exchange, 0))
            world.enter()
            await world.walk(100_000, 100_000, 100_000, step_s=1)

            assert [one.lots for one in seen if isinstance(one, Guarded)] == [100]
            assert [one.lots for one in service.status().guardian.positions] == [100]
            resting = [(kind, qty) for kind, _, qty in world.resting()]
            assert {("STOP_MARKET", "1.000"), ("LIMIT", "0.250")} <= set(resting)
            group.cancel_scope.cancel()

    run_virtual(main)


def test_what_a_coarser_step_leaves_is_told_and_stays_in_sight() -> None:
    async def main() -> None:
        world = PaperWorld()
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            world.enter("BUY", "1.005")
            await world.walk(100_000, 100_000, step_s=1)
            filters = SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=10)
            filters.carry_out(Stage(world.exchange, 0))
            await service.tighten("BTCUSDT", Side.LONG, "99700.5")
            await anyio.sleep(2)
            assert service.status().guardian.dust == ("BTCUSDT LONG 0.005",)
            await service.close("BTCUSDT")
            await world.walk(*[100_000] * 30, step_s=1)

            assert world.positions() == [("BTCUSDT", "0.005")]
            assert [event.dust for event in seen if isinstance(event, Closed)] == ["0.005"]
            status = service.status().guardian
            assert (status.positions, status.unguarded) == ((), ())
            assert status.dust == ("BTCUSDT LONG 0.005",)
            assert status_as_json(service.status(), {})["dust"] == ["BTCUSDT LONG 0.005"]
            assert world.resting() == []
            # What makes it whole again makes it a position again.
            world.by_hand(
                "POST", "v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01"
            )
            await world.walk(100_000, 100_000, step_s=1)
            assert [one.lots for one in service.status().guardian.positions] == [1]
            group.cancel_scope.cancel()

    run_virtual(main)


async def make_dust(world: PaperWorld, service: Service) -> None:
    """Has a position guarded a part of which no order can express any more."""
    world.enter("BUY", "1.005")
    await world.walk(100_000, 100_000, step_s=1)
    set_lots(world, 10)
    await service.tighten("BTCUSDT", Side.LONG, "99700.5")
    await anyio.sleep(2)
    assert service.status().guardian.dust == ("BTCUSDT LONG 0.005",)


def test_dust_that_an_exit_left_is_closed_on_the_finer_step_of_the_next_life() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service() as service:
                await make_dust(world, service)
                await service.close("BTCUSDT")
                await world.walk(100_000, step_s=1)
                assert world.positions() == [("BTCUSDT", "0.005")]
            set_lots(world, 1)
            async with world.service():
                await world.walk(100_000, 100_000, step_s=0.5)

        assert world.positions() == []

    run_virtual(main)


def test_dust_that_a_finer_step_makes_a_position_is_covered_at_once_in_the_next_life() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service() as service:
                await make_dust(world, service)
                world.enter("SELL")
                await world.walk(100_000, step_s=1)
                assert world.positions() == [("BTCUSDT", "0.005")]
            set_lots(world, 1)
            async with world.service() as service:
                await world.walk(100_000, step_s=0.5)
                (position,) = service.status().guardian.positions
                assert (position.lots, position.protected) == (5, True)

    run_virtual(main)


def test_a_trade_of_less_than_a_lot_of_the_new_grid_is_booked_as_it_was() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service():
                world.enter("BUY", "1.003")
                await world.walk(100_000, 100_000, step_s=1)
            # Nobody looks while it is traded, and who looks then counts in larger lots.
            world.enter("SELL", "0.003")
            SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=10).carry_out(
                Stage(world.exchange, 0)
            )
            async with world.service() as service:
                await world.walk(100_000, 100_000, step_s=1)
                (position,) = service.status().guardian.positions
                assert (position.lots, position.protected) == (100, True)

            journal = DurableJournal(world.disk)
            journal.read()
            *_, last = journal.trades.values()
            assert (last["side"], last["lots"], last["dust"]) == ("SELL", 0, "0.003")

    run_virtual(main)


def set_ticks(world: PaperWorld, multiple: int) -> None:
    filters = SetFilters(symbol="BTCUSDT", price_multiple=multiple)
    filters.carry_out(Stage(world.exchange, 0))


def set_lots(world: PaperWorld, multiple: int) -> None:
    filters = SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=multiple)
    filters.carry_out(Stage(world.exchange, 0))


class SlowPositions:
    """While it is slow, the list of positions comes 3 s late."""

    def __init__(self) -> None:
        self.slow = False

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        slow = self.slow and kind == "GET /fapi/v3/positionRisk"
        return RequestPlan(reply_after_ms=3_000) if slow else RequestPlan()


class SlowRules:
    """While it is slow, the rules come 1 s late."""

    def __init__(self) -> None:
        self.slow = False

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        slow = self.slow and kind == "GET /fapi/v1/exchangeInfo"
        return RequestPlan(reply_after_ms=1_000) if slow else RequestPlan()


def test_what_closes_before_its_new_plan_is_not_guarded_again() -> None:
    async def main() -> None:
        faults = SlowRules()
        world = PaperWorld(request_faults=faults)
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            world.enter("BUY")
            await world.walk(100_000, 100_000, step_s=1)
            faults.slow = True
            set_ticks(world, 10)
            await service.tighten("BTCUSDT", Side.LONG, "99700.5")
            # The new grid is known, and what the new plan needs is being read.
            await anyio.sleep(1.5)
            world.enter("SELL")
            await world.walk(*[100_000] * 10, step_s=0.3)

            assert [event.lots for event in seen if isinstance(event, Guarded)] == [1_000]
            assert sum(isinstance(event, Closed) for event in seen) == 1
            assert service.status().guardian.positions == ()
            assert world.resting() == []
            group.cancel_scope.cancel()

    run_virtual(main)


@pytest.mark.parametrize("entry", ["BUY", "SELL"])
def test_between_the_new_grid_and_the_new_plan_no_price_stops_the_position_out(entry: str) -> None:
    async def main() -> None:
        faults = SlowPositions()
        config = ServiceConfig(
            account="main",
            lease=LeaseConfig(owner="one"),
            monitor=MonitorConfig(rules_ms=3_000),
        )
        world = PaperWorld(request_faults=faults, config=config)
        set_ticks(world, 1 if entry == "BUY" else 10)
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            world.enter(entry)
            await world.walk(100_000, 100_000, step_s=1)
            # A report of the stream without a mark price: the new plan has to read the position.
            world.enter(entry)
            await world.walk(100_000, step_s=0.5)
            before = service.status().guardian.positions[0]
            # The ticks become larger under a long position and smaller under a short one: what is
            # mistaken for a price of the former grid lies far beyond its stop.
            faults.slow = True
            set_ticks(world, 10 if entry == "BUY" else 1)
            await world.walk(*[100_000, 100_001] * 20, step_s=0.1)
            assert [event for event in seen if isinstance(event, Closed)] == []
            assert [event for event in seen if isinstance(event, Alarm)] == []
            assert service.status().guardian.positions[0].protected
            faults.slow = False
            await world.walk(*[100_000, 100_001] * 10, step_s=0.3)

            (after,) = service.status().guardian.positions
            assert (after.key, after.lots, after.exits) == (before.key, before.lots, 0)
            # The plan of the new grid is in force: its stop is hit.
            through = 95_000 if entry == "BUY" else 105_000
            await world.walk(*[through] * 10, step_s=0.5)
            assert world.positions() == []
            group.cancel_scope.cancel()

    run_virtual(main)


def test_what_was_found_in_a_former_life_is_planned_on_the_grid_of_today() -> None:
    async def main() -> None:
        world = PaperWorld()
        seen: list[Event] = []
        async with world.market():
            async with world.service() as service:
                world.enter("BUY")
                # Its rules are known, and whoever opened it may still hand it over.
                await anyio.sleep(0.12)
                assert service.status().guardian.unguarded == ("BTCUSDT LONG",)
            filters = SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=10)
            filters.carry_out(Stage(world.exchange, 0))
            await world.walk(100_000, step_s=1)
            world.enter("BUY")
            async with world.service() as service, anyio.create_task_group() as group:
                group.start_soon(events_of, service, seen)
                await world.walk(100_000, 100_000, step_s=1)
                group.cancel_scope.cancel()

        assert [event.lots for event in seen if isinstance(event, Guarded)] == [200]

    run_virtual(main)


def test_rules_that_are_read_for_one_symbol_change_nothing_in_which_another_is_counted() -> None:
    async def main() -> None:
        config = ServiceConfig(
            account="main",
            lease=LeaseConfig(owner="one"),
            monitor=MonitorConfig(rules_ms=8_000),
        )
        world = PaperWorld(config=config)
        async with world.market(), world.service() as service:
            world.price(4_000, "ETHUSDT")
            world.price(100_000)
            world.enter("BUY")
            await world.walk(100_000, 100_000, step_s=1)
            filters = SetFilters(symbol="BTCUSDT", price_multiple=1, lot_multiple=10)
            filters.carry_out(Stage(world.exchange, 0))
            world.enter("BUY", symbol="ETHUSDT")
            await world.walk(100_000, 100_000, step_s=1)
            world.enter("BUY")
            await world.walk(100_000, 100_000, step_s=1)

            assert service.status().guardian.positions[0].lots == 2_000
            assert "2.000" in [quantity for _, _, quantity in world.resting()]
            # Its own rules tell of its new grid.
            await world.walk(*[100_000] * 4, step_s=1)
            assert service.status().guardian.positions[0].lots == 200

    run_virtual(main)
