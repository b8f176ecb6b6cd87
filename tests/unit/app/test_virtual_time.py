import anyio
import anyio.lowlevel
import anyio.to_thread

from quantum_exit.app.virtual_time import VirtualClock, run_virtual

START_MS = 1_767_225_600_000


def test_a_day_passes_at_once_and_timers_keep_their_order() -> None:
    clock = VirtualClock(START_MS)
    seen: list[tuple[str, int]] = []

    async def wait(name: str, seconds: float) -> None:
        await anyio.sleep(seconds)
        seen.append((name, clock.now_ms() - START_MS))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(wait, "day", 86_400)
            group.start_soon(wait, "hour", 3_600)
            group.start_soon(wait, "moment", 0.001)

    run_virtual(main, clock)

    assert seen == [("moment", 1), ("hour", 3_600_000), ("day", 86_400_000)]


def test_time_stands_still_while_something_is_computed() -> None:
    clock = VirtualClock(START_MS)

    async def main() -> int:
        sum(range(1_000_000))
        await anyio.lowlevel.checkpoint()
        return clock.now_ms()

    assert run_virtual(main, clock) == START_MS


def test_a_thread_is_waited_for_where_nothing_else_can_happen() -> None:
    async def main() -> int:
        return await anyio.to_thread.run_sync(lambda: 7)

    assert run_virtual(main, VirtualClock(START_MS)) == 7


def test_a_deadline_is_met_in_virtual_time() -> None:
    clock = VirtualClock(START_MS)

    async def main() -> bool:
        with anyio.move_on_after(5) as scope:
            await anyio.sleep_forever()
        return scope.cancelled_caught

    assert run_virtual(main, clock)
    assert clock.now_ms() == START_MS + 5_000
