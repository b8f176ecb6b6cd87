"""What the venue makes of orders: how they leave, and what the replies say of them."""

import json

import pytest
from aiohttp import web

from quantum_exit.adapters.binance.venue import NOT_SENT
from quantum_exit.domain.facts import OrderBook, OrderStatus
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.orders import FloorStop, MarketClose, TakeProfitLimit
from quantum_exit.execution.outcomes import Done, NotDone, Reaction, Unknown
from quantum_exit.execution.ports import Steps, Venue
from tests.binance_server import symbol
from tests.binance_trading import ALGO, ORDER, trading

pytestmark = pytest.mark.anyio

LONG = PositionKey("main", "BTCUSDT", Side.LONG, 1)
FLOOR = FloorStop(key=LONG, trigger_ticks=550_000)
CLOSE = MarketClose(key=LONG, lots=5)
LIMIT = TakeProfitLimit(key=LONG, leg=0, lots=2, price_ticks=700_000, post_only=True)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_it_is_the_venue_that_execution_asks_for() -> None:
    async with trading() as (_, venue):
        port: Venue = venue

    assert not port.capabilities.amend_stop
    assert port.capabilities.close_position_singleton


async def test_a_floor_stop_is_placed_as_a_conditional_order() -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/algoOrder", ALGO, X_MBX_ORDER_COUNT_10S="3")
        outcome = await venue.send(FLOOR, "x1")

    assert isinstance(outcome, Done)
    assert outcome.order is not None
    assert (outcome.order.venue_id, outcome.order.status) == (9, OrderStatus.NEW)
    assert (outcome.order.trigger_ticks, outcome.order.close_position) == (550_000, True)
    sent = server.seen[-1].params
    assert (sent["closePosition"], sent["triggerPrice"]) == ("true", "55000.0")
    assert venue.usage.orders_10s == 3


async def test_what_the_venue_has_counted_is_told_as_often_as_it_says_so() -> None:
    told: list[tuple[str, int, int]] = []
    async with trading() as (server, venue):
        venue.watch_usage(lambda *count: told.append(count))
        server.reply("POST /fapi/v1/algoOrder", ALGO, X_MBX_ORDER_COUNT_10S="3")
        server.reply("POST /fapi/v1/order", ORDER, X_MBX_USED_WEIGHT_1M="1900")
        await venue.send(FLOOR, "x1")
        await venue.send(CLOSE, "x1")

    assert told == [("orders", 10_000, 3), ("weight", 60_000, 1_900)]


async def test_the_rate_limits_in_the_rules_are_told_to_who_asked_before_and_after() -> None:
    limits = [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": most}
        for kind, interval, number, most in (
            ("REQUEST_WEIGHT", "MINUTE", 1, 6_000),
            ("ORDERS", "SECOND", 10, 500),
            ("RAW_REQUESTS", "MINUTE", 5, 61_000),
            ("ORDERS", "DAY", 1, 100_000),
            ("ORDERS", "MINUTE", 1, 0),
        )
    ]
    before: list[tuple[str, int, int]] = []
    after: list[tuple[str, int, int]] = []
    async with trading() as (server, venue):
        rules = {"symbols": [symbol("BTCUSDT")], "rateLimits": limits}
        server.reply("GET /fapi/v1/exchangeInfo", rules)
        venue.watch_limits(lambda *limit: before.append(limit))
        await venue.prepare()
        venue.watch_limits(lambda *limit: after.append(limit))

    assert before == after == [("weight", 60_000, 6_000), ("orders", 10_000, 500)]


async def test_the_rules_and_the_mode_are_read_once_before_the_first_order() -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/order", ORDER)
        await venue.prepare()
        await venue.send(CLOSE, "x1")
        await venue.send(CLOSE, "x1")

    assert server.paths("GET") == ["/fapi/v1/exchangeInfo", "/fapi/v1/positionSide/dual"]


@pytest.mark.parametrize("steps", [Steps("0.1", "0.01"), Steps("1", "0.001")])
async def test_an_order_that_was_decided_on_another_grid_does_not_leave(steps: Steps) -> None:
    async with trading() as (server, venue):
        outcome = await venue.send(CLOSE, "x1", steps)

    assert isinstance(outcome, NotDone)
    assert outcome.reaction is Reaction.REQUANTISE
    assert server.paths("POST") == []


async def test_equal_grids_may_be_written_in_different_ways() -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/order", ORDER)
        outcome = await venue.send(CLOSE, "x1", Steps("0.10", "0.0010"))

    assert isinstance(outcome, Done)


async def test_in_hedge_mode_an_order_names_its_position() -> None:
    async with trading(hedge=True) as (server, venue):
        server.reply("POST /fapi/v1/order", ORDER)
        await venue.send(CLOSE, "x1")

    sent = server.seen[-1].params
    assert sent["positionSide"] == "LONG"
    assert "reduceOnly" not in sent


@pytest.mark.parametrize("code", [-4061, -1106])
async def test_a_mode_that_someone_switched_is_read_again_before_the_next_order(code: int) -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/order", {"code": code, "msg": "position side"}, 400)
        refused = await venue.send(CLOSE, "x1")
        server.reply("GET /fapi/v1/positionSide/dual", {"dualSidePosition": True})
        await venue.send(CLOSE, "x1")

    assert isinstance(refused, NotDone)
    assert refused.code == code
    assert server.seen[-1].params["positionSide"] == "LONG"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"orderId":1}', json.dumps(ORDER | {"status": "MAYBE"}).encode(),
     json.dumps(ORDER | {"origQty": "NaN"}).encode()],
)  # fmt: skip
async def test_a_success_that_cannot_be_read_is_unknown(body: bytes) -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/order", body)
        outcome = await venue.send(CLOSE, "x1")

    assert outcome == Unknown(why="the reply could not be read")
    assert sum(venue.quarantine.counts.values()) == 1


@pytest.mark.parametrize("change", [{"clientOrderId": "other"}, {"symbol": "ETHUSDT"}])
async def test_the_reply_of_another_order_is_unknown(change: dict[str, str]) -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/order", ORDER | change)
        outcome = await venue.send(CLOSE, "x1")

    assert outcome == Unknown(why="the reply is of another order")


async def test_a_lost_reply_is_unknown_and_is_not_repeated() -> None:
    async def reset(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with trading() as (server, venue):
        server.answers["POST /fapi/v1/order"] = reset
        outcome = await venue.send(CLOSE, "x1")

    assert isinstance(outcome, Unknown)
    assert server.paths("POST") == ["/fapi/v1/order"]


async def test_an_overloaded_venue_leaves_a_market_close_unknown_but_not_a_resting_order() -> None:
    async with trading() as (server, venue):
        for path in ("order", "algoOrder"):
            server.reply(f"POST /fapi/v1/{path}", b"Service Unavailable.", 503)
        close = await venue.send(CLOSE, "x1")
        stop = await venue.send(FLOOR, "x1")
        limit = await venue.send(LIMIT, "x1")

    assert isinstance(close, Unknown)
    for outcome in (stop, limit):
        assert isinstance(outcome, NotDone)
        assert outcome.reaction is Reaction.RESEND


async def test_an_order_whose_rules_cannot_be_read_is_not_sent() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/exchangeInfo", {"code": -1003, "msg": "x"}, 429, Retry_After="4")
        outcome = await venue.send(CLOSE, "x1")

    assert isinstance(outcome, NotDone)
    assert (outcome.code, outcome.reaction) == (NOT_SENT, Reaction.WAIT)
    assert outcome.retry_after_ms == 4_000
    assert server.paths("POST") == []


async def test_an_order_of_an_unknown_symbol_is_not_sent() -> None:
    key = PositionKey("main", "NOUSDT", Side.LONG, 1)
    async with trading() as (server, venue):
        outcome = await venue.send(MarketClose(key=key, lots=1), "x1")

    assert isinstance(outcome, NotDone)
    assert (outcome.code, outcome.reaction) == (NOT_SENT, Reaction.ALARM)
    assert server.paths("POST") == []


async def test_an_id_that_the_venue_would_not_take_is_a_defect_of_ours() -> None:
    async with trading() as (server, venue):
        with pytest.raises(InvalidInputError, match="client_id"):
            await venue.send(CLOSE, "not an id")
        with pytest.raises(InvalidInputError, match="client_id"):
            await venue.cancel("BTCUSDT", "", OrderBook.ALGO)

    assert server.seen == []


@pytest.mark.parametrize(
    ("book", "reply", "status"),
    [
        (OrderBook.ALGO, ALGO | {"algoStatus": "CANCELED"}, OrderStatus.CANCELED),
        (OrderBook.ALGO, {"clientAlgoId": "x1", "code": "200", "msg": "success"}, None),
        (OrderBook.REGULAR, ORDER | {"status": "CANCELED"}, OrderStatus.CANCELED),
    ],
)
async def test_a_cancel_is_done_when_the_reply_names_the_order(
    book: OrderBook, reply: dict[str, object], status: OrderStatus | None
) -> None:
    async with trading() as (server, venue):
        await venue.prepare()
        path = "algoOrder" if book is OrderBook.ALGO else "order"
        server.reply(f"DELETE /fapi/v1/{path}", reply)
        outcome = await venue.cancel("BTCUSDT", "x1", book)
        other = await venue.cancel("BTCUSDT", "x2", book)

    assert isinstance(outcome, Done)
    assert (None if outcome.order is None else outcome.order.status) == status
    assert other == Unknown(why="the reply is of another order")
    assert venue.quarantine.counts == {"cancel": 1}


async def test_a_cancel_that_is_confirmed_for_another_symbol_is_unknown() -> None:
    async with trading() as (server, venue):
        await venue.prepare()
        server.reply("DELETE /fapi/v1/order", ORDER | {"symbol": "ETHUSDT"})
        outcome = await venue.cancel("BTCUSDT", "x1", OrderBook.REGULAR)

    assert outcome == Unknown(why="the reply is of another symbol")
    assert venue.quarantine.counts == {"cancel": 1}


async def test_a_cancel_of_an_unknown_order_is_weak_evidence_only() -> None:
    async with trading() as (server, venue):
        server.reply("DELETE /fapi/v1/algoOrder", {"code": -2011, "msg": "Unknown order"}, 400)
        outcome = await venue.cancel("BTCUSDT", "x1", OrderBook.ALGO)

    assert isinstance(outcome, NotDone)
    assert outcome.reaction is Reaction.LOOK_IN_BOTH_BOOKS


async def test_an_order_is_found_in_the_book_that_was_asked() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/algoOrder", ALGO)
        server.reply("GET /fapi/v1/order", {"code": -2013, "msg": "Order does not exist."}, 400)
        algo = await venue.find("BTCUSDT", "x1", OrderBook.ALGO)
        regular = await venue.find("BTCUSDT", "x1", OrderBook.REGULAR)

    assert algo is not None
    assert algo.book is OrderBook.ALGO
    assert regular is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": -1003, "msg": "x"}, 429),
        (b"", 502),
        (b"[]", 200),
        (ALGO | {"clientAlgoId": "y"}, 200),
    ],
)
async def test_a_read_that_failed_is_not_the_same_as_nothing(body: object, status: int) -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/algoOrder", body, status)
        with pytest.raises(VenueReadError):
            await venue.find("BTCUSDT", "x1", OrderBook.ALGO)


async def test_changed_rules_hold_for_the_next_order() -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/algoOrder", ALGO)
        before = await venue.rules(["BTCUSDT"])
        server.reply("GET /fapi/v1/exchangeInfo", {"symbols": [symbol("BTCUSDT", tick="0.01")]})
        after = await venue.rules(["BTCUSDT", "NOUSDT"])
        await venue.send(FLOOR, "x1")

    assert before["BTCUSDT"].rules.instrument.tick_size == "0.1"
    assert set(after) == {"BTCUSDT"}
    assert after["BTCUSDT"].former == before["BTCUSDT"].rules
    assert server.seen[-1].params["triggerPrice"] == "5500.00"
