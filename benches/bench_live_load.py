"""Load of the live service: many symbols with a position each, over real sockets, for minutes.

    python benches/bench_live_load.py [--minutes 10] [--symbols 200] [--rate 50]

The exchange is a process of its own with Binance's rate limits. One position a symbol is opened by
hand, guarded, followed to its end and opened again. Exits with 1 where a fill of the exchange's ledger
is not in the journal, or, over at least a minute, where a position stood without a stop for longer
than a new one may, or a budget is missed.
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

from benches.live.market import names
from benches.live.probe import (
    ExchangeProcess,
    Probe,
    Times,
    exchange_process,
    probed_venue,
)
from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.domain.facts import Fill
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.guardian.facts import TradesRead
from quantum_exit.execution.journal import records_after
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports, ServiceConfig

QUANTITY = "0.010"
MAX_P99_US = 1_000.0
MAX_RSS_GROWTH = 0.05
MAX_GAP_MS = 500
MIN_RATE_FRAC = 0.95
JUDGED_FROM_S = 60.0
PAGE = 1_000

Fills = dict[tuple[str, int], tuple[int, int]]
"""Lots and price in ticks by symbol and trade id."""


@dataclass
class Load:
    """What a run has shown.

    Attributes:
        seconds: How long it ran.
        entries: Positions opened.
        prices: Prices seen while it was measured.
        rss: Resident memory, MiB, once a second.
        cpu_frac: Share of one core that the service's process took.
    """

    seconds: float = 0.0
    entries: int = 0
    prices: int = 0
    rss: list[float] = field(default_factory=list)
    cpu_frac: float = 0.0
    steps: int = 0
    conflated: int = 0
    longest_gap_ms: int = 0
    probe: Probe = field(default_factory=Probe)
    until_ms: int = 0
    ledger: Fills = field(default_factory=dict)
    owed: Fills = field(default_factory=dict)
    journal: Fills = field(default_factory=dict)
    venue: dict[str, int] = field(default_factory=dict)


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
    faults = wrong(load, options)
    print("\n".join(table(load, options)))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


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
                await under_load(service, exchange, symbols, options.minutes * 60, load)
            await asyncio.to_thread(read_ledger, exchange, symbols, load)
            load.journal = await journal_of(store)
        await asyncio.to_thread(exchange.end)
        load.venue = exchange.report
    return load


async def under_load(
    service: Service, exchange: ExchangeProcess, symbols: list[str], seconds: float, load: Load
) -> None:
    """Opens positions and keeps them coming, and measures."""
    opening = asyncio.create_task(keep_open(service, exchange, symbols, load))
    try:
        warm_s = min(seconds / 4, JUDGED_FROM_S)
        await asyncio.sleep(warm_s)
        gc.collect()
        load.probe.clear()
        before = service.status()
        started_s, cpu_s = time.monotonic(), time.process_time()
        while time.monotonic() - started_s < seconds:
            await asyncio.sleep(1.0)
            load.rss.append(resident_mib())
        load.seconds = time.monotonic() - started_s
        load.cpu_frac = (time.process_time() - cpu_s) / load.seconds
        load.prices = service.status().prices - before.prices
    finally:
        opening.cancel()
        await asyncio.wait([opening])
    if not opening.cancelled():
        opening.result()
    # What is under way comes to its end before the books are compared; the market goes on meanwhile
    # and afterwards, so only what was traded until now is owed.
    load.until_ms = service.status().now_ms
    await asyncio.sleep(2.0)
    after = service.status()
    load.steps = after.steps - before.steps
    load.longest_gap_ms = after.longest_gap_ms


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


def read_ledger(exchange: ExchangeProcess, symbols: list[str], load: Load) -> None:
    """All trades of the account by the exchange's ledger."""
    for symbol in symbols:
        from_id = 0
        while rows := exchange.as_user(
            "GET", "/fapi/v1/userTrades", symbol=symbol, fromId=str(from_id), limit=str(PAGE)
        ):
            for row in rows:
                lots, ticks = round(float(row["qty"]) * 1_000), round(float(row["price"]) * 10)
                load.ledger[symbol, row["id"]] = (lots, ticks)
                if row["time"] <= load.until_ms:
                    load.owed[symbol, row["id"]] = (lots, ticks)
            from_id = rows[-1]["id"] + 1


async def journal_of(store: SqliteStore) -> Fills:
    """All fills that the journal holds."""
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


def growth(rss: list[float]) -> float:
    """Growth of the memory over the second half of the run, a fraction."""
    fifth = max(1, len(rss) // 10)
    half = len(rss) // 2
    middle, end = rss[half : half + fifth], rss[-fifth:]
    return (sum(end) / len(end)) / (sum(middle) / len(middle)) - 1


def wrong(load: Load, options: argparse.Namespace) -> list[str]:
    """What should not be."""
    faults = []
    lost = len(load.owed.items() - load.journal.items())
    more = len(load.journal.items() - load.ledger.items())
    if lost or more:
        faults.append(f"{lost} fills are not in the journal, {more} of the journal never happened")
    if not load.ledger:
        faults.append("no fill at all")
    if load.seconds >= JUDGED_FROM_S:
        gap_ms = max(load.longest_gap_ms, load.venue["longest_naked_ms"])
        if gap_ms > MAX_GAP_MS:
            faults.append(f"a position stood without a stop for {gap_ms} ms")
        wanted = options.symbols * options.rate
        if (rate := load.prices / load.seconds) < MIN_RATE_FRAC * wanted:
            faults.append(f"only {rate:,.0f} of {wanted:,.0f} prices a second: a busy machine")
        if (p99 := load.probe.from_read.at(0.99)) > MAX_P99_US:
            faults.append(f"tick to decision: p99 {p99:.0f} us, allowed {MAX_P99_US:.0f} us")
        if (grown := growth(load.rss)) > MAX_RSS_GROWTH:
            faults.append(f"memory grew by {grown:.1%} over the second half")
    return faults


def table(load: Load, options: argparse.Namespace) -> list[str]:
    probe, rss = load.probe, load.rss
    rows = {
        "load": f"{options.symbols} symbols, {options.rate:g} prices/s each, {load.seconds:.0f} s",
        "prices seen": f"{load.prices:,} ({load.prices / load.seconds:,.0f}/s)",
        "positions opened": f"{load.entries:,}, {load.venue['most_positions']} at once",
        "inputs reduced": f"{load.steps:,}",
        "read to decision": quantiles(probe.from_read),
        "exchange's write to decision": quantiles(probe.from_sent),
        "prices that waited": f"{probe.waited:,}",
        "fills in ledger / journal": f"{len(load.owed):,} / {len(load.journal):,}",
        "longest gap without a stop": f"{load.longest_gap_ms} ms by our meter, "
        f"{load.venue['longest_naked_ms']} ms by the exchange's books",
        "memory": f"{rss[0]:.1f} MiB, half way {rss[len(rss) // 2]:.1f}, end {rss[-1]:.1f}; "
        f"second half {growth(rss):+.2%}",
        "processor": f"{load.cpu_frac:.0%} of a core",
    }
    width = max(map(len, rows))
    return [f"{name.ljust(width)}  {text}" for name, text in rows.items()]


def quantiles(times: Times) -> str:
    return f"p50 {times.at(0.5):,}, p99 {times.at(0.99):,}, p99.9 {times.at(0.999):,} us"


if __name__ == "__main__":
    sys.exit(main())
