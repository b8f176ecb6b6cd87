"""What the two kinds of streams differ in: their address, how they live on, what frames mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

from quantum_exit.adapters.binance.calls import Calls, VenueRefusedError
from quantum_exit.adapters.binance.endpoints import KEEP_LISTENING, START_LISTENING
from quantum_exit.adapters.binance.events import MARKET, USER, KeyExpired, MarketEvents, UserEvents
from quantum_exit.adapters.binance.rest_messages import ListenKeyReply
from quantum_exit.domain.facts import VenueFact
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.ports import Clock

_NS_PER_MS: Final = 1_000_000
_NO_SUCH_KEY: Final = -1125
_EXPIRED: Final = "the listen key has expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The connection brings nothing any more, though it may stay open.

    Attributes:
        why: What happened.
    """

    why: str


class Source(Protocol):
    """One stream of the venue."""

    @property
    def name(self) -> str:
        """`user` or `market`, as `StreamGap` calls it."""

    @property
    def lossless(self) -> bool:
        """Whether every event counts, rather than the newest."""

    async def path(self) -> str:
        """Where to connect now.

        Raises:
            VenueReadError: It could not be asked for.
        """

    async def keep(self) -> Ended | None:
        """Does what keeps the stream alive, if it is due."""

    def read(self, frame: bytes) -> Sequence[VenueFact] | Ended:
        """What a frame says."""


class UserSource:
    """The account's stream, under a listen key that is kept alive.

    Args:
        calls: Creates and keeps the key.
        events: Reads frames.
        clock: Tells when the key is to be kept.
        keep_every_ms: How often it is kept; the venue drops it after 60 minutes.
        retry_after_ms: How long to wait after a keep-alive that failed.
    """

    def __init__(
        self,
        calls: Calls,
        events: UserEvents,
        clock: Clock,
        *,
        keep_every_ms: int,
        retry_after_ms: int,
    ) -> None:
        self._calls = calls
        self._events = events
        self._clock = clock
        self._keep_every_ns = keep_every_ms * _NS_PER_MS
        self._retry_after_ns = retry_after_ms * _NS_PER_MS
        self._key = ""
        self._keep_at_ns = 0

    @property
    def name(self) -> str:
        """`user`."""
        return USER

    @property
    def lossless(self) -> bool:
        """Every event counts."""
        return True

    async def path(self) -> str:
        """The private path; asking for a key again prolongs the one there is.

        Raises:
            VenueReadError: No key could be had.
        """
        reply = await self._calls.read("listen key", START_LISTENING, {}, ListenKeyReply)
        if not reply.listen_key:
            raise self._calls.senseless("listen key", "the reply holds none")
        self._key = reply.listen_key
        self._keep_at_ns = self._clock.monotonic_ns() + self._keep_every_ns
        return f"/private/ws?listenKey={quote(self._key, safe='')}"

    async def keep(self) -> Ended | None:
        """Keeps the key when it is due; says when the venue does not know it any more."""
        if self._clock.monotonic_ns() < self._keep_at_ns:
            return None
        try:
            reply = await self._calls.read("listen key", KEEP_LISTENING, {}, ListenKeyReply)
        except VenueReadError as error:
            self._keep_at_ns = self._clock.monotonic_ns() + self._retry_after_ns
            gone = isinstance(error, VenueRefusedError) and error.code == _NO_SUCH_KEY
            return Ended(why=_EXPIRED) if gone else None
        self._keep_at_ns = self._clock.monotonic_ns() + self._keep_every_ns
        return Ended(why=_EXPIRED) if reply.listen_key not in ("", self._key) else None

    def read(self, frame: bytes) -> Sequence[VenueFact] | Ended:
        """Facts of the account."""
        found = self._events.read(frame)
        return Ended(why=_EXPIRED) if isinstance(found, KeyExpired) else found


class MarketSource:
    """Trades and mark prices of some symbols.

    Args:
        symbols: The symbols; two streams each, so at most 100.
        events: Reads frames.
    """

    def __init__(self, symbols: Sequence[str], events: MarketEvents) -> None:
        self._symbols = tuple(symbols)
        self._events = events

    @property
    def name(self) -> str:
        """`market`."""
        return MARKET

    @property
    def lossless(self) -> bool:
        """The newest price counts."""
        return False

    async def path(self) -> str:
        """The public path."""
        names = "/".join(
            quote(f"{symbol.lower()}@{kind}", safe="@")
            for symbol in self._symbols
            for kind in ("aggTrade", "markPrice@1s")
        )
        return f"/market/stream?streams={names}"

    async def keep(self) -> Ended | None:
        """Nothing is to be done."""
        return None

    def read(self, frame: bytes) -> Sequence[VenueFact] | Ended:
        """Prices."""
        return self._events.read(frame)
