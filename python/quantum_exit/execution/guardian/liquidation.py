"""Stops stay before the liquidation price, which moves without any order of ours.

A position that is added to, the loss of another one or a withdrawal brings it nearer; a stop that
lies behind it closes nothing any more. The plan has seen only where it was at the beginning.
"""

from decimal import ROUND_CEILING, Decimal

from quantum_exit.domain.facts import VenuePosition
from quantum_exit.domain.numbers import exact
from quantum_exit.execution.guardian.effects import AlarmKind
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.stop_rules import tighter
from quantum_exit.execution.guardian.turn import Turn


def keep_clear(turn: Turn, side: SideState, position: VenuePosition) -> None:
    """Moves floor and working stop toward the market where the liquidation price has come near.

    They keep `liquidation_buffer_frac` of the mark price from it, or half of what room there is.
    What is used up of that by less than half moves nothing: each change of the account's equity
    moves the price a little.
    """
    rules = turn.symbol(side.symbol).rules
    if side.plan is None or rules is None or position.mark_price is None:
        return
    if position.liquidation_price is None:
        turn.calm(AlarmKind.LIQUIDATION_NEAR, side)
        return
    tick, sign = exact("tick_size", rules.instrument.tick_size), side.side.sign
    mark, liquidation = Decimal(position.mark_price), Decimal(position.liquidation_price)
    room = sign * (mark - liquidation)
    if room <= 0:
        # Of a position with more collateral than it is worth one on the profit side is shown.
        return
    buffer = min(
        mark * exact("liquidation_buffer_frac", turn.config.liquidation_buffer_frac), room / 2
    )
    if sign * (side.hard_ticks * tick - liquidation) >= buffer / 2:
        turn.calm(AlarmKind.LIQUIDATION_NEAR, side)
        return
    exactly = sign * (liquidation + sign * buffer) / tick
    ticks = sign * int(exactly.to_integral_value(ROUND_CEILING))
    side.hard_ticks = tighter(side.side, side.hard_ticks, ticks)
    side.stop_ticks = tighter(side.side, side.stop_ticks, side.hard_ticks)
    turn.touch(side)
    text = f"the liquidation price is {position.liquidation_price}: the floor moves before it"
    turn.alarm(AlarmKind.LIQUIDATION_NEAR, side, text)
