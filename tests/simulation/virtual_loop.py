"""An event loop on virtual time: a timer is due as soon as nothing else can happen."""
# ruff: noqa: SLF001 - an event loop is made of asyncio's own parts

import asyncio
import gc
import heapq
import random
import sys
import warnings
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from anyio._backends._asyncio import _task_states

T = TypeVar("T")
_BITS = 32


class Killed(BaseException):
    """The process died here: no task ran any further."""


class DeadlockError(AssertionError):
    """Every task waits and no timer is left."""


class NumberedTask(asyncio.Task[Any]):
    """A task that knows how many came before it on its loop."""

    number = 0


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs without waiting and without sockets; tasks that are ready take turns as the seed says.

    Args:
        seed: Order in which ready tasks run; other callbacks keep their places.
        kill_at: Number of the callback before which `Killed` is raised, or None.
    """

    def __init__(self, seed: int, kill_at: int | None = None) -> None:
        super().__init__()
        self._now_s = 0.0
        self._draw = random.Random(seed).getrandbits
        self._kill_at = kill_at
        self.steps = 0
        self.unhandled: list[dict[str, Any]] = []
        self._tasks_made = 0
        self.set_task_factory(self._numbered)
        self.set_exception_handler(lambda _loop, context: self.unhandled.append(context))

    def time(self) -> float:
        """Virtual seconds since the loop began."""
        return self._now_s

    def pass_time(self, seconds: float) -> None:
        """Moves the clock without running anything, as a blocked or suspended process sees it."""
        self._now_s += seconds

    def kill_in(self, steps: int) -> None:
        """Kills the process after so many more callbacks, unless that is planned already."""
        if self._kill_at is None:
            self._kill_at = self.steps + steps

    async def die(self) -> None:
        """Kills the process at this very await."""
        self._kill_at = self.steps
        await self.create_future()

    def _run_once(self) -> None:
        """One callback, so that the process can be killed between any two."""
        ready: Any = self._ready  # type: ignore[attr-defined]
        if not ready and not self._stopping:  # type: ignore[attr-defined]
            self._jump()
        self._take_due()
        if not ready:
            return
        if self._kill_at is not None and self.steps >= self._kill_at:
            raise Killed
        self.steps += 1
        if len(ready) > 1:
            self._swap(ready)
        handle = ready.popleft()
        if not handle._cancelled:
            before = len(ready)
            handle._run()
            if len(ready) > before + 1:
                _order(ready, before)

    def _numbered(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any
    ) -> asyncio.Task[Any]:
        task = NumberedTask(coroutine, loop=loop, **more)
        self._tasks_made += 1
        task.number = self._tasks_made
        return task

    def _swap(self, ready: Any) -> None:
        """Lets any of the tasks that are ready go first; far more bits than tasks make it fair."""
        other = self._draw(_BITS) % len(ready)
        if other and _is_task_step(ready[0]) and _is_task_step(ready[other]):
            ready[0], ready[other] = ready[other], ready[0]

    def _jump(self) -> None:
        timers: Any = self._scheduled  # type: ignore[attr-defined]
        while timers and timers[0]._cancelled:
            heapq.heappop(timers)._scheduled = False
        if not timers:
            raise DeadlockError("every task waits and no timer is left")
        self._now_s = max(self._now_s, timers[0]._when)

    def _take_due(self) -> None:
        timers: Any = self._scheduled  # type: ignore[attr-defined]
        while timers and (timers[0]._cancelled or timers[0]._when <= self._now_s):
            handle = heapq.heappop(timers)
            handle._scheduled = False
            if not handle._cancelled:
                self._ready.append(handle)  # type: ignore[attr-defined]

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is dropped when its turn comes."""

    def _write_to_self(self) -> None:
        """Nobody waits for a wake-up: another thread's callback is seen in the next turn."""


def run_virtual(
    main: Callable[[], Coroutine[Any, Any, T]],
    *,
    seed: int = 0,
    kill_at: int | None = None,
    make_loop: Callable[[int, int | None], VirtualLoop] = VirtualLoop,
) -> T:
    """Runs `main` to its end on a loop of its own.

    The synchronous clean-up of a killed run's tasks still happens, after the fact: the caller
    makes sure that it reaches nothing that outlives the process.

    Raises:
        Killed: Before callback number `kill_at`.
        DeadlockError: Every task waits and no timer is left.
    """
    loop = make_loop(seed, kill_at)
    try:
        result = loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_asyncgens())
    except (Killed, DeadlockError):
        _bury(loop)
        raise
    finally:
        loop.close()
    if loop.unhandled:
        raise AssertionError(loop.unhandled)
    return result


def _bury(loop: VirtualLoop) -> None:
    """Ends what a dead process left, so that the collector finds nothing to complain of later."""
    complain, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for task in asyncio.all_tasks(loop):
                _end(task)
            # anyio forgets a task at its end only, and with each it keeps the whole loop.
            for task in [one for one in _task_states if one.get_loop() is loop]:
                del _task_states[task]
            loop.close()
            gc.collect()
    finally:
        sys.unraisablehook = complain


def _end(task: asyncio.Task[Any]) -> None:
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    coroutine = task.get_coro()
    try:
        if coroutine is not None:
            coroutine.close()
    except BaseException:  # noqa: BLE001, S110 - the process is dead: nobody hears of it
        pass


def _order(ready: Any, first: int) -> None:
    """Brings what one callback made ready into an order that does not depend on addresses.

    Who cancels a group cancels its tasks in the order of a set.
    """
    added = [ready.pop() for _ in range(len(ready) - first)]
    added.reverse()
    steps = [handle for handle in added if _is_task_step(handle)]
    steps.sort(key=lambda handle: handle._callback.__self__.number)
    ordered = iter(steps)
    ready.extend(next(ordered) if _is_task_step(handle) else handle for handle in added)


def _is_task_step(handle: Any) -> bool:
    return isinstance(getattr(handle._callback, "__self__", None), asyncio.Task)
