"""The exchange process, and a venue that notes when each price was sent, read and decided upon."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benches.live.market import KEY, SECRET
from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnection, WebSocketConnector
from quantum_exit.domain.facts import Price, VenueFact
from quantum_exit.execution.clock import SystemClock

ROOT = Path(__file__).parents[2]
LONGEST_US = 1_000_000
SENT = b'"sent":'


class ExchangeProcess:
    """The exchange, seen from outside.

    Attributes:
        url: Where it listens.
        report: What it said at its end.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url
        self.report: dict[str, int] = {}

    def as_user(self, method: str, path: str, **params: str) -> Any:
        """What a person does on the account by hand."""
        body = {"account": 0, "method": method, "path": path, "params": params}
        request = urllib.request.Request(
            f"{self.url}/sim/user/order",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer = json.load(reply)
        if answer["status"] != 200:
            raise RuntimeError(answer)
        return answer["body"]

    def end(self) -> None:
        """Stops it and takes its report."""
        output, _ = self._process.communicate(timeout=30)
        self.report = json.loads(output.splitlines()[-1])


@contextmanager
def exchange_process(
    folder: Path, symbols: int, rate: float, step_bps: float
) -> Iterator[ExchangeProcess]:
    arguments = ("--symbols", str(symbols), "--rate", str(rate), "--step-bps", str(step_bps))
    with subprocess.Popen(
        [sys.executable, "-m", "benches.live.market", *arguments, "--folder", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["port"]
            yield ExchangeProcess(process, f"http://127.0.0.1:{port}")
        finally:
            process.kill()


class Times:
    """A histogram of times in microseconds up to a second: its memory does not grow."""

    def __init__(self) -> None:
        self._counts = array("L", bytes(8 * (LONGEST_US + 1)))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, ns: int) -> None:
        """Counts one."""
        self._counts[min(ns // 1_000, LONGEST_US)] += 1
        self._count += 1

    def clear(self) -> None:
        """Starts anew."""
        self._counts = array("L", bytes(8 * (LONGEST_US + 1)))
        self._count = 0

    def at(self, frac: float) -> int:
        """A quantile in microseconds."""
        wanted, seen = frac * self._count, 0
        for us, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return us
        return 0


@dataclass
class Probe:
    """Times of prices.

    Attributes:
        from_sent: From the exchange's write to the end of our decision.
        from_read: From the return of the socket's `receive` to the end of our decision.
        hops: Prices between whose arrival and decision the event loop ran anything else.
        waited: Prices that were not decided upon where they were read.
    """

    from_sent: Times = field(default_factory=Times)
    from_read: Times = field(default_factory=Times)
    hops: int = 0
    waited: int = 0
    sent_ns: int = 0
    read_ns: int = 0
    ran_else: bool = False
    task: asyncio.Task[Any] | None = None
    checks_hops: bool = False

    def read(self, frame: bytes) -> None:
        """A frame was read from the socket."""
        self.read_ns = time.monotonic_ns()
        _, found, tail = frame.rpartition(SENT)
        self.sent_ns = int(tail[:-1]) if found else 0
        if self.checks_hops:
            self.task = asyncio.current_task()
            self.ran_else = False
            asyncio.get_running_loop().call_soon(self._something_ran)

    def decided(self, *, taken: bool) -> None:
        """The price of that frame has been decided upon, or has to wait."""
        now_ns = time.monotonic_ns()
        if not taken:
            self.waited += 1
            return
        self.from_read.add(now_ns - self.read_ns)
        if self.sent_ns:
            self.from_sent.add(now_ns - self.sent_ns)
        if self.checks_hops and (self.ran_else or asyncio.current_task() is not self.task):
            self.hops += 1

    def clear(self) -> None:
        """Forgets what was before, such as the start."""
        self.from_sent.clear()
        self.from_read.clear()
        self.waited = 0

    def _something_ran(self) -> None:
        self.ran_else = True


class ProbedConnection:
    """A connection that tells the probe of each frame."""

    def __init__(self, inner: WebSocketConnection, probe: Probe) -> None:
        self._inner = inner
        self._probe = probe

    async def receive(self) -> bytes:
        """The next frame."""
        frame = await self._inner.receive()
        self._probe.read(frame)
        return frame

    async def ping(self) -> None:
        """As the connection does."""
        await self._inner.ping()

    async def close(self) -> None:
        """As the connection does."""
        await self._inner.close()


class ProbedConnector:
    """Opens connections that tell the probe of each frame."""

    def __init__(self, inner: WebSocketConnector, probe: Probe) -> None:
        self._inner = inner
        self._probe = probe

    async def connect(self, path: str) -> ProbedConnection:
        """As the connector does."""
        return ProbedConnection(await self._inner.connect(path), self._probe)


class ProbedVenue(BinanceVenue):
    """The venue, which tells the probe of each decision."""

    probe: Probe

    def facts(
        self, symbols: Sequence[str], at_once: Callable[[Price], bool] | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[VenueFact]]:
        """As the venue does; each price passes the probe."""
        assert at_once is not None

        def seen(price: Price) -> bool:
            taken = at_once(price)
            self.probe.decided(taken=taken)
            return taken

        return super().facts(symbols, seen)


@asynccontextmanager
async def probed_venue(url: str, clock: SystemClock, probe: Probe) -> AsyncIterator[ProbedVenue]:
    """The adapter of the live venue, over real sockets to the exchange process."""
    hosts = simulated(url)
    async with (
        CcxtTransport(hosts, ApiKey(key=KEY, secret=SECRET), clock) as transport,
        WebSocketConnector(hosts) as connector,
    ):
        venue = ProbedVenue(
            transport,
            ProbedConnector(connector, probe),
            clock=clock,
            pacing=Pacing(clock, Random(1).random),
        )
        venue.probe = probe
        yield venue
