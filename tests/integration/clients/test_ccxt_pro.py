"""ccxt.pro `binanceusdm` watches streams and trades over the WebSocket API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt
import pytest

from quantum_exit.adapters.paper.exchange import PaperExchange
from tests.integration.clients.ccxt_client import LocalBinance, ccxt_client
from tests.integration.clients.local_venue import LocalVenue

BTC = "BTC/USDT:USDT"
_TRIES = 400
_PAUSE_S = 0.02


def with_client(
    venue: LocalVenue, script: Callable[[LocalBinance], Awaitable[Any]], **options: object
) -> Any:
    async def run() -> Any:
        client = ccxt_client(venue, **options)
        try:
            await client.load_markets()
            return await script(client)
        finally:
            await client.close()

    return asyncio.run(run())


async def until_seen(watch: Awaitable[Any], stir: Callable[[int], None]) -> Any:
    """What `watch` sees while `stir` moves the market again and again."""
    seen = asyncio.ensure_future(watch)
    for turn in range(_TRIES):
        await asyncio.sleep(_PAUSE_S)
        if seen.done():
            break
        stir(turn)
    assert seen.done(), "nothing was seen"
    return seen.result()


async def when_listening(client: LocalBinance, venue: LocalVenue, watch: Awaitable[Any]) -> Any:
    """The task that watches user data, once the exchange has its stream."""
    seen = asyncio.ensure_future(watch)
    for _ in range(_TRIES):
        await asyncio.sleep(_PAUSE_S)
        if venue.act(_has_listener):
            return seen
    pytest.fail("nobody listens to user data")


def _has_listener(exchange: PaperExchange) -> bool:
    key = exchange.desk.listen_keys.of_account(0)
    return key is not None and exchange.channels.has(key)


@pytest.mark.parametrize(
    ("watch", "see"),
    [
        (lambda x: x.watch_ticker(BTC), lambda seen: seen["last"]),
        (lambda x: x.watch_tickers([BTC]), lambda seen: seen[BTC]["last"]),
        (lambda x: x.watch_trades(BTC), lambda seen: seen[-1]["price"]),
        (lambda x: x.watch_ohlcv(BTC, "1m"), lambda seen: seen[-1][4]),
        (lambda x: x.watch_mark_price(BTC), lambda seen: seen["markPrice"]),
        (lambda x: x.watch_order_book(BTC), lambda seen: seen["asks"][0][0]),
        (lambda x: x.watch_bids_asks([BTC]), lambda seen: seen[BTC]["ask"]),
    ],
    ids=["ticker", "tickers", "trades", "ohlcv", "mark", "book", "bids_asks"],
)
def test_market_streams_are_watched(
    venue: LocalVenue,
    watch: Callable[[LocalBinance], Awaitable[Any]],
    see: Callable[[Any], float],
) -> None:
    async def script(client: LocalBinance) -> Any:
        return await until_seen(watch(client), lambda turn: venue.price(str(60_000 + turn % 7)))

    assert 59_990 <= see(with_client(venue, script)) <= 60_010


def test_orders_of_both_books_are_watched_to_their_end(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        seen = await when_listening(client, venue, client.watch_orders(BTC))
        await client.create_order(BTC, "market", "buy", 0.1, None, {"clientOrderId": "x1E"})
        statuses = [(order["clientOrderId"], order["status"]) for order in await seen]
        params = {"triggerPrice": 59_000, "closePosition": True, "clientAlgoId": "x1F"}
        await client.create_order(BTC, "STOP_MARKET", "sell", None, None, params)
        venue.price("58900")
        # ccxt gives the last status of each order only; what came between is not seen by all.
        while ("x1F", "closed") not in statuses:
            orders = await asyncio.wait_for(client.watch_orders(BTC), 5)
            statuses += [(order["clientOrderId"], order["status"]) for order in orders]
        return {client_id for client_id, _ in statuses}

    assert with_client(venue, script) == {"x1E", "x1F"}
    assert venue.position() == 0


def test_positions_balance_and_own_trades_are_watched(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        trades = await when_listening(client, venue, client.watch_my_trades(BTC))
        balance = asyncio.ensure_future(client.watch_balance())
        positions = asyncio.ensure_future(client.watch_positions([BTC]))
        await asyncio.sleep(_PAUSE_S)
        await client.create_order(BTC, "market", "buy", 0.1)
        return [await asyncio.wait_for(task, 5) for task in (positions, trades, balance)]

    # Without a first look by REST, which may be answered before or after the first event.
    (position,), (fill,), seen = with_client(
        venue,
        script,
        watchPositions={"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
        watchBalance={"fetchBalanceSnapshot": False, "awaitBalanceSnapshot": False},
    )

    assert (position["side"], position["contracts"], position["entryPrice"]) == ("long", 0.1, 6e4)
    assert (fill["amount"], fill["fee"]["cost"]) == (0.1, 3)
    assert seen["USDT"]["total"] == 99_997


def test_orders_are_placed_amended_and_cancelled_over_the_websocket_api(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        placed = await client.create_order_ws(BTC, "limit", "buy", 0.01, 55_000)
        amended = await client.edit_order_ws(placed["id"], BTC, "limit", "buy", 0.01, 55_500)
        found = await client.fetch_order_ws(placed["id"], BTC)
        canceled = await client.cancel_order_ws(placed["id"], BTC)
        return placed, amended, found, canceled

    placed, amended, found, canceled = with_client(venue, script)

    assert (placed["price"], amended["price"], found["price"]) == (55_000, 55_500, 55_500)
    assert canceled["status"] == "canceled"


def test_a_stop_and_its_refusal_come_over_the_websocket_api(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        await client.create_order_ws(BTC, "market", "buy", 0.1)
        stop = {"triggerPrice": 59_000, "reduceOnly": True}
        placed = await client.create_order_ws(BTC, "STOP_MARKET", "sell", 0.1, None, stop)
        canceled = await client.cancel_order_ws(placed["id"], BTC, {"trigger": True})
        with pytest.raises(ccxt.OrderImmediatelyFillable, match="-2021"):
            await client.create_order_ws(
                BTC, "STOP_MARKET", "sell", 0.1, None, {**stop, "triggerPrice": 61_000}
            )
        positions = await client.fetch_positions_ws([BTC])
        balance = await client.fetch_balance_ws()
        return placed, canceled, positions, balance

    placed, canceled, (position,), balance = with_client(venue, script)

    assert placed["id"] == canceled["id"]
    assert position["contracts"] == 0.1
    assert balance["USDT"]["total"] == 99_997


def test_a_fault_of_the_websocket_api_keeps_the_id_of_its_message(venue: LocalVenue) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/order", "nth": 1, "code": -1007}])

    async def script(client: LocalBinance) -> Any:
        with pytest.raises(ccxt.RequestTimeout, match="-1007"):
            await client.create_order_ws(BTC, "market", "buy", 0.1)

    with_client(venue, script)

    assert venue.position() == 100
