"""What the venue reads of an account: positions, orders, trades, rights and settings."""

import pytest
from aiohttp import web

from quantum_exit.adapters.binance.safety import (
    Expected,
    UnsafeKeyError,
    check_account,
    check_key,
)
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.domain.facts import Fill, OrderBook, TradedSymbol
from quantum_exit.domain.position import Side
from quantum_exit.errors import VenueReadError
from tests.binance_server import symbol
from tests.binance_trading import ALGO, ORDER, trading

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def position(**changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "-0.004",
        "entryPrice": "60000.55", "markPrice": "60001.23456789", "liquidationPrice": "0",
        "updateTime": 5,
    }  # fmt: skip
    return row | changes


async def test_lots_are_those_of_the_rules_that_were_known_first_until_others_are_told() -> None:
    async with trading() as (server, venue):
        server.reply("GET /fapi/v3/positionRisk", [position()])
        (before,) = await venue.positions()
        finer = {"symbols": [symbol("BTCUSDT", step="0.0001"), symbol("ETHUSDT")]}
        server.reply("GET /fapi/v1/exchangeInfo", finer)
        await venue.rules(["ETHUSDT"])
        (still,) = await venue.positions()
        first = (await venue.rules(["BTCUSDT"]))["BTCUSDT"]
        (now,) = await venue.positions()
        second = (await venue.rules(["BTCUSDT"]))["BTCUSDT"]

    assert (before.lots, still.lots, now.lots) == (4, 4, 40)
    assert first.former is not None
    assert (first.former.steps.lot_step, first.rules.steps.lot_step) == ("0.001", "0.0001")
    assert second.former is None


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


async def all_trades(venue: BinanceVenue, next_id: int | None) -> list[Fill]:
    found: list[Fill] = []
    while next_id is not None:
        fills, next_id = await venue.trades("BTCUSDT", next_id)
        found += fills
    return found


async def test_trades_are_read_page_by_page_from_an_id_on() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        first = int(request.query["fromId"])
        rows = [trade(each) for each in range(first, min(first + 1_000, 2_300))]
        return web.json_response(list(reversed(rows)))

    async with trading() as (server, venue):
        server.answers["GET /fapi/v1/userTrades"] = page
        fills = await all_trades(venue, 100)

    assert [each.trade_id for each in fills] == list(range(100, 2_300))
    assert server.paths("GET").count("/fapi/v1/userTrades") == 3


async def test_trades_of_less_than_a_lot_are_told_like_the_others() -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        first = int(request.query["fromId"])
        rows = [trade(each) for each in range(first, min(first + 1_000, 2_300))]
        rows[0]["qty"] = rows[-1]["qty"] = "0.0009"
        return web.json_response(rows)

    async with trading() as (server, venue):
        server.answers["GET /fapi/v1/userTrades"] = page
        fills = await all_trades(venue, 100)

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
