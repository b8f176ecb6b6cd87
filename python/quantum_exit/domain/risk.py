"""What is known of the risk that an account runs."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Self

from quantum_exit.domain.checks import in_range, time_ns

_MAX_AGE_NS = 60_000_000_000
_CONSERVATIVE_ESS = 1.6
_CONSERVATIVE_SYSTEMIC = 0.75
_CONSERVATIVE_CORRELATION = 0.85


class RiskMode(StrEnum):
    """How careful the account is, chosen above planning."""

    NORMAL = "NORMAL"
    OPTIMISTIC = "OPTIMISTIC"
    AGGRESSIVE = "AGGRESSIVE"
    CONSERVATIVE = "CONSERVATIVE"
    CRITICAL = "CRITICAL"
    ESS_ACTIVE = "ESS_ACTIVE"
    """The emergency stop is on: positions are closed, not planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskContext:
    """Risk of the whole account at one moment; what could not be computed is None.

    Attributes:
        as_of_ns: Time of the oldest input used, ns since the UNIX epoch.
        ess_factor: Effective stress score, 1.0 (calm) to 2.5 (all inputs at their limit). Where
            `missing` names it, the least that it can be.
        systemic_risk_level: Largest severity among the systemic signals, 0..1. Where `missing`
            names it, that of the signals that could be asked for.
        correlation_risk: Mean absolute correlation of the positions, 0..1.
        portfolio_heat: Money at risk over its limit, 0 or more.
        var_95: 95 % value at risk over one day in quote currency, 0 or more.
        es_975: 97.5 % expected shortfall over one day in quote currency, 0 or more.
        missing: Inputs that were missing or stale, by name.

    Raises:
        InvalidInputError: A number is NaN or out of range.
    """

    as_of_ns: int
    ess_factor: float | None = None
    systemic_risk_level: float | None = None
    correlation_risk: float | None = None
    portfolio_heat: float | None = None
    var_95: float | None = None
    es_975: float | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        time_ns("risk.as_of_ns", self.as_of_ns)
        object.__setattr__(self, "missing", tuple(self.missing))
        if self.ess_factor is not None:
            in_range("risk.ess_factor", self.ess_factor, 0.0, inf)
        for field in ("systemic_risk_level", "correlation_risk"):
            if (value := getattr(self, field)) is not None:
                in_range(f"risk.{field}", value, 0.0, 1.0)
        for field in ("portfolio_heat", "var_95", "es_975"):
            if (value := getattr(self, field)) is not None:
                in_range(f"risk.{field}", value, 0.0, inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReading:
    """The three risk numbers that planning acts on, each known or the conservative one.

    Attributes:
        ess_factor: As of `RiskContext`, 1.6 where it is unknown.
        systemic_risk_level: As of `RiskContext`, 0.75 where it is unknown.
        correlation_risk: As of `RiskContext`, 0.85 where it is unknown.
        unknown: Names of the numbers that are the conservative ones.
        reason: Why they are, or empty.
    """

    ess_factor: float
    systemic_risk_level: float
    correlation_risk: float
    unknown: tuple[str, ...] = ()
    reason: str = ""

    @classmethod
    def of(
        cls, context: RiskContext | None, as_of_ns: int | None, max_age_ns: int = _MAX_AGE_NS
    ) -> Self:
        """What a consumer at `as_of_ns` may take `context` for: never neutral where it is unknown.

        Args:
            context: The risk context, or None where there is none.
            as_of_ns: The consumer's time; None = do not ask how old the context is.
            max_age_ns: Age in ns from which a context is stale.
        """
        if context is None:
            return cls._unknown("there is no risk context")
        if as_of_ns is not None and as_of_ns - context.as_of_ns > max_age_ns:
            age_s = (as_of_ns - context.as_of_ns) / 1e9
            return cls._unknown(f"the risk context is {age_s:.0f} s old")
        found = {
            "ess_factor": context.ess_factor,
            "systemic_risk_level": context.systemic_risk_level,
            "correlation_risk": context.correlation_risk,
        }
        unknown = tuple(
            name for name, value in found.items() if value is None or name in context.missing
        )
        ess = context.ess_factor
        systemic = context.systemic_risk_level
        correlation = context.correlation_risk
        # A number computed from partly missing inputs may still be worse than the conservative one.
        return cls(
            ess_factor=_known_or("ess_factor", ess, unknown, _CONSERVATIVE_ESS),
            systemic_risk_level=_known_or(
                "systemic_risk_level", systemic, unknown, _CONSERVATIVE_SYSTEMIC
            ),
            correlation_risk=_known_or(
                "correlation_risk", correlation, unknown, _CONSERVATIVE_CORRELATION
            ),
            unknown=unknown,
            reason=f"missing: {', '.join(context.missing or unknown)}" if unknown else "",
        )

    @classmethod
    def _unknown(cls, reason: str) -> Self:
        return cls(
            ess_factor=_CONSERVATIVE_ESS,
            systemic_risk_level=_CONSERVATIVE_SYSTEMIC,
            correlation_risk=_CONSERVATIVE_CORRELATION,
            unknown=("ess_factor", "systemic_risk_level", "correlation_risk"),
            reason=reason,
        )


def _known_or(
    name: str, value: float | None, unknown: tuple[str, ...], conservative: float
) -> float:
    if value is None:
        return conservative
    return max(value, conservative) if name in unknown else value
