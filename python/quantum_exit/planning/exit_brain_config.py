"""The numbers of the exit brain, each with its default."""

from dataclasses import dataclass, field, fields

from quantum_exit.domain.checks import above_zero, fraction, in_range
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.risk import RiskMode
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.limits import StopLimits

_MAX_FACTOR = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModeFactors:
    """Factor of stop and target by risk mode (seed 001), each in (0, 1]: no mode loosens.

    Attributes:
        normal: 1.0.
        optimistic: 1.0; the exit brain knows no looser mode than NORMAL.
        aggressive: 1.0, for the same reason.
        conservative: 0.7.
        critical: 0.5.
        ess_active: 0.3; for the hard stop that guards the position while it is closed.
    """

    normal: float = 1.0
    optimistic: float = 1.0
    aggressive: float = 1.0
    conservative: float = 0.7
    critical: float = 0.5
    ess_active: float = 0.3

    def __post_init__(self) -> None:
        for item in fields(self):
            name = f"risk_mode_factors.{item.name}"
            if in_range(name, getattr(self, item.name), 0.0, 1.0) == 0.0:
                raise InvalidInputError(name, 0.0, "expected a number above 0, at most 1")

    def of(self, mode: RiskMode) -> float:
        """The factor of `mode`."""
        factor: float = getattr(self, mode.lower())
        return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeFactors:
    """One factor for each regime, in (0, 5].

    Attributes:
        normal: For NORMAL.
        volatile: For VOLATILE.
        trend: For TREND.
        ranging: For RANGE.
        chop: For CHOP.
    """

    normal: float
    volatile: float
    trend: float
    ranging: float
    chop: float

    def __post_init__(self) -> None:
        for item in fields(self):
            above_zero(f"regime_factors.{item.name}", getattr(self, item.name))
            in_range(f"regime_factors.{item.name}", getattr(self, item.name), 0.0, _MAX_FACTOR)

    def of(self, regime: MarketRegime) -> float:
        """The factor of `regime`."""
        if regime is MarketRegime.RANGE:
            return self.ranging
        factor: float = getattr(self, regime.lower())
        return factor


STOP_FACTORS = RegimeFactors(normal=1.0, volatile=1.5, trend=0.8, ranging=1.2, chop=1.0)
"""Factors of the stop by regime (seed 001; CHOP is not in it and keeps the base)."""
TARGET_FACTORS = RegimeFactors(normal=1.0, volatile=1.3, trend=1.5, ranging=0.8, chop=0.8)
"""Factors of the legacy target by regime (seed 001; CHOP as RANGE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyLadder:
    """The ladder that is used without profiles (seed 001): 25 %, 25 % and the rest.

    Attributes:
        default_tp_pct: Target as a fraction of the entry price where the policy gives none; 0.03.
        min_tp_pct: Smallest target, 0.015.
        max_tp_pct: Largest target, 0.15.
        first_of_tp: First leg as a multiple of the target, 0.5.
        last_of_tp: Last leg where trailing is not allowed, as a multiple of the target, 2.0.
        leg_fraction: Share of each of the two first legs, in (0, 0.5]; 0.25.
        trail_from_tp: Trailing starts at this multiple of the target; 0.5, that is with the first
            leg. Trailing at once would make the callback the stop.
        callback_pct: Callback as a fraction of the price where nobody hints at one; 0.015.
    """

    default_tp_pct: float = 0.03
    min_tp_pct: float = 0.015
    max_tp_pct: float = 0.15
    first_of_tp: float = 0.5
    last_of_tp: float = 2.0
    leg_fraction: float = 0.25
    trail_from_tp: float = 0.5
    callback_pct: float = 0.015

    def __post_init__(self) -> None:
        fraction("legacy.default_tp_pct", self.default_tp_pct)
        fraction("legacy.max_tp_pct", self.max_tp_pct)
        in_range("legacy.min_tp_pct", self.min_tp_pct, 1e-4, self.max_tp_pct)
        in_range("legacy.first_of_tp", self.first_of_tp, 0.01, 1.0)
        in_range("legacy.last_of_tp", self.last_of_tp, 1.0, 5.0)
        in_range("legacy.leg_fraction", self.leg_fraction, 0.01, 0.5)
        in_range("legacy.trail_from_tp", self.trail_from_tp, 0.0, self.last_of_tp)
        fraction("legacy.callback_pct", self.callback_pct, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitLock:
    """What an adopted position that is well in profit gets (seed 001).

    Attributes:
        above_margin_frac: Profit from which on it applies, as a fraction of the margin (price move
            times leverage), 0.10; strictly above.
        lock_frac: The stop lies this fraction of the entry price on the profit side, 0.002.
        target_of_move: The target lies at this multiple of the price move so far, above 1; 1.5.
    """

    above_margin_frac: float = 0.10
    lock_frac: float = 0.002
    target_of_move: float = 1.5

    def __post_init__(self) -> None:
        above_zero("profit_lock.above_margin_frac", self.above_margin_frac)
        fraction("profit_lock.lock_frac", self.lock_frac)
        if in_range("profit_lock.target_of_move", self.target_of_move, 1.0, 100.0) == 1.0:
            raise InvalidInputError("profit_lock.target_of_move", 1.0, "expected a number above 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitBrainConfig:
    """The exit brain's numbers (seed 001 where nothing else is said).

    Attributes:
        enabled: Off = the dynamic calculator or the exit policy engine plans.
        use_profiles: Off = the legacy ladder.
        default_sl_pct: Stop as a fraction of the entry price where the policy gives none; 0.025.
        min_sl_pct: Closest stop before the risk floor, 0.01.
        max_sl_pct: Furthest stop, 0.05.
        min_rl_confidence: Hints of the policy count from this confidence on, 0.5.
        risk_mode_factors: By risk mode.
        stop_factors: Of the stop, by regime.
        target_factors: Of the legacy target, by regime.
        stop_limits: The risk floor.
        legacy: The ladder without profiles.
        profit_lock: For adopted positions in profit.

    Raises:
        InvalidInputError: A number is out of range.
    """

    enabled: bool = True
    use_profiles: bool = True
    default_sl_pct: float = 0.025
    min_sl_pct: float = 0.01
    max_sl_pct: float = 0.05
    min_rl_confidence: float = 0.5
    risk_mode_factors: RiskModeFactors = field(default_factory=RiskModeFactors)
    stop_factors: RegimeFactors = STOP_FACTORS
    target_factors: RegimeFactors = TARGET_FACTORS
    stop_limits: StopLimits = field(default_factory=StopLimits)
    legacy: LegacyLadder = field(default_factory=LegacyLadder)
    profit_lock: ProfitLock = field(default_factory=ProfitLock)

    def __post_init__(self) -> None:
        fraction("exit_brain.max_sl_pct", self.max_sl_pct)
        in_range("exit_brain.min_sl_pct", self.min_sl_pct, 1e-4, self.max_sl_pct)
        fraction("exit_brain.default_sl_pct", self.default_sl_pct)
        in_range("exit_brain.min_rl_confidence", self.min_rl_confidence, 0.0, 1.0)
