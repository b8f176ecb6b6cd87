import anyio
import anyio.lowlevel
import pytest

from quantum_exit.adapters.paper.hooks import NoFaults, RequestPlan
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.effects import Closed
from quantum_exit.execution.hub import Event, Guarded
from quantum_exit.execution.service import Protection, Service
from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual


async def guarded_long(world: PaperWorld, service: Service) -> Protection:
    world.enter()
    return await service.protect(long_position())


async def events_of(service: Service, into: list[Event]) -> None:
    async for event in service.events():
        into += [event]


def test_a_position_that_is_handed_over_gets_floor_stop_and_targets() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            protection = await guarded_long(world, service)
            await anyio.sleep(0.5)

            assert protection.status.protected
            assert {ack.trigger_ticks for ack in protection.acks} >= {962_500}
            assert world.resting() == [
                ("LIMIT", "101250.0", "0.250"),
                ("STOP_MARKET", "96250.0", "0.000"),
                ("STOP_MARKET", "97500.0", "1.000"),
            ]
            assert service.status().naked_ms <= 200

    run_virtual(main)


class SlowRules(NoFaults):
    """Answers late how a symbol is traded, as soon as it is told to."""

    late_ms = 0

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        is_asked = request.path.endswith("exchangeInfo")
        return RequestPlan(reply_after_ms=self.late_ms if is_asked else 0)


@pytest.mark.parametrize("reopened", [False, True])
def test_a_position_that_has_ended_while_it_was_handed_over_is_refused(*, reopened: bool) -> None:
    async def main() -> None:
        rules = SlowRules()
        world = PaperWorld(request_faults=rules)
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            rules.late_ms = 1_500
            world.enter()
            group.start_soon(leave, world)
            if not reopened:
                with pytest.raises(InvalidInputError, match="has not ended meanwhile"):
                    await service.protect(long_position())
                await anyio.sleep(5)
                assert world.resting() == []
                return
            group.start_soon(come_back, world)
            protection = await service.protect(long_position())
            assert protection.status.protected

    async def leave(world: PaperWorld) -> None:
        await anyio.sleep(0.5)
        world.enter("SELL")

    async def come_back(world: PaperWorld) -> None:
        await anyio.sleep(1)
        world.enter()

    run_virtual(main)


def test_a_position_is_followed_from_its_entry_to_its_end() -> None:
    async def main() -> None:
        world = PaperWorld()
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            await guarded_long(world, service)
            # Leg 0 is a resting limit at 101250, after which the stop goes to break-even.
            await world.walk(100_500, 101_000, 101_300, 101_300, 101_300, step_s=1)
            assert world.positions() == [("BTCUSDT", "0.750")]
            assert ("STOP_MARKET", "100080.0", "0.750") in world.resting()
            # Leg 1 is closed at the market when the price is there; trailing begins.
            await world.walk(102_600, 102_600, step_s=1)
            assert world.positions() == [("BTCUSDT", "0.500")]
            await world.walk(104_000, 104_000, step_s=1)
            assert ("STOP_MARKET", "102440.0", "0.500") in world.resting()
            # The trailing stop is hit.
            await world.walk(102_000, 102_000, 102_000, step_s=1)
            assert world.positions() == []
            await world.walk(102_000, 102_000, step_s=1)
            assert world.resting() == []
            closed = [event for event in seen if isinstance(event, Closed)]
            assert [event.filled_lots for event in closed] == [1_000]
            assert service.status().guardian.positions == ()
            group.cancel_scope.cancel()

    run_virtual(main)


def test_a_position_opened_by_hand_is_adopted() -> None:
    async def main() -> None:
        world = PaperWorld()
        seen: list[Event] = []
        async with world.market(), world.service() as service, anyio.create_task_group() as group:
            group.start_soon(events_of, service, seen)
            await anyio.lowlevel.checkpoint()
            world.enter("SELL", "0.5")
            await anyio.sleep(1)

            (status,) = service.status().guardian.positions
            assert (status.key.side, status.lots, status.protected) == (Side.SHORT, 500, True)
            assert [event.adopted for event in seen if isinstance(event, Guarded)] == [True]
            assert service.status().naked_ms <= 500
            group.cancel_scope.cancel()

    run_virtual(main)


def test_a_gap_ends_with_the_stop_and_not_with_the_next_thing_that_happens() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await anyio.sleep(1)
            world.enter("SELL", "0.5")
            await anyio.sleep(5)

            # The grace of an adoption, one way to the venue and back, and the step of the measure.
            assert 150 <= service.status().longest_gap_ms <= 150 + 40 + 20

    run_virtual(main)


def test_a_position_that_ends_before_it_was_adopted_leaves_nothing() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await anyio.sleep(1)
            world.enter()
            await anyio.sleep(0.05)
            await service.protect(long_position())
            await service.close("BTCUSDT")
            await anyio.sleep(2)

            assert world.positions() == []
            assert world.resting() == []
            assert service.status().guardian.positions == ()

    run_virtual(main)


def test_a_position_cut_and_closed_by_hand_is_followed() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await anyio.sleep(1)
            world.enter("SELL", "0.4")
            await world.walk(100_000, 100_000, step_s=1)
            assert ("STOP_MARKET", "97500.0", "0.600") in world.resting()
            world.enter("SELL", "0.6")
            await world.walk(*[100_000] * 12, step_s=1)
            assert world.resting() == []
            assert service.status().guardian.positions == ()

    run_virtual(main)


def test_a_stop_cancelled_by_hand_is_back() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await anyio.sleep(1)
            world.by_hand("DELETE", "v1/algoOpenOrders", symbol="BTCUSDT")
            assert all(row[0] != "STOP_MARKET" for row in world.resting())
            await world.walk(100_000, 100_000, 100_000, step_s=1)
            stops = [row for row in world.resting() if row[0] == "STOP_MARKET"]
            assert len(stops) == 2

    run_virtual(main)


def test_a_command_closes_a_position_and_leaves_nothing_behind() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await anyio.sleep(1)
            answer = await service.close("BTCUSDT")
            assert answer.accepted
            await world.walk(*[100_000] * 8, step_s=1)
            assert world.positions() == []
            assert world.resting() == []
            with pytest.raises(InvalidInputError, match="expected one of: none"):
                await service.close("BTCUSDT")

    run_virtual(main)


def test_a_person_tightens_the_stop_and_the_core_follows() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await world.walk(100_000, 100_000, step_s=1)
            assert (await service.tighten("BTCUSDT", None, "99000")).accepted
            looser = await service.tighten("BTCUSDT", None, "98000")
            assert not looser.accepted
            await world.walk(100_000, 100_000, step_s=1)
            assert ("STOP_MARKET", "99000.0", "1.000") in world.resting()
            assert service.status().guardian.positions[0].working_ticks == 990_000

    run_virtual(main)


def test_leaving_the_service_leaves_the_stops() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service() as service:
                await guarded_long(world, service)
                await anyio.sleep(1)
                before = world.resting()
            await anyio.sleep(60)
            assert world.resting() == before

    run_virtual(main)


def test_a_restart_goes_on_where_it_was_and_loosens_nothing() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market():
            async with world.service() as service:
                await guarded_long(world, service)
                await world.walk(101_300, 101_300, 102_600, 102_600, 104_000, 104_000, step_s=1)
                before = world.resting()
                assert ("STOP_MARKET", "102440.0", "0.500") in before
            await anyio.sleep(60)
            async with world.service() as service:
                await world.walk(103_500, 103_500, step_s=1)
                assert world.resting() == before
                assert service.status().guardian.lease_epoch == 2
                await world.walk(104_900, 104_900, step_s=1)
                assert ("STOP_MARKET", "103326.5", "0.500") in world.resting()

    run_virtual(main)


def test_both_sides_of_a_hedged_symbol_are_guarded_apart() -> None:
    async def main() -> None:
        world = PaperWorld(hedge=True)
        async with world.market(), world.service() as service:
            for side, position_side in (("BUY", "LONG"), ("SELL", "SHORT")):
                world.by_hand(
                    "POST",
                    "v1/order",
                    symbol="BTCUSDT",
                    side=side,
                    positionSide=position_side,
                    type="MARKET",
                    quantity="0.5",
                )
            await world.walk(*[100_000] * 3, step_s=1)
            found = service.status().guardian.positions
            assert [(one.key.side, one.lots, one.protected) for one in found] == [
                (Side.LONG, 500, True),
                (Side.SHORT, 500, True),
            ]
            assert (await service.close("BTCUSDT", Side.LONG)).accepted
            await world.walk(*[100_000] * 12, step_s=1)
            assert world.positions() == [("BTCUSDT", "-0.500")]
            stops = [row for row in world.resting() if row[0] == "STOP_MARKET"]
            assert len(stops) == 2

    run_virtual(main)


def test_a_position_that_is_released_keeps_its_stops_and_is_left_alone() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await world.walk(100_000, 100_000, step_s=1)
            before = [row for row in world.resting() if row[0] == "STOP_MARKET"]
            assert (await service.release("BTCUSDT")).accepted
            await world.walk(101_300, 101_300, 102_000, 102_000, step_s=1)
            after = [row for row in world.resting() if row[0] == "STOP_MARKET"]
            assert [row[:2] for row in after] == [row[:2] for row in before]

    run_virtual(main)


def test_answers_are_kept_only_while_somebody_waits_for_them() -> None:
    async def main() -> None:
        world = PaperWorld()
        async with world.market(), world.service() as service:
            await guarded_long(world, service)
            await service.tighten("BTCUSDT", None, 98_000)
            with anyio.move_on_after(0):
                await service.close("BTCUSDT")
            await anyio.sleep(1)

            assert service.waiting_answers == 0

    run_virtual(main)
