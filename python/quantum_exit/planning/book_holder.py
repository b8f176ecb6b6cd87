"""Who holds the profile book in force: each change is a version with its author, time and reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quantum_exit.domain.checks import time_ns
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.book import ANY, ProfileBook
from quantum_exit.planning.profiles import TPProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBook:
    """One version of the profile book in its history.

    Attributes:
        book: The book; it has its version and content hash.
        author: Who published it: a person, or a program such as `tp_optimizer`.
        reason: Why.
        at_ns: When, ns since the UNIX epoch.

    Raises:
        InvalidInputError: Author or reason is blank, or the time is none.
    """

    book: ProfileBook
    author: str
    reason: str
    at_ns: int

    def __post_init__(self) -> None:
        for name in ("author", "reason"):
            text: str = getattr(self, name)
            if not text.strip():
                raise InvalidInputError(name, repr(text), "expected text that is not blank")
        time_ns("at_ns", self.at_ns)


class BookHistory(Protocol):
    """Every version of a profile book that was published, oldest first; nothing is ever changed."""

    def append(self, published: PublishedBook) -> None:
        """Adds the next version; it is stored when this returns.

        Raises:
            InvalidInputError: It is not the version after the newest, such as when somebody else
                has published since.
        """

    def versions(self) -> Sequence[PublishedBook]:
        """All versions, oldest first."""

    def newest(self) -> PublishedBook | None:
        """The newest version, or None where there is none."""


def check_follows(newest: ProfileBook | None, book: ProfileBook) -> None:
    """Checks that `book` is the version after `newest`; a history may begin with any version.

    Raises:
        InvalidInputError: It is not.
    """
    if newest is not None and book.version != newest.version + 1:
        allowed = f"expected {newest.version + 1}: the newest version is {newest.version}"
        raise InvalidInputError("version", book.version, allowed)


class MemoryBookHistory:
    """A history that lasts as long as the process."""

    __slots__ = ("_versions",)

    def __init__(self) -> None:
        self._versions: list[PublishedBook] = []

    def append(self, published: PublishedBook) -> None:
        """See `BookHistory.append`."""
        newest = self.newest()
        check_follows(None if newest is None else newest.book, published.book)
        self._versions.append(published)

    def versions(self) -> tuple[PublishedBook, ...]:
        """See `BookHistory.versions`."""
        return tuple(self._versions)

    def newest(self) -> PublishedBook | None:
        """See `BookHistory.newest`."""
        return self._versions[-1] if self._versions else None


class BookHolder:
    """The profile book in force, and the only door to the next one.

    A book is a value: whoever took `book` keeps planning by it, and the next plan takes the next
    version. A version is in its history before it is in force.

    Args:
        history: What was published so far; its newest version is in force.
        first: The book that an empty history begins with; None = the built-in book.
        at_ns: When, should the history be empty, ns since the UNIX epoch.

    Raises:
        InvalidInputError: `at_ns` is no time.
    """

    __slots__ = ("_history", "_published")

    def __init__(
        self, history: BookHistory, *, at_ns: int, first: ProfileBook | None = None
    ) -> None:
        newest = history.newest()
        if newest is None:
            book = ProfileBook.default() if first is None else first
            newest = PublishedBook(
                book=book, author="quantum_exit", reason="start of the history", at_ns=at_ns
            )
            history.append(newest)
        self._history = history
        self._published = newest

    @property
    def book(self) -> ProfileBook:
        """The book in force."""
        return self._published.book

    @property
    def published(self) -> PublishedBook:
        """The version in force with its author, time and reason."""
        return self._published

    @property
    def history(self) -> BookHistory:
        """What was published so far."""
        return self._history

    def publish(self, book: ProfileBook, *, author: str, reason: str, at_ns: int) -> PublishedBook:
        """Puts `book` in force.

        A book that decides like the one in force changes nothing: that one is given back, and the
        history stays.

        Args:
            book: The version after the one in force, as its `with_...` methods give it.
            author: Who publishes it.
            reason: Why.
            at_ns: When, ns since the UNIX epoch.

        Raises:
            InvalidInputError: It is not the next version, because it was made from an older one or
                somebody else has published since (see `reload`); or author or reason is blank.
        """
        published = PublishedBook(book=book, author=author, reason=reason, at_ns=at_ns)
        if book.content_hash == self.book.content_hash:
            return self._published
        check_follows(self.book, book)
        self._history.append(published)
        self._published = published
        return published

    def register_custom_profile(
        self,
        profile: TPProfile,
        *,
        symbol: str = ANY,
        strategy_id: str = ANY,
        regime: str,
        author: str,
        reason: str,
        at_ns: int,
    ) -> PublishedBook:
        """Puts a book in force in which `profile` is what the key gives (seed 001).

        Args:
            profile: A profile with a name of its own.
            symbol: A symbol, or `*`.
            strategy_id: A strategy, or `*`.
            regime: A `MarketRegime`, or `ANY`.
            author: Who publishes it.
            reason: Why.
            at_ns: When, ns since the UNIX epoch.

        Raises:
            InvalidInputError: As of `ProfileBook.with_profile` and `publish`.
        """
        book = self.book.with_profile(
            profile, symbol=symbol, strategy_id=strategy_id, regime=regime
        )
        return self.publish(book, author=author, reason=reason, at_ns=at_ns)

    def reload(self) -> PublishedBook:
        """Puts the newest version of the history in force, which another process may have added."""
        self._published = self._history.newest() or self._published
        return self._published
