"""Publishes what the market does: at once, or at the period of each stream."""

from collections.abc import Sequence
from math import gcd

from quantum_exit._core import VenueOrderUpdate
from quantum_exit.adapters.paper.desk import Desk
from quantum_exit.adapters.paper.streams import market_events as messages
from quantum_exit.adapters.paper.streams.channels import Channels
from quantum_exit.adapters.paper.streams.names import Kind, StreamName
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.adapters.paper.trades import Trade
from quantum_exit.adapters.paper.wire import Json, JsonObject

_BOOK_LEVELS = 1_000

_Levels = Sequence[tuple[int, int]]


class Publisher:
    """Market streams of one exchange.

    Args:
        desk: What the market is.
        channels: Who listens.
    """

    def __init__(self, desk: Desk, channels: Channels) -> None:
        self._desk = desk
        self._channels = channels
        self._told_ms = 0
        self._slots: dict[str, int] = {}
        self._books: dict[str, tuple[_Levels, _Levels, int]] = {}
        self._best: dict[str, int] = {}

    def traded(self, trade: Trade, symbol: Symbol) -> None:
        """Tells a market trade."""
        prefix = symbol.name.lower()
        channels, now_ms = self._channels, trade.ts_ms
        if channels.has(stream := f"{prefix}@aggTrade"):
            channels.publish(stream, messages.aggregate_trade(trade, symbol), now_ms)
        if channels.has(stream := f"{prefix}@trade"):
            channels.publish(stream, messages.trade(trade, symbol), now_ms)
        self.book_changed(symbol, now_ms)

    def book_changed(self, symbol: Symbol, now_ms: int) -> None:
        """Tells the best prices where the book changed since they were told last."""
        heard = [
            stream
            for stream in (f"{symbol.name.lower()}@bookTicker", "!bookTicker")
            if self._channels.has(stream)
        ]
        if not heard:
            return
        prices = self._desk.venue.prices(symbol.name)
        if self._best.get(symbol.name) == prices.book_update_id:
            return
        self._best[symbol.name] = prices.book_update_id
        bids, asks = self._desk.venue.book(symbol.name, 1)
        message = messages.book_ticker(bids, asks, prices, symbol, now_ms)
        for stream in heard:
            self._channels.publish(stream, message, now_ms)

    def liquidated(self, event: VenueOrderUpdate, symbol: Symbol) -> None:
        """Tells a liquidation."""
        message = messages.liquidation(event, symbol)
        for stream in (f"{symbol.name.lower()}@forceOrder", "!forceOrder@arr"):
            self._channels.publish(stream, message, event.ts_ms)

    def advance(self, now_ms: int) -> None:
        """Tells what is told at fixed periods; after a long jump each stream speaks once."""
        due_ms = self.next_due_ms()
        if due_ms is None or now_ms < due_ms:
            return
        self._told_ms = now_ms
        for name in self._channels.names:
            if name.period_ms:
                self._at_period(name, now_ms)

    def next_due_ms(self) -> int | None:
        """When `advance` may next have something to tell, or `None` where nobody listens."""
        grid_ms = gcd(*(name.period_ms for name in self._channels.names))
        return self._told_ms - self._told_ms % grid_ms + grid_ms if grid_ms else None

    def _at_period(self, name: StreamName, now_ms: int) -> None:
        slot = now_ms // name.period_ms
        if self._slots.get(name.text) == slot:
            return
        self._slots[name.text] = slot
        message = self._message(name, now_ms)
        if message is not None:
            self._channels.publish(name.text, message, now_ms)

    def _message(self, name: StreamName, now_ms: int) -> Json | None:
        symbols = self._desk.info.symbols
        if name.symbol is None:
            each = [self._of_symbol(name, symbol, now_ms) for symbol in symbols]
            return [message for message in each if message is not None] or None
        found = [symbol for symbol in symbols if symbol.name == name.symbol]
        return self._of_symbol(name, found[0], now_ms) if found else None

    def _of_symbol(self, name: StreamName, symbol: Symbol, now_ms: int) -> JsonObject | None:
        match name.kind:
            case Kind.MARK_PRICE:
                prices = self._desk.venue.prices(symbol.name)
                return messages.mark_price(prices, symbol, now_ms) if prices.mark_e8 else None
            case Kind.KLINE:
                bar = self._desk.tapes[symbol.name].bar(name.interval)
                if bar is None:
                    return None
                return messages.kline(bar, name.interval, symbol, now_ms)
            case Kind.TICKER | Kind.MINI_TICKER:
                return self._day(name.kind, symbol, now_ms)
            case Kind.DEPTH:
                return self._depth(name, symbol, now_ms)
            case _:
                return None

    def _day(self, kind: Kind, symbol: Symbol, now_ms: int) -> JsonObject | None:
        tape = self._desk.tapes[symbol.name]
        day, last = tape.day(now_ms), tape.last
        if day is None or last is None:
            return None
        if kind is Kind.TICKER:
            return messages.ticker(day, last, symbol, now_ms)
        return messages.mini_ticker(day, last, symbol, now_ms)

    def _depth(self, name: StreamName, symbol: Symbol, now_ms: int) -> JsonObject | None:
        update_id = self._desk.venue.prices(symbol.name).book_update_id
        before = self._books.get(name.text)
        if before is not None and before[2] == update_id:
            return None
        bids, asks = self._desk.venue.book(symbol.name, name.levels or _BOOK_LEVELS)
        self._books[name.text] = (bids, asks, update_id)
        before_id = update_id if before is None else before[2]
        if name.levels == 0:
            old_bids, old_asks = ((), ()) if before is None else before[:2]
            bids = messages.changed_levels(old_bids, bids)
            asks = messages.changed_levels(old_asks, asks)
        return messages.depth(
            bids,
            asks,
            symbol,
            first_id=min(before_id + 1, update_id),
            last_id=update_id,
            before_id=before_id,
            now_ms=now_ms,
        )
