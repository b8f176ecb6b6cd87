"""Where messages go that make no sense: counted, a few kept, never raised."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from quantum_exit.domain.rejections import Rejected

_KEPT: Final = 64
_EXCERPT_BYTES: Final = 200


class Quarantine:
    """Counts refused messages, keeps the last 64 and tells whoever listens."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last: deque[Rejected] = deque(maxlen=_KEPT)
        self._listeners: list[Callable[[Rejected], None]] = []

    def add(self, source: str, why: str, message: bytes) -> None:
        """Takes one in."""
        self._counts[source] += 1
        excerpt = message[:_EXCERPT_BYTES].decode("utf-8", "replace")
        rejected = Rejected(source=source, why=why, excerpt=excerpt, size=len(message))
        self._last.append(rejected)
        for tell in self._listeners:
            tell(rejected)

    def listen(self, tell: Callable[[Rejected], None]) -> None:
        """Calls `tell` with each one from now on."""
        self._listeners.append(tell)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many so far, by source."""
        return MappingProxyType(dict(self._counts))

    @property
    def last(self) -> tuple[Rejected, ...]:
        """The latest ones, oldest first."""
        return tuple(self._last)
