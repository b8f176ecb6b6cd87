"""The dynamic calculator's levels as an exit plan."""

from quantum_exit.domain.checks import in_range
from quantum_exit.domain.risk import RiskReading
from quantum_exit.domain.rules import ExitRules, Leg, Trailing
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.dynamic_tpsl import DynamicTPSLCalculator, DynamicTPSLParams
from quantum_exit.planning.levels import Ruler, tighter
from quantum_exit.planning.limits import StopLimits, bounded_stop
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy, assemble
from quantum_exit.planning.why import Factor

PARTIAL_FRACTION = 0.5
"""Share taken at the target where only part is taken (seed 000)."""
MIN_ACTIVATION_FRAC = 0.002
"""Trailing never starts nearer to the entry than this fraction of it (seed 000, hybrid)."""
CALLBACKS_TO_ACTIVATION = 2.0
"""Trailing starts this many callbacks beyond the entry (seed 000, hybrid)."""


def dynamic_plan(
    context: ExitContext,
    params: DynamicTPSLParams | None = None,
    limits: StopLimits | None = None,
    min_rl_confidence: float = 0.5,
) -> PlannedExit:
    """An exit plan from the dynamic calculator.

    All, or half where the signal is confident, is taken at the target; trailing guards what is open
    from two callbacks beyond the entry on, with the rearm rule. The policy's target counts from
    `min_rl_confidence` on. An unknown risk context counts as conservative.

    Raises:
        PlanRefusedError: The leverage leaves no room for a stop; live: close now.
        InvalidInputError: The signal's confidence is unknown, or the risk mode is ESS_ACTIVE.
    """
    advice = context.advice
    confidence = advice.signal_confidence
    if confidence is None:
        allowed = "expected the confidence of the signal, 0 to 1, to scale the levels by"
        raise InvalidInputError("signal_confidence", None, allowed)
    in_range("min_rl_confidence", min_rl_confidence, 0.0, 1.0)
    trusted = advice.rl_confidence is not None and advice.rl_confidence >= min_rl_confidence
    output = DynamicTPSLCalculator(params).calculate(
        confidence,
        context.position.side,
        context.market,
        context.risk_mode,
        RiskReading.of(context.risk, context.as_of_ns),
        advice.rl_tp_hint if trusted else None,
        at_entry=context.position.at_entry,
        timestamp=context.as_of_ns,
    )
    why = list(output.why)
    limits = StopLimits() if limits is None else limits
    stop_frac = bounded_stop(context.position, output.sl_percent, limits, why)
    ruler = Ruler.at_frac(context.position, stop_frac)
    target = ruler.r_at(ruler.gain_at(output.tp_percent))
    share = PARTIAL_FRACTION if output.partial_tp else 1
    why.append(Factor("partial_tp", output.partial_tp, "signal confidence", share))
    rules = ExitRules(
        legs=(Leg(target, share),), trailing=trailing_from(ruler, output.trail_percent)
    )
    return assemble(
        context,
        ruler,
        rules,
        why,
        planner=Planner.DYNAMIC,
        strategy=PlanStrategy.DYNAMIC_TPSL,
        stop_frac=stop_frac,
        size_factor=output.size_factor,
        confidence=confidence,
    )


def trailing_from(ruler: Ruler, callback: float) -> Trailing:
    """Trailing by `callback` that starts two callbacks beyond the entry, with the rearm rule."""
    activation = max(CALLBACKS_TO_ACTIVATION * callback, MIN_ACTIVATION_FRAC)
    return Trailing(tighter(callback), ruler.r_at(ruler.gain_at(activation)), rearm=True)
