"""Messages of market streams."""

from collections.abc import Sequence

from quantum_exit._core import VenueOrderUpdate, VenuePrices
from quantum_exit.adapters.paper.bars import Bar, closing_ms
from quantum_exit.adapters.paper.shapes.market import (
    DAY_MS,
    best,
    change_percent,
    index_e8,
    levels,
    weighted_price,
)
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, fixed, trimmed
from quantum_exit.adapters.paper.trades import Trade
from quantum_exit.adapters.paper.wire import JsonObject

Side = Sequence[tuple[int, int]]

_PERPETUAL = 1
_RATE_DIGITS = 8


def aggregate_trade(found: Trade, symbol: Symbol) -> JsonObject:
    """`<symbol>@aggTrade`."""
    return {
        "e": "aggTrade",
        "E": found.ts_ms,
        "a": found.trade_id,
        "s": symbol.name,
        "p": symbol.price.text(found.ticks),
        "q": symbol.qty.text(found.lots),
        "nq": symbol.qty.text(found.lots),
        "f": found.trade_id,
        "l": found.trade_id,
        "T": found.ts_ms,
        "m": found.buyer_is_maker,
        "st": _PERPETUAL,
    }


def trade(found: Trade, symbol: Symbol) -> JsonObject:
    """`<symbol>@trade`."""
    return {
        "e": "trade",
        "E": found.ts_ms,
        "T": found.ts_ms,
        "s": symbol.name,
        "t": found.trade_id,
        "p": symbol.price.text(found.ticks),
        "q": symbol.qty.text(found.lots),
        "X": "MARKET",
        "m": found.buyer_is_maker,
    }


def book_ticker(
    bids: Side, asks: Side, prices: VenuePrices, symbol: Symbol, now_ms: int
) -> JsonObject:
    """`<symbol>@bookTicker`."""
    bid, ask = best(bids), best(asks)
    return {
        "e": "bookTicker",
        "u": prices.book_update_id,
        "s": symbol.name,
        "ps": symbol.name,
        "b": symbol.price.text(bid[0]),
        "B": symbol.qty.text(bid[1]),
        "a": symbol.price.text(ask[0]),
        "A": symbol.qty.text(ask[1]),
        "T": prices.ts_ms,
        "E": now_ms,
        "st": _PERPETUAL,
    }


def depth(
    bids: Side,
    asks: Side,
    symbol: Symbol,
    *,
    first_id: int,
    last_id: int,
    before_id: int,
    now_ms: int,
) -> JsonObject:
    """`<symbol>@depth` with changed levels, or `<symbol>@depth5` with the best ones.

    Args:
        bids: Levels with their new quantity, 0 where a level is gone.
        asks: As `bids`.
        symbol: The symbol.
        first_id: Id of the first change in the message.
        last_id: Id of the last change in the message.
        before_id: Id of the last change in the message before it.
        now_ms: Exchange time in ms.
    """
    return {
        "e": "depthUpdate",
        "E": now_ms,
        "T": now_ms,
        "s": symbol.name,
        "ps": symbol.name,
        "U": first_id,
        "u": last_id,
        "pu": before_id,
        "b": levels(bids, symbol),
        "a": levels(asks, symbol),
        "st": _PERPETUAL,
    }


def changed_levels(before: Side, after: Side) -> list[tuple[int, int]]:
    """Levels that differ, with the quantity that they have now, by price."""
    old, new = dict(before), dict(after)
    return [
        (ticks, new.get(ticks, 0))
        for ticks in sorted(old.keys() | new.keys())
        if old.get(ticks, 0) != new.get(ticks, 0)
    ]


def mark_price(prices: VenuePrices, symbol: Symbol, now_ms: int) -> JsonObject:
    """`<symbol>@markPrice`."""
    return {
        "e": "markPriceUpdate",
        "E": now_ms,
        "s": symbol.name,
        "p": cash_text(prices.mark_e8),
        "ap": cash_text(prices.mark_e8),
        "P": cash_text(index_e8(prices)),
        "i": cash_text(index_e8(prices)),
        "r": fixed(prices.funding_rate_e8, _RATE_DIGITS),
        "T": prices.next_funding_ms,
        "st": _PERPETUAL,
    }


def kline(bar: Bar, interval: str, symbol: Symbol, now_ms: int) -> JsonObject:
    """`<symbol>@kline_<interval>`."""
    end_ms = closing_ms(interval, bar.open_ms)
    return {
        "e": "kline",
        "E": now_ms,
        "s": symbol.name,
        "k": {
            "t": bar.open_ms,
            "T": end_ms,
            "s": symbol.name,
            "i": interval,
            "f": bar.first_id,
            "L": bar.last_id,
            "o": symbol.price.text(bar.open),
            "c": symbol.price.text(bar.close),
            "h": symbol.price.text(bar.high),
            "l": symbol.price.text(bar.low),
            "v": symbol.qty.text(bar.lots),
            "n": bar.trades,
            "x": now_ms > end_ms,
            "q": trimmed(cash_text(symbol.cash_of_worth(bar.worth))),
            "V": symbol.qty.text(bar.buy_lots),
            "Q": trimmed(cash_text(symbol.cash_of_worth(bar.buy_worth))),
            "B": "0",
        },
    }


def ticker(day: Bar, last: Trade, symbol: Symbol, now_ms: int) -> JsonObject:
    """`<symbol>@ticker`."""
    return {
        "e": "24hrTicker",
        "E": now_ms,
        "s": symbol.name,
        "ps": symbol.name,
        "p": symbol.price.text(day.close - day.open),
        "P": change_percent(day),
        "w": weighted_price(day, symbol),
        "c": symbol.price.text(last.ticks),
        "Q": symbol.qty.text(last.lots),
        "o": symbol.price.text(day.open),
        "h": symbol.price.text(day.high),
        "l": symbol.price.text(day.low),
        "v": symbol.qty.text(day.lots),
        "q": trimmed(cash_text(symbol.cash_of_worth(day.worth))),
        "O": max(day.open_ms, now_ms - DAY_MS),
        "C": last.ts_ms,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.trades,
        "st": _PERPETUAL,
    }


def mini_ticker(day: Bar, last: Trade, symbol: Symbol, now_ms: int) -> JsonObject:
    """`<symbol>@miniTicker`."""
    whole = ticker(day, last, symbol, now_ms)
    kept = ("E", "s", "ps", "c", "o", "h", "l", "v", "q", "st")
    return {"e": "24hrMiniTicker", **{key: whole[key] for key in kept}}


def liquidation(event: VenueOrderUpdate, symbol: Symbol) -> JsonObject:
    """`<symbol>@forceOrder`."""
    order, fill = event.order, event.fill
    last_lots = 0 if fill is None else fill.lots
    return {
        "e": "forceOrder",
        "E": event.ts_ms,
        "ps": symbol.name,
        "st": _PERPETUAL,
        "o": {
            "s": symbol.name,
            "S": order.side,
            "o": order.type,
            "f": order.time_in_force,
            "q": symbol.qty.text(order.lots),
            "p": symbol.price.text(order.price_ticks),
            "ap": symbol.average(order.quote_e8, order.filled_lots, symbol.price_digits),
            "X": order.status,
            "l": symbol.qty.text(last_lots),
            "z": symbol.qty.text(order.filled_lots),
            "T": event.ts_ms,
        },
    }
