"""Ids of the orders that a position may need next: known before they are needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quantum_exit.execution.guardian.facts import PositionOpened
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.ids import MAX_ATTEMPT, MAX_RUNG, OrderIdentity
from quantum_exit.execution.orders import Role

_NEXT_EXITS = 2
_NEXT_ATTEMPTS = 2
_CLOSES = (Role.EMERGENCY, Role.CLOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What one position may send next to be closed or to get its floor.

    Attributes:
        mark: Changes whenever the ids do.
        ids: The ids.
    """

    mark: tuple[int, ...]
    ids: tuple[str, ...]


def foreseen(
    side: SideState,
    account_tag: str,
    lease_epoch: int,
    make_id: Callable[[OrderIdentity], str],
    before: Foreseen | None,
) -> Foreseen | None:
    """The ids, or None where no position is guarded; `before` where nothing has changed."""
    if side.plan is None:
        return None
    mark = _mark(side, side.plan, lease_epoch)
    if before is not None and before.mark == mark:
        return before
    ids = (
        make_id(
            OrderIdentity(
                role=role,
                account_tag=account_tag,
                lease_epoch=lease_epoch,
                position_epoch=side.plan.key.epoch,
                rung=rung,
                revision=revision,
                attempt=attempt,
            )
        )
        for role, rung, revision, attempt in _identities(side, side.plan)
    )
    return Foreseen(mark=mark, ids=tuple(ids))


def _mark(side: SideState, plan: PositionOpened, lease_epoch: int) -> tuple[int, ...]:
    running = (value for one in side.exits.values() for value in (one.number, one.attempts))
    next_exit = (side.exit_count, len(side.due_legs), len(plan.legs))
    return (lease_epoch, plan.key.epoch, _next_floor(side), *next_exit, *running)


def _next_floor(side: SideState) -> int:
    return side.revisions.get(f"{Role.FLOOR}:0", -1) + 1


def _identities(side: SideState, plan: PositionOpened) -> Iterator[tuple[Role, int, int, int]]:
    """Role, rung, revision and attempt of each."""
    yield Role.FLOOR, 0, _next_floor(side), 0
    for exit_ in side.exits.values():
        rung = MAX_RUNG if exit_.leg is None else exit_.leg
        last = min(exit_.attempts + _NEXT_ATTEMPTS, MAX_ATTEMPT + 1)
        for attempt in range(exit_.attempts, last):
            for role in _CLOSES:
                yield role, rung, exit_.number, attempt
    for number in range(side.exit_count, side.exit_count + _NEXT_EXITS):
        for attempt in range(_NEXT_ATTEMPTS):
            for role in _CLOSES:
                yield role, MAX_RUNG, number, attempt
    for leg in plan.legs:
        if leg.leg not in side.due_legs:
            yield Role.CLOSE, leg.leg, side.exit_count, 0
