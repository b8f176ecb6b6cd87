"""When the sides of an account are to be looked at again."""

import heapq
from collections.abc import Iterator


class Timers:
    """A queue beside the times in the state, which have the last word.

    Args:
        due: When each side is to be looked at, by its name, ms since the UNIX epoch; a part of the
            state, changed by whoever sets a timer.
    """

    def __init__(self, due: dict[str, int]) -> None:
        self._due = due
        self._queue = [(at_ms, name) for name, at_ms in due.items()]
        self._queued = set(self._queue)
        heapq.heapify(self._queue)

    def note(self, name: str) -> None:
        """The timer of a side may have been set."""
        at_ms = self._due.get(name)
        if at_ms is not None and (at_ms, name) not in self._queued:
            self._queued.add((at_ms, name))
            heapq.heappush(self._queue, (at_ms, name))

    def next_ms(self) -> int | None:
        """When the next one is due, or None = none is set."""
        while self._queue:
            at_ms, name = self._queue[0]
            if self._due.get(name) == at_ms:
                return at_ms
            self._pop()
        return None

    def take(self, now_ms: int) -> Iterator[str]:
        """Names of the sides whose timers are due; they are set no more."""
        while (at_ms := self.next_ms()) is not None and at_ms <= now_ms:
            name = self._pop()
            del self._due[name]
            yield name

    def _pop(self) -> str:
        timer = heapq.heappop(self._queue)
        self._queued.discard(timer)
        return timer[1]
