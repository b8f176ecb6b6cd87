"""Where prices come from: tick files, a random walk, or a script."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from quantum_exit.adapters.files import Paths, open_ticks
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.errors import InvalidInputError

_NS_OF_MS = 1_000_000
_MAX_STEP_BPS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSettings:
    """A random walk of one symbol.

    Attributes:
        start_price: First price, quote currency; moved to the nearest tick.
        step_ms: From trade to trade, 1 or more.
        step_bps: Standard deviation of one step in basis points of the price, 0 or more.
        max_lots: Largest quantity of a trade in lots, 1 or more.
        seed: The same seed gives the same walk.

    Raises:
        InvalidInputError: A number is out of range.
    """

    start_price: Decimal
    step_ms: int = 100
    step_bps: float = 0.5
    max_lots: int = 1_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.start_price <= 0:
            raise InvalidInputError("start_price", self.start_price, "expected above 0")
        for name in ("step_ms", "max_lots"):
            if getattr(self, name) < 1:
                raise InvalidInputError(name, getattr(self, name), "expected 1 or more")
        if not 0 <= self.step_bps <= _MAX_STEP_BPS:
            raise InvalidInputError("step_bps", self.step_bps, "expected 0 to 1000")


def random_walk(symbol: Symbol, settings: WalkSettings, start_ms: int) -> Iterator[Move]:
    """Trades of a geometric random walk without an end.

    Args:
        symbol: Whose prices.
        settings: How it walks.
        start_ms: Time of the first trade, ms since the UNIX epoch.
    """
    random = Random(settings.seed)
    price = float(nearest_ticks(float(settings.start_price), symbol))
    ts_ms, before = start_ms, int(price)
    while True:
        ticks = max(1, round(price))
        yield Print(
            ts_ms=ts_ms,
            symbol=symbol.name,
            ticks=ticks,
            lots=random.randint(1, settings.max_lots),
            buyer_is_maker=ticks < before or (ticks == before and random.getrandbits(1) == 1),
        )
        before = ticks
        price = max(1.0, price * (1 + random.gauss(0.0, settings.step_bps / 10_000)))
        ts_ms += settings.step_ms


def file_trades(paths: Paths, symbol: Symbol, lots: int = 1) -> Iterator[Move]:
    """The trades of tick files, whose reader tells times and prices.

    A price between two ticks of the symbol is moved to the nearest one, as files may be older than
    the tick size. Who took is told by the direction of the price.

    Args:
        paths: One file or several, one series in this order.
        symbol: Whose prices.
        lots: Quantity of every trade, 1 or more.

    Raises:
        TickFileError: As `open_ticks` raises it.
        InvalidInputError: `lots` is below 1.
    """
    if lots < 1:
        raise InvalidInputError("lots", lots, "expected 1 or more")
    return _trades(paths, symbol, lots)


def scripted(symbol: Symbol, rows: Iterable[tuple[int, str, str]]) -> Iterator[Move]:
    """Trades as `(ms since the UNIX epoch, price, quantity)`, both numbers exact.

    Raises:
        VenueRefusal: A price or quantity is off the grid of the symbol.
    """
    for ts_ms, price, qty in rows:
        yield Print(
            ts_ms=ts_ms,
            symbol=symbol.name,
            ticks=symbol.ticks(Decimal(price)),
            lots=symbol.lots(Decimal(qty)),
        )


def merged(sources: Sequence[Iterator[Move]]) -> Iterator[Move]:
    """Several sources in order of time; at one time the source named first goes first."""
    return heapq.merge(*sources, key=lambda move: move.ts_ms)


def nearest_ticks(price: float, symbol: Symbol) -> int:
    """The tick nearest to `price`, at least 1."""
    per_unit = float(10**symbol.price.decimals) / symbol.price.step
    return max(1, round(price * per_unit))


def _trades(paths: Paths, symbol: Symbol, lots: int) -> Iterator[Move]:
    before, falling = 0, False
    for batch in open_ticks(paths):
        for ts_ns, price in zip(batch.ts_ns.tolist(), batch.price.tolist(), strict=True):
            ticks = nearest_ticks(price, symbol)
            falling = ticks < before or (ticks == before and falling)
            before = ticks
            yield Print(
                ts_ms=ts_ns // _NS_OF_MS,
                symbol=symbol.name,
                ticks=ticks,
                lots=lots,
                buyer_is_maker=falling,
            )
