"""Hybrid TP/SL: the risk manager's levels, extended by a confident model's (seed 000)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from quantum_exit.domain.checks import fraction, in_range
from quantum_exit.domain.numbers import Number, exact
from quantum_exit.domain.position import Side
from quantum_exit.domain.rules import ExitRules, Leg
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.dynamic_plan import trailing_from
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.limits import StopLimits, bounded_stop
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy, assemble
from quantum_exit.planning.why import Factor


class HybridMode(StrEnum):
    """Which of the model's levels count."""

    BASE = "base"
    TRAILING = "trailing"
    HYBRID = "hybrid"
    AI_EXTENDED = "ai-extended"


class HybridLevels(NamedTuple):
    """Levels as fractions of the entry price.

    Attributes:
        final_sl_percent: Stop; never further than the risk manager's.
        final_tp_percent: Furthest target.
        trail_callback_percent: Trailing callback; 0 = no trailing.
        mode: Which of the model's levels count.
    """

    final_sl_percent: float
    final_tp_percent: float
    trail_callback_percent: float
    mode: HybridMode


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridParams:
    """The numbers of the hybrid levels (seed 000).

    Attributes:
        risk_sl_percent: The risk manager's stop as a fraction of the entry price, 0.025.
        base_tp_percent: The risk manager's target as a fraction of the entry price, 0.05.
        trail_from_confidence: From this confidence on the model's trailing counts, 0.20.
        extend_from_confidence: From this confidence on its target counts too, 0.80.
        trail_share: Share of the model's callback below `extend_from_confidence`, 0.5.
        confident_sl_share: Share of the risk manager's stop from there on, 0.9; at most 1.
        base_fraction: Share taken at the base target where the model's lies beyond it, 0.5.

    Raises:
        InvalidInputError: A number is out of range.
    """

    risk_sl_percent: float = 0.025
    base_tp_percent: float = 0.05
    trail_from_confidence: float = 0.20
    extend_from_confidence: float = 0.80
    trail_share: float = 0.5
    confident_sl_share: float = 0.9
    base_fraction: float = 0.5

    def __post_init__(self) -> None:
        fraction("hybrid.risk_sl_percent", self.risk_sl_percent)
        fraction("hybrid.base_tp_percent", self.base_tp_percent)
        in_range("hybrid.extend_from_confidence", self.extend_from_confidence, 0.0, 1.0)
        low = "hybrid.trail_from_confidence"
        in_range(low, self.trail_from_confidence, 0.0, self.extend_from_confidence)
        in_range("hybrid.trail_share", self.trail_share, 0.01, 1.0)
        in_range("hybrid.confident_sl_share", self.confident_sl_share, 0.1, 1.0)
        in_range("hybrid.base_fraction", self.base_fraction, 0.01, 0.99)


def calculate_hybrid_levels(  # noqa: PLR0917 - the order of the arguments is published
    entry_price: Number,
    side: str,
    risk_sl_percent: float,
    base_tp_percent: float,
    ai_tp_percent: float | None = None,
    ai_trail_percent: float | None = None,
    confidence: float | None = None,
    params: HybridParams | None = None,
) -> HybridLevels:
    """Stop, target and callback for one entry, as fractions of its price.

    Args:
        entry_price: Above 0; checked, the levels do not depend on it.
        side: LONG or SHORT; checked, the levels are symmetric.
        risk_sl_percent: The risk manager's stop, in (0, 1).
        base_tp_percent: The risk manager's target, in (0, 1).
        ai_tp_percent: The model's target, 0 or more; None or 0 = none.
        ai_trail_percent: The model's callback, 0 to 0.5; None or 0 = none.
        confidence: The model's confidence, 0..1; None = none at all.
        params: Thresholds and shares.

    Raises:
        InvalidInputError: Names the field, its value and what is allowed.
    """
    p = HybridParams() if params is None else params
    if exact("entry_price", entry_price) <= 0:
        raise InvalidInputError("entry_price", entry_price, "expected a number above 0")
    if side not in tuple(Side):
        raise InvalidInputError("side", repr(side), "expected LONG or SHORT")
    fraction("risk_sl_percent", risk_sl_percent)
    fraction("base_tp_percent", base_tp_percent)
    target = 0.0 if ai_tp_percent is None else in_range("ai_tp_percent", ai_tp_percent, 0.0, 1.0)
    trail = 0.0
    if ai_trail_percent is not None:
        trail = in_range("ai_trail_percent", ai_trail_percent, 0.0, 0.499999)
    sure = 0.0 if confidence is None else in_range("confidence", confidence, 0.0, 1.0)
    if sure < p.trail_from_confidence:
        return HybridLevels(risk_sl_percent, base_tp_percent, 0.0, HybridMode.BASE)
    if sure < p.extend_from_confidence:
        mode = HybridMode.TRAILING if trail > 0.0 else HybridMode.BASE
        return HybridLevels(risk_sl_percent, base_tp_percent, p.trail_share * trail, mode)
    extends = target > base_tp_percent
    mode = HybridMode.AI_EXTENDED if extends else HybridMode.BASE
    return HybridLevels(
        p.confident_sl_share * risk_sl_percent,
        target if extends else base_tp_percent,
        trail,
        HybridMode.HYBRID if trail > 0.0 else mode,
    )


def hybrid_plan(
    context: ExitContext, params: HybridParams | None = None, limits: StopLimits | None = None
) -> PlannedExit:
    """An exit plan from the hybrid levels.

    The stop guards everything. The base target closes everything, or half of it where the model's
    target lies beyond; trailing guards what is open from `max(2 callbacks, 0.002)` on, with the
    rearm rule. The model is the policy (`rl_tp_hint`, `trail_hint`), its confidence the signal's.

    Raises:
        PlanRefusedError: The leverage leaves no room for a stop; live: close now.
        InvalidInputError: The core refuses the position.
    """
    p = HybridParams() if params is None else params
    position, advice = context.position, context.advice
    levels = calculate_hybrid_levels(
        position.entry_price,
        position.side,
        p.risk_sl_percent,
        p.base_tp_percent,
        advice.rl_tp_hint,
        advice.trail_hint,
        advice.signal_confidence,
        p,
    )
    why = [
        Factor("confidence", advice.signal_confidence, "signal", levels.mode),
        Factor("stop", p.risk_sl_percent, "hybrid.risk_sl_percent", levels.final_sl_percent),
        Factor("target", p.base_tp_percent, "hybrid.base_tp_percent", levels.final_tp_percent),
        Factor("callback", advice.trail_hint, "trail_hint", levels.trail_callback_percent),
    ]
    limits = StopLimits() if limits is None else limits
    stop_frac = bounded_stop(position, levels.final_sl_percent, limits, why)
    ruler = Ruler.at_frac(position, stop_frac)
    legs = _legs(ruler, levels, p)
    trail = levels.trail_callback_percent
    rules = ExitRules(legs=legs, trailing=trailing_from(ruler, trail) if trail > 0.0 else None)
    return assemble(
        context,
        ruler,
        rules,
        why,
        planner=Planner.HYBRID,
        strategy=PlanStrategy.HYBRID_TPSL,
        stop_frac=stop_frac,
        confidence=advice.signal_confidence,
    )


def _legs(ruler: Ruler, levels: HybridLevels, p: HybridParams) -> tuple[Leg, ...]:
    base = ruler.r_at(ruler.gain_at(p.base_tp_percent))
    if levels.final_tp_percent <= p.base_tp_percent:
        return (Leg(base, 1),)
    share = Decimal(repr(p.base_fraction))
    extended = ruler.r_at(ruler.gain_at(levels.final_tp_percent))
    return (Leg(base, share), Leg(extended, 1 - share))
