"""All streams of the venue together, behind one iterator of facts."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import anyio

from quantum_exit.adapters.binance.calls import Calls
from quantum_exit.adapters.binance.events import MarketEvents, UserEvents
from quantum_exit.adapters.binance.grids import Grids
from quantum_exit.adapters.binance.inbox import Inbox
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.binance.sockets import Connector
from quantum_exit.adapters.binance.sources import MarketSource, Source, UserSource
from quantum_exit.adapters.binance.tap import StreamLimits, Tap
from quantum_exit.domain.facts import Price, VenueFact
from quantum_exit.execution.ports import Clock

__all__ = ["StreamLimits", "Streams"]

_SYMBOLS_PER_CONNECTION: Final = 100


class Streams:
    """Opens the account's stream and the price streams.

    Args:
        calls: Creates and keeps listen keys.
        connector: Opens connections.
        clock: Measures ages and silences.
        grids: Grids of the symbols.
        quarantine: Where frames go that make no sense.
        pacing: When a connection may be opened.
        limits: Time limits and bounds.
    """

    def __init__(
        self,
        calls: Calls,
        connector: Connector,
        *,
        clock: Clock,
        grids: Grids,
        quarantine: Quarantine,
        pacing: Pacing,
        limits: StreamLimits,
    ) -> None:
        self._calls = calls
        self._connector = connector
        self._clock = clock
        self._grids = grids
        self._quarantine = quarantine
        self._pacing = pacing
        self._limits = limits

    @asynccontextmanager
    async def facts(
        self,
        symbols: Sequence[str],
        load: Callable[[], Awaitable[None]],
        at_once: Callable[[Price], bool] | None = None,
    ) -> AsyncIterator[AsyncIterator[VenueFact]]:
        """Facts of the account and prices of these symbols; leaving it closes the connections.

        Args:
            symbols: Symbols whose prices are wanted.
            load: Fills the grids; awaited first.
            at_once: Sees each price in the task that read it; one that it does not take waits.
        """
        await load()
        inbox = Inbox(self._limits.waiting_facts, at_once)
        async with anyio.create_task_group() as group:
            for source in self._sources(symbols):
                group.start_soon(self._tap(source, inbox).run)
            try:
                yield inbox
            finally:
                group.cancel_scope.cancel()

    def _sources(self, symbols: Sequence[str]) -> list[Source]:
        user = UserSource(
            self._calls,
            UserEvents(self._grids, self._quarantine),
            self._clock,
            keep_every_ms=self._limits.keep_key_every_ms,
            retry_after_ms=self._limits.retry_key_after_ms,
        )
        # Sorted, so that the same symbols always share the same connections.
        wanted = sorted(set(symbols))
        parts = [
            wanted[first : first + _SYMBOLS_PER_CONNECTION]
            for first in range(0, len(wanted), _SYMBOLS_PER_CONNECTION)
        ]
        markets = [
            MarketSource(part, MarketEvents(self._grids, self._quarantine, frozenset(part)))
            for part in parts
        ]
        return [user, *markets]

    def _tap(self, source: Source, inbox: Inbox) -> Tap:
        return Tap(
            source,
            self._connector,
            inbox,
            clock=self._clock,
            pacing=self._pacing,
            limits=self._limits,
        )
