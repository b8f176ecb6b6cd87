import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from aiohttp import web

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport, HttpLimits
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.safety import (
    Expected,
    UnsafeKeyError,
    check_account,
    check_key,
)
from quantum_exit.adapters.binance.venue import NOT_SENT, BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnector
from quantum_exit.domain.facts import OrderBook, OrderStatus, TradedSymbol
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.orders import FloorStop, MarketClose, TakeProfitLimit
from quantum_exit.execution.outcomes import Done, NotDone, Reaction, Unknown
from quantum_exit.execution.ports import Steps, Venue
from tests.binance_server import Server, serving, symbol
from tests.clocks import RealClock

pytestmark = pytest.mark.anyio

LONG = PositionKey("main", "BTCUSDT", Side.LONG, 1)
FLOOR = FloorStop(key=LONG, trigger_ticks=550_000)
CLOSE = MarketClose(key=LONG, lots=5)
LIMIT = TakeProfitLimit(key=LONG, leg=0, lots=2, price_ticks=700_000, post_only=True)

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


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def trading(hedge: bool = False) -> AsyncIterator[tuple[Server, BinanceVenue]]:
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


def position(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "-0.004",
        "entryPrice": "60000.55", "markPrice": "60001.23456789", "liquidationPrice": "0",
        "updateTime": 5,
    }  # fmt: skip
    return row | changes


async def test_positions_that_are_flat_are_left_out() -> None:
    async with trading() as (server, venue):
        rows = [position(), position(positionAmt="0.000")]
        server.reply("GET /fapi/v3/positionRisk", rows)
        (found,) = await venue.positions()

    assert (found.side, found.lots, found.hedge) == (Side.SHORT, 4, False)
    assert (found.entry_price, found.liquidation_price) == ("60000.55", None)
    assert found.leverage is None


async def test_a_list_with_a_senseless_element_is_refused_as_a_whole() -> None:
    async with trading() as (server, venue):
        rows = [position(), position(positionSide="UP")]
        server.reply("GET /fapi/v3/positionRisk", rows)
        with pytest.raises(VenueReadError, match="positionSide"):
            await venue.positions()


async def test_a_position_of_a_symbol_without_rules_is_counted() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v3/positionRisk", [position(symbol="NOUSDT"), position()])
        found = await venue.positions()

    assert [each.symbol for each in found] == ["BTCUSDT"]
    assert venue.quarantine.counts == {"positions": 1}


async def test_open_orders_come_from_both_books_conditional_ones_first() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/openAlgoOrders", [ALGO])
        server.reply("GET /fapi/v1/openOrders", [ORDER | {"status": "NEW"}])
        found = await venue.open_orders("BTCUSDT")

    assert [each.book for each in found] == [OrderBook.ALGO, OrderBook.REGULAR]
    assert server.paths("GET")[-2:] == ["/fapi/v1/openAlgoOrders", "/fapi/v1/openOrders"]


async def test_open_orders_of_another_symbol_than_asked_for_are_refused() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/openAlgoOrders", [ALGO | {"symbol": "ETHUSDT"}])
        server.reply("GET /fapi/v1/openOrders", [])
        with pytest.raises(VenueReadError, match="another symbol"):
            await venue.open_orders("BTCUSDT")


def trade(number: int) -> dict[str, object]:
    return {
        "symbol": "BTCUSDT", "id": number, "orderId": 8, "side": "SELL", "price": "60000.1",
        "qty": "0.001", "commission": "0.02", "commissionAsset": "USDT", "realizedPnl": "-1",
        "time": 5, "maker": True, "positionSide": "BOTH",
    }  # fmt: skip


async def test_trades_are_read_page_by_page_from_an_id_on() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        first = int(request.query["fromId"])
        rows = [trade(each) for each in range(first, min(first + 1_000, 2_300))]
        return web.json_response(list(reversed(rows)))

    async with trading() as (server, venue):
        server.answers["GET /fapi/v1/userTrades"] = page
        fills = await venue.trades("BTCUSDT", 100)

    assert [each.trade_id for each in fills] == list(range(100, 2_300))


async def test_trades_of_less_than_a_lot_are_told_like_the_others() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        first = int(request.query["fromId"])
        rows = [trade(each) for each in range(first, min(first + 1_000, 2_300))]
        rows[0]["qty"] = rows[-1]["qty"] = "0.0009"
        return web.json_response(rows)

    async with trading() as (server, venue):
        server.answers["GET /fapi/v1/userTrades"] = page
        fills = await venue.trades("BTCUSDT", 100)

    assert [each.trade_id for each in fills] == list(range(100, 2_300))
    dust = [each.trade_id for each in fills if each.lots == 0]
    assert dust == [100, 1_099, 1_100, 2_099, 2_100, 2_299]
    assert {each.dust for each in fills if each.lots == 0} == {"0.0009"}


async def test_a_trade_list_that_does_not_advance_is_refused() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/userTrades", [trade(each) for each in range(1, 1_001)])
        with pytest.raises(VenueReadError, match="does not advance"):
            await venue.trades("BTCUSDT", 500_000)


def income(number: int | str, **changes: object) -> dict[str, object]:
    return {
        "symbol": "BTCUSDT", "incomeType": "COMMISSION", "income": "-0.02", "asset": "USDT",
        "info": "COMMISSION", "time": 5, "tranId": 9_689_322_392, "tradeId": number,
    } | changes  # fmt: skip


async def test_incomes_name_the_symbols_that_were_traded_in() -> None:
    rows = [
        income("", symbol="", incomeType="TRANSFER"),
        income("", incomeType="FUNDING_FEE", symbol="ETHUSDT"),
        income("9"),
        income(7, incomeType="REALIZED_PNL"),
        income("3", symbol="GONEUSDT"),
    ]
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/income", rows)
        page = await venue.traded(4)

    assert page.symbols == (TradedSymbol(symbol="BTCUSDT", first_id=7, last_id=9),)
    assert page.next_ms is None
    assert venue.quarantine.counts == {"incomes": 1}
    assert server.seen[-1].params["startTime"] == "4"
    assert "incomeType" not in server.seen[-1].params


async def test_incomes_that_were_cut_tell_from_when_on_there_are_more() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/income", [income(one, time=one) for one in range(1, 1_001)])
        page = await venue.traded(1)

    assert page.next_ms == 1_000


@pytest.mark.parametrize("number", ["-3", "abc", "1e9", "9" * 30])
async def test_incomes_of_a_trade_without_a_sensible_number_are_refused(number: str) -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/income", [income("9"), income(number)])
        with pytest.raises(VenueReadError, match="tradeId"):
            await venue.traded(1)


async def test_changed_rules_hold_for_the_next_order() -> None:
    async with trading() as (server, venue):
        server.reply("POST /fapi/v1/algoOrder", ALGO)
        before = await venue.rules(["BTCUSDT"])
        server.reply("GET /fapi/v1/exchangeInfo", {"symbols": [symbol("BTCUSDT", tick="0.01")]})
        after = await venue.rules(["BTCUSDT", "NOUSDT"])
        await venue.send(FLOOR, "x1")

    assert before["BTCUSDT"].instrument.tick_size == "0.1"
    assert set(after) == {"BTCUSDT"}
    assert server.seen[-1].params["triggerPrice"] == "5500.00"


async def test_the_clock_of_the_venue() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v1/time", {"serverTime": 1_700_000_000_123})
        assert await venue.server_time_ms() == 1_700_000_000_123


RIGHTS = {"ipRestrict": True, "enableWithdrawals": False, "enableFutures": True}


async def test_a_key_that_may_only_trade_from_listed_addresses_is_taken_without_a_word() -> None:
    async with trading() as (server, venue):
        server.reply("GET /sapi/v1/account/apiRestrictions", RIGHTS)
        assert await check_key(venue.calls) == ()


@pytest.mark.parametrize("change", [{"enableWithdrawals": True}, {"enableFutures": False}])
async def test_a_key_that_may_withdraw_or_may_not_trade_is_refused(
    change: dict[str, bool],
) -> None:
    async with trading() as (server, venue):
        server.reply("GET /sapi/v1/account/apiRestrictions", RIGHTS | change)
        with pytest.raises(UnsafeKeyError, match=next(iter(change))):
            await check_key(venue.calls)


async def test_a_key_whose_rights_are_unknown_is_refused() -> None:
    async with trading() as (_, venue):
        with pytest.raises(VenueReadError, match="rights of the key"):
            await check_key(venue.calls)


async def test_a_key_without_an_address_list_is_warned_about() -> None:
    change = {"ipRestrict": False, "permitsUniversalTransfer": True}
    async with trading() as (server, venue):
        server.reply("GET /sapi/v1/account/apiRestrictions", RIGHTS | change)
        warnings = await check_key(venue.calls)

    assert [each.split()[-1] for each in warnings] == ["addresses", "wallets"]


async def test_an_account_that_is_set_up_otherwise_is_told() -> None:
    async with trading(hedge=True) as (server, venue):
        config = {"symbol": "BTCUSDT", "marginType": "CROSSED", "leverage": 50}
        server.reply("GET /fapi/v1/symbolConfig", [config, config | {"symbol": "ETHUSDT"}])
        expected = Expected(hedge=False, max_leverage=20)
        findings = await check_account(venue, expected, ["BTCUSDT"])

    assert findings == (
        "the account is in hedge mode; expected one-way mode",
        "BTCUSDT: leverage 50; expected at most 20",
    )
