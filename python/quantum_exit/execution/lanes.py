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
        self._under_way: list[Intent] = []
        self._woken = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not (self._waiting or self._under_way)

    def add(self, intent: Intent, group: TaskGroup) -> None:
        """Adds an intent; tasks of `group` carry it out."""
        heapq.heappush(self._waiting, (intent.priority, self._added, intent))
        self._added += 1
        if not self._woken and self._may_leave(intent):
            # A task of its own: what is decided together leaves by priority.
            self._woken = True
            group.start_soon(self._let_leave, group)

    async def _let_leave(self, group: TaskGroup) -> None:
        self._woken = False
        while self._waiting and self._may_leave(self._waiting[0][2]):
            intent = heapq.heappop(self._waiting)[2]
            self._under_way.append(intent)
            group.start_soon(self._work, intent, group)

    def _may_leave(self, intent: Intent) -> bool:
        """Whether nothing is under way, or one intent that is less urgent than this one."""
        if not self._under_way:
            return True
        is_alone = len(self._under_way) == 1
        return is_alone and intent.priority <= _URGENT < self._under_way[0].priority

    async def _work(self, intent: Intent, group: TaskGroup) -> None:
        try:
            await self._carry_out(intent)
        finally:
            self._under_way.remove(intent)
        await self._let_leave(group)


def lane_of(intent: Intent) -> tuple[str, Side]:
    """The symbol and side whose lane an intent belongs to."""
    key = intent.order.key if isinstance(intent, Place) else intent.key
    return key.symbol, key.side
