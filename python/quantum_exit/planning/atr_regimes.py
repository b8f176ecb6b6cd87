"""Exit policy by ATR regime: a table whose rows the environment may override."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from quantum_exit.domain.checks import in_range
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.exit_policy import HOUR_NS, ExitPolicyEngine, ExitPolicyParams
from quantum_exit.planning.limits import StopLimits
from quantum_exit.planning.planned import PlannedExit, PlanStrategy

_PREFIX = "EXIT_REGIME_"


class AtrRegime(StrEnum):
    """What the volatility does, as far as ATR multiples care."""

    LOW_VOL = "LOW_VOL"
    NORMAL_VOL = "NORMAL_VOL"
    HIGH_VOL = "HIGH_VOL"
    EXTREME_VOL = "EXTREME_VOL"
    TRENDING = "TRENDING"
    RANGING = "RANGING"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrRegimeRow:
    """The multiples of one regime.

    Attributes:
        regime: The regime.
        k1_sl: Stop in ATR, 0.5..5.
        k2_tp: Target in ATR, 1..10, above `k1_sl`.
        breakeven_r: Profit in R from which the stop is at break-even, 0..2.
        trailing_mult: Trailing distance in ATR, 0.5..5.
        max_duration_hours: Longest time in the position in hours, above 0, at most 168.

    Raises:
        InvalidInputError: Names the field, its value and what is allowed.
    """

    regime: AtrRegime
    k1_sl: float
    k2_tp: float
    breakeven_r: float
    trailing_mult: float
    max_duration_hours: float

    def __post_init__(self) -> None:
        place = f"{self.regime}."
        in_range(f"{place}k1_sl", self.k1_sl, 0.5, 5.0)
        in_range(f"{place}k2_tp", self.k2_tp, 1.0, 10.0)
        in_range(f"{place}breakeven_r", self.breakeven_r, 0.0, 2.0)
        in_range(f"{place}trailing_mult", self.trailing_mult, 0.5, 5.0)
        hours = f"{place}max_duration_hours"
        if in_range(hours, self.max_duration_hours, 0.0, 168.0) == 0.0:
            raise InvalidInputError(hours, 0, "expected hours above 0, at most 168")
        if self.k2_tp <= self.k1_sl:
            allowed = f"too low: expected more than k1_sl, {self.k1_sl:g}"
            raise InvalidInputError(f"{place}k2_tp", self.k2_tp, allowed)

    @property
    def reward_to_risk(self) -> float:
        """Target over stop."""
        return self.k2_tp / self.k1_sl

    def policy(self, base: ExitPolicyParams) -> ExitPolicyParams:
        """The exit policy with the multiples of this row.

        Decision: trailing starts where the row puts break-even, because at 2 R, where the policy
        starts it, four of the six rows have reached their target. The row's duration has no
        condition, so it takes the place of the time exit.
        """
        return replace(
            base,
            sl_atr=self.k1_sl,
            tp_atr=self.k2_tp,
            break_even_at_r=self.breakeven_r,
            trail_atr=self.trailing_mult,
            trail_from_r=self.breakeven_r,
            time_exit_ns=None,
            max_hold_ns=round(self.max_duration_hours * HOUR_NS),
        )


def _row(regime: AtrRegime, *numbers: float) -> AtrRegimeRow:
    k1_sl, k2_tp, breakeven_r, trailing_mult, max_duration_hours = numbers
    return AtrRegimeRow(
        regime=regime,
        k1_sl=k1_sl,
        k2_tp=k2_tp,
        breakeven_r=breakeven_r,
        trailing_mult=trailing_mult,
        max_duration_hours=max_duration_hours,
    )


DEFAULT_ROWS = (
    _row(AtrRegime.LOW_VOL, 1.2, 3.5, 0.3, 1.8, 48),
    _row(AtrRegime.NORMAL_VOL, 1.5, 3.0, 0.5, 2.0, 36),
    _row(AtrRegime.HIGH_VOL, 2.0, 4.0, 0.8, 2.5, 24),
    _row(AtrRegime.EXTREME_VOL, 2.5, 5.0, 1.0, 3.0, 12),
    _row(AtrRegime.TRENDING, 1.8, 4.5, 0.4, 2.5, 72),
    _row(AtrRegime.RANGING, 1.0, 2.0, 0.3, 1.5, 18),
)
"""One row a regime."""


def atr_row(regime: str, rows: tuple[AtrRegimeRow, ...] = DEFAULT_ROWS) -> AtrRegimeRow:
    """The row of `regime`.

    Raises:
        InvalidInputError: There is none.
    """
    for row in rows:
        if row.regime == regime:
            return row
    names = ", ".join(row.regime for row in rows)
    raise InvalidInputError("regime", repr(regime), f"expected one of {names}")


def atr_regimes_from_env(
    env: Mapping[str, str], rows: tuple[AtrRegimeRow, ...] = DEFAULT_ROWS
) -> tuple[AtrRegimeRow, ...]:
    """`rows` with what `env` overrides.

    Args:
        env: Names and values; `EXIT_REGIME_<REGIME>_<FIELD>` with the fields `K1_SL`, `K2_TP`,
            `BREAKEVEN_R`, `TRAILING_MULT` and `MAX_DURATION_HOURS`. Other prefixes are not read.
        rows: The table to start from.

    Raises:
        InvalidInputError: A name of the prefix is unknown, a value is no number, or a row is out of
            range with it.
    """
    changes: dict[AtrRegime, dict[str, float]] = {}
    for name, text in env.items():
        if name.startswith(_PREFIX):
            regime, field = _split(name)
            changes.setdefault(regime, {})[field] = _number(name, text)
    return tuple(_changed(row, changes.get(row.regime, {})) for row in rows)


def atr_regime_plan(
    context: ExitContext,
    regime: str,
    *,
    rows: tuple[AtrRegimeRow, ...] = DEFAULT_ROWS,
    base: ExitPolicyParams | None = None,
    limits: StopLimits | None = None,
) -> PlannedExit:
    """The exit of one position by the row of an ATR regime; otherwise as `ExitPolicyEngine`.

    Raises:
        InvalidInputError: The regime or the ATR is unknown.
        PlanRefusedError: The leverage leaves no room for a stop; live: close now.
    """
    policy = atr_row(regime, rows).policy(ExitPolicyParams() if base is None else base)
    engine = ExitPolicyEngine(policy, limits)
    return engine.build_exit_plan(context, strategy=PlanStrategy.ATR_REGIME)


def _changed(row: AtrRegimeRow, change: Mapping[str, float]) -> AtrRegimeRow:
    return AtrRegimeRow(
        regime=row.regime,
        k1_sl=change.get("k1_sl", row.k1_sl),
        k2_tp=change.get("k2_tp", row.k2_tp),
        breakeven_r=change.get("breakeven_r", row.breakeven_r),
        trailing_mult=change.get("trailing_mult", row.trailing_mult),
        max_duration_hours=change.get("max_duration_hours", row.max_duration_hours),
    )


def _split(name: str) -> tuple[AtrRegime, str]:
    fields = ("k1_sl", "k2_tp", "breakeven_r", "trailing_mult", "max_duration_hours")
    for regime in AtrRegime:
        for field in fields:
            if name == f"{_PREFIX}{regime}_{field.upper()}":
                return regime, field
    known = ", ".join(field.upper() for field in fields)
    allowed = f"expected {_PREFIX}<REGIME>_<FIELD> with a regime of {', '.join(AtrRegime)}, {known}"
    raise InvalidInputError("environment", name, allowed)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError(name, repr(text), "expected a number") from None
