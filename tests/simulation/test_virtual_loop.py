from contextlib import nullcontext
from functools import partial

import anyio
import pytest

from tests.simulation.virtual_loop import DeadlockError, Killed, run_virtual


async def three_workers(trace: list[str]) -> float:
    async def work(name: str) -> None:
        for step in range(3):
            await anyio.sleep(60)
            trace.append(f"{name}{step}")

    async with anyio.create_task_group() as group:
        for name in "abc":
            group.start_soon(work, name)
    return anyio.current_time()


def trace_of(seed: int) -> list[str]:
    trace: list[str] = []
    run_virtual(lambda: three_workers(trace), seed=seed)
    return trace


def was_killed(trace: list[str], cut: int) -> bool:
    try:
        run_virtual(lambda: three_workers(trace), kill_at=cut)
    except Killed:
        return True
    return False


def test_minutes_pass_without_waiting() -> None:
    assert run_virtual(lambda: three_workers([])) == 180.0


def test_the_seed_says_which_task_runs_first() -> None:
    assert trace_of(1) == trace_of(1)
    assert len({tuple(trace_of(seed)) for seed in range(20)}) > 10


async def many_that_are_cancelled(trace: list[int]) -> None:
    async def work(number: int) -> None:
        # Both sets that a cancellation goes through: tasks, and scopes within them.
        with anyio.CancelScope() if number % 2 else nullcontext():
            try:
                await anyio.sleep(60)
            finally:
                trace.append(number)

    async with anyio.create_task_group() as group:
        for number in range(50):
            group.start_soon(work, number)
        await anyio.sleep(1)
        group.cancel_scope.cancel()


def test_who_is_cancelled_first_does_not_depend_on_the_memory() -> None:
    traces: set[tuple[int, ...]] = set()
    kept: list[object] = []
    for _ in range(5):
        trace: list[int] = []
        run_virtual(partial(many_that_are_cancelled, trace))
        kept += [[None] * length for length in range(200)]
        traces.add(tuple(trace))

    assert len(traces) == 1


def test_deadlines_of_anyio_work() -> None:
    async def main() -> float:
        with anyio.move_on_after(5) as scope:
            await anyio.sleep(100)
        assert scope.cancelled_caught
        with pytest.raises(TimeoutError):
            with anyio.fail_after(2):
                await anyio.Event().wait()
        return anyio.current_time()

    assert run_virtual(main) == 7.0


def test_a_run_can_be_cut_before_every_callback() -> None:
    seen: set[int] = set()
    for cut in range(1, 1_000):
        trace: list[str] = []
        if not was_killed(trace, cut):
            break
        seen.add(len(trace))

    assert seen == set(range(10))


def test_waiting_for_nothing_is_a_deadlock() -> None:
    async def main() -> None:
        await anyio.Event().wait()

    with pytest.raises(DeadlockError):
        run_virtual(main)
