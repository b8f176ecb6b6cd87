"""The market regime as a stream of ticks or bars goes on, in constant memory."""

from collections import deque

import numpy as np

from quantum_exit.errors import InvalidInputError
from quantum_exit.intelligence.bars import BarSeries
from quantum_exit.intelligence.regime import (
    NO_REGIME,
    RegimeReading,
    RegimeSeries,
    confidence_of,
    insufficient_reading,
    measure,
)
from quantum_exit.intelligence.regime_rules import RegimeConfig

Bar = tuple[float, float, float, float]


class RegimeDetector:
    """Reads the regime of one market while its data come in.

    Its readings are those of `regime_series` over the same data, float for float. It belongs to one
    thread.

    Args:
        config: The rules; None = the defaults.
    """

    def __init__(self, config: RegimeConfig | None = None) -> None:
        self._config = config or RegimeConfig()
        window = self._config.window
        self._bars: deque[Bar] = deque(maxlen=window)
        self._traded: deque[bool] = deque(maxlen=window)
        self._before = 0.0
        self._complete = 0
        self._bucket: int | None = None
        self._open_bar: Bar | None = None
        self._latest_ns = 0
        self._code = NO_REGIME
        self._run_code = NO_REGIME
        self._run = 0
        self._reading = insufficient_reading()

    @property
    def reading(self) -> RegimeReading:
        """The reading after the last complete bar."""
        return self._reading

    def on_tick(self, ts_ns: int, price: float) -> RegimeReading:
        """Takes a tick; completes the bars that ended at or before it.

        Args:
            ts_ns: ns since the UNIX epoch, not below that of the tick before.
            price: Finite and above 0.

        Raises:
            InvalidInputError: The tick is not as said; nothing was changed.
        """
        _check_price("price", price)
        self._check_time("ts_ns", ts_ns)
        self._take(ts_ns, (price, price, price, price))
        return self.advance(ts_ns)

    def on_bar(
        self, open_ns: int, open_: float, high: float, low: float, close: float, *, bar_ns: int
    ) -> RegimeReading:
        """Takes a complete bar of length `bar_ns`, a divisor of the interval of the rules.

        Args:
            open_ns: Opening time, ns since the UNIX epoch, after that of the bar before.
            open_: First price.
            high: Highest price.
            low: Lowest price.
            close: Last price; all finite and above 0.
            bar_ns: Length of the bar in ns.

        Raises:
            InvalidInputError: The bar is not as said; nothing was changed.
        """
        for name, price in (("open_", open_), ("high", high), ("low", low), ("close", close)):
            _check_price(name, price)
        if bar_ns <= 0 or self._config.interval_ns % bar_ns:
            allowed = f"expected a divisor of the interval, {self._config.interval_ns} ns"
            raise InvalidInputError("bar_ns", bar_ns, allowed)
        self._check_time("open_ns", open_ns)
        self._take(open_ns, (open_, high, low, close))
        return self.advance(open_ns + bar_ns)

    def advance(self, as_of_ns: int) -> RegimeReading:
        """Says that it is `as_of_ns` and nothing else traded; completes the bars that ended.

        Raises:
            InvalidInputError: The time lies before the latest datum.
        """
        self._check_time("as_of_ns", as_of_ns)
        self._latest_ns = as_of_ns
        if self._bucket is not None:
            self._complete_until(as_of_ns // self._config.interval_ns)
        return self._reading

    def _check_time(self, field: str, ts_ns: int) -> None:
        if ts_ns < self._latest_ns:
            raise InvalidInputError(field, ts_ns, f"expected at least {self._latest_ns}")

    def _take(self, ts_ns: int, bar: Bar) -> None:
        bucket = ts_ns // self._config.interval_ns
        if self._bucket is None:
            self._bucket, self._before = bucket, bar[0]
        self._complete_until(bucket)
        held = self._open_bar
        if held is None:
            self._open_bar = bar
        else:
            open_, high, low, _ = held
            self._open_bar = (open_, max(high, bar[1]), min(low, bar[2]), bar[3])

    def _complete_until(self, bucket: int) -> None:
        """Completes all bars before `bucket`, flat ones where nothing traded."""
        assert self._bucket is not None
        if bucket - self._bucket > self._config.window + 1:
            self._complete_bar()
            # Beyond a window, one flat bar is like the next: only their number matters.
            idle = bucket - self._bucket - self._config.window
            self._complete += idle
            self._bucket += idle
        while self._bucket < bucket:
            self._complete_bar()

    def _complete_bar(self) -> None:
        assert self._bucket is not None
        bar, traded = self._open_bar, self._open_bar is not None
        if len(self._bars) == self._config.window:
            self._before = self._bars[0][3]
        last = self._bars[-1][3] if self._bars else self._before
        self._bars.append(bar or (last, last, last, last))
        self._traded.append(traded)
        self._open_bar = None
        self._complete += 1
        self._bucket += 1
        self._read()

    def _read(self) -> None:
        assert self._bucket is not None
        interval_ns = self._config.interval_ns
        count = len(self._bars)
        open_, high, low, close = (np.array(column) for column in zip(*self._bars, strict=True))
        first = self._bucket - count
        bars = BarSeries(
            interval_ns=interval_ns,
            open_ns=(first + np.arange(count, dtype=np.int64)) * interval_ns,
            open=open_,
            high=high,
            low=low,
            close=close,
            traded=np.array(self._traded),
        )
        measures = measure(
            bars, before=self._before, first_index=self._complete - count, config=self._config
        )
        self._settle(int(measures.raw[-1]), sufficient=bool(measures.sufficient[-1]))
        codes = np.full(count, self._code, np.int8)
        self._reading = RegimeSeries(
            as_of_ns=bars.end_ns,
            codes=codes,
            confidence=confidence_of(codes, measures),
            interval_ns=interval_ns,
            max_age_ns=interval_ns,
            measures=measures,
        ).reading(-1)

    def _settle(self, raw: int, *, sufficient: bool) -> None:
        if not sufficient:
            self._code = self._run_code = NO_REGIME
            self._run = 0
            return
        self._run = self._run + 1 if raw == self._run_code else 1
        self._run_code = raw
        if self._code == NO_REGIME or self._run >= self._config.confirm:
            self._code = raw


def _check_price(field: str, price: float) -> None:
    if not 0.0 < price < float("inf"):
        raise InvalidInputError(field, price, "expected a finite price above 0")
