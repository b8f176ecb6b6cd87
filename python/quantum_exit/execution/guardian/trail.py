"""The venue's trailing order of one side, where the plan asks for one."""

from quantum_exit.execution.guardian import exits, order_sizes, sizes
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import Role, VenueTrail

_RUNG = 0


def drive(turn: Turn, side: SideState) -> None:
    """Keeps one trailing order of the right size; it is no cover, so the old one leaves first."""
    plan = side.plan
    resting = [own for own in side.orders.values() if own.role is Role.TRAIL and own.may_rest]
    target = None if plan is None or side.released else plan.trail
    lots = 0 if target is None else min(target.lots, sizes.open_lots(side))
    most = order_sizes.most_market_lots(turn.symbol(side.symbol))
    lots = lots if most is None else min(lots, most)
    for own in resting:
        if own.left_lots != lots or own.key != side.key:
            turn.cancel(side, own)
    if plan is None or target is None or lots == 0 or resting:
        return
    if exits.closing_all(side) is not None:
        return
    if turn.now_ms < side.trail_not_before_ms:
        turn.wake(side, side.trail_not_before_ms)
        return
    order = VenueTrail(
        key=plan.key,
        lots=lots,
        activation_ticks=None if side.trail_active else target.activation_ticks,
        callback_tenths=target.callback_tenths,
        on_mark=plan.stop_on_mark,
    )
    turn.place(side, order, _RUNG)
