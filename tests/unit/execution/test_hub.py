import anyio

from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.gaps import GapMeter
from quantum_exit.execution.guardian.status import GuardianStatus, PositionStatus
from quantum_exit.execution.hub import Event, Hub, Lagged, Trouble
from quantum_exit.execution.inbox import Inbox
from tests.simulation.virtual_loop import run_virtual

KEY = PositionKey("main", "BTCUSDT", Side.LONG, 1)


def trouble(number: int) -> Trouble:
    return Trouble(kind="test", text=str(number))


def test_every_listener_gets_what_happens_while_it_listens() -> None:
    async def main() -> tuple[list[Event], list[Event]]:
        hub = Hub()
        hub.publish(trouble(0))
        one, other = hub.listen(), hub.listen()
        hub.publish(trouble(1))
        hub.leave(other)
        hub.publish(trouble(2))
        hub.end()
        other.end()
        return [event async for event in one.events()], [event async for event in other.events()]

    assert run_virtual(main) == ([trouble(1), trouble(2)], [trouble(1)])


def test_a_listener_that_is_too_slow_is_told_what_it_lost() -> None:
    async def main() -> list[Event]:
        hub = Hub(most=2)
        listener = hub.listen()
        for number in range(5):
            hub.publish(trouble(number))
        hub.end()
        return [event async for event in listener.events()]

    assert run_virtual(main) == [Lagged(dropped=3), trouble(3), trouble(4)]


def test_a_full_inbox_makes_senders_wait_and_drops_nothing() -> None:
    async def main() -> tuple[list[int], float]:
        inbox: Inbox[int] = Inbox(2)
        taken: list[int] = []

        async def send() -> None:
            for number in range(7):
                await inbox.put(number)

        async with anyio.create_task_group() as group:
            group.start_soon(send)
            while len(taken) < 7:
                await anyio.sleep(1)
                assert len(inbox) <= 2
                taken += await inbox.take(10, 0)
        inbox.put_now(7)
        inbox.put_now(8)
        inbox.put_now(9)
        taken += await inbox.take(10, None)
        return taken, anyio.current_time()

    taken, at = run_virtual(main)

    assert taken == list(range(10))
    assert at == 4.0


def test_an_empty_inbox_is_waited_for_as_long_as_was_said() -> None:
    async def main() -> float:
        inbox: Inbox[int] = Inbox(2)
        assert await inbox.take(10, 2.5) == []
        return anyio.current_time()

    assert run_virtual(main) == 2.5


def status(*, naked_since_ms: int | None, unguarded: tuple[str, ...] = ()) -> GuardianStatus:
    position = PositionStatus(
        key=KEY,
        lots=1,
        floor_ticks=None,
        working_ticks=None,
        working_lots=0,
        take_profits=0,
        protected=naked_since_ms is None,
        naked_since_ms=naked_since_ms,
        exits=0,
        degraded=(),
    )
    return GuardianStatus(
        positions=(position,),
        unguarded=unguarded,
        unknown=(),
        lease_epoch=1,
        gaps=(),
        dust=(),
    )


def test_time_without_protection_is_added_up() -> None:
    meter = GapMeter()
    meter.note(status(naked_since_ms=1_000), 1_050)
    assert (meter.total_ms(1_300), meter.longest_now_ms(1_300), meter.gaps) == (300, 300, 0)
    meter.note(status(naked_since_ms=None), 1_400)
    meter.note(status(naked_since_ms=2_000), 2_000)
    meter.note(status(naked_since_ms=None), 2_100)

    assert (meter.total_ms(9_000), meter.longest_now_ms(9_000), meter.gaps) == (500, 400, 2)


def test_a_position_that_nobody_guards_counts_from_when_it_was_seen() -> None:
    meter = GapMeter()
    for now_ms in (1_000, 1_500):
        meter.note(status(naked_since_ms=None, unguarded=("ETHUSDT LONG",)), now_ms)
    meter.note(status(naked_since_ms=None), 2_000)

    assert (meter.total_ms(5_000), meter.longest_ms) == (1_000, 1_000)


def test_a_found_position_is_in_one_gap_from_when_it_was_first_known() -> None:
    meter = GapMeter()
    meter.note(status(naked_since_ms=None, unguarded=(f"{KEY.symbol} {KEY.side}",)), 1_000)
    meter.note(status(naked_since_ms=1_160), 1_160)
    meter.note(status(naked_since_ms=None), 1_180)

    assert (meter.total_ms(5_000), meter.longest_ms, meter.gaps) == (180, 180, 1)
