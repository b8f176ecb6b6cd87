"""ccxt `binanceusdm` trades over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt
import pytest

from tests.integration.clients.ccxt_client import LocalBinance, ccxt_client
from tests.integration.clients.local_venue import LocalVenue

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
STOP = {"triggerPrice": 59_000, "reduceOnly": True}
ALGO = {"trigger": True}


def trade(venue: LocalVenue, script: Callable[[LocalBinance], Awaitable[Any]]) -> Any:
    """What `script` gives, done with a client that is closed afterwards."""

    async def run() -> Any:
        client = ccxt_client(venue)
        try:
            await client.load_markets()
            return await script(client)
        finally:
            await client.close()

    return asyncio.run(run())


def test_markets_have_their_grid(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        return client.market(BTC)

    market = trade(venue, script)

    assert (market["precision"]["amount"], market["precision"]["price"]) == (0.001, 0.1)
    assert market["limits"]["cost"]["min"] == 100
    assert market["active"] is True


def test_a_market_order_opens_a_position_and_pays_its_fee(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        order = await client.create_order(BTC, "market", "buy", 0.1)
        positions = await client.fetch_positions([BTC])
        return order, positions, await client.fetch_my_trades(BTC), await client.fetch_balance()

    order, (position,), (fill,), balance = trade(venue, script)

    assert (order["status"], order["filled"]) == ("closed", 0.1)
    assert (position["side"], position["contracts"], position["entryPrice"]) == ("long", 0.1, 6e4)
    assert (fill["price"], fill["amount"], fill["fee"]["cost"]) == (60_000, 0.1, 3)
    assert balance["USDT"]["total"] == 99_997


def test_a_limit_order_is_placed_amended_and_cancelled(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        placed = await client.create_order(BTC, "limit", "buy", 0.01, 55_000)
        amended = await client.edit_order(placed["id"], BTC, "limit", "buy", 0.02, 55_500)
        listed = await client.fetch_open_orders(BTC)
        canceled = await client.cancel_order(placed["id"], BTC)
        return amended, listed, canceled, await client.fetch_order(placed["id"], BTC)

    amended, (listed,), canceled, last = trade(venue, script)

    assert (amended["price"], amended["amount"]) == (55_500, 0.02)
    assert (listed["price"], listed["amount"], listed["status"]) == (55_500, 0.02, "open")
    assert canceled["status"] == last["status"] == "canceled"


def test_several_orders_are_placed_and_cancelled_at_once(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        wanted = [
            {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
            for price in (50_000, 51_000, 0.1)
        ]
        # ccxt puts a refused order, which has no time, before the others.
        placed = await client.create_orders(wanted)
        ids = [order["id"] for order in placed[1:]]
        return placed, await client.cancel_orders(ids, BTC), await client.fetch_open_orders(BTC)

    placed, canceled, left = trade(venue, script)

    assert [order["status"] for order in placed] == ["rejected", "open", "open"]
    assert placed[0]["info"]["code"] == -4164
    assert [order["status"] for order in canceled] == ["canceled", "canceled"]
    assert left == []


def test_a_close_position_stop_closes_all(venue: LocalVenue) -> None:
    async def place(client: LocalBinance) -> Any:
        await client.create_order(BTC, "market", "buy", 0.1)
        params = {"triggerPrice": 59_000, "closePosition": True, "workingType": "MARK_PRICE"}
        await client.create_order(BTC, "STOP_MARKET", "sell", None, None, params)
        return await client.fetch_open_orders(BTC, params=ALGO)

    (stop,) = trade(venue, place)
    venue.price("58900")

    async def look(client: LocalBinance) -> Any:
        return (
            await client.fetch_positions([BTC]),
            await client.fetch_order(stop["id"], BTC, ALGO),
            await client.fetch_my_trades(BTC),
        )

    positions, ended, fills = trade(venue, look)
    assert (stop["triggerPrice"], stop["info"]["closePosition"]) == (59_000, True)
    assert positions == []
    assert ended["info"]["algoStatus"] == "FINISHED"
    assert ended["info"]["actualOrderId"] == fills[-1]["order"]


def test_a_trailing_stop_is_placed_shown_and_cancelled(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        await client.create_order(BTC, "market", "buy", 0.1)
        params = {"trailingPercent": 1.5, "trailingTriggerPrice": 61_000, "reduceOnly": True}
        placed = await client.create_order(
            BTC, "TRAILING_STOP_MARKET", "sell", 0.1, None, {**params, "clientAlgoId": "x1T"}
        )
        by_id = await client.fetch_order(None, BTC, {**ALGO, "clientAlgoId": "x1T"})
        await client.cancel_order(None, BTC, {**ALGO, "clientAlgoId": "x1T"})
        return placed, by_id, await client.fetch_open_orders(BTC, params=ALGO)

    placed, by_id, left = trade(venue, script)

    assert (placed["info"]["callbackRate"], placed["info"]["activatePrice"]) == ("1.5", "61000")
    assert by_id["id"] == placed["id"]
    assert left == []


def test_leverage_margin_mode_and_position_mode_are_set_and_read(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        await client.set_leverage(7, BTC)
        await client.set_margin_mode("isolated", ETH)
        await client.set_position_mode(True)
        await client.create_order(ETH, "market", "buy", 1, None, {"positionSide": "LONG"})
        await client.add_margin(ETH, 50, {"positionSide": "LONG"})
        return (
            await client.fetch_leverages([BTC]),
            await client.fetch_margin_modes([ETH]),
            await client.fetch_position_mode(),
            await client.fetch_positions([ETH]),
        )

    leverages, modes, position_mode, (position,) = trade(venue, script)

    assert leverages[BTC]["longLeverage"] == 7
    assert modes[ETH]["marginMode"] == "isolated"
    assert position_mode["hedged"] is True
    assert (position["info"]["positionSide"], position["marginMode"]) == ("LONG", "isolated")


def test_market_data_and_account_history_parse(venue: LocalVenue) -> None:
    async def script(client: LocalBinance) -> Any:
        await client.create_order(BTC, "market", "buy", 0.1)
        return {
            "ticker": (await client.fetch_ticker(BTC))["last"],
            "book": (await client.fetch_order_book(BTC, 5))["bids"][0][0],
            "bar": (await client.fetch_ohlcv(BTC, "1m"))[-1][4],
            "trade": (await client.fetch_trades(BTC))[-1]["price"],
            "mark": (await client.fetch_mark_price(BTC))["markPrice"],
            "tier": (await client.fetch_leverage_tiers([BTC]))[BTC][0]["maxLeverage"],
            "funding": (await client.fetch_funding_rate(BTC))["fundingRate"],
            "fee": (await client.fetch_trading_fee(BTC))["taker"],
            "ledger": [entry["type"] for entry in await client.fetch_ledger()],
            "status": (await client.fetch_status())["status"],
            "interest": (await client.fetch_open_interest(BTC))["openInterestAmount"],
        }

    assert trade(venue, script) == {
        "ticker": 60_000,
        "book": 59_999.9,
        "bar": 60_000,
        "trade": 60_000,
        "mark": 60_000,
        "tier": 125,
        "funding": 0.0001,
        "fee": 0.0005,
        "ledger": ["transfer", "commission"],
        "status": "ok",
        "interest": 0.1,
    }


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-2021, ccxt.OrderImmediatelyFillable),
        (-2022, ccxt.InvalidOrder),
        (-4120, ccxt.InvalidOrder),
        (-1021, ccxt.InvalidNonce),
        (-2019, ccxt.InsufficientFunds),
        (-2011, ccxt.OrderNotFound),
        (-2013, ccxt.OrderNotFound),
        (-1121, ccxt.BadSymbol),
        (-4130, ccxt.ExchangeError),
    ],
)
def test_refusals_have_their_class(
    venue: LocalVenue, code: int, kind: type[ccxt.BaseError]
) -> None:
    refused = {
        -2021: lambda x: x.create_order(
            BTC, "STOP_MARKET", "sell", 0.1, None, {"triggerPrice": 61_000}
        ),
        -2022: lambda x: x.create_order(BTC, "market", "sell", 0.1, None, {"reduceOnly": True}),
        -4120: lambda x: x.fapiPrivatePostOrder(
            {
                "symbol": "BTCUSDT",
                "side": "SELL",
                "type": "STOP_MARKET",
                "stopPrice": "59000",
                "quantity": "1",
            }
        ),
        -1021: lambda x: x.fapiPrivateV3GetAccount({"recvWindow": 1, "timestamp": 1}),
        -2019: lambda x: x.create_order(BTC, "market", "buy", 100),
        -2011: lambda x: x.cancel_order("99", BTC),
        -2013: lambda x: x.fetch_order("99", BTC),
        -1121: lambda x: x.fapiPublicGetDepth({"symbol": "NOSUCH"}),
        -4130: _two_close_position_stops,
    }

    with pytest.raises(kind, match=str(code)):
        trade(venue, refused[code])


async def _two_close_position_stops(client: LocalBinance) -> None:
    await client.create_order(BTC, "market", "buy", 0.1)
    for price in (59_000, 58_000):
        params = {"triggerPrice": price, "closePosition": True}
        await client.create_order(BTC, "STOP_MARKET", "sell", None, None, params)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"code": -1007}, ccxt.RequestTimeout),
        (
            {"code": -1003, "status": 429, "message": "Too many requests", "execute": False},
            ccxt.DDoSProtection,
        ),
        (
            {"code": -1003, "status": 418, "message": "IP banned", "execute": False},
            ccxt.DDoSProtection,
        ),
        ({"code": -1008, "execute": False}, ccxt.OperationFailed),
        ({"status": 502, "body": "<html></html>"}, ccxt.ExchangeNotAvailable),
        ({"reply": "drop"}, ccxt.NetworkError),
    ],
)
def test_faults_have_their_class_and_may_have_been_carried_out(
    venue: LocalVenue, rule: dict[str, object], kind: type[ccxt.BaseError]
) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/order", "nth": 1, **rule}])

    with pytest.raises(kind):
        trade(venue, lambda client: client.create_order(BTC, "market", "buy", 0.1))

    assert venue.position() == (0 if rule.get("execute") is False else 100)


def test_a_resent_order_with_the_same_id_is_refused_as_a_duplicate(venue: LocalVenue) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/algoOrder", "nth": 1, "code": -1007}])

    async def script(client: LocalBinance) -> Any:
        params = {**STOP, "clientAlgoId": "x1W"}
        for _ in range(2):
            try:
                await client.create_order(BTC, "STOP_MARKET", "sell", 0.1, None, params)
            except ccxt.RequestTimeout:
                continue
            except ccxt.InvalidOrder as error:
                return str(error), await client.fetch_open_orders(BTC, params=ALGO)
        return "", []

    said, stops = trade(venue, script)
    assert "-4116" in said
    assert [stop["clientOrderId"] for stop in stops] == ["x1W"]
