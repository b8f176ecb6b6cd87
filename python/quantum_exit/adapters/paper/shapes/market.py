"""Market data as REST replies."""

from collections.abc import Sequence

from quantum_exit._core import VenuePrices
from quantum_exit.adapters.paper.bars import Bar, closing_ms
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, fixed, trimmed
from quantum_exit.adapters.paper.trades import Trade
from quantum_exit.adapters.paper.wire import JsonObject

DAY_MS = 86_400_000
_RATE_DIGITS = 8


def levels(side: Sequence[tuple[int, int]], symbol: Symbol) -> list[list[str]]:
    """Price levels, best first."""
    return [[symbol.price.text(ticks), symbol.qty.text(lots)] for ticks, lots in side]


def trade(found: Trade, symbol: Symbol) -> JsonObject:
    """An entry of `GET /fapi/v1/trades`."""
    return {
        "id": found.trade_id,
        "price": symbol.price.text(found.ticks),
        "qty": symbol.qty.text(found.lots),
        "quoteQty": trimmed(cash_text(symbol.cash(found.ticks, found.lots))),
        "time": found.ts_ms,
        "isBuyerMaker": found.buyer_is_maker,
        "isRPITrade": False,
    }


def aggregate(found: Trade, symbol: Symbol) -> JsonObject:
    """An entry of `GET /fapi/v1/aggTrades`: every trade stands for itself."""
    return {
        "a": found.trade_id,
        "p": symbol.price.text(found.ticks),
        "q": symbol.qty.text(found.lots),
        "nq": symbol.qty.text(found.lots),
        "f": found.trade_id,
        "l": found.trade_id,
        "T": found.ts_ms,
        "m": found.buyer_is_maker,
    }


def kline(bar: Bar, interval: str, symbol: Symbol) -> list[object]:
    """A row of `GET /fapi/v1/klines`."""
    return [
        bar.open_ms,
        symbol.price.text(bar.open),
        symbol.price.text(bar.high),
        symbol.price.text(bar.low),
        symbol.price.text(bar.close),
        symbol.qty.text(bar.lots),
        closing_ms(interval, bar.open_ms),
        trimmed(cash_text(symbol.cash_of_worth(bar.worth))),
        bar.trades,
        symbol.qty.text(bar.buy_lots),
        trimmed(cash_text(symbol.cash_of_worth(bar.buy_worth))),
        "0",
    ]


def premium_index(prices: VenuePrices, symbol: Symbol, now_ms: int) -> JsonObject:
    """An entry of `GET /fapi/v1/premiumIndex`."""
    return {
        "symbol": symbol.name,
        "markPrice": cash_text(prices.mark_e8),
        "indexPrice": cash_text(index_e8(prices)),
        "estimatedSettlePrice": cash_text(index_e8(prices)),
        "lastFundingRate": fixed(prices.funding_rate_e8, _RATE_DIGITS),
        "interestRate": "0.00010000",
        "nextFundingTime": prices.next_funding_ms,
        "time": now_ms,
    }


def index_e8(prices: VenuePrices) -> int:
    """Index price in 1e-8; that of the mark price where nobody has set it."""
    return prices.index_e8 or prices.mark_e8


def price_ticker(prices: VenuePrices, symbol: Symbol) -> JsonObject:
    """An entry of `GET /fapi/v1/ticker/price`."""
    return {
        "symbol": symbol.name,
        "price": symbol.price.text(prices.last_ticks),
        "time": prices.ts_ms,
    }


def book_ticker(
    bids: Sequence[tuple[int, int]],
    asks: Sequence[tuple[int, int]],
    prices: VenuePrices,
    symbol: Symbol,
) -> JsonObject:
    """An entry of `GET /fapi/v1/ticker/bookTicker`."""
    bid, ask = best(bids), best(asks)
    return {
        "symbol": symbol.name,
        "bidPrice": symbol.price.text(bid[0]),
        "bidQty": symbol.qty.text(bid[1]),
        "askPrice": symbol.price.text(ask[0]),
        "askQty": symbol.qty.text(ask[1]),
        "time": prices.ts_ms,
        "lastUpdateId": prices.book_update_id,
    }


def best(side: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Price and quantity of the best level; zeros where the side is empty."""
    return side[0] if side else (0, 0)


def day_ticker(day: Bar | None, last: Trade | None, symbol: Symbol, now_ms: int) -> JsonObject:
    """An entry of `GET /fapi/v1/ticker/24hr`; zeros before the first trade."""
    if day is None or last is None:
        return _no_day(symbol, now_ms)
    return {
        "symbol": symbol.name,
        "priceChange": symbol.price.text(day.close - day.open),
        "priceChangePercent": change_percent(day),
        "weightedAvgPrice": weighted_price(day, symbol),
        "lastPrice": symbol.price.text(last.ticks),
        "lastQty": symbol.qty.text(last.lots),
        "openPrice": symbol.price.text(day.open),
        "highPrice": symbol.price.text(day.high),
        "lowPrice": symbol.price.text(day.low),
        "volume": symbol.qty.text(day.lots),
        "quoteVolume": trimmed(cash_text(symbol.cash_of_worth(day.worth))),
        "openTime": max(day.open_ms, now_ms - DAY_MS),
        "closeTime": last.ts_ms,
        "firstId": day.first_id,
        "lastId": day.last_id,
        "count": day.trades,
    }


def change_percent(day: Bar) -> str:
    """Change of the price over the bar in percent, 3 digits after the point."""
    change = (day.close - day.open) * 100_000
    size = (2 * abs(change) + day.open) // (2 * day.open)
    return fixed(size if change >= 0 else -size, 3)


def weighted_price(day: Bar, symbol: Symbol) -> str:
    """Average price of the bar, weighted by quantity."""
    return symbol.average(symbol.cash_of_worth(day.worth), day.lots, symbol.price.decimals)


def _no_day(symbol: Symbol, now_ms: int) -> JsonObject:
    price, qty = symbol.price.text(0), symbol.qty.text(0)
    return {
        "symbol": symbol.name,
        "priceChange": price,
        "priceChangePercent": "0.000",
        "weightedAvgPrice": price,
        "lastPrice": price,
        "lastQty": qty,
        "openPrice": price,
        "highPrice": price,
        "lowPrice": price,
        "volume": qty,
        "quoteVolume": "0",
        "openTime": now_ms - DAY_MS,
        "closeTime": now_ms,
        "firstId": -1,
        "lastId": -1,
        "count": 0,
    }
