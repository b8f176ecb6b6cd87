"""Everything that an exit is planned from, in one frozen value."""

from dataclasses import dataclass, field

from quantum_exit.domain.checks import fraction, in_range, time_ns
from quantum_exit.domain.market import MarketContext, MarketRegime
from quantum_exit.domain.position import Position, Side
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.errors import InvalidInputError

__all__ = [
    "Advice",
    "ExitContext",
    "MarketContext",
    "MarketRegime",
    "Position",
    "RiskContext",
    "RiskMode",
    "Side",
    "as_risk_mode",
]

_MIN_CALLBACK = 0.0001
_MAX_CALLBACK = 0.4999


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What models suggest; None = no suggestion. Planning may ignore any of it.

    Attributes:
        signal_confidence: Confidence of the entry signal, 0..1.
        rl_tp_hint: Target of the policy as a fraction of the entry price, in (0, 1).
        rl_sl_hint: Stop of the policy as a fraction of the entry price, in (0, 1).
        rl_confidence: Confidence of the policy in its hints, 0..1.
        tp_zone_multiplier: Factor of the policy's target zone, 0.5..1.5; None where no head of the
            policy is trained for it.
        trail_hint: Trailing callback as a fraction of the price, 0.0001 to 0.4999.

    Raises:
        InvalidInputError: A number is NaN or out of range.
    """

    signal_confidence: float | None = None
    rl_tp_hint: float | None = None
    rl_sl_hint: float | None = None
    rl_confidence: float | None = None
    tp_zone_multiplier: float | None = None
    trail_hint: float | None = None

    def __post_init__(self) -> None:
        if self.signal_confidence is not None:
            in_range("signal_confidence", self.signal_confidence, 0.0, 1.0)
        if self.rl_tp_hint is not None:
            fraction("rl_tp_hint", self.rl_tp_hint)
        if self.rl_sl_hint is not None:
            fraction("rl_sl_hint", self.rl_sl_hint)
        if self.rl_confidence is not None:
            in_range("rl_confidence", self.rl_confidence, 0.0, 1.0)
        if self.tp_zone_multiplier is not None:
            in_range("tp_zone_multiplier", self.tp_zone_multiplier, 0.5, 1.5)
        if self.trail_hint is not None:
            in_range("trail_hint", self.trail_hint, _MIN_CALLBACK, _MAX_CALLBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitContext:
    """One position with what is known of its market, the account's risk and the models' advice.

    Attributes:
        position: What is held.
        market: Reading of the market.
        risk_mode: How careful the account is.
        risk: Risk of the account; None = unknown, which planners take for conservative.
        advice: What models suggest.
        as_of_ns: When the plan is made, ns since the UNIX epoch; None = do not ask how old the
            inputs are.

    Raises:
        InvalidInputError: The risk mode is unknown, or the time is none.
    """

    position: Position
    market: MarketContext = field(default_factory=MarketContext)
    risk_mode: RiskMode = RiskMode.NORMAL
    risk: RiskContext | None = None
    advice: Advice = field(default_factory=Advice)
    as_of_ns: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "risk_mode", as_risk_mode(self.risk_mode))
        if self.as_of_ns is not None:
            time_ns("as_of_ns", self.as_of_ns)

    @property
    def symbol(self) -> str:
        """Symbol of the position."""
        return self.position.symbol

    @property
    def strategy_id(self) -> str:
        """Strategy that entered the position."""
        return self.position.strategy_id

    @property
    def market_regime(self) -> MarketRegime:
        """Regime of the market."""
        return self.market.regime


def as_risk_mode(value: str) -> RiskMode:
    """The risk mode called `value`.

    Raises:
        InvalidInputError: There is none.
    """
    try:
        return RiskMode(value)
    except ValueError:
        allowed = f"expected one of {', '.join(RiskMode)}"
        raise InvalidInputError("risk_mode", repr(value), allowed) from None
