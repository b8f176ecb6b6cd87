"""The order in which requests leave: one at a time for each symbol and side."""

import heapq
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from anyio.abc import TaskGroup

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Cancel, Place, Priority

Intent: TypeAlias = Place | Cancel
_URGENT = Priority.CLOSE


class Lane:
    """The intents of one symbol and side.

    They leave by priority, then in the order in which they were decided, and the next one leaves
    when the outcome of the last one is known. What is urgent (a floor, a close) does not wait for
    the answer to something that is not: at most two requests overlap, and the second one reduces.

    Args:
        carry_out: Sends one intent and reports its outcome.
    """

    def __init__(self, carry_out: Callable[[Intent], Awaitable[None]]) -> None:
        self._carry_out = carry_out
        self._waiting: list[tuple[int, int, Intent]] = []
        self._added = 0
        self._working = False
        self._under_way: Intent | None = None
        self._urgent_working = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not (self._waiting or self._working or self._urgent_working)

    def add(self, intent: Intent, group: TaskGroup) -> None:
        """Adds an intent; tasks of `group` carry it out."""
        heapq.heappush(self._waiting, (intent.priority, self._added, intent))
        self._added += 1
        if not self._working:
            self._working = True
            group.start_soon(self._work)
        elif intent.priority <= _URGENT and self._waits_for_less():
            self._urgent_working = True
            group.start_soon(self._work_urgently)

    def _waits_for_less(self) -> bool:
        """Whether what is urgent would wait for the answer to something that is not."""
        first = self._under_way
        return first is not None and first.priority > _URGENT and not self._urgent_working

    async def _work(self) -> None:
        try:
            while self._waiting:
                self._under_way = heapq.heappop(self._waiting)[2]
                await self._carry_out(self._under_way)
        finally:
            self._working = False
            self._under_way = None

    async def _work_urgently(self) -> None:
        try:
            while self._waiting and self._waiting[0][0] <= _URGENT:
                await self._carry_out(heapq.heappop(self._waiting)[2])
        finally:
            self._urgent_working = False


def lane_of(intent: Intent) -> tuple[str, Side]:
    """The symbol and side whose lane an intent belongs to."""
    key = intent.order.key if isinstance(intent, Place) else intent.key
    return key.symbol, key.side
