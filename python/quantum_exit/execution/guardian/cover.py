"""What stands between a position and a loss without limit."""

from quantum_exit.execution.guardian import sizes
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase
from quantum_exit.execution.guardian.state import SideState
from quantum_exit.execution.guardian.stop_rules import gain_ticks
from quantum_exit.execution.orders import Role

UNLIMITED = 1 << 62
"""Cover of a close-position stop, and the need of a position of unknown size, in lots."""
STANDIN_RUNG = 1
"""Rung of the working stop that stands in while the floor is moved."""

STOPS = (Role.FLOOR, Role.WORKING)
"""Roles of orders that cover a position while they rest."""
_CLOSES = (Role.CLOSE, Role.EMERGENCY)


class CoverRules:
    """What counts as cover; it holds no state."""

    def may_cancel(
        self, side: SideState, own: OwnOrder, now_ms: int, config: GuardianConfig
    ) -> bool:
        """Whether the position stays covered without `own`, and by a stop as tight as that one.

        A floor leaves only beside another one or a stand-in that covers alone, and so does such a
        stand-in: where no new floor comes, it stays.

        Asked again when a cancel leaves: what was to take the place of the working stop may have
        ended since that was decided, and the floor covers as much, but lies farther away.
        """
        if own.role not in STOPS:
            return True
        if side.ended_unseen_ms is not None or _is_tightest(side, own):
            return False
        left = [one for one in side.orders.values() if one is not own and is_certain(one, side)]
        stands_in = is_standin(own) and own.left_lots >= needed_lots(side)
        if own.role is Role.FLOOR or stands_in:
            floors = (one for one in left if one.role is Role.FLOOR or is_standin(one))
            total = max((_cover_of(one, now_ms, config) for one in floors), default=0)
        else:
            total = sum(_cover_of(one, now_ms, config) for one in left)
        if config.foreign_stop_covers and has_foreign_floor(side):
            total += UNLIMITED
        return total >= needed_lots(side)


def _is_tightest(side: SideState, own: OwnOrder) -> bool:
    """Whether `own` is the working stop, and no stop as tight as it is certain to rest."""
    if own.client_id != side.working.old or side.plan is None or side.stop_loosened:
        return False
    return needed_lots(side) > 0 and not any(
        is_stop(one) and one.is_resting and is_certain(one, side) and _is_as_tight(side, one, own)
        for one in side.orders.values()
        if one is not own
    )


def _is_as_tight(side: SideState, one: OwnOrder, other: OwnOrder) -> bool:
    if one.ticks is None or other.ticks is None:
        return False
    return gain_ticks(side.side, other.ticks, one.ticks) >= 0


def is_stop(own: OwnOrder) -> bool:
    """Whether it is a floor, a working stop or a stand-in."""
    return own.role in STOPS


def is_close(own: OwnOrder) -> bool:
    """Whether it is a market close."""
    return own.role in _CLOSES


def needed_lots(side: SideState) -> int:
    """Lots that stops have to cover; without limit where nobody knows the size."""
    if side.holding.assumed and side.plan is None:
        return UNLIMITED
    return sizes.known_lots(side)


def covered_lots(side: SideState, now_ms: int, config: GuardianConfig) -> int:
    """Lots that stops cover which are proven live, or fire and have not had their time yet."""
    total = sum(_cover_of(own, now_ms, config) for own in side.orders.values())
    if config.foreign_stop_covers and has_foreign_floor(side):
        total += UNLIMITED
    return total


def has_foreign_floor(side: SideState) -> bool:
    """Whether somebody else's close-position stop rests on the loss side."""
    return any(view.close_position and view.kind == "STOP_MARKET" for view in side.foreign.values())


def is_protected(side: SideState, now_ms: int, config: GuardianConfig) -> bool:
    """Whether all that is open is covered, or is being closed inside the venue."""
    lots = sizes.open_lots(side)
    if covered_lots(side, now_ms, config) >= lots:
        return True
    closing = sum(
        own.left_lots
        for own in side.orders.values()
        if is_close(own) and own.phase is Phase.LIVE and now_ms - own.asked_ms <= config.close_ms
    )
    return closing >= lots


def stops_at_venue(side: SideState) -> int:
    """Stops of ours that may rest, counting those that are on their way."""
    return sum(1 for own in side.orders.values() if is_stop(own) and own.may_rest)


def is_standin(own: OwnOrder) -> bool:
    """Whether it stands in for the floor."""
    return own.role is Role.WORKING and own.rung == STANDIN_RUNG


def _cover_of(own: OwnOrder, now_ms: int, config: GuardianConfig) -> int:
    if not is_stop(own) or not _works(own, now_ms, config):
        return 0
    return UNLIMITED if own.role is Role.FLOOR else own.left_lots


def is_certain(own: OwnOrder, side: SideState) -> bool:
    """Whether the venue has shown it in this life of ours, and has not failed to show it since."""
    return own.proof is None and own.confirmed_ms >= side.trusted_ms


def _works(own: OwnOrder, now_ms: int, config: GuardianConfig) -> bool:
    if own.phase is Phase.FIRING:
        return own.firing_ms is not None and now_ms - own.firing_ms <= config.trigger_ms
    return own.is_resting
