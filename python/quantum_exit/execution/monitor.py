"""Follows the venue: its streams for speed, its account for truth, its clock and its rules."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import anyio

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.domain.facts import Price, StreamGap, VenueFact
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.guardian.effects import ReadAccount, ReadRules
from quantum_exit.execution.guardian.facts import PriceStale, StreamBack
from quantum_exit.execution.hub import Hub, Trouble
from quantum_exit.execution.mind import inputs_of
from quantum_exit.execution.ports import Clock, StreamPort
from quantum_exit.execution.reads import Reader
from quantum_exit.execution.recording import Input
from quantum_exit.execution.watch import Watch

_WHOLE_ACCOUNT = ReadAccount(symbol=None)
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorConfig:
    """How often the venue is looked at.

    Attributes:
        audit_ms: Time between two readings of the whole account; 10 000.
        stale_check_ms: Time between two looks at the age of prices.
        rules_ms: Time between two readings of the rules.
        retry_ms: Pause before a lost stream or a failed reading is tried again.
    """

    audit_ms: int = 10_000
    stale_check_ms: int = 250
    rules_ms: int = 3_600_000
    retry_ms: int = 1_000

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "audit_ms", "stale_check_ms", "rules_ms", "retry_ms")


class Waiting(Protocol):
    """Inputs that wait, up to a bound."""

    @property
    def has_room(self) -> bool:
        """Whether an input would not have to wait."""

    async def room(self) -> None:
        """Waits until there is room."""

    def put_now(self, item: Input) -> None:
        """Adds one, whether there is room or not."""


class Monitor:
    """Turns what the venue shows into inputs.

    Args:
        venue: Its streams.
        reader: Asks about the account.
        watch: The core, which sees every price at once.
        clock: Time.
        config: How often to look.
        hub: Hears of troubles.
        put: Takes an input, waiting while there is no room.
        inbox: Where inputs wait, for what the core decides.
    """

    def __init__(
        self,
        *,
        venue: StreamPort,
        reader: Reader,
        watch: Watch,
        clock: Clock,
        config: MonitorConfig,
        hub: Hub,
        put: Callable[[Input], Awaitable[None]],
        inbox: Waiting,
    ) -> None:
        self._venue = venue
        self._reader = reader
        self._watch = watch
        self._clock = clock
        self._config = config
        self._hub = hub
        self._put = put
        self._inbox = inbox
        self._symbols: frozenset[str] = frozenset()
        self._more = anyio.Event()
        self._standing: anyio.CancelScope | None = None
        self._coming: anyio.CancelScope | None = None
        self._stale: set[str] = set()
        self._known_streams: set[str] = set()
        self.prices = 0

    def follow(self, symbol: str) -> None:
        """Streams this symbol, too."""
        if symbol not in self._symbols:
            self._symbols |= {symbol}
            self._more.set()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._streams)
            group.start_soon(self._audits)
            group.start_soon(self._ages)
            group.start_soon(self._rules)

    async def _streams(self) -> None:
        """One stream for all symbols; where there are more, the new one stands before the old ends."""
        async with anyio.create_task_group() as group:
            while True:
                self._more = anyio.Event()
                if self._coming is not None:
                    self._coming.cancel()
                self._coming = anyio.CancelScope()
                group.start_soon(self._stream, self._symbols, self._coming)
                await self._more.wait()

    async def _stream(self, symbols: frozenset[str], scope: anyio.CancelScope) -> None:
        with scope:
            while True:
                try:
                    async with self._venue.facts(sorted(symbols), self._see) as facts:
                        async for fact in facts:
                            await self._take(fact)
                            if isinstance(fact, StreamGap) and fact.stream == "user":
                                self._stands(scope)
                            # Prices are better kept there, where they conflate.
                            await self._inbox.room()
                except VenueReadError as error:
                    self._hub.publish(Trouble(kind="venue_unreachable", text=str(error)))
                await self._put(StreamGap(stream="user", why="the stream ended"))
                await anyio.sleep(self._config.retry_ms / 1000)

    def _stands(self, scope: anyio.CancelScope) -> None:
        """The account is heard on a stream: the one whose place it takes may end.

        Before that the old one brings the signals, however long the venue refuses the new one.
        """
        if scope is not self._coming:
            return
        old, self._standing, self._coming = self._standing, scope, None
        if old is not None:
            old.cancel()

    async def _take(self, fact: VenueFact) -> None:
        if isinstance(fact, Price):
            self._show(fact)
            return
        await self._put(fact)
        if isinstance(fact, StreamGap):
            # The connection stands again: from here on nothing is missed, what was before is read.
            if fact.stream in self._known_streams:
                self._hub.publish(Trouble(kind="stream_gap", text=f"{fact.stream}: {fact.why}"))
            self._known_streams.add(fact.stream)
            await self._put(StreamBack(stream=fact.stream))

    def _see(self, price: Price) -> bool:
        """Shows a price to the core where it is read; not while decisions would have to wait."""
        if not self._inbox.has_room:
            return False
        self._show(price)
        return True

    def _show(self, price: Price) -> None:
        self.prices += 1
        now_ms, now_ns = self._clock.now_ms(), self._clock.monotonic_ns()
        for given in inputs_of(self._watch.on_price(price, now_ms=now_ms, now_ns=now_ns)):
            self._inbox.put_now(given)

    async def _audits(self) -> None:
        while True:
            began_ns = self._clock.monotonic_ns()
            answered = await self._reader.answered(_WHOLE_ACCOUNT)
            wait_ms = self._config.retry_ms
            if answered:
                # What no stream tells of is found within the period, however long a reading takes.
                took_ms = (self._clock.monotonic_ns() - began_ns) // _NS_PER_MS
                wait_ms = max(wait_ms, self._config.audit_ms - took_ms)
            await anyio.sleep(wait_ms / 1000)

    async def _ages(self) -> None:
        """Tells when the price of a symbol has become old, and when it is fresh again."""
        while True:
            await anyio.sleep(self._config.stale_check_ms / 1000)
            now = set(self._watch.stale(self._clock.monotonic_ns()))
            watched = set(self._watch.symbols)
            for symbol in sorted(now ^ self._stale):
                stale = symbol in now
                if stale:
                    self._hub.publish(Trouble(kind="stale_price", text=symbol))
                if symbol in watched:
                    await self._put(PriceStale(symbol=symbol, stale=stale))
            self._stale = now

    async def _rules(self) -> None:
        while True:
            await anyio.sleep(self._config.rules_ms / 1000)
            for symbol in sorted(self._symbols):
                await self._reader.answered(ReadRules(symbol=symbol))
