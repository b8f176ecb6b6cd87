"""What the market does next: trades and mark prices, from whatever source."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A market trade.

    Attributes:
        ts_ms: When, ms since the UNIX epoch.
        symbol: Such as `BTCUSDT`.
        ticks: Price, above 0.
        lots: Quantity, above 0.
        buyer_is_maker: The taker sold.
    """

    ts_ms: int
    symbol: str
    ticks: int
    lots: int
    buyer_is_maker: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark price.

    Attributes:
        ts_ms: When, ms since the UNIX epoch.
        symbol: Such as `BTCUSDT`.
        mark_e8: Mark price in 1e-8 of the quote currency, above 0.
        index_e8: Index price likewise; `None` is the mark price.
    """

    ts_ms: int
    symbol: str
    mark_e8: int
    index_e8: int | None = None


Move: TypeAlias = Print | Mark
