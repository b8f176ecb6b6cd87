"""What is known of a market when an exit is planned."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from quantum_exit.domain.checks import above_zero, in_range, time_ns
from quantum_exit.errors import InvalidInputError


class MarketRegime(StrEnum):
    """What the market does, as far as an exit cares."""

    TREND = "TREND"
    RANGE = "RANGE"
    VOLATILE = "VOLATILE"
    CHOP = "CHOP"
    NORMAL = "NORMAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketContext:
    """A reading of one market; what could not be measured is None.

    Attributes:
        regime: The regime; NORMAL where the data were too few.
        regime_confidence: 0..1; 0 where the data were too few.
        volatility: Standard deviation of returns, or ATR over price, as a fraction; 0 or more.
        trend_strength: -1 (falling) to 1 (rising).
        atr: Average true range in quote currency, above 0.
        insufficient: The regime is no finding, because the data were too few.
        source: Who says so, such as `bars` or `insufficient_data`.
        as_of_ns: Time of the last datum used, ns since the UNIX epoch, or None.

    Raises:
        InvalidInputError: A number is NaN or out of range, or a regime is unknown.
    """

    regime: MarketRegime = MarketRegime.NORMAL
    regime_confidence: float = 0.0
    volatility: float | None = None
    trend_strength: float | None = None
    atr: float | None = None
    insufficient: bool = False
    source: str = "given"
    as_of_ns: int | None = None

    def __post_init__(self) -> None:
        as_regime("market.regime", self.regime)
        in_range("market.regime_confidence", self.regime_confidence, 0.0, 1.0)
        if self.volatility is not None:
            in_range("market.volatility", self.volatility, 0.0, inf)
        if self.trend_strength is not None:
            in_range("market.trend_strength", self.trend_strength, -1.0, 1.0)
        if self.atr is not None:
            above_zero("market.atr", self.atr)
        if self.as_of_ns is not None:
            time_ns("market.as_of_ns", self.as_of_ns)
        if self.insufficient and self.regime is not MarketRegime.NORMAL:
            allowed = "expected NORMAL where the data were too few"
            raise InvalidInputError("market.regime", self.regime, allowed)


def as_regime(field: str, value: str) -> MarketRegime:
    """The regime called `value`.

    Raises:
        InvalidInputError: There is none; `field` names the input.
    """
    if isinstance(value, MarketRegime):
        return value
    try:
        return MarketRegime(value)
    except ValueError:
        allowed = f"expected one of {', '.join(MarketRegime)}"
        raise InvalidInputError(field, repr(value), allowed) from None
