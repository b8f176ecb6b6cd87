"""The venue of the product before a server that answers as a test tells it to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport, HttpLimits
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnector
from tests.binance_server import Server, serving, symbol
from tests.clocks import RealClock

ALGO = {
    "algoId": 9, "clientAlgoId": "x1", "algoType": "CONDITIONAL", "orderType": "STOP_MARKET",
    "symbol": "BTCUSDT", "side": "SELL", "positionSide": "BOTH", "quantity": "0.000",
    "algoStatus": "NEW", "triggerPrice": "55000.0", "price": "0.0", "workingType": "MARK_PRICE",
    "closePosition": True, "reduceOnly": False, "createTime": 5, "updateTime": 6,
}  # fmt: skip
ORDER = {
    "orderId": 8, "clientOrderId": "x1", "symbol": "BTCUSDT", "status": "FILLED", "side": "SELL",
    "type": "MARKET", "origQty": "0.005", "executedQty": "0.005", "price": "0", "stopPrice": "0",
    "positionSide": "BOTH", "reduceOnly": True, "closePosition": False, "updateTime": 7,
}  # fmt: skip


@asynccontextmanager
async def trading(hedge: bool = False) -> AsyncIterator[tuple[Server, BinanceVenue]]:
    """The server, and a venue that knows the rules of one symbol and the mode of the account."""
    clock = RealClock()
    async with serving() as server:
        hosts = simulated(server.url)
        key = ApiKey(key="k", secret="s")
        server.reply("GET /fapi/v1/exchangeInfo", {"symbols": [symbol("BTCUSDT")]})
        server.reply("GET /fapi/v1/positionSide/dual", {"dualSidePosition": hedge})
        async with (
            CcxtTransport(hosts, key, clock, HttpLimits(timeout_ms=1_000)) as transport,
            WebSocketConnector(hosts) as connector,
        ):
            pacing = Pacing(clock, Random(1).random)
            yield server, BinanceVenue(transport, connector, clock=clock, pacing=pacing)
