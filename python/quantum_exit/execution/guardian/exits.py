"""Market closes of one side: one attempt at a time for each decision, until it is carried out."""

from dataclasses import replace

from quantum_exit.execution.guardian import cover, order_sizes, reduce_budget, settle, sizes
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import AlarmKind
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.state import Exit, LegState, SideState
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.ids import MAX_ATTEMPT, MAX_RUNG
from quantum_exit.execution.orders import MarketClose


def start(
    turn: Turn,
    side: SideState,
    reason: str,
    *,
    leg: int | None = None,
    lots: int | None = None,
    emergency: bool = False,
) -> bool:
    """Decides to close; whether that is a new decision.

    A leg is closed once, and all that is open by one exit at a time.

    Args:
        turn: The step.
        side: The side of the position.
        reason: Why.
        leg: The leg to carry out, or None.
        lots: Lots to close, or None = all that is open.
        emergency: Whether the position cannot be protected.
    """
    turn.touch(side)
    if leg is not None:
        if leg in side.due_legs:
            return False
        side.due_legs.add(leg)
    elif lots is None and (running := closing_all(side)) is not None:
        running.emergency = running.emergency or emergency
        return False
    number = side.exit_count
    side.exit_count += 1
    side.exits[number] = Exit(
        number=number, reason=reason, leg=leg, goal_lots=lots, emergency=emergency
    )
    return True


def closing_all(side: SideState) -> Exit | None:
    """The exit that closes all that is open, if one is being carried out."""
    return next((one for one in side.exits.values() if one.goal_lots is None), None)


def promised_lots(side: SideState) -> int:
    """Lots that exits of a part are still to close."""
    return sum(
        max(0, exit_.goal_lots - exit_.done_lots)
        for exit_ in side.exits.values()
        if exit_.goal_lots is not None
    )


def makes_room(side: SideState, client_id: str, config: GuardianConfig) -> bool:
    """Whether an order keeps a running exit from reducing, so that it has to leave first."""
    if not side.exits or not _budget_counts(side, config):
        return False
    open_lots = _closable(side)
    lots = open_lots if closing_all(side) is not None else min(promised_lots(side), open_lots)
    going = reduce_budget.in_the_way(side.side, open_lots, lots, side.orders.values())
    return any(own.client_id == client_id for own in going)


def drive(turn: Turn, side: SideState) -> None:
    """Takes every exit one step further."""
    for exit_ in list(side.exits.values()):
        attempt = None if exit_.order is None else side.orders.get(exit_.order)
        if not turn.parts.exits.may_try_again(attempt):
            _supervise(turn, side, attempt)
            continue
        if exit_.order is not None:
            _take_result(turn, side, exit_, attempt)
        if _is_complete(exit_) or _is_part_of_another(side, exit_):
            _finish(side, exit_)
        else:
            _attempt(turn, side, exit_)


def _supervise(turn: Turn, side: SideState, attempt: OwnOrder | None) -> None:
    """A close that the venue took and that has not been heard of since is asked about."""
    if attempt is None or attempt.phase is not Phase.LIVE or attempt.proof is not None:
        return
    at_ms = max(attempt.confirmed_ms, attempt.asked_ms) + turn.config.retry_ms
    if turn.now_ms < at_ms:
        turn.wake(side, at_ms)
    else:
        settle.miss(attempt, turn.now_ms)


def _take_result(turn: Turn, side: SideState, exit_: Exit, attempt: OwnOrder | None) -> None:
    filled = 0 if attempt is None else attempt.filled_lots
    exit_.order = None
    exit_.done_lots += filled
    exit_.failures = 0 if filled else exit_.failures + 1
    pause_ms = turn.parts.exits.pause_ms(exit_.failures, turn.config)
    exit_.not_before_ms = max(exit_.not_before_ms, turn.now_ms + pause_ms)
    if exit_.failures >= turn.config.alarm_after_attempts:
        text = f"exit {exit_.reason}: {exit_.failures} attempts in a row closed nothing"
        turn.alarm(AlarmKind.EXIT_STRUGGLES, side, text)
    elif filled:
        turn.calm(AlarmKind.EXIT_STRUGGLES, side)


def _is_complete(exit_: Exit) -> bool:
    return exit_.goal_lots is not None and exit_.done_lots >= exit_.goal_lots


def _is_part_of_another(side: SideState, exit_: Exit) -> bool:
    """Whether all that is open is being closed, and this part with it.

    Two exits would hold each other up: what a thin book has goes to the one, and the other takes
    itself for one that closes nothing and pauses.
    """
    return exit_.goal_lots is not None and closing_all(side) is not None


def _attempt(turn: Turn, side: SideState, exit_: Exit) -> None:
    in_air = sum(own.left_lots for own in side.orders.values() if _is_in_air(own, exit_))
    reducible = sizes.open_lots(side) - in_air
    most = order_sizes.most_market_lots(turn.symbol(side.symbol))
    if _budget_counts(side, turn.config):
        closable = _closable(side)
        most = closable if most is None else min(most, closable)
    lots = turn.parts.exits.next_lots(exit_, reducible, most)
    if lots == 0:
        if exit_.goal_lots is not None and reducible <= 0 and in_air == 0:
            _finish(side, exit_)
        return
    if turn.now_ms < exit_.not_before_ms:
        turn.wake(side, exit_.not_before_ms)
        return
    if _has_room(turn, side, lots):
        _send(turn, side, exit_, lots)


def _is_in_air(own: OwnOrder, exit_: Exit) -> bool:
    """Whether another close may still reduce what this exit is after.

    An exit of all that is open does not wait for the proof that a part's close is absent: should
    that one execute after all, each of the two can only reduce.
    """
    if exit_.goal_lots is None and own.phase is Phase.UNKNOWN:
        return False
    return cover.is_close(own) and own.may_rest


def _has_room(turn: Turn, side: SideState, lots: int) -> bool:
    """Whether nothing of ours keeps the close from reducing; what does is asked to leave.

    Orders that do not leave in time do not hold the close back: the venue decides then.
    """
    if not _budget_counts(side, turn.config):
        return True
    going = reduce_budget.in_the_way(side.side, _closable(side), lots, side.orders.values())
    for own in going:
        turn.cancel(side, own)
    until_ms = max((own.leave_ms for own in going), default=0) + turn.config.retry_ms
    if not going or turn.now_ms >= until_ms:
        return True
    turn.wake(side, until_ms)
    return False


def _closable(side: SideState) -> int:
    return reduce_budget.left_by_others(sizes.open_lots(side), side.foreign.values())


def _budget_counts(side: SideState, config: GuardianConfig) -> bool:
    return side.budget_used or config.reduce_only_budget


def _send(turn: Turn, side: SideState, exit_: Exit, lots: int) -> None:
    if side.plan is None:
        return
    if exit_.attempts > MAX_ATTEMPT:
        exit_ = _renumbered(side, exit_)
    order = MarketClose(key=side.plan.key, lots=lots, emergency=exit_.emergency, leg=exit_.leg)
    rung = MAX_RUNG if exit_.leg is None else exit_.leg
    placed = turn.place(side, order, rung, revision=exit_.number, attempt=exit_.attempts)
    if placed is not None:
        exit_.order = placed.client_id
        exit_.attempts += 1


def _renumbered(side: SideState, exit_: Exit) -> Exit:
    """The same exit under a new number: its ids have run out of attempts."""
    del side.exits[exit_.number]
    number = side.exit_count
    side.exit_count += 1
    side.exits[number] = renumbered = replace(exit_, number=number, attempts=0)
    return renumbered


def _finish(side: SideState, exit_: Exit) -> None:
    del side.exits[exit_.number]
    if exit_.leg is not None:
        side.legs.setdefault(exit_.leg, LegState()).filled_lots += exit_.done_lots
