"""A stop beyond the liquidation price protects nothing: it is pulled in front of it."""

from decimal import ROUND_CEILING, Decimal

from quantum_exit.domain.facts import VenuePosition
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.stop_rules import tighter
from quantum_exit.execution.guardian.turn import Turn


def respect(turn: Turn, side: SideState, position: VenuePosition) -> None:
    """Tightens floor and working stop where the venue would liquidate first.

    The buffer is `liquidation_buffer_frac` of the entry price, and never more than half of the way
    that the price has left: the stop is not pulled through the market.
    """
    rules = turn.symbol(side.symbol).rules
    if side.plan is None or rules is None:
        return
    nearest = _nearest(turn, side, position)
    if nearest is None:
        return
    sign = side.side.sign
    steps = sign * nearest / Decimal(rules.instrument.tick_size)
    limit = sign * int(steps.to_integral_value(ROUND_CEILING))
    hard = tighter(side.side, side.hard_ticks, limit)
    if hard != side.hard_ticks:
        side.hard_ticks = hard
        side.stop_ticks = tighter(side.side, side.stop_ticks, hard)
        turn.touch(side)


def _nearest(turn: Turn, side: SideState, position: VenuePosition) -> Decimal | None:
    """The furthest price at which a stop still works, or None where nothing is liquidated."""
    if position.liquidation_price is None or position.mark_price is None:
        return None
    sign, liquidation = side.side.sign, Decimal(position.liquidation_price)
    room = sign * (Decimal(position.mark_price) - liquidation)
    if liquidation <= 0 or room <= 0:
        # On the profit side stands the price of a position that has more margin than it needs.
        return None
    buffer = Decimal(repr(turn.config.liquidation_buffer_frac)) * Decimal(position.entry_price)
    return liquidation + sign * min(buffer, room / 2)
