"""Take-profit orders of one side: together never more than is open.

They are no protection, so here the old order leaves before the new one is placed.
"""

from quantum_exit.execution.guardian import exits, order_sizes, sizes
from quantum_exit.execution.guardian.effects import LegFilled
from quantum_exit.execution.guardian.facts import LegKind, LegTarget, PositionOpened
from quantum_exit.execution.guardian.own_order import OwnOrder
from quantum_exit.execution.guardian.state import LegState, SideState
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import ExitOrder, Role, TakeProfitLimit, TakeProfitMarket


def drive(turn: Turn, side: SideState) -> None:
    """Moves the ladder towards what is open."""
    plan = side.plan
    if plan is None:
        return
    _tell_core(turn, side, plan)
    wanted = _wanted(side, plan)
    left = dict(wanted)
    for own in _orders(side):
        if not _fits(own, plan, left):
            turn.cancel(side, own)
        elif own.rung in left:
            left[own.rung] -= own.left_lots
    if exits.closing_all(side) is not None or side.released:
        return
    for leg in plan.legs:
        _place(turn, side, plan, leg, wanted.get(leg.leg, 0))


def filled_lots(side: SideState, leg: int) -> int:
    """Lots that a leg has closed so far."""
    state = side.legs.get(leg)
    ended = 0 if state is None else state.filled_lots
    return ended + sum(
        own.filled_lots
        for own in side.orders.values()
        if own.role is Role.TAKE_PROFIT and own.rung == leg and own.key == side.key
    )


def _wanted(side: SideState, plan: PositionOpened) -> dict[int, int]:
    """Lots that each leg should still close, nearest first, as far as the position reaches."""
    if side.released:
        return {}
    left = _free_lots(side)
    wanted = {}
    for leg in plan.legs:
        take = min(left, max(0, leg.lots - filled_lots(side, leg.leg)))
        left -= take
        if take and leg.leg not in side.due_legs and _is_resident(plan, leg):
            wanted[leg.leg] = take
    return wanted


def _free_lots(side: SideState) -> int:
    """Open lots that no exit is about to close."""
    return max(0, sizes.open_lots(side) - exits.promised_lots(side))


def _is_resident(plan: PositionOpened, leg: LegTarget) -> bool:
    return leg.kind is LegKind.SOFT or plan.hard_tp_resident


def _orders(side: SideState) -> list[OwnOrder]:
    return [own for own in side.orders.values() if own.role is Role.TAKE_PROFIT and own.may_rest]


def _fits(own: OwnOrder, plan: PositionOpened, left: dict[int, int]) -> bool:
    """Whether an order is one that the ladder still wants beside those before it."""
    target = next((leg for leg in plan.legs if leg.leg == own.rung), None)
    if target is None or own.key != plan.key or own.ticks != target.price_ticks:
        return False
    return own.left_lots <= left.get(own.rung, 0)


def _place(turn: Turn, side: SideState, plan: PositionOpened, leg: LegTarget, lots: int) -> None:
    resting = _orders(side)
    if lots == 0 or any(own.rung == leg.leg for own in resting):
        return
    state = side.legs.setdefault(leg.leg, LegState())
    if turn.now_ms < state.not_before_ms:
        turn.wake(side, state.not_before_ms)
        return
    # What is leaving may still fill, so it counts until it is gone.
    room = _free_lots(side) - sum(own.left_lots for own in resting)
    lots = min(lots, _most_lots(turn, side, leg) or lots)
    if room >= lots:
        turn.place(side, _order(plan, leg, lots, taker=state.taker), leg.leg)


def _most_lots(turn: Turn, side: SideState, leg: LegTarget) -> int | None:
    """Largest order of a leg; what it lacks follows when it has filled."""
    symbol = turn.symbol(side.symbol)
    if leg.kind is LegKind.SOFT:
        return order_sizes.most_limit_lots(symbol)
    return order_sizes.most_market_lots(symbol)


def _order(plan: PositionOpened, leg: LegTarget, lots: int, *, taker: bool) -> ExitOrder:
    if leg.kind is LegKind.SOFT:
        return TakeProfitLimit(
            key=plan.key,
            leg=leg.leg,
            lots=lots,
            price_ticks=leg.price_ticks,
            post_only=plan.post_only and not taker,
        )
    return TakeProfitMarket(
        key=plan.key,
        leg=leg.leg,
        lots=lots,
        trigger_ticks=leg.price_ticks,
        on_mark=plan.stop_on_mark,
    )


def _tell_core(turn: Turn, side: SideState, plan: PositionOpened) -> None:
    """The core follows orders that fill at the venue; its own market closes it knows."""
    for leg in plan.legs:
        if leg.leg in side.due_legs:
            continue
        filled = filled_lots(side, leg.leg)
        state = side.legs.setdefault(leg.leg, LegState())
        if filled > state.told_lots:
            side.core_lots -= filled - state.told_lots
            state.told_lots = filled
            turn.emit(LegFilled(key=plan.key, leg=leg.leg, lots=filled))
