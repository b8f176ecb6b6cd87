"""Load of the live service: many symbols with a position each, over real sockets, for minutes.

    python benches/bench_live_load.py [--minutes 10] [--symbols 200] [--rate 50]

The exchange is a process of its own with Binance's rate limits. One position a symbol is opened by
hand, guarded, followed to its end and opened again. Exits with 1 where a fill of the exchange's ledger
is not in the journal or was booked twice, or, over at least a minute, where a position stood without a
stop for longer than a new one may, or a budget is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.live.books import Books
from benches.live.market import names
from benches.live.probe import (
    ExchangeProcess,
    Probe,
    Times,
    exchange_process,
    probed_venue,
)
from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.app.short_pauses import short_pauses
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports, ServiceConfig

QUANTITY = "0.010"
MAX_P99_US = 1_000
MAX_RSS_GROWTH = 0.05
MAX_GAP_MS = 500
MIN_RATE_FRAC = 0.95
JUDGED_FROM_S = 60.0


@dataclass
class Load:
    """What a run has shown.

    Attributes:
        seconds: How long it was measured.
        entries: Positions opened.
        prices: Prices seen while it was measured.
        rss: Resident memory, MiB, once a second.
        cpu_frac: Share of one core that the service's process took.
        steps: Inputs reduced.
        longest_gap_ms: Longest time without a stop by the service's own meter.
        until_ms: Trades up to this time have to be known at the end.
        venue: What the exchange's process told at its end.
    """

    seconds: float = 0.0
    entries: int = 0
    prices: int = 0
    rss: list[float] = field(default_factory=list)
    cpu_frac: float = 0.0
    steps: int = 0
    longest_gap_ms: int = 0
    until_ms: int = 0
    probe: Probe = field(default_factory=Probe)
    books: Books = field(default_factory=Books)
    venue: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        name: What.
        text: The figure.
        bound: What it may be; empty where it is only told.
        kept: Whether it is.
    """

    name: str
    text: str
    bound: str = ""
    kept: bool = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 0 when nothing was lost and every budget is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50.0, help="prices a second and symbol")
    parser.add_argument("--step-bps", type=float, default=2.0, help="deviation of one step")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        load = asyncio.run(measured(Path(name), options))
    rows = table(load, options)
    print("\n".join(lines(rows)))
    return 0 if all(row.kept for row in rows) else 1


async def measured(folder: Path, options: argparse.Namespace) -> Load:
    load = Load()
    symbols = names(options.symbols)
    with exchange_process(folder, len(symbols), options.rate, options.step_bps) as exchange:
        clock = SystemClock()
        path = folder / "journal.db"
        async with (
            await SqliteStore.open(path, owner="bench", now_ms=clock.now_ms) as store,
            probed_venue(exchange.url, clock, load.probe) as venue,
        ):
            ports = Ports(venue=venue, store=store, leases=store, clock=clock)
            config = ServiceConfig(
                account="main", lease=LeaseConfig(owner="bench"), symbols=tuple(symbols)
            )
            async with open_live(ports, config, PlanningDesk()) as service:
                booking = asyncio.create_task(load.books.listen(service))
                with short_pauses():
                    await under_load(service, exchange, symbols, options.minutes * 60, load)
                await load.books.compare(exchange, symbols, store, load.until_ms)
                booking.cancel()
        await asyncio.to_thread(exchange.end)
        load.venue = exchange.report
    return load


async def under_load(
    service: Service, exchange: ExchangeProcess, symbols: list[str], seconds: float, load: Load
) -> None:
    """Opens positions and keeps them coming, and measures."""
    opening = asyncio.create_task(keep_open(service, exchange, symbols, load))
    try:
        await asyncio.sleep(min(seconds / 4, JUDGED_FROM_S))
        gc.collect()
        load.probe.clear()
        before = service.status()
        started_s, cpu_s = time.monotonic(), time.process_time()
        while time.monotonic() - started_s < seconds:
            await asyncio.sleep(1.0)
            load.rss.append(resident_mib())
        load.seconds = time.monotonic() - started_s
        load.cpu_frac = (time.process_time() - cpu_s) / load.seconds
        after = service.status()
        load.prices = after.prices - before.prices
        load.steps = after.steps - before.steps
    finally:
        opening.cancel()
        await asyncio.wait([opening])
    if not opening.cancelled():
        opening.result()
    # The market goes on: what is traded from now on may be under way when the books are compared.
    load.until_ms = service.status().now_ms
    load.longest_gap_ms = service.status().longest_gap_ms


async def keep_open(
    service: Service, exchange: ExchangeProcess, symbols: list[str], load: Load
) -> None:
    """Enters wherever nothing is held, once a second at most: the rate limits are real."""
    for symbol in itertools.cycle(symbols):
        held = {one.key.symbol for one in service.status().guardian.positions}
        if symbol not in held:
            side = "BUY" if load.entries % 2 == 0 else "SELL"
            order = {"symbol": symbol, "side": side, "type": "MARKET", "quantity": QUANTITY}
            await asyncio.to_thread(exchange.as_user, "POST", "/fapi/v1/order", **order)
            load.entries += 1
            await asyncio.sleep(1.0)
        else:
            await asyncio.sleep(0.01)


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def growth(rss: list[float]) -> float:
    """Growth of the memory over the second half of the run, a fraction."""
    fifth = max(1, len(rss) // 10)
    half = len(rss) // 2
    middle, end = rss[half : half + fifth], rss[-fifth:]
    return (sum(end) / len(end)) / (sum(middle) / len(middle)) - 1


def table(load: Load, options: argparse.Namespace) -> list[Row]:
    """The figures, and whether they are within bounds; those of speed from a minute on."""
    probe, books, rss = load.probe, load.books, load.rss
    judged = load.seconds >= JUDGED_FROM_S
    rate, wanted = load.prices / load.seconds, options.symbols * options.rate
    own_ms, true_ms = load.longest_gap_ms, load.venue["longest_naked_ms"]
    grown, p99 = growth(rss), probe.from_read.at(0.99)
    return [
        Row(
            "load",
            f"{options.symbols} symbols, {options.rate:g} prices/s each, {load.seconds:.0f} s",
        ),
        Row(
            "prices seen",
            f"{load.prices:,} ({rate:,.0f}/s), {load.venue['left_out']:,} left out by the market",
            f"{MIN_RATE_FRAC * wanted:,.0f}/s",
            not judged or rate >= MIN_RATE_FRAC * wanted,
        ),
        Row("positions opened", f"{load.entries:,}, {load.venue['most_positions']} at once"),
        Row("inputs reduced", f"{load.steps:,}"),
        Row(
            "read to decision",
            quantiles(probe.from_read),
            f"p99 {MAX_P99_US} us",
            not judged or p99 <= MAX_P99_US,
        ),
        Row("exchange's write to decision", quantiles(probe.from_sent)),
        Row("prices that waited", f"{probe.waited:,}"),
        Row(
            "fills",
            f"{len(books.owed):,} in the ledger: {books.lost} lost, {books.doubled} not booked once, "
            f"{books.invented} invented",
            "some, 0, 0, 0",
            bool(books.owed) and not (books.lost or books.doubled or books.invented),
        ),
        Row(
            "longest without a stop",
            f"{own_ms} ms by our meter, {true_ms} ms by the exchange's books",
            f"{MAX_GAP_MS} ms",
            not judged or max(own_ms, true_ms) <= MAX_GAP_MS,
        ),
        Row(
            "memory",
            f"{rss[0]:.1f} MiB, half way {rss[len(rss) // 2]:.1f}, end {rss[-1]:.1f}; "
            f"second half {grown:+.2%}",
            f"{MAX_RSS_GROWTH:+.0%}",
            not judged or grown <= MAX_RSS_GROWTH,
        ),
        Row("processor", f"{load.cpu_frac:.0%} of a core, the exchange {load.venue['cpu_pct']} %"),
        Row("machine", f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"),
    ]


def lines(rows: list[Row]) -> list[str]:
    width = max(len(row.name) for row in rows)
    return [
        f"{row.name.ljust(width)}  {row.text}"
        + (f"  [{row.bound}: {'ok' if row.kept else 'MISSED'}]" if row.bound else "")
        for row in rows
    ]


def quantiles(times: Times) -> str:
    return f"p50 {times.at(0.5):,}, p99 {times.at(0.99):,}, p99.9 {times.at(0.999):,} us"


if __name__ == "__main__":
    sys.exit(main())
