"""The simulated exchange in the same process, with prices from ticks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from random import Random
from urllib.parse import urlencode

import anyio

from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.in_process import InProcess
from quantum_exit.adapters.paper.in_process_client import InProcessConnector, InProcessTransport
from quantum_exit.adapters.paper.pacing import Pacer
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.app.config.settings import RunConfig
from quantum_exit.app.paper_feed import PaperFeed
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.position import Side
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.ports import Clock

_KEY = ApiKey(key="paper-key", secret="paper-secret")
_OK = 200
_MIN_WAIT_S = 0.001


class PaperVenue:
    """A simulated exchange with one account, and the venue that speaks to it.

    Args:
        config: The configuration.
        feed: Its prices.
        clock: Time.

    Attributes:
        venue: What the service trades on.
        instrument: Grid and minimums of the symbol.
    """

    def __init__(self, config: RunConfig, feed: PaperFeed, clock: Clock) -> None:
        self._clock = clock
        account = AccountSetup(wallet=config.paper.wallet, hedge_mode=config.hedge)
        exchange = PaperExchange(
            now_ms=clock.now_ms(), keys=[_KEY], accounts=[account], seed=config.seed
        )
        self._hedge = config.hedge
        self._last_ms = exchange.now_ms
        self._face = InProcess(exchange, self._now_ms)
        self._pacer = Pacer(feed.moves, speed=feed.speed)
        self.venue = BinanceVenue(
            InProcessTransport(self._face, _KEY, clock, latency_ms=config.paper.latency_ms),
            InProcessConnector(self._face),
            clock=clock,
            pacing=Pacing(clock, Random(config.seed).random),
        )
        self.instrument = built_in_instrument(feed.symbol)
        self._priced = anyio.Event()
        self._ended = anyio.Event()
        self._last_ticks = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The exchange lives; enters when it has a price."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._face.run)
            group.start_soon(self._drive)
            await self._priced.wait()
            yield
            group.cancel_scope.cancel()

    async def until_ended(self) -> None:
        """Returns when the prices have come to their end."""
        await self._ended.wait()

    @property
    def last_price(self) -> Decimal:
        """Price of the last trade, quote currency."""
        return self._last_ticks * Decimal(self.instrument.tick_size)

    def enter(self, side: Side, quantity: Decimal) -> Decimal:
        """Somebody enters at the market, and learns the average price.

        Raises:
            VenueReadError: The exchange refuses.
        """
        order = {
            "symbol": self.instrument.symbol,
            "side": "BUY" if side is Side.LONG else "SELL",
            "type": "MARKET",
            "quantity": str(quantity),
        }
        if self._hedge:
            order["positionSide"] = side.value
        body = self._by_hand("POST", "/fapi/v1/order", urlencode(order))
        found = self._by_hand(
            "GET", "/fapi/v1/order", f"symbol={order['symbol']}&orderId={body['orderId']}"
        )
        return Decimal(str(found["avgPrice"]))

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

    def _by_hand(self, method: str, path: str, query: str) -> JsonObject:
        reply = self._face.act(0, method, path, query)
        if reply.status != _OK or not isinstance(reply.body, dict):
            raise VenueReadError("entry", str(reply.body))
        return reply.body

    def _now_ms(self) -> int:
        """The exchange's time never goes back, even where the service's clock is corrected."""
        self._last_ms = max(self._last_ms, self._clock.now_ms())
        return self._last_ms

    async def _drive(self) -> None:
        while not self._pacer.ended:
            for _, move in self._pacer.due(self._now_ms()):
                self._take(move)
            due_ms = self._pacer.next_due_ms(self._now_ms())
            if due_ms is not None:
                await anyio.sleep(max((due_ms - self._now_ms()) / 1000, _MIN_WAIT_S))
        self._ended.set()

    def _take(self, move: Move) -> None:
        self._face.feed(move)
        if isinstance(move, Print):
            self._last_ticks = move.ticks
            self._priced.set()
