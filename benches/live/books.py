"""The books of a run: what the exchange's ledger, the journal and the events tell of its fills."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.effects import Booked
from quantum_exit.execution.guardian.facts import TradesRead
from quantum_exit.execution.journal import records_after
from quantum_exit.execution.recording import Recorder

if TYPE_CHECKING:
    from benches.live.probe import ExchangeProcess
    from quantum_exit.adapters.store.sqlite import SqliteStore
    from quantum_exit.execution.service import Service

_PAGE = 1_000
# An audit every 10 s finds what a stream has lost; trades follow it.
_LONGEST_S = 20.0

Fills = dict[tuple[str, int], tuple[int, int]]
"""Lots and price in ticks by symbol and trade id."""


@dataclass
class Books:
    """Fills by three sources.

    Attributes:
        ledger: All trades of the account, by the exchange.
        owed: Those of them that the run had to see.
        journal: All that the journal tells.
        booked: How often each one was told as new.
        waited_s: How long the books took to agree, s.
    """

    ledger: Fills = field(default_factory=dict)
    owed: Fills = field(default_factory=dict)
    journal: Fills = field(default_factory=dict)
    booked: Counter[tuple[str, int]] = field(default_factory=Counter)
    waited_s: float = 0.0

    @property
    def lost(self) -> int:
        """Trades that the journal misses, or tells otherwise."""
        return len(self.owed.items() - self.journal.items())

    @property
    def invented(self) -> int:
        """Trades of the journal that never were, or were otherwise."""
        return len(self.journal.items() - self.ledger.items())

    @property
    def doubled(self) -> int:
        """Trades that were booked more than once, or owed and never booked."""
        never = self.owed.keys() - self.booked.keys()
        return len(never) + sum(1 for count in self.booked.values() if count > 1)

    async def listen(self, service: Service) -> None:
        """Counts what is booked, until it is cancelled."""
        async for event in service.events():
            if isinstance(event, Booked):
                self.booked[event.fill.symbol, event.fill.trade_id] += 1

    async def compare(
        self, exchange: ExchangeProcess, symbols: Sequence[str], store: SqliteStore, until_ms: int
    ) -> None:
        """Reads all of them until nothing is lost, or too much time has passed.

        Args:
            exchange: Whose ledger.
            symbols: Its symbols.
            store: The journal.
            until_ms: Only trades up to this time are owed, ms since the UNIX epoch.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            # What the journal tells by now, the ledger tells afterwards.
            self.journal = await _journal(store)
            rows = await asyncio.to_thread(_ledger, exchange, symbols)
            self.ledger = _fills(rows)
            self.owed = _fills(row for row in rows if row["time"] <= until_ms)
            self.waited_s = loop.time() - began
            if not (self.lost or self.doubled) or self.waited_s > _LONGEST_S:
                return
            await asyncio.sleep(1.0)


def _ledger(exchange: ExchangeProcess, symbols: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for symbol in symbols:
        from_id = 0
        while rows := exchange.as_user(
            "GET", "/fapi/v1/userTrades", symbol=symbol, fromId=str(from_id), limit=str(_PAGE)
        ):
            found += rows
            from_id = rows[-1]["id"] + 1
    return found


def _fills(rows: Iterable[dict[str, Any]]) -> Fills:
    return {
        (row["symbol"], row["id"]): (
            round(float(row["qty"]) * 1_000),
            round(float(row["price"]) * 10),
        )
        for row in rows
    }


async def _journal(store: SqliteStore) -> Fills:
    recorder, found = Recorder(), Fills()
    async for record in records_after(store):
        given = recorder.input_of(record)
        fills: tuple[Fill, ...] = ()
        if isinstance(given, Fill):
            fills = (given,)
        elif isinstance(given, TradesRead):
            fills = given.fills
        for fill in fills:
            found[fill.symbol, fill.trade_id] = (fill.lots, fill.price_ticks)
    return found
