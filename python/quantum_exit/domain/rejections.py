"""Messages that made no sense and were refused."""

from dataclasses import dataclass


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
