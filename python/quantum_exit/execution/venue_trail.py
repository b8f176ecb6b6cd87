"""The venue's own trailing order that goes with a plan."""

from decimal import ROUND_CEILING, Decimal

from quantum_exit._core import ExitPlan, Instrument
from quantum_exit.domain.rules import Trailing
from quantum_exit.execution.guardian.facts import TrailStep, TrailTarget
from quantum_exit.execution.orders import MAX_CALLBACK_TENTHS, MIN_CALLBACK_TENTHS

_ALL_THAT_IS_OPEN = "REMAINING"
_TENTHS = 1000


def trail_target(
    plan: ExitPlan, trailing: Trailing | None, instrument: Instrument
) -> TrailTarget | None:
    """The resident order that trails as `plan` does, or None where the venue knows none that wide.

    A trailing stop of the remainder alone rests once the legs are done: until then the core trails.

    The venue takes tenths of a percent. They are rounded up: the core, which is exact, closes first
    as long as it lives, so that what is decided is what replay decides.

    Args:
        plan: The core's plan.
        trailing: What it trails by, or None.
        instrument: Its grid.
    """
    if trailing is None:
        return None
    first = _tenths(trailing.callback_pct)
    if first > MAX_CALLBACK_TENTHS:
        return None
    guards_all = plan.trail_scope == _ALL_THAT_IS_OPEN
    activation = plan.activation_price
    return TrailTarget(
        lots=None if guards_all else instrument.lots(plan.remainder),
        activation_ticks=None if activation is None else instrument.ticks(activation),
        callback_tenths=first,
        steps=tuple(_steps(plan, instrument, first)),
    )


def _steps(plan: ExitPlan, instrument: Instrument, widest: int) -> list[TrailStep]:
    steps: list[TrailStep] = []
    for best_price, callback in plan.tightening:
        tenths = _tenths(callback)
        if tenths < (steps[-1].callback_tenths if steps else widest):
            steps.append(TrailStep(best_ticks=instrument.ticks(best_price), callback_tenths=tenths))
    return steps


def _tenths(callback: float) -> int:
    tenths = (Decimal(repr(callback)) * _TENTHS).to_integral_value(ROUND_CEILING)
    return max(int(tenths), MIN_CALLBACK_TENTHS)
