"""Take-profit profiles: what a position's ladder and trailing stop look like, in R."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from quantum_exit._core import Leg, Trailing
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.numbers import Number, exact
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InvalidInputError

__all__ = ["MarketRegime", "TPKind", "TPProfile", "TPProfileLeg", "TrailingProfile"]

_MAX_LEGS = 16
_FRACTION_SUM_TOLERANCE = Decimal("1e-9")
_PLACES = 6


class TPKind(StrEnum):
    """How a take-profit leg is executed."""

    HARD = "HARD"
    """A market order at the tick that reaches the level."""
    SOFT = "SOFT"
    """A limit order that rests at the level."""


@dataclass(frozen=True, slots=True)
class TPProfileLeg:
    """One take-profit leg.

    Attributes:
        r_multiple: Distance from the entry in R, above 0, at most six decimals.
        size_fraction: Share of the initial quantity as a fraction in (0, 1], at most six decimals.
        kind: Execution.

    Raises:
        InvalidInputError: A number is out of range, or `kind` unknown.
    """

    r_multiple: float
    size_fraction: float
    kind: TPKind = TPKind.HARD

    def __post_init__(self) -> None:
        leg = Leg(self.r_multiple, self.size_fraction, self.kind)
        object.__setattr__(self, "r_multiple", leg.r_multiple)
        object.__setattr__(self, "size_fraction", leg.size_fraction)
        object.__setattr__(self, "kind", TPKind(leg.kind))


@dataclass(frozen=True, slots=True)
class TrailingProfile:
    """A trailing stop.

    Attributes:
        callback_pct: Distance from the best price as a fraction of it (0.02 = 2 %), in (0, 0.5).
        activation_r: Profit in R from which it follows, 0 or more; 0 = at once.
        tightening_curve: Points (profit in R, callback fraction), sorted by R, callbacks never
            growing; at most 16.

    Raises:
        InvalidInputError: A number is out of range, or the curve out of order.
    """

    callback_pct: float
    activation_r: float = 0.5
    tightening_curve: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        trailing = Trailing(self.callback_pct, self.activation_r, self.tightening_curve)
        object.__setattr__(self, "callback_pct", trailing.callback_pct)
        object.__setattr__(self, "activation_r", trailing.activation_r)
        object.__setattr__(self, "tightening_curve", tuple(trailing.tightening_curve))


@dataclass(frozen=True, slots=True, kw_only=True)
class TPProfile:
    """A ladder of take-profit legs and a trailing stop.

    Attributes:
        name: What it is called, such as TREND_DEFAULT.
        tp_legs: 1 to 16 legs, `r_multiple` not falling, fractions summing to at most 1. What they
            leave is the trailing leg, or a runner where there is no trailing.
        trailing: Trailing stop of the rest, or of all that is open where the legs leave none.
        description: For people.

    Raises:
        InvalidInputError: Names the field, its value and what is allowed.
    """

    name: str
    tp_legs: tuple[TPProfileLeg, ...]
    trailing: TrailingProfile | None = None
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tp_legs", tuple(self.tp_legs))
        if not self.name.strip():
            raise InvalidInputError("name", repr(self.name), "expected a name")
        if not 1 <= len(self.tp_legs) <= _MAX_LEGS:
            count = f"{len(self.tp_legs)} legs"
            raise InvalidInputError("tp_legs", count, f"expected 1 to {_MAX_LEGS}")
        before = 0.0
        for index, leg in enumerate(self.tp_legs):
            if leg.r_multiple < before:
                allowed = f"at least {before:g}, that of the leg before"
                field = f"tp_legs[{index}].r_multiple"
                raise InvalidInputError(field, leg.r_multiple, allowed)
            before = leg.r_multiple
        if self.total_tp_size > 1 + _FRACTION_SUM_TOLERANCE:
            allowed = "the fractions of all legs sum to at most 1"
            raise InvalidInputError("tp_legs", self.total_tp_size, allowed)

    @property
    def total_tp_size(self) -> Decimal:
        """Share of the initial quantity that the legs close, exactly."""
        return sum((exact("size_fraction", leg.size_fraction) for leg in self.tp_legs), Decimal(0))

    def rules(self) -> ExitRules:
        """The profile as the core takes it, with the default ratchet and without a time limit."""
        trailing = self.trailing
        return ExitRules(
            legs=tuple(Leg(leg.r_multiple, leg.size_fraction, leg.kind) for leg in self.tp_legs),
            trailing=None
            if trailing is None
            else Trailing(trailing.callback_pct, trailing.activation_r, trailing.tightening_curve),
        )

    def scaled(self, factor: Number) -> "TPProfile":
        """The profile with every distance in R times `factor`, rounded to six decimals.

        Legs, activation and the thresholds of the curve move; fractions, kinds and callbacks stay.

        Args:
            factor: Above 0.

        Raises:
            InvalidInputError: `factor` is not above 0, or a distance gets out of range.
        """
        times = exact("factor", factor)
        if times <= 0:
            raise InvalidInputError("factor", factor, "expected a number above 0")

        def scale(r: float) -> float:
            return float(round(exact("r", r) * times, _PLACES))

        trailing = self.trailing
        if trailing is not None:
            trailing = replace(
                trailing,
                activation_r=scale(trailing.activation_r),
                tightening_curve=tuple((scale(r), cb) for r, cb in trailing.tightening_curve),
            )
        legs = tuple(replace(leg, r_multiple=scale(leg.r_multiple)) for leg in self.tp_legs)
        return replace(self, tp_legs=legs, trailing=trailing)
