"""Entries on the simulated exchange: somebody has to open what is to be guarded."""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

import anyio

from quantum_exit.adapters.entries_csv import read_entries
from quantum_exit.app.paper_venue import PaperVenue
from quantum_exit.app.wiring import Running
from quantum_exit.domain.position import Position, Side
from quantum_exit.errors import NotProtectedError, PlanRefusedError
from quantum_exit.execution.guardian.effects import Closed
from quantum_exit.execution.service import Service

_NOTIONAL = Decimal(10_000)
_PAUSE_S = 1.0
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEntry:
    """An entry at the market.

    Attributes:
        side: LONG or SHORT.
        at_ms: Not before this time, ms since the UNIX epoch; None = as soon as nothing is open.
        quantity: Base currency; None = worth 10 000 of the quote currency.
        stop_price: The stop that it comes with, or None.
    """

    side: Side
    at_ms: int | None = None
    quantity: Decimal | None = None
    stop_price: Decimal | None = None


def one_after_another() -> Iterator[PaperEntry]:
    """A LONG, then a SHORT, and so on: each as soon as the one before is gone."""
    while True:
        yield PaperEntry(side=Side.LONG)
        yield PaperEntry(side=Side.SHORT)


def entries_of(path: str) -> Iterator[PaperEntry]:
    """The entries of a CSV file, by time; their prices are those of the exchange.

    Raises:
        InputFileError: The file was refused.
    """
    for row in sorted(read_entries(path), key=lambda row: row.entry_ns):
        yield PaperEntry(
            side=Side(row.side),
            at_ms=row.entry_ns // _NS_PER_MS,
            quantity=row.qty,
            stop_price=row.stop_price,
        )


async def enter_all(running: Running, paper: PaperVenue, entries: Iterator[PaperEntry]) -> None:
    """Opens one position after the other and hands each over to be guarded."""
    for entry in entries:
        if entry.at_ms is not None:
            await anyio.sleep(max(0, entry.at_ms - running.clock.now_ms()) / 1000)
        await _until_flat(running.service)
        await _enter(running, paper, entry)


async def _until_flat(service: Service) -> None:
    async with aclosing(service.events()) as events:
        if not service.plans():
            return
        async for event in events:
            if isinstance(event, Closed) and not service.plans():
                return


async def _enter(running: Running, paper: PaperVenue, entry: PaperEntry) -> None:
    quantity = entry.quantity or _worth(paper)
    price = paper.enter(entry.side, quantity)
    position = Position(
        instrument=paper.instrument,
        side=entry.side,
        entry_price=price,
        quantity=quantity,
        stop_price=entry.stop_price,
    )
    try:
        await running.service.protect(position)
    except (PlanRefusedError, NotProtectedError):
        # What cannot be handed over is found by the service itself, and told as an alarm.
        await anyio.sleep(_PAUSE_S)


def _worth(paper: PaperVenue) -> Decimal:
    step = Decimal(paper.instrument.lot_step)
    lots = (_NOTIONAL / paper.last_price / step).to_integral_value(ROUND_FLOOR)
    return max(lots, Decimal(1)) * step
