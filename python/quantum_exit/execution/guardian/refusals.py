"""What a refusal of an order asks for: never a looser stop, and never silence."""

from quantum_exit.execution.guardian import cover, exits, order_sizes, settle
from quantum_exit.execution.guardian.effects import AlarmKind
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.state import LegState, SideState
from quantum_exit.execution.guardian.stop_rules import gain_ticks
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import Role
from quantum_exit.execution.outcomes import NotDone, Reaction

_READS = (
    Reaction.ADOPT_SINGLETON,
    Reaction.NOTHING_TO_REDUCE,
    Reaction.REDUCED_BY_OTHERS,
    Reaction.LOOK_IN_BOTH_BOOKS,
    Reaction.SWITCH_MODE,
)
_PERSONS = (
    Reaction.ALARM,
    Reaction.REROUTE,
    Reaction.SWITCH_MODE,
    Reaction.FREE_MARGIN,
    Reaction.LOOK_IN_BOTH_BOOKS,
    Reaction.TRIGGERING,
)
_SLOW = 10
"""Times `retry_ms` that pass before something is tried again that a person has to look at."""


def take(turn: Turn, side: SideState, own: OwnOrder, refusal: NotDone) -> None:
    """The venue refused to place `own`."""
    own.refusal = refusal.code
    if refusal.reaction is Reaction.ADOPT:
        # An order with this id is open: the refusal proves that it exists.
        settle.begin(own, turn.now_ms)
        return
    if not own.phase.is_over:
        own.phase, own.proof = Phase.ABSENT, None
    if refusal.reaction is Reaction.SPLIT:
        order_sizes.learn(turn.symbol(side.symbol), own.lots)
    if refusal.reaction is Reaction.NOTHING_TO_REDUCE and side.holding.refused_ms is None:
        side.holding.refused_ms = turn.now_ms
    _hold_back(turn, side, own, refusal)
    _look(turn, side, refusal)
    if own.role in (Role.FLOOR, Role.WORKING):
        _stop_refused(turn, side, own, refusal)
    elif own.role is Role.TAKE_PROFIT:
        _take_profit_refused(turn, side, own, refusal)
    elif own.role is Role.TRAIL:
        side.trail_active = side.trail_active or refusal.reaction is Reaction.PRICE_THROUGH
    elif refusal.reaction in (Reaction.NOTHING_TO_REDUCE, Reaction.REDUCED_BY_OTHERS):
        side.budget_used = True


def _look(turn: Turn, side: SideState, refusal: NotDone) -> None:
    """Reads what the refusal puts in doubt, and calls a person where it asks for one."""
    if refusal.reaction in _READS:
        turn.read_account(side)
    if refusal.reaction in (Reaction.REQUANTISE, Reaction.SPLIT):
        turn.read_rules(side.symbol)
    if refusal.reaction is Reaction.SWITCH_MODE:
        turn.alarm(AlarmKind.MODE_CHANGED, side, f"{refusal.code} {refusal.message}")
    elif refusal.reaction in _PERSONS:
        turn.alarm(AlarmKind.REFUSED, side, f"{refusal.code} {refusal.message}")


def _hold_back(turn: Turn, side: SideState, own: OwnOrder, refusal: NotDone) -> None:
    """Sets the earliest time of the next order of its role."""
    at_ms = turn.now_ms + _pause_ms(turn, own, refusal)
    if own.role is Role.FLOOR or cover.is_standin(own):
        side.floor_not_before_ms = max(side.floor_not_before_ms, at_ms)
        if cover.is_standin(own):
            side.standin_not_before_ms = max(side.standin_not_before_ms, at_ms)
    elif own.role is Role.WORKING:
        side.working_not_before_ms = max(side.working_not_before_ms, at_ms)
    elif own.role is Role.TRAIL:
        side.trail_not_before_ms = max(side.trail_not_before_ms, at_ms)
    elif own.role is Role.TAKE_PROFIT:
        state = side.legs.setdefault(own.rung, LegState())
        state.not_before_ms = max(state.not_before_ms, at_ms)
    elif refusal.retry_after_ms is not None:
        for exit_ in side.exits.values():
            if exit_.order == own.client_id:
                exit_.not_before_ms = max(exit_.not_before_ms, at_ms)


def _pause_ms(turn: Turn, own: OwnOrder, refusal: NotDone) -> int:
    if refusal.retry_after_ms is not None:
        return refusal.retry_after_ms
    if refusal.reaction in (Reaction.RESEND, Reaction.RESYNC_CLOCK, Reaction.GO_MARKET):
        return turn.config.min_replace_interval_ms
    if refusal.reaction is Reaction.FREE_SLOT and own.role is Role.FLOOR:
        return turn.config.min_replace_interval_ms
    if refusal.reaction in _PERSONS or refusal.reaction is Reaction.ADOPT_SINGLETON:
        return turn.config.retry_ms * _SLOW
    return turn.config.retry_ms


def _stop_refused(turn: Turn, side: SideState, own: OwnOrder, refusal: NotDone) -> None:
    match refusal.reaction:
        case Reaction.PRICE_THROUGH:
            turn.alarm(
                AlarmKind.STOP_THROUGH, side, f"the price is past the stop at {own.ticks} ticks"
            )
            exits.start(turn, side, "STOP", emergency=True)
        case Reaction.FREE_SLOT:
            _free_slot(turn, side, own)
        case Reaction.ADOPT_SINGLETON:
            text = f"{refusal.code}: another close-position stop exists"
            turn.alarm(AlarmKind.FLOOR_BLOCKED, side, text)
        case _:
            pass


def _free_slot(turn: Turn, side: SideState, own: OwnOrder) -> None:
    """Too many conditional orders: a redundant stop leaves first, then the farthest take-profit."""
    redundant = [one for one in side.orders.values() if _is_redundant(side, one)]
    profits = sorted(
        (
            one
            for one in side.orders.values()
            if one.role in (Role.TAKE_PROFIT, Role.TRAIL) and one.book is own.book and one.may_rest
        ),
        key=lambda one: -side.side.sign * (one.ticks or 0),
    )
    for one in (*redundant, *profits):
        if turn.cancel(side, one):
            if one.role is Role.TAKE_PROFIT:
                _keep_away(turn, side, one.rung)
            return
    if own.role is Role.WORKING:
        text = f"{own.refusal}: no room for another stop; the one that rests stays"
        turn.alarm(AlarmKind.TRAILING_DEGRADED, side, text)
        side.working_not_before_ms = turn.now_ms + turn.config.retry_ms * _SLOW


def _is_redundant(side: SideState, one: OwnOrder) -> bool:
    """Whether it is a stand-in beside which a stop rests that is at least as tight."""
    if not cover.is_standin(one) or not one.is_resting or one.ticks is None:
        return False
    return any(
        other.ticks is not None and gain_ticks(side.side, one.ticks, other.ticks) >= 0
        for other in side.orders.values()
        if other is not one and cover.is_stop(other) and other.is_resting
    )


def _keep_away(turn: Turn, side: SideState, leg: int) -> None:
    """A leg that made room for a stop does not take the room again at once."""
    state = side.legs.setdefault(leg, LegState())
    state.not_before_ms = turn.now_ms + turn.config.retry_ms * _SLOW


def _take_profit_refused(turn: Turn, side: SideState, own: OwnOrder, refusal: NotDone) -> None:
    if refusal.reaction is Reaction.PRICE_THROUGH:
        exits.start(turn, side, "TAKE_PROFIT", leg=own.rung, lots=own.lots)
    elif refusal.reaction is Reaction.GO_MARKET:
        side.legs.setdefault(own.rung, LegState()).taker = True
