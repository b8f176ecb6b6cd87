"""A loop on virtual time on which one of several processes can be stopped for a while."""
# ruff: noqa: SLF001 - an event loop is made of asyncio's own parts

from collections import deque
from contextvars import ContextVar
from typing import Any

from tests.simulation.virtual_loop import VirtualLoop

PROCESS: ContextVar[str] = ContextVar("process", default="")
"""Name of the process that a task belongs to; tasks inherit it."""


class FreezableLoop(VirtualLoop):
    """Gives no turns to the tasks of a process that is frozen, as SIGSTOP does."""

    def __init__(self, seed: int, kill_at: int | None = None) -> None:
        super().__init__(seed, kill_at)
        self._frozen = ""
        self._waiting: deque[Any] = deque()

    def freeze(self, process: str) -> None:
        """Stops a process."""
        self._frozen = process

    def thaw(self) -> None:
        """Lets it go on: everything that became due meanwhile is due now."""
        self._frozen = ""
        self._ready.extend(self._waiting)  # type: ignore[attr-defined]
        self._waiting.clear()

    def _take_due(self) -> None:
        super()._take_due()
        if not self._frozen:
            return
        ready: deque[Any] = self._ready  # type: ignore[attr-defined]
        for _ in range(len(ready)):
            handle = ready.popleft()
            stopped = handle._context.get(PROCESS) == self._frozen
            (self._waiting if stopped else ready).append(handle)
