"""The venue's trailing order of one side, where the plan asks for one."""

from quantum_exit.execution.guardian import exits, order_sizes, sizes
from quantum_exit.execution.guardian.facts import TrailTarget
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import Role, VenueTrail


def drive(turn: Turn, side: SideState) -> None:
    """Keeps one trailing order of the right size and distance, for all that is open.

    Another one is placed before the old one leaves. It follows from the price at which it is
    placed, so it goes out just after a best price or a fill; the core keeps the exact stop. A part
    alone is never left to it: it could close the part at the same time as the core, and both
    together more than that.
    """
    resting = [own for own in side.orders.values() if own.role is Role.TRAIL and own.may_rest]
    target = _target(side)
    lots = 0 if target is None else _lots(turn, side, target)
    if target is None or lots == 0:
        _leave(turn, side, resting)
        return
    step = _step(side, target)
    right = [own for own in resting if _fits(own, side, lots, step)]
    kept = next((own for own in right if own.is_resting), None)
    if kept is not None:
        _leave(turn, side, [own for own in resting if own is not kept])
    elif all(own.is_resting for own in resting):
        _place(turn, side, target, lots, step)
    else:
        _leave(turn, side, [own for own in resting if own.leaving is Leaving.REFUSED])


def _target(side: SideState) -> TrailTarget | None:
    """What is to rest; None while everything is being closed, and once it has done its work."""
    if side.plan is None or side.released or exits.closing_all(side) is not None:
        return None
    has_fired = any(own.role is Role.TRAIL and own.filled_lots for own in side.orders.values())
    return None if side.trail_done or has_fired else side.plan.trail


def _lots(turn: Turn, side: SideState, target: TrailTarget) -> int:
    lots = sizes.open_lots(side)
    if target.lots is not None and lots > target.lots:
        return 0
    most = order_sizes.most_market_lots(turn.symbol(side.symbol))
    return lots if most is None else min(lots, most)


def _step(side: SideState, target: TrailTarget) -> int:
    """How many steps the best price has passed; it is the rung of the order's id."""
    if side.best_ticks is None:
        return 0
    sign, best = side.side.sign, side.best_ticks
    return sum(sign * best >= sign * step.best_ticks for step in target.steps)


def _fits(own: OwnOrder, side: SideState, lots: int, step: int) -> bool:
    return own.left_lots == lots and own.rung == step and own.key == side.key


def _leave(turn: Turn, side: SideState, orders: list[OwnOrder]) -> None:
    for own in orders:
        turn.cancel(side, own)


def _place(turn: Turn, side: SideState, target: TrailTarget, lots: int, step: int) -> None:
    if side.plan is None:
        return
    if turn.now_ms < side.trail_not_before_ms:
        turn.wake(side, side.trail_not_before_ms)
        return
    follows = side.trail_active or side.best_ticks is not None
    order = VenueTrail(
        key=side.plan.key,
        lots=lots,
        activation_ticks=None if follows else target.activation_ticks,
        callback_tenths=target.steps[step - 1].callback_tenths if step else target.callback_tenths,
        on_mark=side.plan.stop_on_mark,
    )
    turn.place(side, order, step)
