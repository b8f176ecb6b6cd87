"""Endpoints of market data, which need no key."""

from functools import partial
from typing import Any

from quantum_exit.adapters.paper.auth import Security
from quantum_exit.adapters.paper.bars import check_interval
from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.errors import refusal
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.shapes import market as shapes
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, fixed
from quantum_exit.adapters.paper.wire import JsonObject

_DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1_000)
_KLINE_WEIGHT = Weight(by_limit=((99, 1), (499, 2), (1_000, 5), (1_500, 10)))
_DEPTH_WEIGHT = Weight(by_limit=((50, 2), (100, 5), (500, 10), (1_000, 20)))


def ping(call: Call) -> JsonObject:
    """`GET /fapi/v1/ping`."""
    del call
    return {}


def system_status(call: Call) -> JsonObject:
    """`GET /sapi/v1/system/status`."""
    del call
    return {"status": 0, "msg": "normal"}


def server_time(call: Call) -> JsonObject:
    """`GET /fapi/v1/time`."""
    return {"serverTime": call.now_ms}


def exchange_info(call: Call) -> JsonObject:
    """`GET /fapi/v1/exchangeInfo`."""
    return call.desk.info.document(call.desk.limits.rules, call.now_ms)


def depth(call: Call) -> JsonObject:
    """`GET /fapi/v1/depth`."""
    symbol = call.symbol()
    limit = call.limit(500, 1_000)
    if limit not in _DEPTH_LIMITS:
        raise refusal(-1130, name="limit")
    bids, asks = call.venue.book(symbol.name, limit)
    return {
        "lastUpdateId": call.venue.prices(symbol.name).book_update_id,
        "E": call.now_ms,
        "T": call.venue.prices(symbol.name).ts_ms,
        "bids": shapes.levels(bids, symbol),
        "asks": shapes.levels(asks, symbol),
    }


def trades(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/trades` and, with `fromId`, `GET /fapi/v1/historicalTrades`."""
    symbol = call.symbol()
    found = call.desk.tapes[symbol.name].trades(
        limit=call.limit(500, 1_000), from_id=call.params.optional_integer("fromId")
    )
    return [shapes.trade(trade, symbol) for trade in found]


def aggregate_trades(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/aggTrades`."""
    symbol, params = call.symbol(), call.params
    found = call.desk.tapes[symbol.name].trades(
        limit=call.limit(500, 1_000),
        from_id=params.optional_integer("fromId"),
        start_ms=params.optional_integer("startTime"),
        end_ms=params.optional_integer("endTime"),
    )
    return [shapes.aggregate(trade, symbol) for trade in found]


def klines(call: Call) -> list[list[object]]:
    """`GET /fapi/v1/klines`."""
    symbol, params = call.symbol(), call.params
    interval = check_interval(params.text("interval"))
    found = call.desk.tapes[symbol.name].bars(
        interval,
        limit=call.limit(500, 1_500),
        start_ms=params.optional_integer("startTime"),
        end_ms=params.optional_integer("endTime"),
    )
    return [shapes.kline(bar, interval, symbol) for bar in found]


def premium_index(call: Call) -> Any:
    """`GET /fapi/v1/premiumIndex`."""

    def shown(symbol: Symbol) -> JsonObject:
        return shapes.premium_index(call.venue.prices(symbol.name), symbol, call.now_ms)

    return call.one_or_all(shown)


def price_ticker(call: Call) -> Any:
    """`GET /fapi/v1/ticker/price` and `/fapi/v2/ticker/price`."""

    def shown(symbol: Symbol) -> JsonObject:
        return shapes.price_ticker(call.venue.prices(symbol.name), symbol)

    return call.one_or_all(shown)


def book_ticker(call: Call) -> Any:
    """`GET /fapi/v1/ticker/bookTicker`."""

    def shown(symbol: Symbol) -> JsonObject:
        bids, asks = call.venue.book(symbol.name, 1)
        return shapes.book_ticker(bids, asks, call.venue.prices(symbol.name), symbol)

    return call.one_or_all(shown)


def day_ticker(call: Call) -> Any:
    """`GET /fapi/v1/ticker/24hr`."""

    def shown(symbol: Symbol) -> JsonObject:
        tape = call.desk.tapes[symbol.name]
        return shapes.day_ticker(tape.day(call.now_ms), tape.last, symbol, call.now_ms)

    return call.one_or_all(shown)


def funding_rate(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/fundingRate`."""
    params = call.params
    names = {symbol.name for symbol in call.symbol_or_all()}
    start_ms = params.optional_integer("startTime")
    end_ms = params.optional_integer("endTime")
    found = [
        entry
        for entry in call.desk.fundings
        if entry.symbol in names
        and (start_ms is None or entry.ts_ms >= start_ms)
        and (end_ms is None or entry.ts_ms <= end_ms)
    ]
    limit = call.limit(100, 1_000)
    return [
        {
            "symbol": entry.symbol,
            "fundingTime": entry.ts_ms,
            "fundingRate": fixed(entry.rate_e8, 8),
            "markPrice": cash_text(entry.mark_e8),
        }
        for entry in (found[-limit:] if start_ms is None else found[:limit])
    ]


def funding_info(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/fundingInfo`: symbols with an adjusted funding, of which there are none."""
    del call
    return []


def open_interest(call: Call) -> JsonObject:
    """`GET /fapi/v1/openInterest`: of the accounts of this exchange."""
    symbol = call.symbol()
    lots = sum(
        holding.lots
        for account in call.desk.fees_ppm
        for holding in call.venue.holdings(account, symbol.name)
        if holding.lots > 0
    )
    return {"symbol": symbol.name, "openInterest": symbol.qty.text(lots), "time": call.now_ms}


_open = partial(Endpoint, method="GET", security=Security.NONE)

ENDPOINTS: tuple[Endpoint, ...] = (
    _open(path="/fapi/v1/ping", handler=ping),
    _open(path="/fapi/v1/time", handler=server_time),
    _open(path="/sapi/v1/system/status", handler=system_status),
    _open(path="/fapi/v1/exchangeInfo", handler=exchange_info),
    _open(path="/fapi/v1/depth", handler=depth, weight=_DEPTH_WEIGHT),
    _open(path="/fapi/v1/trades", handler=trades, weight=Weight(5)),
    _open(path="/fapi/v1/historicalTrades", handler=trades, weight=Weight(200)),
    _open(path="/fapi/v1/aggTrades", handler=aggregate_trades, weight=Weight(20)),
    _open(path="/fapi/v1/klines", handler=klines, weight=_KLINE_WEIGHT),
    _open(path="/fapi/v1/premiumIndex", handler=premium_index, weight=Weight(1, 10)),
    _open(path="/fapi/v1/ticker/price", handler=price_ticker, weight=Weight(1, 2)),
    _open(path="/fapi/v2/ticker/price", handler=price_ticker, weight=Weight(1, 2)),
    _open(path="/fapi/v1/ticker/bookTicker", handler=book_ticker, weight=Weight(2, 5)),
    _open(path="/fapi/v1/ticker/24hr", handler=day_ticker, weight=Weight(1, 40)),
    _open(path="/fapi/v1/fundingRate", handler=funding_rate),
    _open(path="/fapi/v1/fundingInfo", handler=funding_info, weight=Weight(0)),
    _open(path="/fapi/v1/openInterest", handler=open_interest),
)
