"""Events of the service for whoever listens, and answers for whoever waits."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias

import anyio

from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.guardian.effects import Alarm, Booked, Closed
from quantum_exit.execution.guardian.facts import CoreEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A position is guarded under a plan from now on.

    Attributes:
        key: The position.
        lots: Lots that the plan was made for.
        stop_ticks: Trigger of the working stop in ticks.
        hard_stop_ticks: Trigger of the floor in ticks.
        adopted: Whether the position was found, not handed over.
    """

    key: PositionKey
    lots: int
    stop_ticks: int
    hard_stop_ticks: int
    adopted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something outside the positions is not as it should be.

    Attributes:
        kind: `journal`, `loop_blocked`, `stale_price`, `stream_gap`, `venue_unreachable`,
            `refused_message`, `unplanned` or `fenced`.
        text: What happened, with the numbers.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagged:
    """A listener was too slow: events were dropped before this one.

    Attributes:
        dropped: How many.
    """

    dropped: int


Event: TypeAlias = Alarm | Booked | Closed | CoreEvent | Guarded | Lagged | Trouble


class Listener:
    """One listener's events, bounded: the oldest are dropped and counted.

    Args:
        most: Events that wait at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: deque[Event] = deque()
        self._dropped = 0
        self._filled = anyio.Event()
        self._ended = False

    def add(self, event: Event) -> None:
        """Adds an event."""
        if len(self._waiting) >= self._most:
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append(event)
        self._filled.set()

    def end(self) -> None:
        """No further event comes."""
        self._ended = True
        self._filled.set()

    async def events(self) -> AsyncIterator[Event]:
        """The events, until the service ends."""
        while True:
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                yield Lagged(dropped=dropped)
            elif self._waiting:
                yield self._waiting.popleft()
            elif self._ended:
                return
            else:
                self._filled = anyio.Event()
                await self._filled.wait()


class Hub:
    """Passes events on to every listener.

    Args:
        most: Events that wait for one listener at most.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._listeners: list[Listener] = []

    def listen(self) -> Listener:
        """A new listener; it gets what happens from now on."""
        listener = Listener(self._most)
        self._listeners.append(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The listener gets nothing more."""
        self._listeners.remove(listener)

    def publish(self, event: Event) -> None:
        """Passes an event on; never waits."""
        for listener in self._listeners:
            listener.add(event)

    def end(self) -> None:
        """The service ends."""
        for listener in self._listeners:
            listener.end()
