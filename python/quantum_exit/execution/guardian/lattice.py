"""News about one order, applied in whatever order they arrive: an order only ever moves forward."""

from quantum_exit.domain.facts import Fill, OrderBook, OrderStatus, OrderView
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.orders import Role

_FIRING = (OrderStatus.TRIGGERING, OrderStatus.TRIGGERED)


def apply_view(own: OwnOrder, view: OrderView, now_ms: int) -> bool:
    """Takes a view of `own`, or of the child that it became, in; whether it changed anything."""
    own.confirmed_ms = now_ms
    before = (own.phase, own.status, own.filled_lots, own.venue_id, own.child_id, own.proof is None)
    own.filled_lots = max(own.filled_lots, view.filled_lots)
    if own.book is OrderBook.ALGO and view.book is OrderBook.REGULAR:
        _apply_child(own, view, now_ms)
    else:
        own.venue_id = view.venue_id
        own.child_id = own.child_id if view.child_venue_id is None else view.child_venue_id
        if not _is_old(own, view.status):
            _move(own, view.status, now_ms)
    own.updated_ms = max(own.updated_ms, view.updated_ms)
    if own.phase is not Phase.UNKNOWN:
        own.proof = None
    return before != (
        own.phase,
        own.status,
        own.filled_lots,
        own.venue_id,
        own.child_id,
        own.proof is None,
    )


def apply_fill(own: OwnOrder, fill: Fill, now_ms: int) -> None:
    """Takes a trade of `own` in that was not known before."""
    own.booked_lots += fill.lots
    own.filled_lots = max(own.filled_lots, own.booked_lots)
    own.updated_ms = max(own.updated_ms, fill.ts_ms)
    own.confirmed_ms = now_ms
    own.proof = None
    if 0 < own.lots <= own.filled_lots:
        own.status, own.phase = OrderStatus.FILLED, Phase.ENDED
    elif own.book is OrderBook.ALGO:
        own.child_id = fill.venue_order_id
        _fire(own, now_ms)
    elif own.phase is not Phase.ENDED:
        own.phase = Phase.LIVE


def _apply_child(own: OwnOrder, view: OrderView, now_ms: int) -> None:
    own.child_id = view.venue_id
    if not view.status.is_final:
        _fire(own, now_ms)
        return
    own.status, own.phase = OrderStatus.FINISHED, Phase.ENDED


def _is_old(own: OwnOrder, status: OrderStatus) -> bool:
    """Whether `status` says less than what is known."""
    if own.status is None or own.phase is Phase.ABSENT:
        return False
    if own.status.is_final:
        # A cancel can be confirmed for an order that has filled.
        return status is not OrderStatus.FILLED or own.status is OrderStatus.FILLED
    return status.rank < own.status.rank


def _move(own: OwnOrder, status: OrderStatus, now_ms: int) -> None:
    own.status = status
    if status.is_final:
        own.phase = Phase.ENDED
    elif status in _FIRING:
        _fire(own, now_ms)
    else:
        own.phase, own.firing_ms = Phase.LIVE, None


def _fire(own: OwnOrder, now_ms: int) -> None:
    if own.phase is Phase.ENDED:
        return
    own.phase = Phase.FIRING
    own.firing_ms = now_ms if own.firing_ms is None else own.firing_ms


def fired_in_vain(own: OwnOrder) -> bool:
    """Whether a stop has triggered and ended, or was refused when it triggered.

    What is still open then is at a price that the stop was to prevent.
    """
    if own.role not in (Role.FLOOR, Role.WORKING) or own.phase is not Phase.ENDED:
        return False
    return own.status in (OrderStatus.FINISHED, OrderStatus.REJECTED) or own.child_id is not None
