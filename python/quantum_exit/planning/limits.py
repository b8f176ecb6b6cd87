"""The risk floor: how far from the entry a stop may lie at all."""

from dataclasses import dataclass

from quantum_exit.domain.checks import fraction, in_range
from quantum_exit.domain.position import Position
from quantum_exit.errors import PlanRefusedError
from quantum_exit.planning.levels import tighter
from quantum_exit.planning.why import Factor


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLimits:
    """Bounds of the initial stop that hold for every planner (exit brain, seed 001).

    Attributes:
        max_margin_loss_frac: Most of the margin that the stop may lose, in (0, 1); 0.10.
        liquidation_buffer_frac: Distance that the stop keeps from the liquidation price, as a
            fraction of the entry price, 0..0.5; 0.01.
        min_stop_frac: A stop that must lie closer than this is noise, and the plan is refused;
            fraction of the entry price in (0, 1), 0.002.

    Raises:
        InvalidInputError: A number is out of range.
    """

    max_margin_loss_frac: float = 0.10
    liquidation_buffer_frac: float = 0.01
    min_stop_frac: float = 0.002

    def __post_init__(self) -> None:
        fraction("stop_limits.max_margin_loss_frac", self.max_margin_loss_frac)
        in_range("stop_limits.liquidation_buffer_frac", self.liquidation_buffer_frac, 0.0, 0.5)
        fraction("stop_limits.min_stop_frac", self.min_stop_frac)


def risk_floor(position: Position, limits: StopLimits) -> tuple[float, str]:
    """The furthest stop allowed, as a fraction of the entry price, and what sets it.

    The nearer of `max_margin_loss_frac / leverage` and the liquidation price less its buffer. It
    may be negative where the buffer reaches beyond the entry.
    """
    by_margin = limits.max_margin_loss_frac / position.leverage
    liquidation = position.liquidation_price
    if liquidation is not None:
        room = float(abs(position.entry_price - liquidation) / position.entry_price)
        by_liquidation = room - limits.liquidation_buffer_frac
        if by_liquidation < by_margin:
            buffer = f"{limits.liquidation_buffer_frac:g} of the entry"
            return tighter(by_liquidation), f"liquidation at {liquidation} less {buffer}"
    source = f"{limits.max_margin_loss_frac:g} of the margin at leverage {position.leverage:g}"
    return tighter(by_margin), source


def bounded_stop(
    position: Position, stop_frac: float, limits: StopLimits, why: list[Factor]
) -> float:
    """`stop_frac` or the risk floor, whichever is nearer, with six decimals; noted in `why`.

    Raises:
        PlanRefusedError: The floor is nearer than `min_stop_frac`.
    """
    furthest, source = risk_floor(position, limits)
    if furthest < limits.min_stop_frac:
        reason = (
            f"leverage too high to protect: the stop may lie at most {furthest:.4%} from the entry "
            f"({source}), and nearer than {limits.min_stop_frac:.4%} is noise"
        )
        raise PlanRefusedError(position.symbol, reason)
    bounded = min(tighter(stop_frac), furthest)
    why.append(Factor("risk floor", furthest, source, bounded))
    return bounded
