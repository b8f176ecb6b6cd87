"""Two processes that guard one account through PostgreSQL, judged by the exchange's request log."""

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.adapters.paper.pacing import ExchangeClock
from quantum_exit.adapters.paper.prices import Print
from quantum_exit.adapters.paper.server import ExchangeServer
from quantum_exit.adapters.paper.wire import Reply, Request
from quantum_exit.execution.ids import identity_of
from tests.clocks import RealClock
from tests.postgres_server import PostgresServer, postgres_server

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

KEY = ApiKey(key="two-instances", secret="two-instances-secret")
SHORT_LEASE_S = 3
SHORT_LEASE = ("lease.ttl_ms=3000", "lease.margin_ms=900", "guardian.recv_window_ms=800")
PATIENCE_S = 40
PRICE_TICKS = 1_000_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@dataclass
class RequestLog:
    """Lease epochs of the orders that were placed, in the order in which the exchange took them."""

    epochs: list[int] = field(default_factory=list)

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        del kind
        if request.method != "POST":
            return AS_IT_SHOULD_BE
        params = request.params()
        names = (params.get(name, "") for name in ("newClientOrderId", "clientAlgoId"))
        epochs = [known.lease_epoch for name in names if (known := identity_of(name)) is not None]

        def answer(true: Reply) -> Reply:
            # What came too late for its receive window is refused, and changes nothing.
            if true.status == HTTPStatus.OK:
                self.epochs += epochs
            return true

        return RequestPlan(answer=answer)


@dataclass
class Venue:
    url: str
    exchange: PaperExchange
    log: RequestLog

    def price(self, ticks: int) -> None:
        now_ms = self.exchange.now_ms
        self.exchange.feed(Print(ts_ms=now_ms, symbol="BTCUSDT", ticks=ticks, lots=10_000))

    def by_hand(self, method: str, path: str, **params: str) -> Any:
        reply = self.exchange.act(0, method, f"/fapi/v1/{path}", urlencode(params))
        assert reply.status == 200, reply.body
        return reply.body

    def enter(self) -> None:
        self.by_hand("POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")

    def drop_stops(self) -> None:
        self.by_hand("DELETE", "algoOpenOrders", symbol="BTCUSDT")

    def stops(self) -> int:
        return len(self.by_hand("GET", "openAlgoOrders"))


@asynccontextmanager
async def listening() -> AsyncIterator[Venue]:
    clock, log = ExchangeClock(RealClock().now_ms), RequestLog()
    exchange = PaperExchange(now_ms=clock.now_ms(), keys=[KEY], request_faults=log)
    venue = Venue("", exchange, log)
    async with ExchangeServer(exchange, clock).listening() as port:
        venue.url = f"http://127.0.0.1:{port}"
        venue.price(PRICE_TICKS)
        yield venue


class Instance:
    """One `quantum-exit run`, its events read as they are printed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.events: list[dict[str, Any]] = []

    async def read(self) -> None:
        assert self._process.stdout is not None
        rest = ""
        async for text in TextReceiveStream(self._process.stdout):
            *lines, rest = (rest + text).split("\n")
            self.events += [json.loads(line) for line in lines]

    def has(self, name: str) -> bool:
        return any(event["event"] == name for event in self.events)

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> int:
        with anyio.fail_after(PATIENCE_S):
            return await self._process.wait()


@asynccontextmanager
async def instance(
    folder: Path, name: str, venue: Venue, postgres: PostgresServer, journal: str, *more: str
) -> AsyncIterator[Instance]:
    settings = (
        *more,
        f"owner={name}",
        "store.kind=postgres",
        f"store.journal={journal}",
        f"account={journal}",
        f"folder={name}",
    )
    given = [word for setting in settings for word in ("--set", setting)]
    secrets = {
        "QUANTUM_EXIT_API_KEY": KEY.key,
        "QUANTUM_EXIT_API_SECRET": KEY.secret or "",
        "QUANTUM_EXIT_STORE__DSN": postgres.dsn,
    }
    command = [sys.executable, "-m", "quantum_exit", "run", "--venue", venue.url, "--json", *given]
    with (folder / f"{name}.err").open("w") as errors:
        process = await anyio.open_process(
            command, cwd=folder, env={**os.environ, **secrets}, stderr=errors
        )
        try:
            async with anyio.create_task_group() as group:
                started = Instance(process)
                group.start_soon(started.read)
                yield started
                group.cancel_scope.cancel()
        finally:
            if process.returncode is None:
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.wait()
                await process.aclose()


async def until(seen: Any) -> None:
    for _ in range(PATIENCE_S * 50):
        if seen():
            return
        await anyio.sleep(0.02)
    raise AssertionError(seen)


async def test_of_two_that_start_together_one_guards(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    async with (
        listening() as venue,
        instance(tmp_path, "one", venue, postgres, "race") as one,
        instance(tmp_path, "two", venue, postgres, "race") as two,
    ):
        both = (one, two)
        await until(lambda: any(each.exit_code is not None for each in both))
        await until(lambda: any(each.has("started") for each in both))
        (loser,) = [each for each in both if each.exit_code is not None]
        assert loser.exit_code == 1
        assert not loser.has("started")
        assert "owned by" in (tmp_path / "one.err").read_text() + (tmp_path / "two.err").read_text()
        venue.enter()
        await until(lambda: venue.stops() == 2)
        assert set(venue.log.epochs) == {1}


async def test_one_that_wakes_after_a_takeover_sends_nothing_more(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    async with (
        listening() as venue,
        instance(tmp_path, "old", venue, postgres, "takeover", *SHORT_LEASE) as old,
    ):
        await until(lambda: old.has("started"))
        venue.enter()
        await until(lambda: venue.stops() == 2)
        old.signal(signal.SIGSTOP)

        await anyio.sleep(SHORT_LEASE_S)
        assert set(venue.log.epochs) == {1}

        async with instance(tmp_path, "new", venue, postgres, "takeover", *SHORT_LEASE) as new:
            await until(lambda: new.has("started"))
            # What the old one would answer, too, as soon as it wakes.
            venue.drop_stops()
            await until(lambda: venue.stops() == 2)
            takeover = len(venue.log.epochs)
            assert venue.log.epochs[-1] == 2

            venue.drop_stops()
            venue.price(PRICE_TICKS + 5_000)
            old.signal(signal.SIGCONT)
            assert await old.ended() == 1
            await until(lambda: venue.stops() == 2)
            await anyio.sleep(0.5)

        first = venue.log.epochs.index(2)
        assert set(venue.log.epochs[:first]) == {1}
        assert set(venue.log.epochs[first:]) == {2}
        assert len(venue.log.epochs) > takeover
        told = (tmp_path / "old.err").read_text()
        assert "the lease of epoch 1 is lost; newest epoch: 2" in told
