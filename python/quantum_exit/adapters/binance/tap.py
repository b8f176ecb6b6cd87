"""Keeps one stream running for ever: opens, reads, watches, replaces, and says when it may miss."""

import logging
from dataclasses import dataclass
from typing import Final

import anyio
from anyio.abc import TaskGroup

from quantum_exit.adapters.binance.inbox import Inbox
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.sockets import Connection, ConnectionLost, Connector
from quantum_exit.adapters.binance.sources import Ended, Source
from quantum_exit.domain.facts import StreamGap
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.ports import Clock

_LOG: Final = logging.getLogger(__name__)
_NS_PER_MS: Final = 1_000_000
_MS_PER_S: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Time limits and bounds of the streams, in ms; each at least 1.

    Attributes:
        check_every_ms: How often a connection is looked after.
        ping_every_ms: How often the peer is asked for a sign of life.
        pong_within_ms: How long it may take to give it.
        silent_market_ms: Longest silence of a price stream; mark prices come every second.
        renew_after_ms: Age at which a connection is replaced; the venue cuts it at 24 hours.
        overlap_ms: How long the replaced connection of a lossless stream is read on.
        keep_key_every_ms: How often the listen key is kept.
        retry_key_after_ms: Wait after a keep-alive that failed.
        steady_ms: How long a connection must have lived for the next attempt to be a first one.
        waiting_facts: Facts of the account that may wait for the reader.

    Raises:
        InvalidInputError: A number is below 1.
    """

    check_every_ms: int = 1_000
    ping_every_ms: int = 15_000
    pong_within_ms: int = 5_000
    silent_market_ms: int = 10_000
    renew_after_ms: int = 23 * 3_600_000
    overlap_ms: int = 5_000
    keep_key_every_ms: int = 25 * 60_000
    retry_key_after_ms: int = 30_000
    steady_ms: int = 30_000
    waiting_facts: int = 10_000

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) < 1:
                raise InvalidInputError(name, getattr(self, name), "expected 1 or more")


@dataclass(slots=True, kw_only=True)
class _Watch:
    """What is known of the connection that is read, and what ended the reading."""

    opened_ns: int
    heard_ns: int
    pinged_ns: int
    ended: Ended | None = None
    successor: Connection | None = None


class Tap:
    """One stream.

    Args:
        source: What to read.
        connector: Opens connections.
        inbox: Takes the facts.
        clock: Measures ages and silences.
        pacing: When a connection may be opened.
        limits: Time limits.
    """

    def __init__(
        self,
        source: Source,
        connector: Connector,
        inbox: Inbox,
        *,
        clock: Clock,
        pacing: Pacing,
        limits: StreamLimits,
    ) -> None:
        self._source = source
        self._connector = connector
        self._inbox = inbox
        self._clock = clock
        self._pacing = pacing
        self._limits = limits
        self._failures = 0

    async def run(self) -> None:
        """Runs until it is cancelled."""
        async with anyio.create_task_group() as group:
            while True:
                connection = await self._opened()
                opened_ns = self._clock.monotonic_ns()
                self._gap("connected")
                ended = await self._serve(connection, group)
                self._gap(ended.why)
                self._judge(opened_ns)

    async def _opened(self) -> Connection:
        while True:
            await self._pacing.before_attempt(self._failures)
            try:
                return await self._connector.connect(await self._source.path())
            except ConnectionLost as error:
                self._failed(error.why)
            except VenueReadError as error:
                self._failed(str(error))
                await anyio.sleep((error.retry_after_ms or 0) / _MS_PER_S)

    def _failed(self, why: str) -> None:
        self._failures += 1
        _LOG.warning("%s stream: not connected: %s", self._source.name, why)

    def _judge(self, opened_ns: int) -> None:
        """A connection that ends as soon as it stands counts as one that failed."""
        lived_ns = self._clock.monotonic_ns() - opened_ns
        steady = lived_ns >= self._limits.steady_ms * _NS_PER_MS
        self._failures = 0 if steady else self._failures + 1

    async def _serve(self, connection: Connection, group: TaskGroup) -> Ended:
        """Reads until the stream ends; replaces the connection before the venue would cut it."""
        try:
            while True:
                watch = await self._watched(connection)
                if watch.successor is None:
                    return watch.ended or Ended(why="ended")
                group.start_soon(self._read_out, connection)
                connection = watch.successor
        finally:
            await connection.close()

    async def _watched(self, connection: Connection) -> _Watch:
        """Reads until the stream ends or a successor of the connection stands."""
        now_ns = self._clock.monotonic_ns()
        watch = _Watch(opened_ns=now_ns, heard_ns=now_ns, pinged_ns=now_ns)
        async with anyio.create_task_group() as group:
            group.start_soon(self._look_after, connection, watch, group)
            watch.ended = await self._read(connection, watch)
            group.cancel_scope.cancel()
        return watch

    async def _read(self, connection: Connection, watch: _Watch | None) -> Ended:
        while True:
            if self._source.lossless:
                await self._inbox.room()
            try:
                frame = await connection.receive()
            except ConnectionLost as error:
                return Ended(why=error.why)
            if watch is not None:
                watch.heard_ns = self._clock.monotonic_ns()
            found = self._source.read(frame)
            if isinstance(found, Ended):
                return found
            for fact in found:
                self._inbox.put(fact)

    async def _look_after(self, connection: Connection, watch: _Watch, group: TaskGroup) -> None:
        """Ends the reading when the connection is dead or silent, or when a younger one stands."""
        while watch.ended is None and not self._is_due(watch):
            await anyio.sleep(self._limits.check_every_ms / _MS_PER_S)
            watch.ended = await self._fault(connection, watch)
        if watch.ended is None:
            # The old connection is read on meanwhile.
            watch.successor = await self._opened()
        group.cancel_scope.cancel()

    async def _fault(self, connection: Connection, watch: _Watch) -> Ended | None:
        silent_ns = self._clock.monotonic_ns() - watch.heard_ns
        if not self._source.lossless and silent_ns > self._limits.silent_market_ms * _NS_PER_MS:
            return Ended(why=f"silent for {silent_ns // _NS_PER_MS} ms")
        return await self._pinged(connection, watch) or await self._source.keep()

    async def _pinged(self, connection: Connection, watch: _Watch) -> Ended | None:
        now_ns = self._clock.monotonic_ns()
        if now_ns - watch.pinged_ns < self._limits.ping_every_ms * _NS_PER_MS:
            return None
        watch.pinged_ns = now_ns
        try:
            with anyio.move_on_after(self._limits.pong_within_ms / _MS_PER_S) as waiting:
                await connection.ping()
        except ConnectionLost as error:
            return Ended(why=error.why)
        return Ended(why="no pong") if waiting.cancelled_caught else None

    def _is_due(self, watch: _Watch) -> bool:
        age_ns = self._clock.monotonic_ns() - watch.opened_ns
        return age_ns >= self._limits.renew_after_ms * _NS_PER_MS

    async def _read_out(self, connection: Connection) -> None:
        """Takes what still arrives on a connection that another one has replaced."""
        try:
            if self._source.lossless:
                with anyio.move_on_after(self._limits.overlap_ms / _MS_PER_S):
                    await self._read(connection, None)
        finally:
            await connection.close()

    def _gap(self, why: str) -> None:
        self._inbox.put(StreamGap(stream=self._source.name, why=why))
