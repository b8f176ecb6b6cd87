"""A planned exit in the words of the modules that came before it."""

from typing import TypedDict

from quantum_exit.planning.planned import PlannedExit


class DynamicTPSLView(TypedDict):
    """One target and one stop. Percentages are fractions of the entry price (0.06 = 6 %).

    `tp_percent` is that of the first leg, None without legs. `sl_percent` is the distance of the
    stop in force; it is negative where the stop lies on the profit side.
    """

    tp_percent: float | None
    sl_percent: float
    trail_percent: float | None
    partial_tp: bool
    rationale: str
    confidence: float | None


class TrailingConfig(TypedDict):
    """A trailing stop, in fractions.

    `activation_pct` is the profit from which it follows, as a fraction of the entry price;
    `size_pct` is the share of the initial quantity that it guards.
    """

    enabled: bool
    callback_pct: float
    activation_pct: float
    size_pct: float


class PartialExit(TypedDict):
    """One step out; `trigger_pct` is its profit as a fraction of the entry price."""

    trigger_pct: float
    size_pct: float
    kind: str
    reason: str
    trail_callback: float | None


def to_dynamic_tpsl(planned: PlannedExit) -> DynamicTPSLView:
    """The first target and the stop of a plan."""
    plan = planned.plan
    legs = planned.rules.legs
    sign = 1 if plan.side == "LONG" else -1
    trailing = planned.rules.trailing
    return DynamicTPSLView(
        tp_percent=legs[0].r_multiple * _r_frac(planned) if legs else None,
        sl_percent=sign * (plan.entry_price - planned.protective_stop) / plan.entry_price,
        trail_percent=None if trailing is None else trailing.callback_pct,
        partial_tp=len(legs) > 1,
        rationale=f"{planned.strategy} by {planned.planner}",
        confidence=planned.confidence,
    )


def to_trailing_config(planned: PlannedExit) -> TrailingConfig | None:
    """The trailing stop of a plan, or None without one; activation is `activation_r` times R."""
    trailing = planned.rules.trailing
    if trailing is None:
        return None
    return TrailingConfig(
        enabled=True,
        callback_pct=trailing.callback_pct,
        activation_pct=trailing.activation_r * _r_frac(planned),
        size_pct=_trailed(planned),
    )


def to_partial_exit_config(planned: PlannedExit) -> list[PartialExit]:
    """Targets and trailing stop of a plan, the nearest first."""
    r = _r_frac(planned)
    steps = [
        PartialExit(
            trigger_pct=leg.r_multiple * r,
            size_pct=leg.size_fraction,
            kind="TP",
            reason=f"{planned.profile_name or planned.strategy} leg {leg.profile_leg_index}",
            trail_callback=None,
        )
        for leg in planned.legs
    ]
    trailing = to_trailing_config(planned)
    if trailing is not None:
        steps.append(
            PartialExit(
                trigger_pct=trailing["activation_pct"],
                size_pct=trailing["size_pct"],
                kind="TRAIL",
                reason=f"{planned.profile_name or planned.strategy} trailing",
                trail_callback=trailing["callback_pct"],
            )
        )
    return sorted(steps, key=lambda step: step["trigger_pct"])


def _r_frac(planned: PlannedExit) -> float:
    """One R, to the stop on the grid, as a fraction of the entry price."""
    return planned.plan.r_price / planned.plan.entry_price


def _trailed(planned: PlannedExit) -> float:
    """Share of the initial quantity that trailing guards; 1 where it guards all that is open."""
    rest = 1.0 - sum(leg.size_fraction for leg in planned.rules.legs)
    return round(rest, 6) if planned.plan.trail_scope == "LEG" else 1.0
