"""Bars of market trades: intervals, and the bar that a trade belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from quantum_exit.adapters.paper.errors import refusal

MINUTE_MS = 60_000
_DAY_MS = 86_400_000
_MONTH = "1M"
_WEEK = "1w"
# The UNIX epoch was a Thursday, and weeks begin on Monday.
_MONDAY_MS = 4 * _DAY_MS

_LENGTH_MS = MappingProxyType(
    {
        "1m": MINUTE_MS,
        "3m": 3 * MINUTE_MS,
        "5m": 5 * MINUTE_MS,
        "15m": 15 * MINUTE_MS,
        "30m": 30 * MINUTE_MS,
        "1h": 60 * MINUTE_MS,
        "2h": 120 * MINUTE_MS,
        "4h": 240 * MINUTE_MS,
        "6h": 360 * MINUTE_MS,
        "8h": 480 * MINUTE_MS,
        "12h": 720 * MINUTE_MS,
        "1d": _DAY_MS,
        "3d": 3 * _DAY_MS,
        _WEEK: 7 * _DAY_MS,
        _MONTH: 31 * _DAY_MS,
    }
)

INTERVALS: tuple[str, ...] = tuple(_LENGTH_MS)
"""The intervals that klines have."""


@dataclass(slots=True, kw_only=True)
class Bar:
    """The trades of one interval; sums are exact.

    Attributes:
        open_ms: First ms of the interval.
        open: First price in ticks.
        high: Highest price in ticks.
        low: Lowest price in ticks.
        close: Last price in ticks.
        lots: Traded quantity in lots.
        worth: Sum of ticks times lots.
        trades: Number of trades.
        buy_lots: Quantity whose taker bought, in lots.
        buy_worth: Sum of ticks times lots whose taker bought.
        first_id: Id of the first trade.
        last_id: Id of the last trade.
    """

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    worth: int = 0
    trades: int = 0
    buy_lots: int = 0
    buy_worth: int = 0
    first_id: int
    last_id: int

    def add(self, trade_id: int, ticks: int, lots: int, *, buyer_is_maker: bool) -> None:
        """Adds a trade of this interval."""
        self.high = max(self.high, ticks)
        self.low = min(self.low, ticks)
        self.close = ticks
        self.lots += lots
        self.worth += ticks * lots
        self.trades += 1
        self.last_id = trade_id
        if not buyer_is_maker:
            self.buy_lots += lots
            self.buy_worth += ticks * lots

    def join(self, later: "Bar") -> None:
        """Adds the trades of a later bar."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.lots += later.lots
        self.worth += later.worth
        self.trades += later.trades
        self.buy_lots += later.buy_lots
        self.buy_worth += later.buy_worth
        self.last_id = later.last_id


def check_interval(interval: str) -> str:
    """`interval` itself.

    Raises:
        VenueRefusal: -1120, it is not one of `INTERVALS`.
    """
    if interval not in _LENGTH_MS:
        raise refusal(-1120)
    return interval


def opening_ms(interval: str, ts_ms: int) -> int:
    """First ms of the bar that `ts_ms` lies in."""
    if interval == _MONTH:
        time = datetime.fromtimestamp(ts_ms // 1_000, UTC)
        return int(datetime(time.year, time.month, 1, tzinfo=UTC).timestamp()) * 1_000
    length_ms = _LENGTH_MS[interval]
    shift_ms = _MONDAY_MS if interval == _WEEK else 0
    return (ts_ms - shift_ms) // length_ms * length_ms + shift_ms


def closing_ms(interval: str, open_ms: int) -> int:
    """Last ms of the bar that opens at `open_ms`."""
    if interval == _MONTH:
        return opening_ms(_MONTH, open_ms + _LENGTH_MS[_MONTH]) - 1
    return open_ms + _LENGTH_MS[interval] - 1


def minutes_of(interval: str) -> int:
    """How many bars of one minute make at most one bar of `interval`."""
    return _LENGTH_MS[interval] // MINUTE_MS


def joined(bars: Iterable[Bar], interval: str) -> list[Bar]:
    """Bars of one minute, joined to bars of `interval`."""
    found: list[Bar] = []
    for bar in bars:
        open_ms = opening_ms(interval, bar.open_ms)
        if found and found[-1].open_ms == open_ms:
            found[-1].join(bar)
        else:
            found.append(_copy(bar, open_ms))
    return found


def _copy(bar: Bar, open_ms: int) -> Bar:
    return Bar(
        open_ms=open_ms,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        lots=bar.lots,
        worth=bar.worth,
        trades=bar.trades,
        buy_lots=bar.buy_lots,
        buy_worth=bar.buy_worth,
        first_id=bar.first_id,
        last_id=bar.last_id,
    )
