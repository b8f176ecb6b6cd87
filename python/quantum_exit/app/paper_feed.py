"""Prices of the simulated exchange in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, pairwise

import numpy as np

from quantum_exit.adapters.paper.drivers import (
    WalkSettings,
    file_trades,
    nearest_ticks,
    random_walk,
)
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.errors import InvalidInputError, TickFileError

_LOTS = 100_000
_DEMO_SYMBOL = "BTCUSDT"
_DEMO_SEED = 20260101
_DEMO_FIRST_MS = 1_767_261_600_000  # 2026-01-01T10:00:00Z
_DEMO_NOISE_FRAC = 0.0001
# Seconds from the turn before, and the price there.
_DEMO_TURNS = (
    (0, 100_000.0),
    (300, 101_400.0),
    (300, 102_700.0),
    (300, 104_200.0),
    (300, 101_900.0),
    (300, 101_200.0),
    (300, 103_000.0),
)


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


def demo_feed() -> PaperFeed:
    """Half an hour of BTCUSDT, a trade a second, made up to show much in little time.

    A rise through the targets of a LONG, a fall through its trailing stop and on to the target of
    a SHORT, and a rise through the stop that had followed; the same on every machine.
    """
    symbol = _listed(_DEMO_SYMBOL)
    # The stream of this generator is frozen, so that the demonstration never changes.
    noise = np.random.RandomState(_DEMO_SEED).standard_normal(sum(s for s, _ in _DEMO_TURNS))
    path = np.concatenate(
        [
            np.linspace(before, after, seconds, endpoint=False)
            for (_, before), (seconds, after) in pairwise(_DEMO_TURNS)
        ]
    )
    prices = path * (1 + _DEMO_NOISE_FRAC * noise[: path.size])
    moves: Iterator[Move] = (
        Print(
            ts_ms=_DEMO_FIRST_MS + second * 1_000,
            symbol=_DEMO_SYMBOL,
            ticks=nearest_ticks(price, symbol),
            lots=_LOTS,
        )
        for second, price in enumerate(prices.tolist())
    )
    return PaperFeed(symbol=_DEMO_SYMBOL, moves=moves, first_ms=_DEMO_FIRST_MS)


def _listed(name: str) -> Symbol:
    symbols = {symbol.name: symbol for symbol in built_in_info().symbols}
    if name not in symbols:
        raise InvalidInputError("symbol", repr(name), f"expected one of {', '.join(symbols)}")
    return symbols[name]
