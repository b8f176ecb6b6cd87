"""What the market traded lately, a symbol at a time: trades and bars of one minute."""

from collections import deque
from itertools import islice, takewhile

from quantum_exit.adapters.paper.bars import MINUTE_MS, Bar, joined, minutes_of
from quantum_exit.adapters.paper.trades import Trade, TradeRing

_DAY_MS = 86_400_000
_KEPT_TRADES = 10_000
_KEPT_MINUTES = 20_160


class Tape:
    """The latest 10 000 trades and 14 days of bars of one symbol."""

    __slots__ = ("_last", "_minutes", "_trades")

    def __init__(self) -> None:
        self._last: Trade | None = None
        self._trades = TradeRing(_KEPT_TRADES)
        self._minutes: deque[Bar] = deque(maxlen=_KEPT_MINUTES)

    @property
    def last(self) -> Trade | None:
        """The latest trade, or `None` before the first."""
        return self._last

    def add(self, trade: Trade) -> None:
        """Keeps a trade that is not older than the latest one."""
        self._last = trade
        self._trades.add(trade)
        minutes = self._minutes
        open_ms = trade.ts_ms - trade.ts_ms % MINUTE_MS
        if not minutes or minutes[-1].open_ms != open_ms:
            minutes.append(_new_bar(open_ms, trade))
        minutes[-1].add(
            trade.trade_id, trade.ticks, trade.lots, buyer_is_maker=trade.buyer_is_maker
        )

    def trades(
        self,
        *,
        limit: int,
        from_id: int | None = None,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> list[Trade]:
        """Trades in order: the first `limit` from a start on, else the latest `limit`."""
        if from_id is None and start_ms is None and end_ms is None:
            return self._trades.latest(limit)
        found = (
            trade
            for trade in self._trades
            if (from_id is None or trade.trade_id >= from_id)
            and (start_ms is None or trade.ts_ms >= start_ms)
            and (end_ms is None or trade.ts_ms <= end_ms)
        )
        return list(islice(found, limit))

    def bars(
        self,
        interval: str,
        *,
        limit: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> list[Bar]:
        """Bars of `interval` in order: the first `limit` from `start_ms` on, else the latest."""
        if start_ms is None and end_ms is None:
            # One bar more than asked for, as the first one may be cut.
            minutes = (limit + 1) * minutes_of(interval)
            latest = list(islice(reversed(self._minutes), minutes))[::-1]
            return joined(latest, interval)[-limit:]
        bars = [
            bar
            for bar in joined(self._minutes, interval)
            if (start_ms is None or bar.open_ms >= start_ms)
            and (end_ms is None or bar.open_ms <= end_ms)
        ]
        return bars[-limit:] if start_ms is None else bars[:limit]

    def bar(self, interval: str) -> Bar | None:
        """The latest bar of `interval`, or `None` before the first trade."""
        found: list[Bar] = []
        for minute in reversed(self._minutes):
            bars = joined((minute, *found), interval)
            if len(bars) > 1:
                break
            found = bars
        return found[0] if found else None

    def day(self, now_ms: int) -> Bar | None:
        """The trades of the last 24 hours as one bar, to the minute; `None` without any."""
        start_ms = now_ms - _DAY_MS
        within = list(takewhile(lambda bar: bar.open_ms >= start_ms, reversed(self._minutes)))
        if not within:
            return None
        [whole] = joined((within.pop(),), "1m")
        while within:
            whole.join(within.pop())
        return whole


def _new_bar(open_ms: int, trade: Trade) -> Bar:
    return Bar(
        open_ms=open_ms,
        open=trade.ticks,
        high=trade.ticks,
        low=trade.ticks,
        close=trade.ticks,
        first_id=trade.trade_id,
        last_id=trade.trade_id,
    )
