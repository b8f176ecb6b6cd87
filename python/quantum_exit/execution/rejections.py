"""What becomes of messages that made no sense: counted, told, journaled; nothing else."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import anyio

from quantum_exit.domain.rejections import Rejected
from quantum_exit.execution.hub import Hub, Trouble

_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Messages of one source that were refused, on their way to the journal.

    Attributes:
        source: Where they came from.
        why: What is wrong with the first of them.
        size: Length of the first of them, bytes.
        count: How many they are.
    """

    source: str
    why: str
    size: int
    count: int


class Rejections:
    """Counts every refused message; a source is told and journaled at most once a second.

    Whoever floods the service with nonsense fills neither the journal nor the events.

    Args:
        put: Takes what is to be journaled.
        hub: Hears of it.
    """

    def __init__(self, put: Callable[[Refused], None], hub: Hub) -> None:
        self._put = put
        self._hub = hub
        self._counts: Counter[str] = Counter()
        self._waiting: dict[str, Refused] = {}
        self._filled = anyio.Event()

    @property
    def counts(self) -> dict[str, int]:
        """How many so far, by source."""
        return dict(self._counts)

    def note(self, rejected: Rejected) -> None:
        """Takes one in; never waits."""
        source = rejected.source
        self._counts[source] += 1
        waiting = self._waiting.get(source)
        self._waiting[source] = (
            Refused(source=source, why=rejected.why, size=rejected.size, count=1)
            if waiting is None
            else replace(waiting, count=waiting.count + 1)
        )
        self._filled.set()

    async def run(self) -> None:
        """Passes on what waits until it is cancelled."""
        while True:
            await self._filled.wait()
            self.pass_on()
            await anyio.sleep(_PAUSE_S)

    def pass_on(self) -> None:
        """Tells and journals what waits, now."""
        waiting, self._waiting = self._waiting, {}
        self._filled = anyio.Event()
        for refused in waiting.values():
            text = f"{refused.source}: {refused.count} refused: {refused.why}"
            self._hub.publish(Trouble(kind="refused_message", text=text))
            self._put(refused)
