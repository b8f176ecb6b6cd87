"""S10: how much of the way from the socket to a decision is ours, and that nothing waits on it.

    python benches/bench_live_decision.py [--seconds 10] [--rounds 3]

Prices come over a loopback WebSocket from an exchange in another process, which writes into each frame
when it left. The baseline is the least that a Python client can do: aiohttp receives, msgspec decodes.
Beside it runs the whole live service with a position, up to the decision of its core. Exits with 1
where a price is decided upon anywhere but where it was read, where anything else ran between its
arrival and its decision, or, without --smoke, where the engine takes more than its budget.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp
import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.live.market import names
from benches.live.probe import (
    ExchangeProcess,
    Probe,
    Times,
    exchange_process,
    probed_venue,
)
from quantum_exit._core import Engine, Events
from quantum_exit.adapters.store.memory import MemoryDisk, MemoryStore
from quantum_exit.adapters.store.memory_leases import MemoryLeases
from quantum_exit.execution import watched
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.service_config import Ports, ServiceConfig

MAX_ENGINE_SHARE = 0.02
RATE = 500.0
STEP_BPS = 0.1


class Trade(msgspec.Struct):
    """What the baseline reads of a price."""

    symbol: str = msgspec.field(name="s")
    price: str = msgspec.field(name="p")


class Frame(msgspec.Struct):
    """A frame as the baseline reads it."""

    data: Trade
    sent: int


@dataclass
class Result:
    """Times of both sides.

    Attributes:
        baseline: From the exchange's write until the client has decoded.
        ours: Of the service.
        engine: Inside the core's engine.
        prices: Prices that the service has counted.
    """

    baseline: Times = field(default_factory=Times)
    ours: Probe = field(default_factory=lambda: Probe(checks_hops=True))
    engine: list[int] = field(default_factory=list)
    prices: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the rows; 0 when nothing waited and the budget is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each side and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="a second: checked, not judged")
    options = parser.parse_args(arguments)
    if options.smoke:
        options.seconds, options.rounds = 1.0, 1
    with tempfile.TemporaryDirectory() as name:
        result = asyncio.run(measured(Path(name), options))
    faults = wrong(result, judged=not options.smoke)
    print("\n".join(rows(result)))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


async def measured(folder: Path, options: argparse.Namespace) -> Result:
    result = Result()
    with exchange_process(folder, 1, RATE, STEP_BPS) as exchange:
        for _ in range(options.rounds):
            await baseline(exchange, options.seconds, result)
            await service(exchange, options.seconds, result)
    return result


async def baseline(exchange: ExchangeProcess, seconds: float, result: Result) -> None:
    """A client that receives and decodes."""
    decoder = msgspec.json.Decoder(Frame)
    (name,) = names(1)
    url = f"{exchange.url}/market/stream?streams={name.lower()}@aggTrade"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            message = await socket.receive()
            frame = decoder.decode(message.data)
            result.baseline.add(time.monotonic_ns() - frame.sent)


async def service(exchange: ExchangeProcess, seconds: float, result: Result) -> None:
    """The live service, with a position that the core follows."""
    clock, probe = SystemClock(), result.ours
    (name,) = names(1)
    with timed_engine(result.engine):
        async with probed_venue(exchange.url, clock, probe) as venue:
            ports = Ports(
                venue=venue,
                store=MemoryStore(MemoryDisk()),
                leases=MemoryLeases(clock.now_ms),
                clock=clock,
            )
            config = ServiceConfig(
                account="main", lease=LeaseConfig(owner="bench"), symbols=(name,)
            )
            async with open_live(ports, config, PlanningDesk()) as running:
                if not running.status().guardian.positions:
                    order = {"symbol": name, "side": "BUY", "type": "MARKET", "quantity": "0.010"}
                    await asyncio.to_thread(exchange.as_user, "POST", "/fapi/v1/order", **order)
                await asyncio.sleep(1.0)
                before, known = running.status().prices, len(probe.from_read)
                await asyncio.sleep(seconds)
                result.prices += running.status().prices - before
                result.prices -= len(probe.from_read) - known


class TimedEngine:
    """The engine, with the time of each price noted."""

    def __init__(self, times: list[int], **options: Any) -> None:
        self._engine = Engine(**options)
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def on_tick(self, symbol: int, ticks: int, ts_ns: int) -> Events | None:
        """As the engine does."""
        started_ns = time.perf_counter_ns()
        events = self._engine.on_tick(symbol, ticks, ts_ns)
        self._times.append(time.perf_counter_ns() - started_ns)
        return events


@contextmanager
def timed_engine(times: list[int]) -> Iterator[None]:
    with mock.patch.object(watched, "Engine", lambda **options: TimedEngine(times, **options)):
        yield


def engine_us(result: Result) -> float:
    ordered = sorted(result.engine)
    return ordered[len(ordered) // 2] / 1_000


def wrong(result: Result, *, judged: bool) -> list[str]:
    """What should not be."""
    faults = []
    if result.prices != 0:
        faults.append(f"{result.prices} prices were seen elsewhere than where they were read")
    if result.ours.hops or result.ours.waited:
        hops, waited = result.ours.hops, result.ours.waited
        faults.append(f"something ran before {hops} decisions, and {waited} prices waited")
    if not result.engine or not len(result.ours.from_sent):
        return [*faults, "no price was decided upon"]
    share = engine_us(result) / result.ours.from_sent.at(0.5)
    if judged and share > MAX_ENGINE_SHARE:
        faults.append(f"the engine takes {share:.1%}, allowed {MAX_ENGINE_SHARE:.0%}")
    return faults


def rows(result: Result) -> list[str]:
    ours, plain = result.ours.from_sent, result.baseline
    share = engine_us(result) / ours.at(0.5)
    lines = {
        "aiohttp receives, msgspec decodes": f"{times(plain)}  ({len(plain):,} prices)",
        "service: write to decision": f"{times(ours)}  ({len(ours):,} prices)",
        "ratio of the medians": f"{ours.at(0.5) / plain.at(0.5):.2f}",
        "service: read to decision": times(result.ours.from_read),
        "engine": f"p50 {engine_us(result):.2f} us, {share:.2%} of write to decision",
        "decisions after something else ran": str(result.ours.hops),
    }
    width = max(map(len, lines))
    return [f"{name.ljust(width)}  {text}" for name, text in lines.items()]


def times(measured_times: Times) -> str:
    return f"p50 {measured_times.at(0.5):,}, p99 {measured_times.at(0.99):,} us"


if __name__ == "__main__":
    sys.exit(main())
