"""Prices of the simulated exchange in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from quantum_exit.adapters.paper.drivers import (
    WalkSettings,
    file_trades,
    nearest_ticks,
    random_walk,
)
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.app.demo import DEMO_SYMBOL, demo_ticks
from quantum_exit.errors import InvalidInputError, TickFileError

_NS_PER_MS = 1_000_000
_LOTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFeed:
    """Prices, read once.

    Attributes:
        symbol: Whose prices.
        moves: The prices by time, at least one.
        first_ms: Time of the first one, ms since the UNIX epoch.
        speed: How many of their ms pass in one ms of the exchange, above 0.
    """

    symbol: str
    moves: Iterator[Move]
    first_ms: int
    speed: float = 1.0


def walk_feed(
    symbol: str = "BTCUSDT",
    *,
    start_ms: int,
    start_price: Decimal = Decimal(100_000),
    seed: int = 0,
) -> PaperFeed:
    """A random walk without an end.

    Args:
        symbol: A symbol that the built-in exchange lists.
        start_ms: Time of the first price, ms since the UNIX epoch.
        start_price: The first price, quote currency.
        seed: The same seed gives the same walk.

    Raises:
        InvalidInputError: The symbol is not listed, or the price is not above 0.
    """
    walk = WalkSettings(start_price=start_price, seed=seed)
    moves = random_walk(_listed(symbol), walk, start_ms)
    return PaperFeed(symbol=symbol, moves=moves, first_ms=start_ms)


def file_feed(paths: tuple[str, ...], symbol: str, *, speed: float = 1.0) -> PaperFeed:
    """The trades of tick files, one series in this order.

    Raises:
        InvalidInputError: The symbol is not listed.
        TickFileError: A file cannot be read, or there is no tick.
    """
    moves = file_trades(paths, _listed(symbol), lots=_LOTS)
    first = next(moves, None)
    if first is None:
        raise TickFileError(path=paths[0], message="no tick; expected one or more")
    return PaperFeed(symbol=symbol, moves=chain([first], moves), first_ms=first.ts_ms, speed=speed)


def demo_feed(first: int, count: int) -> PaperFeed:
    """A stretch of the generated ticks of the demonstration.

    Args:
        first: Place of its first tick, counted from 0.
        count: Ticks.
    """
    ts_ns, prices = demo_ticks()
    symbol = _listed(DEMO_SYMBOL)
    rows = zip(
        ts_ns[first : first + count].tolist(), prices[first : first + count].tolist(), strict=True
    )
    moves: Iterator[Move] = (
        Print(
            ts_ms=at_ns // _NS_PER_MS,
            symbol=DEMO_SYMBOL,
            ticks=nearest_ticks(price, symbol),
            lots=_LOTS,
        )
        for at_ns, price in rows
    )
    return PaperFeed(symbol=DEMO_SYMBOL, moves=moves, first_ms=int(ts_ns[first]) // _NS_PER_MS)


def _listed(name: str) -> Symbol:
    symbols = {symbol.name: symbol for symbol in built_in_info().symbols}
    if name not in symbols:
        raise InvalidInputError("symbol", repr(name), f"expected one of {', '.join(symbols)}")
    return symbols[name]
