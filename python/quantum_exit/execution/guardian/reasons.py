"""What closed a position: its last trade, or where that does not tell, our own orders."""

from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.state import SideState, Trades
from quantum_exit.execution.ids import identity_of
from quantum_exit.execution.orders import Role

_FORCED = (
    ("autoclose-", "liquidation"),
    ("adl_autoclose", "adl"),
    ("settlement_autoclose-", "settlement"),
    ("delivery_autoclose-", "settlement"),
)
_CLOSED_BY = (
    (Role.FLOOR, "stop"),
    (Role.WORKING, "stop"),
    (Role.TRAIL, "stop"),
    (Role.TAKE_PROFIT, "take_profit"),
    (Role.CLOSE, "exit"),
    (Role.EMERGENCY, "exit"),
)
_UNKNOWN = "unknown"


def note_close(side: SideState, fill: Fill, own: OwnOrder | None) -> str:
    """Remembers what the newest trade came from, whatever order trades come in; its reason."""
    why = _closed_by(fill, own)
    if fill.trade_id > side.last_close_trade:
        side.last_close, side.last_close_trade = why, fill.trade_id
        side.last_close_order = fill.venue_order_id
    return why


def of_end(side: SideState, trades: Trades) -> str:
    """Why the position ended."""
    if side.last_close != _UNKNOWN:
        return side.last_close
    if side.last_close_order is not None:
        named = side.orders.get(trades.order_of.get(side.last_close_order, ""))
        if named is not None:
            return _word(named.role)
    ours = [own for own in side.orders.values() if own.key == side.key and _has_closed(own)]
    # A close that may have been carried out explains the end better than a stop that is still seen.
    roles = sorted((own.role for own in ours), key=lambda role: role in (Role.FLOOR, Role.WORKING))
    return _word(roles[0]) if roles else _UNKNOWN


def _has_closed(own: OwnOrder) -> bool:
    """Whether an order has closed something, or is a close that may have."""
    if own.filled_lots > 0 or own.phase is Phase.FIRING:
        return True
    may_have = own.phase in (Phase.ASKED, Phase.UNKNOWN, Phase.LIVE)
    return may_have and own.role in (Role.CLOSE, Role.EMERGENCY)


def _closed_by(fill: Fill, own: OwnOrder | None) -> str:
    if own is not None:
        return _word(own.role)
    if fill.client_id is None:
        return _UNKNOWN
    identity = identity_of(fill.client_id)
    if identity is not None:
        return _word(identity.role)
    return next((why for start, why in _FORCED if fill.client_id.startswith(start)), "hand")


def _word(wanted: Role) -> str:
    return next(word for role, word in _CLOSED_BY if role is wanted)
