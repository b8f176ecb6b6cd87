"""Where messages go that make no sense: counted, a few kept, never raised."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_KEPT: Final = 64
_EXCERPT_BYTES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A message that was refused.

    Attributes:
        source: Where it came from, such as `user stream`.
        why: What is wrong with it.
        excerpt: Its first bytes as text.
        size: Its length in bytes.
    """

    source: str
    why: str
    excerpt: str
    size: int


class Quarantine:
    """Counts refused messages and keeps the last 64."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last: deque[Rejected] = deque(maxlen=_KEPT)

    def add(self, source: str, why: str, message: bytes) -> None:
        """Takes one in."""
        self._counts[source] += 1
        excerpt = message[:_EXCERPT_BYTES].decode("utf-8", "replace")
        self._last.append(Rejected(source=source, why=why, excerpt=excerpt, size=len(message)))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many so far, by source."""
        return MappingProxyType(dict(self._counts))

    @property
    def last(self) -> tuple[Rejected, ...]:
        """The latest ones, oldest first."""
        return tuple(self._last)
