"""From a frame of a stream to facts: nothing that arrives can raise here."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from quantum_exit.adapters.binance.grids import Grid, Grids
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.binance.stream_messages import (
    NO_DATA,
    AccountUpdate,
    AggTrade,
    AlgoUpdate,
    BookTicker,
    Envelope,
    MarkPriceUpdate,
    OrderTradeUpdate,
    TradeLite,
)
from quantum_exit.adapters.binance.views import (
    algo_event_view,
    fill_of_event,
    order_event_view,
    positions_of_event,
)
from quantum_exit.domain.facts import Price, StreamGap, VenueFact
from quantum_exit.errors import InvalidInputError

USER: Final = "user"
MARKET: Final = "market"
_NS_PER_MS: Final = 1_000_000
_LAST_MS: Final = (1 << 63) // _NS_PER_MS
# Events that change what holds for orders and positions without saying all of it.
_READ_AGAIN: Final = MappingProxyType(
    {
        "ACCOUNT_CONFIG_UPDATE": "leverage or margin mode was changed",
        "MARGIN_CALL": "margin call",
        "CONDITIONAL_ORDER_TRIGGER_REJECT": "a conditional order was refused when it triggered",
    }
)
_T = TypeVar("_T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyExpired:
    """The listen key has expired: this connection brings nothing any more."""


class UserEvents:
    """Reads the frames of an account's stream.

    Args:
        grids: Grids of the symbols.
        quarantine: Where frames go that make no sense.
    """

    def __init__(self, grids: Grids, quarantine: Quarantine) -> None:
        self._grids = grids
        self._quarantine = quarantine

    def read(self, frame: bytes) -> tuple[VenueFact, ...] | KeyExpired:
        """The facts of one frame; a frame that makes no sense becomes a gap, so all is re-read."""
        try:
            kind, body = _opened(frame)
            if kind == "listenKeyExpired":
                return KeyExpired()
            return self._facts(kind, body)
        except _REFUSALS as error:
            self._quarantine.add("user stream", str(error), frame)
            return (StreamGap(stream=USER, why="an event could not be read"),)

    def _facts(self, kind: str, body: bytes | msgspec.Raw) -> tuple[VenueFact, ...]:
        match kind:
            case "ORDER_TRADE_UPDATE":
                return self._order(_decoded(body, OrderTradeUpdate))
            case "ALGO_UPDATE":
                return self._algo(_decoded(body, AlgoUpdate))
            case "ACCOUNT_UPDATE":
                return self._account(_decoded(body, AccountUpdate))
            case "TRADE_LITE":
                # ORDER_TRADE_UPDATE follows with all that a fill needs.
                _decoded(body, TradeLite)
                return ()
        why = _READ_AGAIN.get(kind)
        return () if why is None else (StreamGap(stream=USER, why=why),)

    def _order(self, update: OrderTradeUpdate) -> tuple[VenueFact, ...]:
        order = update.order
        grid = self._grid(order.symbol)
        if grid is None:
            return ()
        view = order_event_view(order, grid)
        if order.execution not in ("TRADE", "CALCULATED") or order.last_qty == 0:
            return (view,)
        if order.trade_id == 0:
            return (view, StreamGap(stream=USER, why="a fill without a trade id"))
        return (fill_of_event(order, grid), view)

    def _algo(self, update: AlgoUpdate) -> tuple[VenueFact, ...]:
        grid = self._grid(update.order.symbol)
        return () if grid is None else (algo_event_view(update.order, update.time, grid),)

    def _account(self, update: AccountUpdate) -> tuple[VenueFact, ...]:
        facts: list[VenueFact] = []
        for row in update.change.positions:
            grid = self._grid(row.symbol)
            if grid is not None:
                facts += positions_of_event(row, update.time, grid)
        return tuple(facts)

    def _grid(self, symbol: str) -> Grid | None:
        grid = self._grids.get(symbol)
        if grid is None:
            self._quarantine.add("unknown symbol", f"{symbol!r} is not known", symbol.encode())
        return grid


class MarketEvents:
    """Reads the frames of the public streams.

    Args:
        grids: Grids of the symbols.
        quarantine: Where frames go that make no sense.
        symbols: Symbols that were asked for; others are refused.
    """

    def __init__(self, grids: Grids, quarantine: Quarantine, symbols: frozenset[str]) -> None:
        self._grids = grids
        self._quarantine = quarantine
        self._symbols = symbols

    def read(self, frame: bytes) -> tuple[Price, ...]:
        """The prices of one frame; none where it is of another kind or makes no sense."""
        try:
            kind, body = _opened(frame)
            match kind:
                case "aggTrade":
                    trade = _decoded(body, AggTrade)
                    return (self._price(trade.symbol, trade, trade.time, mark=False),)
                case "markPriceUpdate":
                    mark = _decoded(body, MarkPriceUpdate)
                    return (self._price(mark.symbol, mark, mark.event_time, mark=True),)
                case "bookTicker":
                    _decoded(body, BookTicker)
            return ()
        except _REFUSALS as error:
            self._quarantine.add("market stream", str(error), frame)
            return ()

    def _price(
        self, symbol: str, event: AggTrade | MarkPriceUpdate, time_ms: int, *, mark: bool
    ) -> Price:
        grid = self._grids.get(symbol)
        if grid is None or symbol not in self._symbols:
            raise InvalidInputError("symbol", repr(symbol), "expected one that was asked for")
        if not 0 < time_ms < _LAST_MS:
            raise InvalidInputError("time", time_ms, "expected ms since the UNIX epoch")
        ticks = grid.ticks(event.price)
        return Price(
            symbol=symbol,
            ticks=ticks,
            mark=mark,
            ts_ns=time_ms * _NS_PER_MS,
            tick_size=grid.tick_size,
        )


# A hostile frame can be no JSON, no UTF-8, nested without end, or full of absurd numbers.
_REFUSALS: Final = (
    msgspec.DecodeError,
    UnicodeDecodeError,
    RecursionError,
    ArithmeticError,
    InvalidInputError,
)


def _opened(frame: bytes) -> tuple[str, bytes | msgspec.Raw]:
    body: bytes | msgspec.Raw = frame
    envelope = msgspec.json.decode(frame, type=Envelope)
    if envelope.data is not NO_DATA:
        body = envelope.data
        envelope = msgspec.json.decode(body, type=Envelope)
    if envelope.e is None and envelope.id is None:
        raise InvalidInputError("e", "nothing", "expected the name of an event")
    return envelope.e or "", body


def _decoded(body: bytes | msgspec.Raw, kind: type[_T]) -> _T:
    return msgspec.json.decode(body, type=kind, strict=False)
