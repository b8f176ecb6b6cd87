"""The simulated exchange in the same process, with prices from ticks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from urllib.parse import urlencode

import anyio

from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.drivers import WalkSettings, file_trades, random_walk
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.in_process import InProcess
from quantum_exit.adapters.paper.in_process_client import InProcessConnector, InProcessTransport
from quantum_exit.adapters.paper.pacing import Pacer
from quantum_exit.app.config import RunConfig
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.ports import Clock

_KEY = ApiKey(key="paper-key", secret="paper-secret")
_IDLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFeed:
    """Where the prices of the simulated exchange come from.

    Attributes:
        symbol: Whose prices.
        ticks: Tick files, one series; empty = a random walk.
        start_price: First price of the random walk.
        speed: How many ms of the ticks pass in one ms, above 0.
        seed: The same seed gives the same walk.
    """

    symbol: str = "BTCUSDT"
    ticks: tuple[str, ...] = ()
    start_price: Decimal = Decimal(100_000)
    speed: float = 1.0
    seed: int = 0


class PaperVenue:
    """A simulated exchange with one account, and the venue that speaks to it.

    Attributes:
        venue: What the service trades on.
    """

    def __init__(self, config: RunConfig, feed: PaperFeed, clock: Clock) -> None:
        info = built_in_info()
        known = {symbol.name: symbol for symbol in info.symbols}
        if feed.symbol not in known:
            allowed = f"expected one of {', '.join(sorted(known))}"
            raise InvalidInputError("symbol", feed.symbol, allowed)
        symbol = known[feed.symbol]
        self._clock = clock
        exchange = PaperExchange(
            now_ms=clock.now_ms(),
            info=info,
            keys=[_KEY],
            accounts=[
                AccountSetup(wallet=Decimal(repr(config.paper.wallet)), hedge_mode=config.hedge)
            ],
            seed=config.seed,
        )
        self._last_ms = exchange.now_ms
        self._face = InProcess(exchange, self._now_ms)
        if feed.ticks:
            moves = file_trades(feed.ticks, symbol)
        else:
            walk = WalkSettings(start_price=feed.start_price, seed=feed.seed)
            moves = random_walk(symbol, walk, clock.now_ms())
        self._pacer = Pacer(moves, speed=feed.speed)
        self.venue = BinanceVenue(
            InProcessTransport(self._face, _KEY, clock, latency_ms=config.paper.latency_ms),
            InProcessConnector(self._face),
            clock=clock,
            pacing=Pacing(clock, Random(config.seed).random),
        )
        self._priced = anyio.Event()
        self._ended = anyio.Event()
        self._symbol = feed.symbol

    async def until_ended(self) -> None:
        """Returns when the ticks have come to their end."""
        await self._ended.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The exchange lives; enters when it has a price."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._face.run)
            group.start_soon(self._drive)
            await self._priced.wait()
            yield
            group.cancel_scope.cancel()

    def enter(self, side: Side, quantity: Decimal) -> None:
        """Somebody enters at the market.

        Raises:
            VenueReadError: The exchange refuses.
        """
        order = {
            "symbol": self._symbol,
            "side": "BUY" if side is Side.LONG else "SELL",
            "type": "MARKET",
            "quantity": str(quantity),
        }
        reply = self._face.act(0, "POST", "/fapi/v1/order", urlencode(order))
        if reply.status != 200:  # noqa: PLR2004 - the HTTP status
            raise VenueReadError("entry", str(reply.body))

    def resting(self) -> list[tuple[str, str, str, str]]:
        """Type, side, trigger or price, and quantity of every open order of both books."""
        rows: list[tuple[str, str, str, str]] = []
        for path, kind, price, quantity in (
            ("openAlgoOrders", "orderType", "triggerPrice", "quantity"),
            ("openOrders", "type", "price", "origQty"),
        ):
            body = self._face.act(0, "GET", f"/fapi/v1/{path}", "").body
            if isinstance(body, list):
                rows += [(row[kind], row["side"], row[price], row[quantity]) for row in body]
        return sorted(rows)

    def _now_ms(self) -> int:
        """The exchange's time never goes back, even where the service's clock is corrected."""
        self._last_ms = max(self._last_ms, self._clock.now_ms())
        return self._last_ms

    async def _drive(self) -> None:
        while not self._pacer.ended:
            for _, move in self._pacer.due(self._now_ms()):
                self._face.feed(move)
                self._priced.set()
            due_ms = self._pacer.next_due_ms(self._now_ms())
            wait_s = _IDLE_S if due_ms is None else (due_ms - self._now_ms()) / 1000
            await anyio.sleep(min(max(wait_s, 0.001), 1.0))
        self._ended.set()
