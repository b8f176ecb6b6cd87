"""Names of market streams: what they carry, how often, and on which route."""

import re
from dataclasses import dataclass
from enum import Enum

from quantum_exit.adapters.paper.bars import INTERVALS

_DEPTH = re.compile(r"depth(5|10|20)?(?:@(0|100|250|500)ms)?")
_KLINE = re.compile(rf"kline_({'|'.join(INTERVALS)})")
_MARK = re.compile(r"markPrice(?:@arr)?(@1s)?")
_DEPTH_MS = 250
_KLINE_MS = 250
_MARK_MS = 3_000
_MARK_FAST_MS = 1_000
_TICKER_MS = 1_000
_FASTEST_MS = 100


class Route(Enum):
    """Paths of the WebSocket host, each with streams of its own."""

    PUBLIC = "public"
    MARKET = "market"
    PRIVATE = "private"
    ANY = "any"


class Kind(Enum):
    """What a stream carries."""

    AGGREGATE_TRADE = "aggTrade"
    TRADE = "trade"
    BOOK_TICKER = "bookTicker"
    DEPTH = "depth"
    MARK_PRICE = "markPrice"
    KLINE = "kline"
    TICKER = "ticker"
    MINI_TICKER = "miniTicker"
    LIQUIDATION = "forceOrder"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamName:
    """A stream as its name describes it.

    Attributes:
        text: The name.
        kind: What it carries.
        symbol: Whose, in upper case; `None` for all symbols.
        period_ms: Messages come at multiples of it, 0 for a message for every event.
        levels: Levels of a partial book, 0 for changes of the whole book.
        interval: Interval of klines, else empty.
    """

    text: str
    kind: Kind
    symbol: str | None
    period_ms: int = 0
    levels: int = 0
    interval: str = ""

    @property
    def route(self) -> Route:
        """The route that carries it."""
        public = self.kind in (Kind.BOOK_TICKER, Kind.DEPTH, Kind.TRADE)
        return Route.PUBLIC if public else Route.MARKET


def parse_stream(text: str) -> StreamName | None:
    """The stream of that name, or `None` where there is none."""
    if text.startswith("!"):
        return _of_all(text)
    symbol, _, rest = text.partition("@")
    if not symbol or not rest:
        return None
    return _of_symbol(text, symbol.upper(), rest)


def _of_symbol(text: str, symbol: str, rest: str) -> StreamName | None:
    kind = _instant(rest)
    if kind is not None:
        return StreamName(text=text, kind=kind, symbol=symbol)
    if rest in ("ticker", "miniTicker"):
        return StreamName(text=text, kind=Kind(rest), symbol=symbol, period_ms=_TICKER_MS)
    if found := _MARK.fullmatch(rest):
        period_ms = _MARK_FAST_MS if found[1] else _MARK_MS
        return StreamName(text=text, kind=Kind.MARK_PRICE, symbol=symbol, period_ms=period_ms)
    if found := _KLINE.fullmatch(rest):
        return StreamName(
            text=text, kind=Kind.KLINE, symbol=symbol, period_ms=_KLINE_MS, interval=found[1]
        )
    if found := _DEPTH.fullmatch(rest):
        period_ms = max(_FASTEST_MS, int(found[2] or _DEPTH_MS))
        levels = int(found[1] or 0)
        return StreamName(
            text=text, kind=Kind.DEPTH, symbol=symbol, period_ms=period_ms, levels=levels
        )
    return None


def _of_all(text: str) -> StreamName | None:
    rest = text[1:]
    if rest == "bookTicker":
        return StreamName(text=text, kind=Kind.BOOK_TICKER, symbol=None)
    if rest == "forceOrder@arr":
        return StreamName(text=text, kind=Kind.LIQUIDATION, symbol=None)
    if rest in ("ticker@arr", "miniTicker@arr"):
        kind = Kind(rest.removesuffix("@arr"))
        return StreamName(text=text, kind=kind, symbol=None, period_ms=_TICKER_MS)
    if rest.startswith("markPrice@arr") and (found := _MARK.fullmatch(rest)):
        period_ms = _MARK_FAST_MS if found[1] else _MARK_MS
        return StreamName(text=text, kind=Kind.MARK_PRICE, symbol=None, period_ms=period_ms)
    return None


def _instant(rest: str) -> Kind | None:
    for kind in (Kind.AGGREGATE_TRADE, Kind.TRADE, Kind.BOOK_TICKER, Kind.LIQUIDATION):
        if kind.value == rest:
            return kind
    return None
