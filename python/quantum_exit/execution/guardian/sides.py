"""Compares one side with what should be, from the most to the least urgent."""

from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian import (
    cover,
    exits,
    floor,
    ladder,
    lattice,
    reasons,
    settle,
    sizes,
    trail,
    working,
)
from quantum_exit.execution.guardian.effects import AlarmKind, Closed, CloseWatch, Resize
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.replacement import Replacement, State
from quantum_exit.execution.guardian.state import Holding, LegState, SideState, Trades
from quantum_exit.execution.guardian.turn import Turn, name_of
from quantum_exit.execution.orders import Role

_MOST_ENDED = 256
_NAKED_ALARM_MS = 500
_FLOORLESS_ALARM_MS = 1_000
_LAST_TRADES_MS = 2_000


def side_of(turn: Turn, symbol: str, side: Side) -> SideState:
    """The state of one side, made where there is none."""
    name = f"{symbol}:{side}"
    found = turn.account.sides.get(name)
    if found is None:
        found = turn.account.sides[name] = SideState(symbol=symbol, side=side)
    return found


def reconcile(turn: Turn, side: SideState) -> None:
    """Emits whatever separates this side from what should be."""
    turn.account.due.pop(name_of(side), None)
    _prove(turn, side)
    _mind_the_end(turn, side)
    _doubt(turn, side)
    _mind_fired_stops(turn, side)
    if side.plan is not None:
        exits.drive(turn, side)
    floor.drive(turn, side)
    working.drive(turn, side)
    trail.drive(turn, side)
    ladder.drive(turn, side)
    _drop_strangers(turn, side)
    _resize_core(turn, side)
    _watch_cover(turn, side)
    _forget_ended(turn, side)


def end_position(
    turn: Turn, side: SideState, reason: str | None = None, *, at_ms: int | None = None
) -> None:
    """The position is gone: nothing of its plan is left; its orders are orphans from here on.

    Args:
        turn: The step.
        side: Its side.
        reason: What ended it, or None = what its last trade tells.
        at_ms: The venue's time of its end, or None = that of the last news of it.
    """
    plan, holding = side.plan, side.holding
    why = reasons.of_end(side, turn.symbol(side.symbol).trades) if reason is None else reason
    ended_ms = _last_news_ms(holding) if at_ms is None else at_ms
    side.holding = Holding(
        assumed=False, as_of_ms=ended_ms, ended_ms=ended_ms, ended_dust=side.dust
    )
    side.plan = None
    side.ended_unseen_ms = None
    side.rest_lots = None if exits.closing_all(side) is None else 0
    side.exits.clear()
    side.due_legs.clear()
    side.legs.clear()
    side.alarms.clear()
    side.replanning = False
    side.released = side.floor_loosened = side.stop_loosened = False
    side.trail_active = side.trail_done = False
    side.best_ticks = None
    side.naked_since_ms = side.floorless_since_ms = None
    if plan is None:
        return
    turn.symbol(side.symbol).trades.wanted = True
    turn.emit(CloseWatch(key=plan.key))
    turn.emit(
        Closed(
            key=plan.key,
            opened_ms=plan.opened_ms,
            closed_ms=turn.now_ms,
            filled_lots=side.closed_lots,
            reason=why,
            fills=side.fills,
            dust=side.dust,
        )
    )
    side.fills = side.closed_lots = 0
    side.last_close, side.last_close_trade, side.last_close_order = "unknown", -1, None


def _last_news_ms(holding: Holding) -> int:
    """The venue's time of the last report, or of the last trade that reduced."""
    closed_ms = max((ts_ms for ts_ms, lots in holding.later.values() if lots < 0), default=0)
    return max(holding.as_of_ms, holding.flat_stream_ms or 0, closed_ms)


def _mind_the_end(turn: Turn, side: SideState) -> None:
    """Ends a position that is gone, once its last trades are known or cannot be had soon."""
    holding = side.holding
    if not sizes.is_gone(side, turn.config.proof_after_ms):
        holding.gone_ms = None
        return
    if holding.gone_ms is None:
        holding.gone_ms = turn.now_ms
    until_ms = holding.gone_ms + _LAST_TRADES_MS
    trades = turn.symbol(side.symbol).trades
    has_read = trades.answered_ms >= holding.gone_ms
    has_all = holding.ledger_lots == 0 and _is_booked(side)
    if side.plan is None or has_read or has_all or turn.now_ms >= until_ms:
        is_seen = sizes.is_seen_flat(holding, turn.config.proof_after_ms)
        end_position(turn, side)
        side.ended_unseen_ms = None if is_seen else turn.now_ms
    else:
        trades.wanted = True
        turn.wake(side, until_ms)


def _is_booked(side: SideState) -> bool:
    """Whether the trades of all our orders are known."""
    return all(own.booked_lots >= own.filled_lots for own in side.orders.values())


def _prove(turn: Turn, side: SideState) -> None:
    """Asks about every order whose existence is in doubt, and concludes where it is proven."""
    for own in side.orders.values():
        _press(turn, side, own)
        proof = own.proof
        if proof is None or own.phase.is_over:
            continue
        if turn.parts.settling.is_absent(proof, turn.now_ms, turn.config):
            own.phase = Phase.ABSENT if own.phase is Phase.UNKNOWN else Phase.ENDED
            own.proof = None
            continue
        turn.ask(side, own)
        _gather(turn, side, own)


def _press(turn: Turn, side: SideState, own: OwnOrder) -> None:
    """A request without an outcome for too long is one whose outcome is unknown."""
    late_ms = turn.config.unknown_alarm_ms
    if own.phase is Phase.ASKED and turn.now_ms >= own.asked_ms + late_ms:
        settle.begin(own, turn.now_ms)
    elif own.phase is Phase.LIVE and own.leaving is Leaving.ASKED:
        again_ms = own.leave_ms + turn.config.list_lag_ms
        if turn.now_ms >= again_ms:
            own.leaving = Leaving.REFUSED
        else:
            turn.wake(side, again_ms)
    elif own.phase is Phase.LIVE and own.leaving is Leaving.REFUSED:
        _mind_refused(turn, side, own)


def _mind_refused(turn: Turn, side: SideState, own: OwnOrder) -> None:
    """An order rests as before once a cancel that was lost can do nothing any more."""
    over_ms = own.leave_ms + turn.config.proof_after_ms
    if own.proof is None and own.confirmed_ms > over_ms:
        own.leaving = Leaving.NO
        return
    if turn.now_ms > over_ms:
        turn.read_account(side)
    turn.wake(side, max(over_ms, turn.now_ms + turn.config.retry_ms))


def _gather(turn: Turn, side: SideState, own: OwnOrder) -> None:
    """Reads what the proof still lacks."""
    if own.proof is None:
        return
    over_ms = own.proof.since_ms + turn.config.proof_after_ms
    if turn.now_ms <= over_ms:
        turn.wake(side, over_ms + 1)
        return
    if own.proof.lists_ms is None or own.proof.lists_ms <= over_ms:
        turn.read_account(side)
    if own.proof.trades_ms is None or own.proof.trades_ms <= over_ms:
        turn.read_trades(side, needed=True)
    if own.phase is Phase.UNKNOWN and turn.now_ms >= (
        own.proof.since_ms + turn.config.unknown_alarm_ms
    ):
        turn.alarm(AlarmKind.UNKNOWN_LASTS, side, f"order {own.client_id} is still unknown")


def _doubt(turn: Turn, side: SideState) -> None:
    """One source says flat, or the trades do not add up: read until the others agree."""
    trades = turn.symbol(side.symbol).trades
    if side.plan is None and not side.orders and not trades.wanted:
        return
    if side.plan is None and side.orders:
        _prove_flat(turn, side)
    if side.plan is not None and sizes.is_doubtful(side):
        turn.read_account(side)
        turn.read_trades(side, needed=True)
    elif trades.wanted or not _adds_up(side):
        turn.read_trades(side)


def _prove_flat(turn: Turn, side: SideState) -> None:
    """Reads the account once more when that can prove that no position is left for our orders.

    After a loss of state audits alone tell of it: what they show may lag.
    """
    if side.holding.flat_audit_ms is None:
        return
    until_ms = side.holding.flat_audit_ms[0] + turn.config.proof_after_ms
    if turn.now_ms < until_ms:
        turn.wake(side, until_ms)
    else:
        turn.read_account(side)


def _adds_up(side: SideState) -> bool:
    if not _is_booked(side):
        return False
    return side.plan is None or side.holding.ledger_lots == sizes.known_lots(side)


def _mind_fired_stops(turn: Turn, side: SideState) -> None:
    """A stop that fired and left something open: the price is past it, so close the rest now."""
    if side.plan is None or sizes.open_lots(side) == 0:
        return
    for own in side.orders.values():
        if own.key != side.key or not cover.is_stop(own):
            continue
        if lattice.fired_in_vain(own):
            _close_rest(turn, side, own)
        elif own.phase is Phase.FIRING and own.firing_ms is not None:
            _mind_firing(turn, side, own, own.firing_ms)


def _mind_firing(turn: Turn, side: SideState, own: OwnOrder, since_ms: int) -> None:
    if turn.now_ms >= since_ms + turn.config.close_ms:
        _close_rest(turn, side, own)
    elif turn.now_ms >= since_ms + turn.config.trigger_ms:
        settle.miss(own, turn.now_ms)
        turn.ask(side, own)
        turn.wake(side, since_ms + turn.config.close_ms)
    else:
        turn.wake(side, since_ms + turn.config.trigger_ms)


def _close_rest(turn: Turn, side: SideState, own: OwnOrder) -> None:
    if own.client_id in side.ended:
        return
    side.ended.append(own.client_id)
    turn.alarm(AlarmKind.STOP_LOST, side, f"stop {own.client_id} fired and left lots open")
    exits.start(turn, side, "STOP", emergency=True)


def _drop_strangers(turn: Turn, side: SideState) -> None:
    """Orders that belong to no plan of this side leave; while one is awaited, all of them stay."""
    if side.plan is None and cover.needed_lots(side) > 0:
        return
    for own in side.orders.values():
        is_stranger = side.plan is None or (own.key != side.key and not cover.is_stop(own))
        if cover.is_stop(own) and side.ended_unseen_ms is not None:
            # Somebody may have opened the position again, and no stream has told of it.
            turn.read_account(side)
            turn.wake(side, turn.now_ms + turn.config.retry_ms)
        elif is_stranger and not cover.is_close(own):
            turn.cancel(side, own)
    _drop_extra_floors(turn, side)


def _drop_extra_floors(turn: Turn, side: SideState) -> None:
    """Keeps the nearest floor of those that are certain; a loss of state can leave several."""
    floors = [one for one in side.orders.values() if one.role is Role.FLOOR and one.is_resting]
    certain = [one for one in floors if cover.is_certain(one, side)]
    if len(floors) <= 1 or not certain:
        return
    kept = max(certain, key=lambda one: side.side.sign * (one.ticks or 0))
    for own in floors:
        if own is not kept:
            turn.cancel(side, own)


def _resize_core(turn: Turn, side: SideState) -> None:
    """Tells the core when the size changed by something that it does not know of."""
    plan, lots = side.plan, sizes.open_lots(side)
    if plan is None or side.replanning or lots in (0, side.core_lots) or side.exits:
        return
    if any(own.filled_lots != own.booked_lots for own in side.orders.values()):
        return
    side.core_lots = lots
    turn.emit(Resize(key=plan.key, lots=lots))


def _watch_cover(turn: Turn, side: SideState) -> None:
    lots = sizes.open_lots(side)
    if side.plan is None or lots == 0:
        side.naked_since_ms = side.floorless_since_ms = None
        return
    if cover.is_protected(side, turn.now_ms, turn.config):
        side.naked_since_ms = None
        turn.calm(AlarmKind.NAKED, side)
    else:
        _count_naked(turn, side, lots)
    if cover.covered_lots(side, turn.now_ms, turn.config) >= cover.UNLIMITED:
        side.floorless_since_ms = None
        turn.calm(AlarmKind.FLOOR_MISSING, side)
        turn.calm(AlarmKind.FLOOR_BLOCKED, side)
    else:
        _count_floorless(turn, side)


def _count_naked(turn: Turn, side: SideState, lots: int) -> None:
    if side.naked_since_ms is None:
        side.naked_since_ms = turn.now_ms
    at_ms = side.naked_since_ms + _NAKED_ALARM_MS
    if turn.now_ms < at_ms:
        turn.wake(side, at_ms)
    else:
        turn.alarm(AlarmKind.NAKED, side, f"{lots} lots are not covered since {at_ms}")


def _count_floorless(turn: Turn, side: SideState) -> None:
    if side.floorless_since_ms is None:
        side.floorless_since_ms = turn.now_ms
    at_ms = side.floorless_since_ms + _FLOORLESS_ALARM_MS
    if turn.now_ms < at_ms:
        turn.wake(side, at_ms)
    else:
        turn.alarm(AlarmKind.FLOOR_MISSING, side, "no floor is proven live")


def _forget_ended(turn: Turn, side: SideState) -> None:
    """Drops orders that have ended and whose trades are all known."""
    trades = turn.symbol(side.symbol).trades
    tracked = {side.working.old, side.working.new, *(one.order for one in side.exits.values())}
    for own in [one for one in side.orders.values() if one.phase.is_over]:
        if own.client_id in tracked or own.booked_lots < own.filled_lots:
            continue
        del side.orders[own.client_id]
        turn.homes.pop(own.client_id, None)
        _forget_numbers(trades, own)
        if own.client_id not in side.ended:
            side.ended.append(own.client_id)
        if own.role is Role.TAKE_PROFIT and own.key == side.key:
            side.legs.setdefault(own.rung, LegState()).filled_lots += own.filled_lots
    del side.ended[:-_MOST_ENDED]
    if side.plan is None and not side.orders:
        side.working = Replacement(state=State.IDLE)


def _forget_numbers(trades: Trades, own: OwnOrder) -> None:
    if own.trade_number is not None:
        trades.order_of.pop(own.trade_number, None)
