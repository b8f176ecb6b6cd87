"""python-binance trades over HTTP, its sockets and the WebSocket API."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
import requests

from tests.integration.clients.local_venue import KEY, SECRET, LocalVenue
from tests.integration.clients.python_binance_client import (
    AsyncClient,
    BinanceAPIException,
    BinanceSocketManager,
    Client,
    WebsocketAPI,
)

BTC, ETH = "BTCUSDT", "ETHUSDT"
STOP = {
    "symbol": BTC,
    "side": "SELL",
    "type": "STOP_MARKET",
    "triggerPrice": "59000",
    "closePosition": "true",
    "clientAlgoId": "x1F",
}
LIMIT = {
    "symbol": BTC,
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.05",
    "price": "61000",
    "newClientOrderId": "x1L",
}
MARKET = {"symbol": BTC, "side": "BUY", "type": "MARKET", "quantity": "0.1"}
_PAUSE_S = 0.02

# The package keeps an event loop of its own, and leaves it to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed event loop:ResourceWarning", "ignore:There is no current event loop"
)


@contextmanager
def client_of(venue: LocalVenue) -> Iterator[Client]:
    client = Client(KEY, SECRET, ping=False)
    client.FUTURES_URL = f"{venue.http}/fapi"
    try:
        yield client
    finally:
        client.close_connection()
        # Its own event loop, which it never runs and never closes.
        client.loop.close()
        asyncio.set_event_loop(None)


def test_orders_and_stops_live_through_all_their_calls(venue: LocalVenue) -> None:
    with client_of(venue) as client:
        client.futures_create_order(**MARKET)
        client.futures_create_order(**LIMIT)
        amended = client.futures_modify_order(
            symbol=BTC, side="SELL", quantity="0.04", price="61500", origClientOrderId="x1L"
        )
        (listed,) = client.futures_get_open_orders(symbol=BTC)
        canceled = client.futures_cancel_order(symbol=BTC, origClientOrderId="x1L")
        stop = client.futures_create_order(**STOP)
        (waiting,) = client.futures_get_open_orders(symbol=BTC, conditional=True)
        venue.price("58900")
        ended = client.futures_get_algo_order(clientAlgoId="x1F")
        fills = client.futures_account_trades(symbol=BTC)

    assert amended["price"] == listed["price"] == "61500.0"
    assert canceled["status"] == "CANCELED"
    assert stop["algoId"] == waiting["algoId"]
    assert ended["algoStatus"] == "FINISHED"
    assert [fill["side"] for fill in fills] == ["BUY", "SELL"]
    assert venue.position() == 0


def test_a_trailing_stop_is_placed_and_all_are_cancelled(venue: LocalVenue) -> None:
    trailing = {
        "symbol": BTC,
        "side": "SELL",
        "type": "TRAILING_STOP_MARKET",
        "quantity": "0.1",
        "callbackRate": "1.5",
        "reduceOnly": "true",
    }
    with client_of(venue) as client:
        client.futures_create_order(**MARKET)
        placed = client.futures_create_order(**trailing)
        client.futures_cancel_all_algo_open_orders(symbol=BTC)
        left = client.futures_get_open_algo_orders(symbol=BTC)

    assert placed["callbackRate"] == "1.5"
    assert left == []


def test_batches_are_placed_and_cancelled(venue: LocalVenue) -> None:
    orders = [
        {**LIMIT, "side": "BUY", "price": "50000", "newClientOrderId": f"b{number}"}
        for number in range(2)
    ]
    with client_of(venue) as client:
        placed = client.futures_place_batch_order(batchOrders=orders)
        ids = [order["orderId"] for order in placed]
        canceled = client.futures_cancel_orders(symbol=BTC, orderidlist=ids)

    assert [order["status"] for order in placed] == ["NEW", "NEW"]
    assert [order["status"] for order in canceled] == ["CANCELED", "CANCELED"]


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (-2021, {**STOP, "triggerPrice": "61000"}),
        (-2022, {**LIMIT, "reduceOnly": "true"}),
        (-2019, {**MARKET, "quantity": "100"}),
        (-1121, {**MARKET, "symbol": "NOSUCH"}),
        (-4164, {**LIMIT, "side": "BUY", "quantity": "0.001", "price": "50000"}),
    ],
)
def test_refusals_carry_their_code(venue: LocalVenue, code: int, params: dict[str, str]) -> None:
    with client_of(venue) as client, pytest.raises(BinanceAPIException) as refused:
        client.futures_create_order(**params)

    assert (refused.value.code, refused.value.status_code) == (code, 400)


@pytest.mark.parametrize(
    ("rule", "code", "status"),
    [
        ({"code": -1007}, -1007, 408),
        ({"code": -1003, "status": 429, "message": "slow down"}, -1003, 429),
        ({"code": -4120}, -4120, 400),
        ({"status": 502, "body": "<html></html>"}, 0, 502),
    ],
)
def test_faults_carry_their_code(
    venue: LocalVenue, rule: dict[str, object], code: int, status: int
) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/order", "nth": 1, **rule}])

    with client_of(venue) as client, pytest.raises(BinanceAPIException) as refused:
        client.futures_create_order(**MARKET)

    assert (refused.value.code, refused.value.status_code) == (code, status)
    assert venue.position() == 100


def test_a_lost_reply_is_a_connection_error(venue: LocalVenue) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/order", "nth": 1, "reply": "drop"}])

    with client_of(venue) as client, pytest.raises(requests.ConnectionError):
        client.futures_create_order(**MARKET)

    assert venue.position() == 100


@asynccontextmanager
async def stirred(stir: Callable[[int], None]) -> Any:
    """Moves the market for as long as the block runs: a socket of this client closes on a message."""

    async def run() -> None:
        turn = 0
        while True:
            stir(turn)
            turn += 1
            await asyncio.sleep(_PAUSE_S)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def with_async_client(venue: LocalVenue, script: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        client = AsyncClient(KEY, SECRET)
        client.FUTURES_URL = f"{venue.http}/fapi"
        client.ws_future = WebsocketAPI(url=f"{venue.ws}/ws-fapi/v1")
        try:
            return await script(client)
        finally:
            await client.close_connection()
            # The client forgets this one, and its own way to close it waits for a message.
            if client.ws_future.ws is not None:
                await client.ws_future.ws.close()

    return asyncio.run(run())


def first_message(
    venue: LocalVenue, name: str, args: tuple[object, ...], stir: Callable[[int], None]
) -> Any:
    async def script(client: AsyncClient) -> Any:
        sockets = BinanceSocketManager(client)
        sockets.FSTREAM_URL = f"{venue.ws}/"
        async with stirred(stir), getattr(sockets, name)(*args) as socket:
            return await asyncio.wait_for(socket.recv(), 5)

    return with_async_client(venue, script)


@pytest.mark.parametrize(
    ("name", "args", "event"),
    [
        ("aggtrade_futures_socket", (BTC,), "aggTrade"),
        ("symbol_mark_price_socket", (BTC,), "markPriceUpdate"),
        ("symbol_ticker_futures_socket", (BTC,), "bookTicker"),
        ("futures_depth_socket", (BTC,), "depthUpdate"),
        ("all_ticker_futures_socket", (), "bookTicker"),
        ("futures_multiplex_socket", (["btcusdt@kline_1m"],), "kline"),
    ],
)
def test_market_sockets_are_heard(
    venue: LocalVenue, name: str, args: tuple[object, ...], event: str
) -> None:
    message = first_message(venue, name, args, lambda turn: venue.price(str(60_000 + turn % 5)))

    assert (message["data"]["e"], message["data"]["s"]) == (event, BTC)


def test_the_user_socket_is_heard(venue: LocalVenue) -> None:
    def buy(turn: int) -> None:
        del turn
        venue.act(lambda exchange: exchange.desk.venue.place(0, BTC, "BUY", "MARKET", 10))
        venue.act(lambda exchange: exchange.settle())

    message = first_message(venue, "futures_user_socket", (), buy)

    assert (message["e"], message["s"], message["l"]) == ("TRADE_LITE", BTC, "0.010")


def test_orders_of_both_books_live_over_the_websocket_api(venue: LocalVenue) -> None:
    async def script(client: AsyncClient) -> Any:
        placed = await client.ws_futures_create_order(**LIMIT)
        found = await client.ws_futures_get_order(symbol=BTC, origClientOrderId="x1L")
        canceled = await client.ws_futures_cancel_order(symbol=BTC, origClientOrderId="x1L")
        stop = await client.ws_futures_create_algo_order(**STOP, algoType="CONDITIONAL")
        await client.ws_futures_cancel_algo_order(clientAlgoId="x1F")
        with pytest.raises(BinanceAPIException) as refused:
            await client.ws_futures_create_algo_order(
                **STOP | {"triggerPrice": "61000"}, algoType="CONDITIONAL"
            )
        return placed, found, canceled, stop, refused.value.code

    placed, found, canceled, stop, code = with_async_client(venue, script)

    assert placed["orderId"] == found["orderId"] == canceled["orderId"]
    assert (canceled["status"], stop["triggerPrice"], code) == ("CANCELED", "59000.0", -2021)
