"""The latest market trades of one symbol."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

_ROW = Struct("<qqqq?")


@dataclass(frozen=True, slots=True)
class Trade:
    """One market trade.

    Attributes:
        trade_id: Rises by one from trade to trade of a symbol.
        ts_ms: Exchange time, ms since the UNIX epoch.
        ticks: Price.
        lots: Quantity.
        buyer_is_maker: The taker sold.
    """

    trade_id: int
    ts_ms: int
    ticks: int
    lots: int
    buyer_is_maker: bool


class TradeRing:
    """The latest trades, packed: as objects, those of all symbols would keep the collector busy.

    Args:
        most: How many are kept, 1 or more.
    """

    __slots__ = ("_added", "_most", "_rows")

    def __init__(self, most: int) -> None:
        self._most = most
        self._added = 0
        self._rows = bytearray()

    def __len__(self) -> int:
        return min(self._added, self._most)

    def __iter__(self) -> Iterator[Trade]:
        """The trades, oldest first."""
        return self._from(self._added - len(self))

    def add(self, trade: Trade) -> None:
        """Keeps a trade, in place of the oldest one where there is no room."""
        row = _ROW.pack(trade.trade_id, trade.ts_ms, trade.ticks, trade.lots, trade.buyer_is_maker)
        at = self._added % self._most * _ROW.size
        self._rows[at : at + _ROW.size] = row
        self._added += 1

    def latest(self, count: int) -> list[Trade]:
        """The latest `count` trades, or all where there are fewer, oldest first."""
        return list(self._from(self._added - min(count, len(self))))

    def _from(self, number: int) -> Iterator[Trade]:
        for each in range(number, self._added):
            yield Trade(*_ROW.unpack_from(self._rows, each % self._most * _ROW.size))
