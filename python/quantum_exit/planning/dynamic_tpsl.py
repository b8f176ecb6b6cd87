"""Dynamic TP/SL: target and stop from signal confidence, volatility and risk (seed 000)."""

from dataclasses import dataclass, field

from quantum_exit.domain.checks import above_zero, fraction, in_range
from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.position import Side
from quantum_exit.domain.risk import RiskContext, RiskMode, RiskReading
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import as_risk_mode
from quantum_exit.planning.why import Factor

_ACTIONS = ("BUY", "SELL", *Side)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeFactors:
    """Factors of target and stop in one risk mode, each above 0.

    Attributes:
        tp: Factor of the target.
        sl: Factor of the stop.
    """

    tp: float
    sl: float

    def __post_init__(self) -> None:
        above_zero("mode_factors.tp", self.tp)
        above_zero("mode_factors.sl", self.sl)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAdjustments:
    """When and how the risk of the account moves target and stop (seed 000, patch 2).

    Each threshold is strict: a reading equal to it changes nothing.

    Attributes:
        ess_above: Threshold of the effective stress score, 1.5.
        ess_tp: Factor of the target beyond it, 0.85.
        systemic_above: Threshold of the systemic risk level, 0.7.
        systemic_tp: Factor of the target beyond it, 0.75.
        systemic_sl: Factor of the stop beyond it, 1.2; the size advice shrinks by its inverse.
        correlation_above: Threshold of the correlation risk, 0.8.
        correlation_tp: Factor of the target beyond it, 0.95.
    """

    ess_above: float = 1.5
    ess_tp: float = 0.85
    systemic_above: float = 0.7
    systemic_tp: float = 0.75
    systemic_sl: float = 1.2
    correlation_above: float = 0.8
    correlation_tp: float = 0.95

    def __post_init__(self) -> None:
        above_zero("risk_adjustments.ess_above", self.ess_above)
        in_range("risk_adjustments.systemic_above", self.systemic_above, 0.0, 1.0)
        in_range("risk_adjustments.correlation_above", self.correlation_above, 0.0, 1.0)
        for name in ("ess_tp", "systemic_tp", "correlation_tp"):
            in_range(f"risk_adjustments.{name}", getattr(self, name), 0.1, 1.0)
        in_range("risk_adjustments.systemic_sl", self.systemic_sl, 1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicTPSLParams:
    """The numbers of the dynamic calculator (seed 000). Fractions of the entry price.

    Attributes:
        base_tp: Target at middle confidence, 0.06.
        base_sl: Stop at middle confidence, 0.025.
        min_tp: Smallest target, 0.05.
        min_sl: Smallest stop, 0.015.
        min_confidence: Confidence at which the scale begins, 0.40.
        max_confidence: Confidence at which it ends, 0.95.
        min_rr: Smallest ratio of target to stop, 1.5.
        max_rr: Largest ratio, 4.0.
        rl_weight: Weight of the policy's suggestion in the target, 0.4.
        reference_volatility: Volatility at which the scale is 1.2, 0.03.
        volatility_slope: Growth of the scale per reference volatility, 0.4.
        min_volatility_scale: 0.8, also the scale at no volatility at all.
        max_volatility_scale: 1.5.
        trail_of_tp: Callback as a share of the target, 0.4.
        partial_from_confidence: From this confidence on only part is taken at the target, 0.80.
        normal: Factors of the mode NORMAL.
        optimistic: Factors of the mode OPTIMISTIC.
        aggressive: Factors of the mode AGGRESSIVE.
        conservative: Factors of the mode CONSERVATIVE.
        critical: Factors of the mode CRITICAL. Decision: it tightens both, as in the exit brain.
        risk: Adjustments by the risk of the account.

    Raises:
        InvalidInputError: A number is out of range, or a range is empty.
    """

    base_tp: float = 0.06
    base_sl: float = 0.025
    min_tp: float = 0.05
    min_sl: float = 0.015
    min_confidence: float = 0.40
    max_confidence: float = 0.95
    min_rr: float = 1.5
    max_rr: float = 4.0
    rl_weight: float = 0.4
    reference_volatility: float = 0.03
    volatility_slope: float = 0.4
    min_volatility_scale: float = 0.8
    max_volatility_scale: float = 1.5
    trail_of_tp: float = 0.4
    partial_from_confidence: float = 0.80
    normal: ModeFactors = field(default_factory=lambda: ModeFactors(tp=1.0, sl=1.0))
    optimistic: ModeFactors = field(default_factory=lambda: ModeFactors(tp=1.15, sl=0.90))
    aggressive: ModeFactors = field(default_factory=lambda: ModeFactors(tp=1.30, sl=0.85))
    conservative: ModeFactors = field(default_factory=lambda: ModeFactors(tp=0.85, sl=0.90))
    critical: ModeFactors = field(default_factory=lambda: ModeFactors(tp=0.70, sl=0.70))
    risk: RiskAdjustments = field(default_factory=RiskAdjustments)

    def __post_init__(self) -> None:
        for name in ("base_tp", "base_sl", "min_tp", "min_sl", "reference_volatility"):
            fraction(f"dynamic_tpsl.{name}", getattr(self, name))
        in_range("dynamic_tpsl.max_confidence", self.max_confidence, 0.01, 1.0)
        in_range("dynamic_tpsl.min_confidence", self.min_confidence, 0.0, 0.99)
        if self.min_confidence >= self.max_confidence:
            allowed = f"expected less than max_confidence, {self.max_confidence:g}"
            raise InvalidInputError("dynamic_tpsl.min_confidence", self.min_confidence, allowed)
        in_range("dynamic_tpsl.min_rr", self.min_rr, 0.1, self.max_rr)
        in_range("dynamic_tpsl.max_rr", self.max_rr, 0.1, 100.0)
        in_range("dynamic_tpsl.rl_weight", self.rl_weight, 0.0, 1.0)
        in_range("dynamic_tpsl.volatility_slope", self.volatility_slope, 0.0, 5.0)
        in_range("dynamic_tpsl.max_volatility_scale", self.max_volatility_scale, 0.1, 5.0)
        low = "dynamic_tpsl.min_volatility_scale"
        in_range(low, self.min_volatility_scale, 0.1, self.max_volatility_scale)
        in_range("dynamic_tpsl.trail_of_tp", self.trail_of_tp, 0.01, 1.0)
        in_range("dynamic_tpsl.partial_from_confidence", self.partial_from_confidence, 0.0, 1.0)

    def mode(self, risk_mode: RiskMode) -> ModeFactors:
        """The factors of a risk mode.

        Raises:
            InvalidInputError: ESS_ACTIVE, in which positions are closed and not planned.
        """
        if risk_mode is RiskMode.ESS_ACTIVE:
            allowed = "expected another mode; the exit brain closes the position"
            raise InvalidInputError("risk_mode", risk_mode, allowed)
        factors: ModeFactors = getattr(self, risk_mode.lower())
        return factors


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicTPSLOutput:
    """What the calculator gives. Percentages are fractions of the entry price (0.06 = 6 %).

    Attributes:
        tp_percent: Target.
        sl_percent: Stop.
        trail_percent: Trailing callback.
        partial_tp: Take part of the position at the target and let the rest trail.
        rationale: One line for people.
        confidence: The signal confidence given.
        timestamp: The time given, ns since the UNIX epoch, or None.
        size_factor: Advice for the size of the entry, in (0, 1].
        why: Every factor applied, in order.
    """

    tp_percent: float
    sl_percent: float
    trail_percent: float
    partial_tp: bool
    rationale: str
    confidence: float
    timestamp: int | None = None
    size_factor: float = 1.0
    why: tuple[Factor, ...] = ()


class DynamicTPSLCalculator:
    """Target and stop of an entry; it has no state of its own.

    Args:
        params: The numbers.
    """

    __slots__ = ("params",)

    def __init__(self, params: DynamicTPSLParams | None = None) -> None:
        self.params = DynamicTPSLParams() if params is None else params

    def calculate(  # noqa: PLR0917 - the order of the arguments is published
        self,
        signal_confidence: float,
        action: str,
        market_conditions: MarketContext | None = None,
        risk_mode: str = RiskMode.NORMAL,
        risk_v3_context: RiskContext | RiskReading | None = None,
        rl_tp_suggestion: float | None = None,
        *,
        at_entry: bool = True,
        timestamp: int | None = None,
    ) -> DynamicTPSLOutput:
        """Target, stop and callback for a signal.

        Args:
            signal_confidence: 0..1.
            action: BUY or LONG, SELL or SHORT; for the rationale, the levels are symmetric.
            market_conditions: Its volatility scales both levels; None = no scaling.
            risk_mode: Any mode but ESS_ACTIVE.
            risk_v3_context: Risk of the account; what is unknown in it counts as conservative. None
                = the caller does not adjust by it.
            rl_tp_suggestion: The policy's target as a fraction of the entry price, in (0, 1).
            at_entry: Off for a position that is open: systemic risk then moves nothing, because it
                would widen a live stop.
            timestamp: When, ns since the UNIX epoch.

        Raises:
            InvalidInputError: Names the field, its value and what is allowed.
        """
        p = self.params
        in_range("signal_confidence", signal_confidence, 0.0, 1.0)
        if action not in _ACTIONS:
            allowed = f"expected one of {', '.join(_ACTIONS)}"
            raise InvalidInputError("action", repr(action), allowed)
        mode = as_risk_mode(risk_mode)
        factors = p.mode(mode)
        span = p.max_confidence - p.min_confidence
        position = min(max((signal_confidence - p.min_confidence) / span, 0.0), 1.0)
        why = [Factor("signal confidence", signal_confidence, "signal", 0.5 + position)]
        volatility = None if market_conditions is None else market_conditions.volatility
        scale = self._volatility_scale(volatility, why)
        tp = p.base_tp * (0.5 + position) * scale * factors.tp
        sl = p.base_sl * (1.5 - position) * scale * factors.sl
        why.append(Factor("target before risk", p.base_tp, f"base_tp, {mode} {factors.tp:g}", tp))
        why.append(Factor("stop before risk", p.base_sl, f"base_sl, {mode} {factors.sl:g}", sl))
        if rl_tp_suggestion is not None:
            fraction("rl_tp_suggestion", rl_tp_suggestion)
            tp = (1.0 - p.rl_weight) * tp + p.rl_weight * rl_tp_suggestion
            why.append(Factor("rl_tp_suggestion", rl_tp_suggestion, f"{p.rl_weight:g} of it", tp))
        size_factor = 1.0
        if risk_v3_context is not None:
            reading = _reading(risk_v3_context, timestamp)
            tp, sl, size_factor = self._adjust(tp, sl, reading, why, at_entry=at_entry)
        tp, sl = self._bound(tp, sl, why)
        return DynamicTPSLOutput(
            tp_percent=tp,
            sl_percent=sl,
            trail_percent=p.trail_of_tp * tp,
            partial_tp=signal_confidence >= p.partial_from_confidence,
            rationale=(
                f"{action}: target {tp:.4%}, stop {sl:.4%} at confidence {signal_confidence:g}, "
                f"volatility scale {scale:g}, mode {mode}"
            ),
            confidence=signal_confidence,
            timestamp=timestamp,
            size_factor=size_factor,
            why=tuple(why),
        )

    def _volatility_scale(self, volatility: float | None, why: list[Factor]) -> float:
        p = self.params
        if volatility is None:
            why.append(Factor("volatility", None, "unknown", 1.0))
            return 1.0
        scale = p.min_volatility_scale + volatility / p.reference_volatility * p.volatility_slope
        scale = min(max(scale, p.min_volatility_scale), p.max_volatility_scale)
        why.append(Factor("volatility", volatility, "market", scale))
        return scale

    def _adjust(
        self, tp: float, sl: float, reading: RiskReading, why: list[Factor], *, at_entry: bool
    ) -> tuple[float, float, float]:
        """Target, stop and size advice after the risk of the account."""
        risk = self.params.risk
        size_factor = 1.0
        if reading.unknown:
            names = ", ".join(reading.unknown)
            why.append(Factor("risk context", names, reading.reason, "conservative"))
        if reading.ess_factor > risk.ess_above:
            tp *= risk.ess_tp
            why.append(Factor("ess_factor", reading.ess_factor, f"target x {risk.ess_tp:g}", tp))
        if at_entry and reading.systemic_risk_level > risk.systemic_above:
            tp *= risk.systemic_tp
            sl *= risk.systemic_sl
            size_factor = 1.0 / risk.systemic_sl
            source = f"target x {risk.systemic_tp:g}, stop x {risk.systemic_sl:g}"
            why.append(Factor("systemic_risk_level", reading.systemic_risk_level, source, sl))
            why.append(Factor("size", size_factor, "money at risk does not grow"))
        if reading.correlation_risk > risk.correlation_above:
            tp *= risk.correlation_tp
            source = f"target x {risk.correlation_tp:g}"
            why.append(Factor("correlation_risk", reading.correlation_risk, source, tp))
        return tp, sl, size_factor

    def _bound(self, tp: float, sl: float, why: list[Factor]) -> tuple[float, float]:
        p = self.params
        if tp < p.min_tp:
            why.append(Factor("smallest target", p.min_tp, "min_tp", p.min_tp))
        if sl < p.min_sl:
            why.append(Factor("smallest stop", p.min_sl, "min_sl", p.min_sl))
        tp, sl = max(tp, p.min_tp), max(sl, p.min_sl)
        ratio = tp / sl
        if ratio < p.min_rr:
            tp = p.min_rr * sl
            why.append(Factor("reward to risk", ratio, f"at least {p.min_rr:g}", tp))
        elif ratio > p.max_rr:
            # Decision: the target comes down. Widening the stop would add risk for a better signal.
            tp = p.max_rr * sl
            why.append(Factor("reward to risk", ratio, f"at most {p.max_rr:g}", tp))
        return tp, sl


def _reading(risk: RiskContext | RiskReading, timestamp: int | None) -> RiskReading:
    return risk if isinstance(risk, RiskReading) else RiskReading.of(risk, timestamp)
