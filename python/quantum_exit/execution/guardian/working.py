"""The working stop of one side: reads what is known, asks the table what follows, and does it."""

from quantum_exit.execution.guardian import cover, exits, floor, order_sizes, settle, sizes
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import AlarmKind
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.replacement import Action, Replacement, Seen, State, moved
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.stop_rules import gain_ticks
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import Role, WorkingStop

_RUNG = 0
_MOST_MOVES = 4


def drive(turn: Turn, side: SideState) -> None:
    """Moves the replacement as far as what is known allows."""
    _take_in_strays(turn, side)
    _end_loosening(side)
    for _ in range(_MOST_MOVES):
        seen = _seen(turn, side)
        if seen is None or not _move(turn, side, seen):
            return
        # A stop whose place was taken before it could leave takes room that the next one needs.
        _take_in_strays(turn, side)


def _move(turn: Turn, side: SideState, seen: Seen) -> bool:
    """Takes one row of the table; whether anything has changed."""
    row = turn.parts.replace(side.working.state, seen)
    new_id = None
    if row.action is Action.PLACE_NEW:
        placed = _place(turn, side)
        if placed is None:
            return False
        new_id = placed.client_id
    elif row.action is Action.CANCEL_OLD and not _cancel_old(turn, side):
        return False
    elif row.action is Action.ASK_NEW:
        _ask_new(turn, side)
    before = side.working
    side.working = moved(before, row, new_id)
    if row.action is Action.KEEP_NEW:
        side.replaced_ms = turn.now_ms
        turn.calm(AlarmKind.TRAILING_DEGRADED, side)
    return side.working != before


def _seen(turn: Turn, side: SideState) -> Seen | None:
    replacement = side.working
    old = _order(side, replacement.old)
    new = _order(side, replacement.new)
    match replacement.state:
        case State.IDLE:
            return _seen_idle(turn, side, old)
        case State.JOURNALED | State.SENT:
            return _seen_on_its_way(turn, side, new)
        case State.LIVE:
            return _seen_live(turn, side, old, new)
        case State.CANCEL_SENT:
            return _seen_leaving(old, new)


def _seen_idle(turn: Turn, side: SideState, old: OwnOrder | None) -> Seen | None:
    if side.working.old is not None and (old is None or old.phase.is_over):
        return Seen.OLD_GONE
    return Seen.WANTED if _is_wanted(turn, side, old) else None


def _seen_on_its_way(turn: Turn, side: SideState, new: OwnOrder | None) -> Seen | None:
    if new is None or new.phase.is_over:
        return Seen.NEW_GONE
    if new.phase is Phase.UNKNOWN:
        return Seen.NEW_UNKNOWN
    if new.phase is Phase.ASKED:
        return None
    return Seen.NEW_COVERS if _covers(turn, side, new) else Seen.NEW_LIVE


def _seen_live(
    turn: Turn, side: SideState, old: OwnOrder | None, new: OwnOrder | None
) -> Seen | None:
    if new is None or new.phase.is_over:
        return Seen.NEW_GONE
    if old is None or old.phase.is_over:
        return Seen.OLD_GONE
    if old.phase is Phase.FIRING or not new.is_resting:
        return None
    if not _covers(turn, side, new):
        return Seen.NEW_LIVE
    return Seen.NEW_COVERS if cover.is_certain(new, side) else None


def _seen_leaving(old: OwnOrder | None, new: OwnOrder | None) -> Seen | None:
    if old is None or old.phase.is_over:
        return Seen.OLD_GONE
    if new is None or new.phase.is_over:
        return Seen.NEW_GONE
    return None if old.leaving is Leaving.ASKED else Seen.OLD_STAYS


def _covers(turn: Turn, side: SideState, new: OwnOrder) -> bool:
    """Whether it covers what is open, or as much of it as one order can."""
    lots = order_sizes.stop_lots(turn, side, cover.needed_lots(side))
    return new.is_resting and new.left_lots >= lots


def _is_wanted(turn: Turn, side: SideState, old: OwnOrder | None) -> bool:
    lots = order_sizes.stop_lots(turn, side, sizes.open_lots(side))
    if side.plan is None or side.released or lots == 0 or not _is_free(turn, side):
        return False
    if old is None:
        return True
    if old.phase is not Phase.LIVE:
        return False
    if not _is_worth_it(turn, side, old, lots):
        return False
    due_ms = side.replaced_ms + turn.config.min_replace_interval_ms
    if turn.now_ms < due_ms:
        turn.wake(side, due_ms)
        return False
    return True


def _is_free(turn: Turn, side: SideState) -> bool:
    """Whether one more stop may be placed now, and none of the floor's steps is under way."""
    if turn.now_ms < side.working_not_before_ms:
        turn.wake(side, side.working_not_before_ms)
        return False
    dancing = not floor.is_blocked(turn, side) and any(
        own.may_rest and (cover.is_standin(own) or _leaves_as_floor(own))
        for own in side.orders.values()
    )
    return not dancing and cover.stops_at_venue(side) < turn.config.most_stops


def _leaves_as_floor(own: OwnOrder) -> bool:
    return own.role is Role.FLOOR and own.leaving is not Leaving.NO


def _is_worth_it(turn: Turn, side: SideState, old: OwnOrder, lots: int) -> bool:
    if lots != old.left_lots or old.leaving is not Leaving.NO:
        return True
    if old.ticks is None or turn.symbol(side.symbol).stale or _stays(side, old.ticks):
        return False
    if side.stop_loosened:
        return old.ticks != side.stop_ticks
    return gain_ticks(side.side, old.ticks, side.stop_ticks) >= turn.config.min_move_ticks


def is_outdated(side: SideState, own: OwnOrder, config: GuardianConfig) -> bool:
    """Whether `own` is a working stop that is looser than the one that is wanted by now."""
    if own.role is not Role.WORKING or own.rung != _RUNG or own.key != side.key:
        return False
    if own.ticks is None or side.plan is None or side.stop_loosened:
        return False
    if _stays(side, own.ticks):
        return False
    return gain_ticks(side.side, own.ticks, side.stop_ticks) >= config.min_move_ticks


def _stays(side: SideState, resting_ticks: int) -> bool:
    """Whether the stop that rests follows the size alone, where it is.

    So it does while all is being closed because the price is past the stop that should rest: the
    venue refuses a tighter one. None is placed beyond the hard stop.
    """
    running = exits.closing_all(side)
    if running is None or not running.emergency:
        return False
    return gain_ticks(side.side, side.hard_ticks, resting_ticks) >= 0


def _place(turn: Turn, side: SideState) -> OwnOrder | None:
    if side.plan is None:
        return None
    old = _order(side, side.working.old)
    resting = None if old is None else old.ticks
    trigger = turn.parts.stops.trigger(
        side.side,
        side.stop_ticks if resting is None or not _stays(side, resting) else resting,
        resting,
        loosened=side.stop_loosened,
    )
    order = WorkingStop(
        key=side.plan.key,
        lots=order_sizes.stop_lots(turn, side, sizes.open_lots(side)),
        trigger_ticks=trigger,
        on_mark=side.plan.stop_on_mark,
    )
    return turn.place(side, order, _RUNG)


def _cancel_old(turn: Turn, side: SideState) -> bool:
    old = _order(side, side.working.old)
    return old is not None and turn.cancel(side, old)


def _ask_new(turn: Turn, side: SideState) -> None:
    """What a cancel was decided on is old once it has come to nothing, as in an outage."""
    new = _order(side, side.working.new)
    if new is not None:
        settle.miss(new, turn.now_ms)
        turn.ask(side, new)


def _take_in_strays(turn: Turn, side: SideState) -> None:
    """Working stops that nobody tracks: they leave as soon as the position is covered without them.

    After a loss of state the tightest of them is the one that rests.
    """
    tracked = (side.working.old, side.working.new)
    strays = [
        own
        for own in side.orders.values()
        if own.role is Role.WORKING
        and own.rung == _RUNG
        and own.may_rest
        and own.client_id not in tracked
    ]
    if not strays or side.plan is None:
        return
    if side.working == Replacement():
        best = max(strays, key=lambda own: side.side.sign * (own.ticks or 0))
        side.working = Replacement(old=best.client_id)
        strays.remove(best)
    for own in strays:
        turn.cancel(side, own)


def _end_loosening(side: SideState) -> None:
    """Once the looser stop rests alone, stops only tighten again."""
    old = _order(side, side.working.old)
    if side.working.state is State.IDLE and old is not None and old.ticks == side.stop_ticks:
        side.stop_loosened = False


def _order(side: SideState, client_id: str | None) -> OwnOrder | None:
    return None if client_id is None else side.orders.get(client_id)
