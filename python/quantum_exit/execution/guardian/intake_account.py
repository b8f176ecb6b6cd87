"""What the venue says about positions, one by one or all at once."""

from dataclasses import replace

from quantum_exit.domain.facts import VenuePosition
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian import liquidation, settle, sizes, traded
from quantum_exit.execution.guardian.effects import Adopt, Find, ReadAccount, Replan
from quantum_exit.execution.guardian.facts import Audit
from quantum_exit.execution.guardian.intake_orders import take_view
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.sides import end_position, side_of
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.turn import Turn

_TRADES_EVERY_MS = 60_000


def take_position(turn: Turn, position: VenuePosition) -> None:
    """Takes a report of the stream in."""
    side = side_of(turn, position.symbol, position.side)
    side.dust = position.dust
    if position.lots == 0:
        _take_flat(turn, side, position.updated_ms)
        other = _opposite(turn, side)
        # The report that the other direction is open may be of the same change.
        if not position.hedge and position.updated_ms > other.holding.as_of_ms:
            _take_flat(turn, other, position.updated_ms)
        return
    _take_open(turn, side, position, read_ms=None)
    if not position.hedge:
        _take_flat(turn, _opposite(turn, side), position.updated_ms)


def _opposite(turn: Turn, side: SideState) -> SideState:
    other = Side.SHORT if side.side is Side.LONG else Side.LONG
    return side_of(turn, side.symbol, other)


def _take_flat(turn: Turn, side: SideState, at_ms: int) -> None:
    if _is_known_flat(side):
        side.holding.as_of_ms = max(side.holding.as_of_ms, at_ms)
    elif sizes.report_flat_stream(side.holding, at_ms):
        turn.touch(side)


def _is_known_flat(side: SideState) -> bool:
    """Whether there is no position whose end would have to be proven."""
    if side.plan is not None or side.holding.lots > 0:
        return False
    return not side.holding.assumed or not side.orders


def _take_open(
    turn: Turn, side: SideState, position: VenuePosition, *, read_ms: int | None
) -> None:
    flat_ms = side.holding.flat_stream_ms
    if flat_ms is not None and _is_another(side, position, flat_ms, read_ms):
        # What is newer than that is news of the position that followed.
        end_position(turn, side, at_ms=min(flat_ms, position.updated_ms - 1))
    was_dust = _was_dust(turn, side, position)
    lag_ms = 0 if was_dust else turn.config.list_lag_ms
    if sizes.report(side.holding, position, read_ms=read_ms, lag_ms=lag_ms):
        if was_dust and side.rest_lots is not None:
            side.rest_lots = position.lots
        turn.touch(side)
    if side.plan is None and sizes.open_lots(side) > 0:
        adopt(turn, side, hedge=position.hedge)
    liquidation.keep_clear(turn, side, position)


def _is_another(
    side: SideState, position: VenuePosition, flat_ms: int, read_ms: int | None
) -> bool:
    """Whether the position was closed and opened again: flat in between, at another price.

    Both may be of one millisecond: then the order of the stream decides.
    """
    since_ms = flat_ms if read_ms is None else flat_ms + 1
    return (
        side.plan is not None
        and position.updated_ms >= since_ms
        and position.entry_price != side.holding.entry_price
    )


def _was_dust(turn: Turn, side: SideState, position: VenuePosition) -> bool:
    """Whether it is what a position of a former life left, in lots of a finer step.

    No lag explains it: it is of the time at which that one ended, and the grid of then is forgotten.
    """
    holding = side.holding
    if holding.ended_dust == "0" or position.updated_ms != holding.ended_ms:
        return False
    return turn.symbol(side.symbol).rules is None


def adopt(turn: Turn, side: SideState, *, hedge: bool) -> None:
    """Asks for a plan of a position that nobody guards."""
    if not turn.account.audited:
        return
    if side.reserved_epoch is None:
        turn.account.last_epoch += 1
        side.reserved_epoch = turn.account.last_epoch
    turn.emit(
        Adopt(
            key=PositionKey(turn.account.name, side.symbol, side.side, side.reserved_epoch),
            lots=sizes.open_lots(side),
            entry_price=side.holding.entry_price,
            hedge=hedge,
        )
    )


def take_audit(turn: Turn, audit: Audit) -> None:
    """Takes a reading of the account in; absence counts only where it was complete."""
    audit = _on_one_grid(turn, audit)
    shown = {view.client_id for view in audit.open_orders}
    for view in audit.open_orders:
        take_view(turn, view)
    if not turn.account.audited and audit.complete and audit.symbol is None:
        turn.account.audited = True
        _read_newer(turn)
        for side in turn.account.sides.values():
            turn.touch(side)
    open_sides = set()
    _take_dust(turn, audit)
    for position in audit.positions:
        if position.lots == 0:
            continue
        side = side_of(turn, position.symbol, position.side)
        open_sides.add((side.symbol, side.side))
        _take_open(turn, side, position, read_ms=audit.taken_at_ms)
    if not audit.complete:
        return
    if audit.symbol is None:
        traded.ask(turn)
    for side in turn.account.sides.values():
        if audit.symbol not in (None, side.symbol):
            continue
        if _is_older_than_grid(turn, side.symbol, audit):
            continue
        _take_absences(turn, side, audit, shown)
        if side.plan is not None and side.replanning:
            turn.emit(Replan(key=side.plan.key))
        if (side.symbol, side.side) not in open_sides:
            _take_flat_audit(turn, side, audit.taken_at_ms)


def _on_one_grid(turn: Turn, audit: Audit) -> Audit:
    """Without the symbols whose grid changed meanwhile: a part of it is in lots of the former."""
    return replace(
        audit,
        positions=tuple(
            one for one in audit.positions if not _is_older_than_grid(turn, one.symbol, audit)
        ),
        open_orders=tuple(
            one for one in audit.open_orders if not _is_older_than_grid(turn, one.symbol, audit)
        ),
    )


def _is_older_than_grid(turn: Turn, symbol: str, audit: Audit) -> bool:
    known = turn.account.symbols.get(symbol)
    return known is not None and audit.taken_at_ms < known.grid_ms


def _take_dust(turn: Turn, audit: Audit) -> None:
    if not audit.complete:
        return
    shown = {(one.symbol, one.side): one.dust for one in audit.positions if one.dust != "0"}
    for symbol, position_side in shown:
        side_of(turn, symbol, position_side)
    for side in turn.account.sides.values():
        if audit.symbol in (None, side.symbol) and not _is_older_than_grid(
            turn, side.symbol, audit
        ):
            side.dust = shown.get((side.symbol, side.side), "0")


def _read_newer(turn: Turn) -> None:
    """Positions that the stream told of while the first audit was under way are not in it."""
    sides = turn.account.sides.values()
    if any(side.plan is None and sizes.open_lots(side) > 0 for side in sides):
        turn.emit(ReadAccount(symbol=None))


def _take_flat_audit(turn: Turn, side: SideState, taken_at_ms: int) -> None:
    if side.ended_unseen_ms is not None and taken_at_ms > side.ended_unseen_ms:
        side.ended_unseen_ms = None
        turn.touch(side)
    if _is_known_flat(side):
        return
    if sizes.report_flat_audit(side.holding, taken_at_ms):
        turn.touch(side)


def _take_absences(turn: Turn, side: SideState, audit: Audit, shown: set[str]) -> None:
    """Orders that the lists should show and do not are asked about; one miss proves nothing."""
    for client_id in [one for one in side.foreign if one not in shown]:
        del side.foreign[client_id]
        turn.touch(side)
    for own in side.orders.values():
        if own.client_id not in shown:
            _take_absence(turn, side, own, audit.taken_at_ms)
    trades = turn.symbol(side.symbol).trades
    if side.plan is not None and turn.now_ms >= trades.read_ms + _TRADES_EVERY_MS:
        trades.wanted = True
    if trades.wanted:
        # A reading that failed is asked for again, also where nothing is open any more.
        turn.touch(side)


def _take_absence(turn: Turn, side: SideState, own: OwnOrder, taken_at_ms: int) -> None:
    if own.phase.is_over or own.phase is Phase.ASKED:
        return
    if own.proof is not None:
        own.proof.lists_ms = taken_at_ms
        turn.touch(side)
    elif own.confirmed_ms + turn.config.list_lag_ms <= taken_at_ms or _is_unseen(side, own):
        settle.miss(own, taken_at_ms)
        turn.touch(side)
    elif own.confirmed_ms < taken_at_ms:
        # The lists lag behind it, or it has ended unheard: the next ones may be far away.
        turn.emit(Find(symbol=side.symbol, client_id=own.client_id, book=own.book))


def _is_unseen(side: SideState, own: OwnOrder) -> bool:
    """Whether this life has not seen an order: nobody would have told that it left before."""
    return own.confirmed_ms < side.trusted_ms
