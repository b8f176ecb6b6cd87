"""The floor of one side: reads what is known, asks the rules for the next step, and takes it."""

from collections.abc import Iterable

from quantum_exit.execution.guardian import cover, order_sizes, sizes
from quantum_exit.execution.guardian.floor_rules import FloorStep, Presence
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.replacement import State
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.stop_rules import gain_ticks
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import FloorStop, Role, WorkingStop

_RUNG = 0
_ASKED_IN_VAIN = 2


def drive(turn: Turn, side: SideState) -> None:
    """Takes the next step towards a floor where it should be."""
    if side.plan is None or sizes.open_lots(side) == 0:
        return
    floor = _main(own for own in side.orders.values() if own.role is Role.FLOOR)
    standin = _main(own for own in side.orders.values() if cover.is_standin(own))
    if floor is not None and floor.is_resting and floor.ticks == side.hard_ticks:
        side.floor_loosened = False
    fits = floor is not None and _fits(turn, side, floor)
    step = turn.parts.floor.next_step(
        _presence(floor),
        fits=fits,
        standin=_presence(standin),
        covers=standin is not None and standin.left_lots >= cover.needed_lots(side),
    )
    if floor is not None and _leaves_naked(turn, side, floor, standin):
        _place_spare(turn, side, not_before_ms=side.floor_not_before_ms)
        return
    if is_blocked(turn, side) and _has_no_other(turn, side):
        _place_spare(turn, side, not_before_ms=side.standin_not_before_ms)
        return
    _take(turn, side, step, floor, standin)


def is_blocked(turn: Turn, side: SideState) -> bool:
    """Whether no floor rests or is on its way, and none may be placed now.

    None of its steps is under way then, however long that lasts: somebody else's close-position
    stop may keep it out. A stand-in is but one more stop.
    """
    if turn.now_ms >= side.floor_not_before_ms:
        return False
    return not any(own.role is Role.FLOOR and own.may_rest for own in side.orders.values())


def _leaves_naked(turn: Turn, side: SideState, floor: OwnOrder, standin: OwnOrder | None) -> bool:
    """Whether nothing is proven to cover the position while its floor is looked for in vain.

    The proof that an order is absent takes longer than a position may be without a stop, and one
    stop too many does no harm: each can only reduce.
    """
    sought = (floor,) if standin is None else (floor, standin)
    return all(map(_is_in_vain, sought)) and not cover.is_protected(side, turn.now_ms, turn.config)


def _has_no_other(turn: Turn, side: SideState) -> bool:
    """Whether nothing is proven to cover, and no stop is on its way that will.

    Every stop there may be is looked for in vain, or none is left and the next working stop has to
    wait: the price may be past its trigger, while resting orders of others keep the close out.
    """
    stops = [own for own in side.orders.values() if cover.is_stop(own) and own.may_rest]
    is_over = all(map(_is_in_vain, stops)) if stops else turn.now_ms < side.working_not_before_ms
    return is_over and not cover.is_protected(side, turn.now_ms, turn.config)


def _place_spare(turn: Turn, side: SideState, *, not_before_ms: int) -> None:
    """Places a stop beside those that are looked for.

    A life that has just begun is about to read the account: a stop of the size that was known to
    the one before it would take the room that one of the right size needs.
    """
    read_ms = turn.account.lease_ms + turn.config.retry_ms
    if not turn.account.audited and turn.now_ms < read_ms:
        turn.wake(side, read_ms)
        return
    one_more = _has_absent(turn, side)
    _place_standin(turn, side, not_before_ms=not_before_ms, one_more=one_more)


def _is_in_vain(own: OwnOrder) -> bool:
    """Whether it is a stop that is looked for and has not been found so far."""
    if not cover.is_stop(own) or own.phase is not Phase.UNKNOWN or own.proof is None:
        return False
    return bool(own.proof.not_found_ms) or own.proof.asks >= _ASKED_IN_VAIN


def _take(
    turn: Turn,
    side: SideState,
    step: FloorStep,
    floor: OwnOrder | None,
    standin: OwnOrder | None,
) -> None:
    match step:
        case FloorStep.PLACE_FLOOR if is_blocked(turn, side) or _has_all_stops(turn, side):
            _resize_standin(turn, side)
            turn.wake(side, max(side.floor_not_before_ms, turn.now_ms + turn.config.retry_ms))
        case FloorStep.PLACE_FLOOR:
            _place_floor(turn, side)
        case FloorStep.PLACE_STANDIN if _may_begin(turn, side, floor):
            _place_standin(turn, side, not_before_ms=side.floor_not_before_ms)
        case FloorStep.PLACE_STANDIN:
            # What it waits for may end without touching this side again.
            turn.wake(side, turn.now_ms + turn.config.retry_ms)
            _press_on(turn, side, floor, standin)
        case FloorStep.CANCEL_FLOOR if floor is not None:
            turn.cancel(side, floor)
        case FloorStep.DROP_STANDIN if standin is not None:
            turn.cancel(side, standin)
        case FloorStep.RENEW_STANDIN if standin is not None:
            if not _is_as_large_as_known(turn, side, standin):
                _renew_standin(turn, side, standin)
        case _:
            _press_on(turn, side, floor, standin)


def _may_begin(turn: Turn, side: SideState, floor: OwnOrder | None) -> bool:
    """Whether a stand-in may be placed now.

    While the working stop is replaced there would be more than three stops. And a floor that rests
    is not moved by what was known in a former life: a stand-in of the wrong size would have to be
    taken back, tighter or not.
    """
    if side.working.state is not State.IDLE:
        return False
    return turn.account.audited or floor is None or not floor.is_resting


def _renew_standin(turn: Turn, side: SideState, standin: OwnOrder) -> None:
    """Places a larger stand-in; where there is no room for it, the loosest stop makes some."""
    stops = [own for own in side.orders.values() if cover.is_stop(own) and own.may_rest]
    if any(cover.is_standin(own) and own is not standin for own in stops):
        return
    if len(stops) < turn.config.most_stops:
        _place_standin(turn, side, not_before_ms=side.floor_not_before_ms)
        return
    working = next((own for own in stops if own.role is Role.WORKING and own is not standin), None)
    # The stop that remains is never looser than the one that goes.
    if working is not None and _is_looser(side, working, standin):
        turn.cancel(side, working)
    else:
        turn.cancel(side, standin)


def _is_looser(side: SideState, one: OwnOrder, other: OwnOrder) -> bool:
    if one.ticks is None or other.ticks is None:
        return False
    return gain_ticks(side.side, one.ticks, other.ticks) > 0


def _is_as_large_as_known(turn: Turn, side: SideState, standin: OwnOrder) -> bool:
    """Whether another stand-in would be no larger: what is in doubt of the size will be told."""
    return standin.left_lots >= order_sizes.stop_lots(turn, side, sizes.open_lots(side))


def _resize_standin(turn: Turn, side: SideState) -> None:
    """A stand-in that has to stay follows the size: another one takes its place."""
    lots = order_sizes.stop_lots(turn, side, sizes.open_lots(side))
    standins = [own for own in side.orders.values() if cover.is_standin(own) and own.may_rest]
    live = [own for own in standins if own.is_resting and cover.is_certain(own, side)]
    if not live:
        return
    kept = max(live, key=lambda own: (own.left_lots == lots, own.left_lots))
    for own in standins:
        if own is not kept:
            turn.cancel(side, own)
    if kept.left_lots != lots and len(standins) == 1 and side.working.state is State.IDLE:
        # What keeps the floor out does not keep another stand-in out.
        _place_standin(turn, side, not_before_ms=side.standin_not_before_ms)


def _has_all_stops(turn: Turn, side: SideState) -> bool:
    """Whether as many stops as may rest cover the position: the floor waits until one leaves."""
    if cover.stops_at_venue(side) < turn.config.most_stops:
        return False
    return cover.is_protected(side, turn.now_ms, turn.config)


def _press_on(
    turn: Turn, side: SideState, floor: OwnOrder | None, standin: OwnOrder | None
) -> None:
    """Repeats a cancel that was refused or lost."""
    for own in (floor, standin):
        if own is not None and own.leaving is Leaving.REFUSED:
            turn.cancel(side, own)


def _place_floor(turn: Turn, side: SideState) -> None:
    if side.plan is None or (turn.config.foreign_stop_covers and cover.has_foreign_floor(side)):
        return
    order = FloorStop(key=side.plan.key, trigger_ticks=side.hard_ticks)
    turn.place(side, order, _RUNG)


def _has_absent(turn: Turn, side: SideState) -> bool:
    """Whether a stop was sought in vain after its request and any replica were out of time.

    What its proof still waits for is the engine alone, and meanwhile nothing covers the position.
    """
    late_ms = turn.config.recv_window_ms + turn.config.list_lag_ms
    proofs = [own.proof for own in side.orders.values() if _is_in_vain(own)]
    return any(
        proof.not_found_ms and proof.not_found_ms[-1] > proof.since_ms + late_ms
        for proof in proofs
        if proof is not None
    )


def _place_standin(
    turn: Turn, side: SideState, *, not_before_ms: int, one_more: bool = False
) -> None:
    most = turn.config.most_stops + one_more
    if side.plan is None or cover.stops_at_venue(side) >= most:
        return
    if turn.now_ms < not_before_ms:
        turn.wake(side, not_before_ms)
        return
    order = WorkingStop(
        key=side.plan.key,
        lots=order_sizes.stop_lots(turn, side, sizes.open_lots(side)),
        trigger_ticks=side.hard_ticks,
        on_mark=True,
    )
    turn.place(side, order, cover.STANDIN_RUNG)


def _fits(turn: Turn, side: SideState, floor: OwnOrder) -> bool:
    if floor.ticks is None:
        return False
    if not order_sizes.fits_in_one(turn.symbol(side.symbol), cover.needed_lots(side)):
        # No stand-in could cover the position meanwhile: the floor stays where it is.
        return True
    if side.floor_loosened:
        return floor.ticks == side.hard_ticks
    return gain_ticks(side.side, floor.ticks, side.hard_ticks) < turn.config.min_move_ticks


def _main(orders: Iterable[OwnOrder]) -> OwnOrder | None:
    """The one that counts, where a loss of state has left several."""
    rest = [own for own in orders if own.may_rest]
    return max(rest, key=_counts, default=None)


def _counts(own: OwnOrder) -> tuple[bool, bool, int]:
    return own.phase is Phase.LIVE, not _is_in_vain(own), own.left_lots


def _presence(own: OwnOrder | None) -> Presence:
    if own is None:
        return Presence.ABSENT
    if own.phase is Phase.FIRING:
        return Presence.FIRING
    if own.phase is not Phase.LIVE:
        return Presence.PENDING
    return Presence.LIVE if own.leaving is Leaving.NO else Presence.LEAVING
