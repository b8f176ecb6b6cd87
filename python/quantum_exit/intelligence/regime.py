"""The market regime at each moment of a series, from complete bars only."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quantum_exit.domain.market import MarketContext, MarketRegime
from quantum_exit.intelligence.bars import BarSeries
from quantum_exit.intelligence.regime_rules import REGIMES, RegimeConfig, RegimeFeatures, classify
from quantum_exit.intelligence.rolling import rolling_sum
from quantum_exit.intelligence.volatility import (
    average_true_range,
    choppiness,
    efficiency_ratio,
    returns,
    rms_volatility,
    true_range,
)

INSUFFICIENT = "insufficient_data"
"""The source of a reading that is no finding."""
NO_REGIME = -1
"""The code of a moment at which the data were too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeReading:
    """The regime of a market at one moment.

    Attributes:
        regime: The regime; NORMAL where the data were too few.
        confidence: 0..1: how far the features lie from the thresholds, times the share of bars in
            which something traded. Below 0.5 while a change waits for its confirmation.
        volatility: Standard deviation of returns over one day, as a fraction, or None.
        trend_strength: Efficiency ratio, -1 (straight down) to 1 (straight up), or None.
        source: `bars`, `features`, or `insufficient_data`.
        choppiness: Choppiness index, 0..100, or None.
        atr: Average true range of the bars read, quote currency, or None where nothing moved.
        as_of_ns: End of the last bar used, ns since the UNIX epoch, or None.
    """

    regime: MarketRegime
    confidence: float
    volatility: float | None
    trend_strength: float | None
    source: str
    choppiness: float | None = None
    atr: float | None = None
    as_of_ns: int | None = None

    @property
    def insufficient(self) -> bool:
        """The data were too few, so the regime is no finding."""
        return self.source == INSUFFICIENT

    def context(self) -> MarketContext:
        """The reading as planning takes it."""
        return MarketContext(
            regime=self.regime,
            regime_confidence=self.confidence,
            volatility=self.volatility,
            trend_strength=self.trend_strength,
            atr=self.atr,
            insufficient=self.insufficient,
            source=self.source,
            as_of_ns=self.as_of_ns,
        )


def insufficient_reading(as_of_ns: int | None = None) -> RegimeReading:
    """What is said of a market of which too little is known."""
    return RegimeReading(
        regime=MarketRegime.NORMAL,
        confidence=0.0,
        volatility=None,
        trend_strength=None,
        source=INSUFFICIENT,
        as_of_ns=as_of_ns,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """Features of each bar of a series, from the bars up to it.

    Attributes:
        sufficient: Whether enough bars traded; where not, the other columns are no finding.
        coverage: Share of the window's bars in which something traded, 0..1.
        volatility: Fractions, 0 or more.
        trend_strength: -1..1.
        choppiness: 0..100, NaN where the price did not move.
        atr: Quote currency, 0 or more.
        raw: Indices into `REGIMES`, without hysteresis.
        raw_confidence: 0.5..1.
    """

    sufficient: NDArray[np.bool_]
    coverage: NDArray[np.float64]
    volatility: NDArray[np.float64]
    trend_strength: NDArray[np.float64]
    choppiness: NDArray[np.float64]
    atr: NDArray[np.float64]
    raw: NDArray[np.int8]
    raw_confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegimeSeries:
    """The reading after each bar of a series.

    Attributes:
        as_of_ns: End of each bar: from then on its reading holds. ns since the UNIX epoch.
        codes: Indices into `REGIMES` with hysteresis; -1 where the data were too few.
        confidence: 0..1.
        interval_ns: Length of a bar in ns.
        max_age_ns: Age from which the last reading is insufficient data: as many bars as make a
            full window insufficient when nothing trades.
        measures: What they were read from.
    """

    as_of_ns: NDArray[np.int64]
    codes: NDArray[np.int8]
    confidence: NDArray[np.float64]
    interval_ns: int
    max_age_ns: int
    measures: Measures = field(repr=False)

    def __len__(self) -> int:
        return int(self.codes.size)

    def __iter__(self) -> Iterator[RegimeReading]:
        return (self.reading(index) for index in range(len(self)))

    def reading(self, index: int) -> RegimeReading:
        """The reading after bar `index`; negative indices count from the end.

        Raises:
            IndexError: There is no such bar.
        """
        as_of_ns = int(self.as_of_ns[index])
        if self.codes[index] == NO_REGIME:
            return insufficient_reading(as_of_ns)
        chop, atr = float(self.measures.choppiness[index]), float(self.measures.atr[index])
        return RegimeReading(
            regime=REGIMES[self.codes[index]],
            confidence=float(self.confidence[index]),
            volatility=float(self.measures.volatility[index]),
            trend_strength=float(self.measures.trend_strength[index]),
            source="bars",
            choppiness=None if np.isnan(chop) else chop,
            atr=atr if atr > 0.0 else None,
            as_of_ns=as_of_ns,
        )

    def at(self, as_of_ns: int) -> RegimeReading:
        """The last reading known at `as_of_ns`; insufficient data where it is too old by then."""
        index = int(np.searchsorted(self.as_of_ns, as_of_ns, side="right")) - 1
        if index < 0:
            return insufficient_reading()
        if as_of_ns - int(self.as_of_ns[index]) >= self.max_age_ns:
            return insufficient_reading(int(self.as_of_ns[index]))
        return self.reading(index)


def detect_regime(
    source: BarSeries | RegimeFeatures, config: RegimeConfig | None = None
) -> RegimeReading:
    """The regime after the last bar of a series, or of one set of features.

    A reading of features knows no history, so it has no hysteresis.

    Args:
        source: Complete bars of length `config.interval_ns`, or features measured elsewhere.
        config: The rules; None = the defaults.
    """
    rules = config or RegimeConfig()
    if isinstance(source, BarSeries):
        series = regime_series(source, rules)
        return series.reading(-1) if len(series) else insufficient_reading()
    chop = np.nan if source.choppiness is None else source.choppiness
    codes, confidence = classify(
        np.array([source.volatility]), np.array([source.trend_strength]), np.array([chop]), rules
    )
    return RegimeReading(
        regime=REGIMES[codes[0]],
        confidence=float(confidence[0]),
        volatility=source.volatility,
        trend_strength=source.trend_strength,
        source="features",
        choppiness=source.choppiness,
    )


def regime_series(bars: BarSeries, config: RegimeConfig | None = None) -> RegimeSeries:
    """The reading after each bar; that after bar i depends on no bar beyond i.

    Args:
        bars: Complete bars of length `config.interval_ns`.
        config: The rules; None = the defaults.
    """
    rules = config or RegimeConfig()
    measures = measure(
        bars, before=float(bars.open[0]) if len(bars) else 1.0, first_index=0, config=rules
    )
    codes = with_hysteresis(measures.raw, measures.sufficient, rules.confirm)
    return RegimeSeries(
        as_of_ns=bars.end_ns,
        codes=codes,
        confidence=confidence_of(codes, measures),
        interval_ns=rules.interval_ns,
        max_age_ns=rules.interval_ns * (rules.window - rules.min_bars + 1),
        measures=measures,
    )


def measure(bars: BarSeries, *, before: float, first_index: int, config: RegimeConfig) -> Measures:
    """The features of each bar, and its regime without hysteresis.

    Args:
        bars: Bars of a series, from its bar `first_index` on. From the `config.window`-th of them
            on, the features are those of the whole series.
        before: The close before the first bar; the first open where there is none.
        first_index: Bars of the series before these.
        config: The rules.
    """
    window, period = config.window, config.chop_period
    lead = window - 1
    high, low, close = (_led(column, before, lead) for column in (bars.high, bars.low, bars.close))
    traded = np.concatenate((np.zeros(lead), bars.traded.astype(np.float64)))
    elapsed = np.minimum(first_index + 1.0 + np.arange(len(bars)), window)
    counted = rolling_sum(traded, window)
    ranges = true_range(high, low, close, before)
    volatility = rms_volatility(
        returns(close, before), window, elapsed, config.interval_ns, config.horizon_ns
    )
    trend = efficiency_ratio(close, before, config.trend_window)[window - config.trend_window :]
    chop = choppiness(high, low, ranges, period)[window - period :]
    raw, raw_confidence = classify(volatility, trend, chop, config)
    return Measures(
        sufficient=counted >= config.min_bars,
        coverage=counted / window,
        volatility=volatility,
        trend_strength=trend,
        choppiness=chop,
        atr=average_true_range(ranges, period)[window - period :],
        raw=raw,
        raw_confidence=raw_confidence,
    )


def confidence_of(codes: NDArray[np.int8], measures: Measures) -> NDArray[np.float64]:
    """How sure readings are; one that the raw regime contradicts has what that one leaves of 1."""
    agreed = codes == measures.raw
    sure = np.where(agreed, measures.raw_confidence, 1.0 - measures.raw_confidence)
    return np.where(codes == NO_REGIME, 0.0, sure * measures.coverage)


def with_hysteresis(
    raw: NDArray[np.int8], sufficient: NDArray[np.bool_], confirm: int
) -> NDArray[np.int8]:
    """A raw regime holds from its `confirm`-th bar in a row on, or where sufficient data begin."""
    index = np.arange(raw.size)
    fresh = sufficient & ~_before(sufficient)
    run_starts = fresh | (raw != np.roll(raw, 1)) | ~sufficient
    run_start = np.maximum.accumulate(np.where(run_starts, index, 0))
    settled = sufficient & (fresh | (index - run_start + 1 >= confirm))
    latest = np.maximum.accumulate(np.where(settled, index, 0))
    return np.where(sufficient, raw[latest], np.int8(NO_REGIME)).astype(np.int8)


def _before(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    before = np.zeros_like(flags)
    before[1:] = flags[:-1]
    return before


def _led(column: NDArray[np.float64], before: float, lead: int) -> NDArray[np.float64]:
    return np.concatenate((np.full(lead, before), column))
