"""What the venue says about orders: views, trades, outcomes of requests, answers to questions."""

from quantum_exit.domain.facts import Fill, OrderSide, OrderStatus, OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian import (
    booking,
    cover,
    lattice,
    reasons,
    refusals,
    settle,
    sizes,
)
from quantum_exit.execution.guardian.effects import AlarmKind, Booked
from quantum_exit.execution.guardian.facts import Action, Found, Sent, TradesRead
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.sides import side_of
from quantum_exit.execution.guardian.state import SideState, Trades
from quantum_exit.execution.guardian.stop_rules import gain_ticks
from quantum_exit.execution.guardian.turn import Turn, adopted_key
from quantum_exit.execution.ids import OrderIdentity, identity_of
from quantum_exit.execution.orders import closing_side
from quantum_exit.execution.outcomes import Done, NotDone, Reaction, Unknown

_LOST = (OrderStatus.CANCELED, OrderStatus.EXPIRED)
_DOUBTS = (Reaction.LOOK_IN_BOTH_BOOKS, Reaction.TRIGGERING)


def side_closed_by(view_side: OrderSide, position_side: Side | None) -> Side:
    """The side of the position that an order reduces."""
    if position_side is not None:
        return position_side
    return Side.LONG if view_side is OrderSide.SELL else Side.SHORT


def take_view(turn: Turn, view: OrderView) -> None:
    """Takes one order in, ours or that of somebody else."""
    home = turn.homes.get(view.client_id)
    if home is not None:
        if home.symbol == view.symbol:
            _apply(turn, home, home.orders[view.client_id], view)
        return
    identity = identity_of(view.client_id)
    closed = side_closed_by(view.side, view.position_side)
    if identity is None or identity.account_tag != turn.tag:
        _take_foreign(turn, view, closed)
        return
    turn.account.last_epoch = max(turn.account.last_epoch, identity.position_epoch)
    _adopt(turn, side_of(turn, view.symbol, closed), view, identity)


def _apply(turn: Turn, side: SideState, own: OwnOrder, view: OrderView) -> None:
    was_certain = cover.is_certain(own, side)
    if lattice.apply_view(own, view, turn.now_ms):
        _number(turn.symbol(view.symbol).trades, own)
        turn.touch(side)
    elif not was_certain:
        # What may only leave beside a certain one can leave now.
        turn.touch(side)


def _take_foreign(turn: Turn, view: OrderView, closed: Side) -> None:
    """Orders of others are only remembered where they close a side, and never touched."""
    # In hedge mode an order needs no flag to be one that only reduces.
    reduces = view.position_side is not None and view.side is closing_side(view.position_side)
    if not (view.close_position or view.reduce_only or reduces):
        return
    side = side_of(turn, view.symbol, closed)
    if view.status.is_final:
        if side.foreign.pop(view.client_id, None) is not None:
            turn.touch(side)
    elif side.foreign.get(view.client_id) != view:
        side.foreign[view.client_id] = view
        turn.touch(side)


def _adopt(turn: Turn, side: SideState, view: OrderView, identity: OrderIdentity) -> None:
    """An order of ours that the state does not know, unless it is known to have ended."""
    if view.client_id in side.ended:
        return
    if view.status.is_final:
        _note_lost_stop(side, view, identity)
        return
    own = OwnOrder(
        client_id=view.client_id,
        key=adopted_key(side, turn.account.name, identity.position_epoch),
        role=identity.role,
        rung=identity.rung,
        book=view.book,
        lots=view.lots,
        ticks=view.price_ticks if view.trigger_ticks is None else view.trigger_ticks,
        phase=Phase.UNKNOWN,
        asked_ms=turn.now_ms,
    )
    turn.remember(side, own)
    _apply(turn, side, own, view)


def _note_lost_stop(side: SideState, view: OrderView, identity: OrderIdentity) -> None:
    """Remembers the stop of a life that could not write it down, where it is lost unguarded."""
    if side.plan is not None or identity.role not in cover.STOPS or view.status not in _LOST:
        return
    holding, ticks = side.holding, view.trigger_ticks
    if ticks is None:
        return
    before_ms, before = (0, ticks) if holding.lost_stop is None else holding.lost_stop
    if before_ms <= holding.as_of_ms or gain_ticks(side.side, before, ticks) > 0:
        holding.lost_stop = (view.updated_ms, ticks)


def _number(trades: Trades, own: OwnOrder) -> None:
    if own.trade_number is not None:
        trades.order_of[own.trade_number] = own.client_id


def take_fill(turn: Turn, fill: Fill) -> None:
    """Takes one trade in, once."""
    trades = turn.symbol(fill.symbol).trades
    if not turn.parts.trades.is_new(trades, fill):
        return
    booking.note(trades, fill)
    side = _side_of_fill(turn, fill)
    key = None if side is None else _book(turn, side, fill)
    turn.emit(Booked(key=key, fill=fill))


def _side_of_fill(turn: Turn, fill: Fill) -> SideState | None:
    """The side that a trade changes; in one-way mode the closing one is asked first."""
    closed = side_closed_by(fill.side, fill.position_side)
    candidates = (closed,) if fill.position_side is not None else (closed, *_others(closed))
    for one in candidates:
        side = turn.account.sides.get(f"{fill.symbol}:{one}")
        if side is not None and sizes.belongs(side, fill):
            return side
    return None


def _others(one: Side) -> tuple[Side, ...]:
    return tuple(side for side in Side if side is not one)


def _book(turn: Turn, side: SideState, fill: Fill) -> PositionKey | None:
    """Books a trade of this side; the position that it belongs to."""
    own = _order_of(turn, side, fill)
    sizes.add_fill(side, fill)
    if own is not None:
        lattice.apply_fill(own, fill, turn.now_ms)
        _number(turn.symbol(fill.symbol).trades, own)
    if sizes.reduces(side, fill):
        why = reasons.note_close(side, fill, own)
        if why in ("liquidation", "adl"):
            text = f"{why} of {fill.lots} lots, trade {fill.trade_id}"
            turn.alarm(AlarmKind.FORCED_CLOSE, side, text)
    turn.touch(side)
    return side.key if own is None else own.key


def _order_of(turn: Turn, side: SideState, fill: Fill) -> OwnOrder | None:
    trades = turn.symbol(fill.symbol).trades
    number = fill.venue_order_id
    known = fill.client_id if fill.client_id in side.orders else trades.order_of.get(number)
    return None if known is None else side.orders.get(known)


def take_trades(turn: Turn, read: TradesRead) -> None:
    """Takes a list of trades in, and what its silence proves."""
    trades = turn.symbol(read.symbol).trades
    for fill in read.fills:
        take_fill(turn, fill)
    booking.read_through(trades, read.from_id, read.fills)
    if read.more:
        return
    trades.wanted = False
    trades.answered_ms = max(trades.answered_ms, read.asked_ms)
    for one in Side:
        side = turn.account.sides.get(f"{read.symbol}:{one}")
        if side is None:
            continue
        for own in side.orders.values():
            _take_silence(turn, own, read.asked_ms)
        # What the trades still do not explain happened before the first of them.
        side.holding.ledger_lots = sizes.known_lots(side)
        turn.touch(side)


def _take_silence(turn: Turn, own: OwnOrder, asked_ms: int) -> None:
    if own.proof is not None:
        own.proof.trades_ms = asked_ms
    if own.phase.is_over and asked_ms >= own.confirmed_ms + turn.config.list_lag_ms:
        # The trades are there, but nothing links them to the order any more.
        own.booked_lots = max(own.booked_lots, own.filled_lots)


def take_found(turn: Turn, found: Found) -> None:
    """Takes the answer about one order in."""
    if found.order is not None:
        if found.order.client_id == found.client_id and found.order.symbol == found.symbol:
            take_view(turn, found.order)
        return
    side = turn.homes.get(found.client_id)
    if side is None or side.symbol != found.symbol:
        return
    own = side.orders[found.client_id]
    if own.proof is not None:
        settle.not_found(own.proof, found.asked_ms, turn.config)
        turn.touch(side)


def take_sent(turn: Turn, sent: Sent) -> None:
    """Takes the outcome of a request in."""
    side = turn.homes.get(sent.client_id)
    if side is None:
        return
    own = side.orders[sent.client_id]
    turn.touch(side)
    if sent.action is Action.PLACE:
        _take_placed(turn, side, own, sent)
    else:
        _take_cancelled(turn, side, own, sent)


def _take_placed(turn: Turn, side: SideState, own: OwnOrder, sent: Sent) -> None:
    own.sent_ms = sent.sent_ms
    match turn.parts.settling.reading(sent.outcome):
        case Done(order=order):
            if order is not None and order.client_id == own.client_id:
                take_view(turn, order)
            elif own.phase is Phase.ASKED:
                settle.begin(own, sent.sent_ms)
        case NotDone() as refusal:
            if own.phase is Phase.ASKED or own.phase is Phase.UNKNOWN:
                refusals.take(turn, side, own, refusal)
        case Unknown():
            if own.phase is Phase.ASKED or _left_since(own, sent.sent_ms):
                settle.begin(own, sent.sent_ms)


def _left_since(own: OwnOrder, sent_ms: int) -> bool:
    """Whether the last try left after the proof of its absence had begun."""
    return own.phase is Phase.UNKNOWN and own.proof is not None and own.proof.since_ms < sent_ms


def _take_cancelled(turn: Turn, side: SideState, own: OwnOrder, sent: Sent) -> None:
    match turn.parts.settling.reading(sent.outcome):
        case Done(order=order):
            if order is not None and order.client_id == own.client_id:
                take_view(turn, order)
            if not own.phase.is_over:
                settle.miss(own, sent.sent_ms)
        case NotDone() as refusal:
            # It rests as before, unless the refusal itself says that it may be gone.
            own.leaving = Leaving.NO
            if refusal.reaction in _DOUBTS:
                own.leaving = Leaving.REFUSED
                settle.miss(own, sent.sent_ms)
            if refusal.reaction is Reaction.TRIGGERING:
                own.firing_ms = turn.now_ms if own.firing_ms is None else own.firing_ms
                own.phase = Phase.FIRING if not own.phase.is_over else own.phase
            if refusal.retry_after_ms is not None:
                own.leave_ms = turn.now_ms + refusal.retry_after_ms
        case Unknown():
            own.leaving = Leaving.REFUSED
            settle.miss(own, sent.sent_ms)
            if side.plan is None:
                # In that time somebody may have opened its position again.
                side.ended_unseen_ms = turn.now_ms
