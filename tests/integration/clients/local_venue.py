"""The simulated exchange on a real socket, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from decimal import Decimal
from types import TracebackType
from typing import Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.faults.exchange import faulty_exchange
from quantum_exit.adapters.paper.faults.injector import FaultInjector
from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.faults.script_file import faults_from_values
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.pacing import ExchangeClock
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.server import ExchangeServer

KEY, SECRET = "sim-key-0", "sim-secret-0"
ED25519_KEY = "sim-key-ed25519"
ED25519_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""Private key of `ED25519_KEY`."""

SYMBOLS = ("BTCUSDT", "ETHUSDT")
E8 = 10**8
_T = TypeVar("_T")
_PATIENCE_S = 20.0


class LocalVenue:
    """A server on loopback with BTCUSDT at 60 000 and ETHUSDT at 3 000, and one account.

    Its time is the machine's, because clients sign with that; nothing depends on how fast it passes.
    """

    def __init__(self, faults: FaultSpec | None = None) -> None:
        self._faults = faults or FaultSpec()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exchange")
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._exchange: PaperExchange
        self._plan: FaultPlan
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(_PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def price(self, price: str, symbol: str = "BTCUSDT", qty: str = "10") -> None:
        """Prints a trade and sets the mark price."""

        def move(exchange: PaperExchange) -> None:
            found = exchange.desk.info.symbols.get(symbol)
            ticks, lots = found.ticks(Decimal(price)), found.lots(Decimal(qty))
            now_ms = exchange.now_ms
            exchange.feed(Print(ts_ms=now_ms, symbol=symbol, ticks=ticks, lots=lots))
            mark_e8 = int(Decimal(price) * E8)
            exchange.feed(Mark(ts_ms=now_ms, symbol=symbol, mark_e8=mark_e8))

        self.act(move)

    def inject(self, **document: object) -> None:
        """Adds faults as a fault file writes them; their times count from now."""
        faults_from_values(document, "test")
        self.act(lambda exchange: FaultInjector(self._plan).inject(document))

    def act(self, action: Callable[[PaperExchange], _T]) -> _T:
        """What `action` gives, carried out between two requests."""
        done: Future[_T] = Future()

        def run() -> None:
            try:
                done.set_result(action(self._exchange))
            except Exception as error:  # noqa: BLE001 - handed to the test's thread
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(_PATIENCE_S)

    def position(self, symbol: str = "BTCUSDT") -> int:
        """Lots held."""
        return self.act(lambda exchange: exchange.desk.venue.holdings(0, symbol)[0].lots)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        clock = ExchangeClock(lambda: time.time_ns() // 1_000_000)
        self._exchange, self._plan = faulty_exchange(
            self._faults,
            now_ms=clock.now_ms(),
            info=built_in_info(SYMBOLS),
            keys=[
                ApiKey(key=KEY, secret=SECRET),
                ApiKey(key=ED25519_KEY, public_key=ED25519_PRIVATE.public_key().public_bytes_raw()),
            ],
            accounts=[AccountSetup(wallet=Decimal(100_000))],
        )
        server = ExchangeServer(self._exchange, clock, faults=FaultInjector(self._plan))
        async with server.listening() as self._port:
            self._ready.set()
            await self._stop.wait()
