"""The official SDK trades over the WebSocket API, and hears market and user data streams."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.integration.clients.local_venue import LocalVenue
from tests.integration.clients.official_client import (
    rest_api,
    strays,
    websocket_api,
    websocket_streams,
)

BTC = "BTCUSDT"
_TRIES = 400
_PAUSE_S = 0.02

# The SDK gives aiohttp its timeout in a form that aiohttp is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:parameter 'timeout'.*:DeprecationWarning")


def over_websocket_api(venue: LocalVenue, script: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        api = websocket_api(venue)
        await api.create_connection()
        try:
            return await script(api)
        finally:
            await api.close_connection(close_session=True)

    return asyncio.run(run())


def test_orders_of_both_books_live_over_the_websocket_api(venue: LocalVenue) -> None:
    async def script(api: Any) -> Any:
        await api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)
        limit = {"symbol": BTC, "side": "SELL", "quantity": 0.05}
        replies = [
            await api.new_order(
                **limit,
                type="LIMIT",
                price=61_000.0,
                time_in_force="GTC",
                new_client_order_id="x1L",
            ),
            await api.modify_order(**limit, price=61_500.0, orig_client_order_id="x1L"),
            await api.query_order(symbol=BTC, orig_client_order_id="x1L"),
            await api.cancel_order(symbol=BTC, orig_client_order_id="x1L"),
            await api.new_algo_order(
                algo_type="CONDITIONAL",
                symbol=BTC,
                side="SELL",
                type="STOP_MARKET",
                trigger_price=59_000.0,
                close_position="true",
                client_algo_id="x1F",
            ),
            await api.cancel_algo_order(client_algo_id="x1F"),
        ]
        return [reply.data() for reply in replies]

    placed, amended, queried, canceled, stop, stopped = over_websocket_api(venue, script)

    assert (placed.result.price, amended.result.price) == ("61000.0", "61500.0")
    assert (queried.result.price, canceled.result.status) == ("61500.0", "CANCELED")
    assert (stop.result.trigger_price, stopped.result.msg) == ("59000.0", "success")
    replies = (placed, amended, queried, canceled, stop, stopped)
    assert [stray for reply in replies for stray in strays(reply)] == []


@pytest.mark.parametrize(
    "name",
    [
        "account_information",
        "account_information_v2",
        "futures_account_balance",
        "futures_account_balance_v2",
        "position_information",
        "position_information_v2",
        "start_user_data_stream",
        "symbol_price_ticker",
        "symbol_order_book_ticker",
    ],
)
def test_every_read_over_the_websocket_api_has_the_shape_of_its_model(
    venue: LocalVenue, name: str
) -> None:
    async def script(api: Any) -> Any:
        await api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)
        return (await getattr(api, name)()).data()

    assert list(strays(over_websocket_api(venue, script))) == []


def test_a_refusal_over_the_websocket_api_carries_its_code(venue: LocalVenue) -> None:
    async def script(api: Any) -> Any:
        reply = await api.new_algo_order(
            algo_type="CONDITIONAL",
            symbol=BTC,
            side="SELL",
            type="STOP_MARKET",
            trigger_price=61_000.0,
            close_position="true",
        )
        return reply.data()

    refused = over_websocket_api(venue, script)

    assert refused["error"] == {"code": -2021, "msg": "Order would immediately trigger."}


async def heard(
    venue: LocalVenue,
    subscribe: Callable[[Any], Awaitable[Any]],
    stir: Callable[[int], None],
    enough: Callable[[list[Any]], bool],
) -> list[Any]:
    """The messages of a stream until they are `enough`, while `stir` moves the market."""
    streams = websocket_streams(venue)
    await streams.create_connection()
    messages: list[Any] = []
    try:
        stream = await subscribe(streams)
        stream.on("message", messages.append)
        for turn in range(_TRIES):
            stir(turn)
            await asyncio.sleep(_PAUSE_S)
            if enough(messages):
                return messages
        pytest.fail(f"too little was heard: {messages}")
    finally:
        await streams.close_connection(close_session=True)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("aggregate_trade_streams", {"symbol": BTC}),
        ("individual_symbol_ticker_streams", {"symbol": BTC}),
        ("individual_symbol_mini_ticker_stream", {"symbol": BTC}),
        ("all_market_mini_tickers_stream", {}),
        ("kline_candlestick_streams", {"symbol": BTC, "interval": "1m"}),
        ("mark_price_stream", {"symbol": BTC}),
        ("individual_symbol_book_ticker_streams", {"symbol": BTC}),
        ("all_book_tickers_stream", {}),
        ("diff_book_depth_streams", {"symbol": BTC}),
        ("partial_book_depth_streams", {"symbol": BTC, "levels": 5}),
    ],
)
def test_every_market_stream_has_the_shape_of_its_model(
    venue: LocalVenue, name: str, params: dict[str, object]
) -> None:
    messages = asyncio.run(
        heard(
            venue,
            lambda streams: getattr(streams, name)(**params),
            lambda turn: venue.price(str(60_000 + turn % 5)),
            lambda messages: len(messages) > 0,
        )
    )

    assert [stray for message in messages for stray in strays(message)] == []


@pytest.fixture
def api(venue: LocalVenue) -> Iterator[Any]:
    with rest_api(venue) as opened:
        yield opened


def test_user_events_have_the_shape_of_their_models_and_come_in_their_order(
    venue: LocalVenue, api: Any
) -> None:
    key = api.start_user_data_stream().data().listen_key
    api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)

    def stir(turn: int) -> None:
        if turn == 0:
            api.new_algo_order(
                algo_type="CONDITIONAL",
                symbol=BTC,
                side="SELL",
                type="STOP_MARKET",
                trigger_price=59_000.0,
                close_position="true",
            )
            api.change_initial_leverage(symbol=BTC, leverage=7)
            venue.price("58900")

    def is_over(messages: list[Any]) -> bool:
        return len(kinds(messages)) >= 9

    def kinds(messages: list[Any]) -> list[str]:
        return [type(message.actual_instance).__name__ for message in messages]

    messages = asyncio.run(heard(venue, lambda streams: streams.user_data(key), stir, is_over))

    assert kinds(messages) == [
        "AlgoUpdate",
        "AccountConfigUpdate",
        "AlgoUpdate",
        "AlgoUpdate",
        "TradeLite",
        "OrderTradeUpdate",
        "AccountUpdate",
        "OrderTradeUpdate",
        "AlgoUpdate",
    ]
    assert [stray for message in messages for stray in strays(message)] == []
    assert venue.position() == 0
