"""What planning, the core and people decide about a position."""

from quantum_exit.domain.keys import PositionKey
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian import cover, exits, sizes
from quantum_exit.execution.guardian.effects import Answer, ReadAccount, Replan
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
    PositionOpened,
    RulesChanged,
)
from quantum_exit.execution.guardian.regrid import regrid
from quantum_exit.execution.guardian.sides import end_position, side_of
from quantum_exit.execution.guardian.state import LegState, SideState
from quantum_exit.execution.guardian.stop_rules import gain_ticks, tighter
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.orders import Role

_MOST_COMMANDS = 1_000
_NS_PER_MS = 1_000_000


def take_opened(turn: Turn, opened: PositionOpened) -> None:
    """A new position, or a new plan of a known one.

    Raises:
        InvalidInputError: It is of another account, or its epoch is that of another position.
    """
    key = opened.key
    if key.account != turn.account.name:
        raise InvalidInputError("key.account", key.account, f"expected {turn.account.name}")
    side = side_of(turn, key.symbol, key.side)
    if side.key == key:
        turn.touch(side)
        _replan(turn, side, opened)
        return
    if key.epoch <= turn.account.last_epoch and key.epoch != side.reserved_epoch:
        allowed = f"expected at least {turn.account.last_epoch + 1}: each position has its own"
        raise InvalidInputError("key.epoch", key.epoch, allowed)
    _register(turn, side, opened)


def _register(turn: Turn, side: SideState, opened: PositionOpened) -> None:
    turn.touch(side)
    turn.account.last_epoch = max(turn.account.last_epoch, opened.key.epoch)
    side.reserved_epoch = None
    if side.plan is not None:
        end_position(turn, side, "superseded")
    side.plan = opened
    side.ended_unseen_ms = None
    side.hard_ticks = opened.hard_stop_ticks
    side.stop_ticks = _as_tight_as_before(turn, side, opened.stop_ticks)
    side.core_lots = opened.lots
    side.fills = side.closed_lots = 0
    side.floor_not_before_ms = side.working_not_before_ms = side.trail_not_before_ms = 0
    side.standin_not_before_ms = 0
    holding = side.holding
    if holding.lots == 0:
        holding.lots, holding.as_of_ms, holding.assumed = opened.lots, opened.opened_ms, True
        holding.entry_price = opened.entry_price
        holding.later.clear()
        holding.flat_stream_ms = holding.flat_audit_ms = None
    holding.ledger_lots = sizes.known_lots(side)
    turn.symbol(side.symbol).trades.wanted = True
    _go_on_with_exit(turn, side)


def _go_on_with_exit(turn: Turn, side: SideState) -> None:
    """Closes what an exit of the last position left for dust, unless somebody has added to it."""
    rest_lots, side.rest_lots = side.rest_lots, None
    if rest_lots and sizes.open_lots(side) <= rest_lots:
        exits.start(turn, side, "REST")


def _as_tight_as_before(turn: Turn, side: SideState, stop_ticks: int) -> int:
    """The stop, or that of the tightest order of ours: whose plan was lost with the state.

    What is leaving belongs to a position that has ended.
    """
    for own in side.orders.values():
        if cover.is_stop(own) and own.is_resting and own.ticks is not None:
            stop_ticks = turn.parts.stops.ratchet(side.side, stop_ticks, own.ticks)
    if side.holding.lost_stop is not None and sizes.open_lots(side) > 0:
        lost_ms, lost_ticks = side.holding.lost_stop
        # A position that has changed since may be another one, which inherits nothing.
        if lost_ms > side.holding.as_of_ms:
            stop_ticks = turn.parts.stops.ratchet(side.side, stop_ticks, lost_ticks)
    return stop_ticks


def _replan(turn: Turn, side: SideState, opened: PositionOpened) -> None:
    """Legs are numbered anew by the new plan; its stops only tighten."""
    side.plan = opened
    if side.replanning:
        side.replanning, side.grid_since_ms = False, opened.opened_ms
    side.hard_ticks = turn.parts.stops.ratchet(side.side, side.hard_ticks, opened.hard_stop_ticks)
    side.stop_ticks = turn.parts.stops.ratchet(side.side, side.stop_ticks, opened.stop_ticks)
    side.core_lots = opened.lots
    side.best_ticks, side.trail_done = None, False
    side.due_legs.clear()
    side.legs.clear()
    for own in side.orders.values():
        if own.role is Role.TAKE_PROFIT and own.filled_lots:
            side.legs[own.rung] = LegState(filled_lots=-own.filled_lots)


def take_core(turn: Turn, event: CoreEvent) -> None:
    """A decision of the core."""
    side = side_of(turn, event.key.symbol, event.key.side)
    if side.plan is None or side.plan.key != event.key:
        return
    if _is_of_former_grid(side, event):
        return
    match event.kind:
        case CoreKind.STOP_MOVED:
            _move_stop(turn, side, event.stop_ticks)
        case CoreKind.LEG_DUE:
            _leg_due(turn, side, event)
        case CoreKind.TRAIL_MOVED:
            side.best_ticks = event.best_ticks
            turn.touch(side)
        case CoreKind.PART_DUE:
            _part_due(turn, side, event)
        case CoreKind.CLOSE_ALL:
            side.core_lots = 0
            exits.start(turn, side, event.reason)


def _is_of_former_grid(side: SideState, event: CoreEvent) -> bool:
    """Whether it tells ticks or lots of a grid that has been replaced: the new plan decides anew.

    That a price was past the stop is true on every grid.
    """
    if event.kind is CoreKind.CLOSE_ALL:
        return False
    return side.replanning or event.ts_ns < side.grid_since_ms * _NS_PER_MS


def _move_stop(turn: Turn, side: SideState, stop_ticks: int | None) -> None:
    if stop_ticks is None:
        return
    moved = turn.parts.stops.ratchet(side.side, side.stop_ticks, stop_ticks)
    if moved != side.stop_ticks:
        side.stop_ticks = moved
        turn.touch(side)


def _leg_due(turn: Turn, side: SideState, event: CoreEvent) -> None:
    if event.leg is None or event.lots is None:
        return
    if exits.start(turn, side, event.reason, leg=event.leg, lots=event.lots):
        side.core_lots -= event.lots


def _part_due(turn: Turn, side: SideState, event: CoreEvent) -> None:
    if event.lots is None:
        return
    exits.start(turn, side, event.reason, lots=event.lots)
    side.core_lots -= event.lots
    side.trail_done = True


def take_rules(turn: Turn, changed: RulesChanged) -> None:
    """Rules of a symbol: what was refused for the old ones may be tried again."""
    rules = changed.rules
    name = rules.instrument.symbol
    symbol = turn.symbol(name)
    before, symbol.rules = symbol.rules, rules
    if before is not None and before != rules:
        symbol.learnt_most_lots = None
    for side in [one for one in turn.account.sides.values() if one.symbol == name]:
        turn.touch(side)
        if before is None or before.steps == rules.steps:
            continue
        symbol.grid_ms = turn.now_ms
        regrid(side, before.instrument, rules.instrument)
        if side.plan is not None:
            side.replanning = True
            turn.emit(Replan(key=side.plan.key))
            turn.read_account(side)
        elif sizes.open_lots(side) > 0:
            # It waits for a plan: the reading tells its lots and its price on the new grid.
            turn.emit(ReadAccount(symbol=name))


def take_command(turn: Turn, command: Command) -> None:
    """Carries a command out, once."""
    commands = turn.account.commands
    if command.command_id in commands:
        turn.emit(_answer(command, accepted=False, why="carried out before"))
        return
    commands.append(command.command_id)
    del commands[:-_MOST_COMMANDS]
    if command.kind is CommandKind.CLOSE_ALL:
        closing = [one for one in turn.account.sides.values() if one.plan is not None]
        for one in closing:
            exits.start(turn, one, "COMMAND")
        turn.emit(_answer(command, accepted=True, why=f"{len(closing)} positions"))
        return
    side = _guarded(turn, command.key)
    if side is None:
        turn.emit(_answer(command, accepted=False, why=f"no such position: {command.key}"))
        return
    why = _carry_out(turn, side, command)
    turn.emit(_answer(command, accepted=why is None, why=why or "under way"))
    turn.touch(side)


def _answer(command: Command, *, accepted: bool, why: str) -> Answer:
    return Answer(command_id=command.command_id, accepted=accepted, why=why)


def _guarded(turn: Turn, key: PositionKey | None) -> SideState | None:
    if key is None:
        return None
    side = turn.account.sides.get(f"{key.symbol}:{key.side}")
    return side if side is not None and side.key == key else None


def _carry_out(turn: Turn, side: SideState, command: Command) -> str | None:
    """Why it is refused, or None."""
    match command.kind:
        case CommandKind.CLOSE:
            exits.start(turn, side, "COMMAND", lots=command.lots)
        case CommandKind.RELEASE:
            side.released = True
        case CommandKind.TIGHTEN:
            return _tighten(side, command)
        case CommandKind.LOOSEN:
            return _loosen(turn, side, command)
        case CommandKind.CLOSE_ALL:
            return "close_all is not about one position"
    return None


def _tighten(side: SideState, command: Command) -> str | None:
    for now, wanted in (
        (side.stop_ticks, command.stop_ticks),
        (side.hard_ticks, command.hard_stop_ticks),
    ):
        if wanted is not None and gain_ticks(side.side, now, wanted) < 0:
            return f"{wanted} is looser than {now}"
    side.stop_ticks = command.stop_ticks or side.stop_ticks
    side.hard_ticks = command.hard_stop_ticks or side.hard_ticks
    # The floor is never nearer to the market than the working stop.
    side.stop_ticks = tighter(side.side, side.stop_ticks, side.hard_ticks)
    return None


def _loosen(turn: Turn, side: SideState, command: Command) -> str | None:
    wait_ms = turn.account.lease_ms + turn.config.proof_after_ms - turn.now_ms
    if wait_ms > 0:
        return f"the lease is new: nothing is loosened for another {wait_ms} ms"
    hard = command.hard_stop_ticks or side.hard_ticks
    stop = command.stop_ticks or side.stop_ticks
    if gain_ticks(side.side, stop, hard) > 0:
        return f"the floor at {hard} would be nearer to the market than the stop at {stop}"
    side.floor_loosened = side.floor_loosened or hard != side.hard_ticks
    side.stop_loosened = side.stop_loosened or stop != side.stop_ticks
    side.hard_ticks, side.stop_ticks = hard, stop
    return None
