"""Signals that the whole market, not one position, has become dangerous."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quantum_exit.risk.correlation import Correlations, correlation_baseline
from quantum_exit.risk.exposure import Exposure
from quantum_exit.risk.inputs import Holding, VolatilityState


class SignalKind(StrEnum):
    """What a signal warns of."""

    CORRELATION_SPIKE = "CORRELATION_SPIKE"
    CONCENTRATION = "CONCENTRATION"
    LIQUIDITY = "LIQUIDITY"
    VOLATILITY_SPIKE = "VOLATILITY_SPIKE"
    EXCHANGE_IMBALANCE = "EXCHANGE_IMBALANCE"
    CASCADE = "CASCADE"


class SignalLevel(StrEnum):
    """How urgent a signal is."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemicLimits:
    """When a signal is raised, and what severity 1 is (risk v3 package of the original).

    Attributes:
        correlation_rise: Rise of the mean correlation over its baseline that is a spike.
        correlation_rise_full: Rise of severity 1.
        hhi: HHI by symbol above which exposure is concentrated, or None to leave the rule out.
        hhi_full: HHI of severity 1.
        symbol_share: Share of one symbol above which it is, or None to leave the rule out.
        symbol_share_full: Share of severity 1.
        exchange_share: Share of one exchange above which it is, or None to leave the rule out: an
            account that has one venue by design always exceeds it.
        exchange_share_full: Share of severity 1.
        liquidity_score: Score below which liquidity is a concern; 0 is severity 1.
        volatility_ratio: Volatility over its baseline from which it is a spike.
        exchange_imbalance: (largest - smallest) / total of exchanges above which one is told.
        cascade_correlation: Mean correlation above which liquidations can cascade.
        cascade_leverage: Leverage above which a position takes part.
        cascade_positions: Positions that it takes.
        cascade_leverage_full: Leverage that, with correlation 1, is severity 1.
        critical_severity: Severity from which a signal is CRITICAL.
    """

    correlation_rise: float = 0.20
    correlation_rise_full: float = 0.30
    hhi: float | None = 0.40
    hhi_full: float = 0.5
    symbol_share: float | None = 0.60
    symbol_share_full: float = 0.7
    exchange_share: float | None = 0.80
    exchange_share_full: float = 0.9
    liquidity_score: float = 0.50
    volatility_ratio: float = 2.0
    exchange_imbalance: float = 0.50
    cascade_correlation: float = 0.70
    cascade_leverage: float = 3.0
    cascade_positions: int = 2
    cascade_leverage_full: float = 5.0
    critical_severity: float = 0.75


@dataclass(frozen=True, slots=True)
class Signal:
    """One warning.

    Attributes:
        kind: What of.
        level: INFO, WARNING, or CRITICAL from the critical severity on.
        severity: 0..1.
        message: The numbers that raised it.
    """

    kind: SignalKind
    level: SignalLevel
    severity: float
    message: str


def concentration_signal(exposure: Exposure, limits: SystemicLimits) -> Signal | None:
    """Too much of the exposure lies in one symbol or exchange."""
    rules = (
        ("HHI by symbol", exposure.by_symbol.hhi or 0.0, limits.hhi, limits.hhi_full),
        (
            "share of one symbol",
            exposure.by_symbol.largest,
            limits.symbol_share,
            limits.symbol_share_full,
        ),
        (
            "share of one exchange",
            exposure.by_exchange.largest,
            limits.exchange_share,
            limits.exchange_share_full,
        ),
    )
    asked = [(name, value, limit, full) for name, value, limit, full in rules if limit is not None]
    exceeded = [
        f"{name} {value:.2f} > {limit:g}" for name, value, limit, _ in asked if value > limit
    ]
    if not exceeded:
        return None
    severity = min(max(value / full for _, value, _, full in asked), 1.0)
    return _signal(SignalKind.CONCENTRATION, severity, ", ".join(exceeded), limits)


def correlation_spike_signal(
    mean_correlation: float, history: Sequence[float], limits: SystemicLimits
) -> Signal | None:
    """The mean correlation has risen; None also before the history gives a baseline."""
    baseline = correlation_baseline(history)
    if baseline is None or mean_correlation - baseline < limits.correlation_rise:
        return None
    rise = mean_correlation - baseline
    message = f"mean correlation {mean_correlation:.2f}, {rise:.2f} over its baseline"
    severity = min(rise / limits.correlation_rise_full, 1.0)
    return _signal(SignalKind.CORRELATION_SPIKE, severity, message, limits)


def liquidity_signal(score: float, limits: SystemicLimits) -> Signal | None:
    """The market has become thin."""
    if score >= limits.liquidity_score:
        return None
    message = f"liquidity score {score:.2f} < {limits.liquidity_score:g}"
    severity = 1.0 - score / limits.liquidity_score
    return _signal(SignalKind.LIQUIDITY, severity, message, limits)


def volatility_signal(volatility: VolatilityState, limits: SystemicLimits) -> Signal | None:
    """Volatility has jumped over its baseline, the 30-day median."""
    if volatility.ratio < limits.volatility_ratio:
        return None
    severity = min((volatility.ratio - 1.0) / 2.0, 1.0)
    message = f"volatility {volatility.ratio:.2f} times its 30-day median"
    return _signal(SignalKind.VOLATILITY_SPIKE, severity, message, limits)


def imbalance_signal(exposure: Exposure, limits: SystemicLimits) -> Signal | None:
    """One exchange holds much more than another: told, without a severity."""
    by_exchange = tuple(exposure.notional_by_exchange.values())
    if len(by_exchange) < len(("one exchange", "another")):
        return None
    spread = (by_exchange[0] - by_exchange[-1]) / exposure.gross_notional
    if spread <= limits.exchange_imbalance:
        return None
    message = f"exchanges lie {spread:.2f} of the exposure apart"
    return Signal(SignalKind.EXCHANGE_IMBALANCE, SignalLevel.INFO, 0.0, message)


def cascade_signal(
    correlations: Correlations, holdings: Sequence[Holding], limits: SystemicLimits
) -> Signal | None:
    """Leveraged positions move together, so that one liquidation brings the next.

    Always CRITICAL. Its leverage is that of the leveraged positions, weighted by notional.
    """
    mean_correlation = correlations.mean_absolute
    leveraged = [one for one in holdings if one.leverage > limits.cascade_leverage]
    few = len(leveraged) < max(limits.cascade_positions, 1)
    if few or mean_correlation <= limits.cascade_correlation:
        return None
    notional = sum(one.notional for one in leveraged)
    leverage = sum(one.notional * one.leverage for one in leveraged) / notional
    severity = min(mean_correlation * leverage / limits.cascade_leverage_full, 1.0)
    message = (
        f"{len(leveraged)} positions at {leverage:.1f}x with correlation {mean_correlation:.2f}"
    )
    return Signal(SignalKind.CASCADE, SignalLevel.CRITICAL, severity, message)


def _signal(kind: SignalKind, severity: float, message: str, limits: SystemicLimits) -> Signal:
    critical = severity >= limits.critical_severity
    level = SignalLevel.CRITICAL if critical else SignalLevel.WARNING
    return Signal(kind, level, severity, message)
