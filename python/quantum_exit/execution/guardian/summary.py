"""The state of the guardian as people and metrics read it."""

from quantum_exit.execution.guardian import cover, sizes
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.state import AccountState, SideState
from quantum_exit.execution.guardian.status import GuardianStatus, PositionStatus
from quantum_exit.execution.orders import Role


def status_of(account: AccountState, now_ms: int, config: GuardianConfig) -> GuardianStatus:
    """The whole account as of now."""
    sides = sorted(account.sides.values(), key=lambda side: (side.symbol, side.side))
    return GuardianStatus(
        positions=tuple(
            status
            for side in sides
            if (status := position_status(side, now_ms, config)) is not None
        ),
        unguarded=tuple(
            f"{side.symbol} {side.side}"
            for side in sides
            if side.plan is None and sizes.open_lots(side) > 0
        ),
        unknown=tuple(
            own.client_id
            for side in sides
            for own in side.orders.values()
            if own.phase is Phase.UNKNOWN
        ),
        lease_epoch=account.lease_epoch,
        gaps=tuple(sorted(account.gaps)),
        dust=tuple(f"{side.symbol} {side.side} {side.dust}" for side in sides if side.dust != "0"),
    )


def position_status(side: SideState, now_ms: int, config: GuardianConfig) -> PositionStatus | None:
    """One side as of now, or None where no position is guarded."""
    if side.plan is None:
        return None
    resting = [own for own in side.orders.values() if own.is_resting]
    floor = _first(resting, Role.FLOOR)
    working = _first(resting, Role.WORKING)
    return PositionStatus(
        key=side.plan.key,
        lots=sizes.open_lots(side),
        floor_ticks=None if floor is None else floor.ticks,
        working_ticks=None if working is None else working.ticks,
        working_lots=0 if working is None else working.left_lots,
        take_profits=sum(1 for own in resting if own.role is Role.TAKE_PROFIT),
        protected=cover.is_protected(side, now_ms, config),
        naked_since_ms=side.naked_since_ms,
        exits=len(side.exits),
        degraded=tuple(sorted(side.alarms)),
    )


def _first(resting: list[OwnOrder], role: Role) -> OwnOrder | None:
    found = (own for own in resting if own.role is role and not cover.is_standin(own))
    return next(found, None)
