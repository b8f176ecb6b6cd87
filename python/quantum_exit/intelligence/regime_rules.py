"""The thresholds that tell market regimes apart, and how sure a reading is."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from quantum_exit.domain.checks import above_zero, in_range
from quantum_exit.domain.market import MarketRegime
from quantum_exit.errors import InvalidInputError
from quantum_exit.intelligence.volatility import DAY_NS

REGIMES = tuple(MarketRegime)
"""The regimes in the order of their codes in arrays."""

_RULE_ORDER = (MarketRegime.VOLATILE, MarketRegime.TREND, MarketRegime.RANGE, MarketRegime.CHOP)
_NORMAL = REGIMES.index(MarketRegime.NORMAL)
_MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeConfig:
    """What a regime is measured over, and where one ends and the next begins.

    The rules are asked in this order: VOLATILE, TREND, RANGE, CHOP, else NORMAL.

    Attributes:
        interval_ns: Length of a bar in ns. Quarter hours are the bars of the original executor.
        window: Bars that volatility is measured over, 2 or more (its 20 bars).
        trend_window: Bars that trend strength is measured over (Kaufman's 10).
        min_bars: Bars of the window in which something traded; fewer are too few (its 15).
        chop_period: Bars of the choppiness index and of the average true range (Dreiss' 14).
        horizon_ns: Time that volatility is stated for. Decision: one day. The thresholds are of the
            size of daily volatilities of perpetuals; that of one quarter hour is a tenth of it.
        volatile_above: Volatility above which the market is VOLATILE.
        trend_above: Trend strength, up or down, above which it is TREND.
        quiet_below: Volatility below which a market without a trend is RANGE.
        flat_below: Trend strength below which there is no trend. Decision: half of `trend_above`,
            inside which about half of the windows of a random walk lie.
        chop_above: Choppiness index above which it is CHOP: the golden ratio of Dreiss' scale.
        confirm: Readings in a row that a change of regime needs, 1 or more.

    Raises:
        InvalidInputError: A number is out of range.
    """

    interval_ns: int = 15 * _MINUTE_NS
    window: int = 20
    trend_window: int = 10
    min_bars: int = 15
    chop_period: int = 14
    horizon_ns: int = DAY_NS
    volatile_above: float = 0.04
    trend_above: float = 0.6
    quiet_below: float = 0.015
    flat_below: float = 0.3
    chop_above: float = 61.8
    confirm: int = 2

    def __post_init__(self) -> None:
        for field, low, high in (
            ("interval_ns", 1, DAY_NS * 366),
            ("horizon_ns", 1, DAY_NS * 366),
            ("window", 2, 10_000),
            ("trend_window", 1, self.window),
            ("chop_period", 2, self.window),
            ("min_bars", self.chop_period, self.window),
            ("confirm", 1, 10_000),
        ):
            _whole(field, getattr(self, field), low, high)
        above_zero("volatile_above", self.volatile_above)
        in_range("quiet_below", self.quiet_below, 0.0, self.volatile_above)
        in_range("trend_above", self.trend_above, 0.0, 1.0)
        in_range("flat_below", self.flat_below, 0.0, self.trend_above)
        in_range("chop_above", self.chop_above, 0.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeFeatures:
    """What one regime is read from.

    Attributes:
        volatility: Standard deviation of returns over the horizon of the rules, as a fraction.
        trend_strength: -1 (straight down) to 1 (straight up).
        choppiness: Choppiness index, 0..100, or None where the price did not move.

    Raises:
        InvalidInputError: A number is NaN or out of range.
    """

    volatility: float
    trend_strength: float
    choppiness: float | None = None

    def __post_init__(self) -> None:
        in_range("volatility", self.volatility, 0.0, inf)
        in_range("trend_strength", self.trend_strength, -1.0, 1.0)
        if self.choppiness is not None:
            in_range("choppiness", self.choppiness, 0.0, 100.0)


def classify(
    volatility: NDArray[np.float64],
    trend_strength: NDArray[np.float64],
    choppiness: NDArray[np.float64],
    config: RegimeConfig,
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """The regime of each row of features, without regard to the rows before it.

    Args:
        volatility: Fractions, over `config.horizon_ns`.
        trend_strength: -1..1.
        choppiness: 0..100, NaN where it is undefined, which is not CHOP.
        config: The thresholds.

    Returns:
        Indices into `REGIMES`, and confidences: 0.5 on a threshold, up to 1 away from all of them.
    """
    trend = np.abs(trend_strength)
    chop = np.nan_to_num(choppiness, nan=0.0)
    volatile = volatility > config.volatile_above
    trending = trend > config.trend_above
    quiet = (volatility < config.quiet_below) & (trend < config.flat_below)
    choppy = chop > config.chop_above
    claims = [volatile, trending, quiet, choppy]
    codes = np.select(claims, [REGIMES.index(one) for one in _RULE_ORDER], _NORMAL).astype(np.int8)
    over_volatile = _over(volatility, config.volatile_above, 2.0 * config.volatile_above)
    over_trend = _over(trend, config.trend_above, 1.0)
    over_chop = _over(chop, config.chop_above, 100.0)
    inside = np.minimum(
        _over(-volatility, -config.quiet_below, 0.0), _over(-trend, -config.flat_below, 0.0)
    )
    # NORMAL is what no rule claims, so it is as sure as the nearest rule is far.
    far = np.minimum.reduce([-over_volatile, -over_trend, -over_chop, -inside])
    distance = np.select(claims, [over_volatile, over_trend, inside, over_chop], far)
    return codes, 0.5 + 0.5 * np.clip(distance, 0.0, 1.0)


def _over(values: NDArray[np.float64], threshold: float, full: float) -> NDArray[np.float64]:
    """How far beyond `threshold` values lie, 1 at `full`; negative on this side of it."""
    span = full - threshold
    if span <= 0.0:
        return np.where(values > threshold, 1.0, -1.0)
    return (values - threshold) / span


def _whole(field: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"expected a whole number from {low} to {high}"
        raise InvalidInputError(field, repr(value), allowed)
