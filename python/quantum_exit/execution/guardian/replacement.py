"""How one resident stop takes the place of another without a gap: a table, nothing else.

IDLE(A) -> JOURNALED(B) -> SENT(B) -> LIVE(B) -> CANCEL_SENT(A) -> IDLE(B). The old stop is not
touched before the new one is proven live and covers. Whatever happens to either stop on the way, the
table says what follows; what it does not list changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class State(StrEnum):
    """How far the replacement is."""

    IDLE = "IDLE"
    """One stop, or none yet."""
    JOURNALED = "JOURNALED"
    """The new one was asked for; nothing has been heard of it."""
    SENT = "SENT"
    """It left and its outcome is unknown."""
    LIVE = "LIVE"
    """It is proven live."""
    CANCEL_SENT = "CANCEL_SENT"
    """The cancel of the old one was asked for."""


class Seen(StrEnum):
    """What is known about the two stops."""

    WANTED = "WANTED"
    """Another stop should rest."""
    NEW_UNKNOWN = "NEW_UNKNOWN"
    NEW_LIVE = "NEW_LIVE"
    """Live, but it does not cover what is open."""
    NEW_COVERS = "NEW_COVERS"
    """Live, and it covers what is open."""
    NEW_GONE = "NEW_GONE"
    """Refused, proven absent, cancelled, expired, or it fired and ended."""
    OLD_GONE = "OLD_GONE"
    OLD_STAYS = "OLD_STAYS"
    """The cancel was not carried out, or nobody knows: the old one may still rest."""


class Action(StrEnum):
    """What is to be done."""

    NOTHING = "NOTHING"
    PLACE_NEW = "PLACE_NEW"
    CANCEL_OLD = "CANCEL_OLD"
    FORGET_NEW = "FORGET_NEW"
    """The old one stays the only one."""
    DROP_OLD = "DROP_OLD"
    """There is none any more."""
    ASK_NEW = "ASK_NEW"
    """Nobody may have told what became of it: it is to be shown again."""
    KEEP_NEW = "KEEP_NEW"
    """The new one takes the place of the old one."""


class Row(NamedTuple):
    """One transition."""

    state: State
    action: Action


TABLE = MappingProxyType(
    {
        (State.IDLE, Seen.WANTED): Row(State.JOURNALED, Action.PLACE_NEW),
        (State.IDLE, Seen.OLD_GONE): Row(State.IDLE, Action.DROP_OLD),
        (State.JOURNALED, Seen.NEW_UNKNOWN): Row(State.SENT, Action.NOTHING),
        (State.JOURNALED, Seen.NEW_LIVE): Row(State.LIVE, Action.NOTHING),
        (State.JOURNALED, Seen.NEW_COVERS): Row(State.LIVE, Action.NOTHING),
        (State.JOURNALED, Seen.NEW_GONE): Row(State.IDLE, Action.FORGET_NEW),
        (State.SENT, Seen.NEW_LIVE): Row(State.LIVE, Action.NOTHING),
        (State.SENT, Seen.NEW_COVERS): Row(State.LIVE, Action.NOTHING),
        (State.SENT, Seen.NEW_GONE): Row(State.IDLE, Action.FORGET_NEW),
        (State.LIVE, Seen.NEW_COVERS): Row(State.CANCEL_SENT, Action.CANCEL_OLD),
        # The position grew meanwhile. The next replacement starts from the new stop; the old one
        # stays as long as it is needed.
        (State.LIVE, Seen.NEW_LIVE): Row(State.IDLE, Action.KEEP_NEW),
        (State.LIVE, Seen.OLD_GONE): Row(State.IDLE, Action.KEEP_NEW),
        (State.LIVE, Seen.NEW_GONE): Row(State.IDLE, Action.FORGET_NEW),
        (State.CANCEL_SENT, Seen.OLD_GONE): Row(State.IDLE, Action.KEEP_NEW),
        (State.CANCEL_SENT, Seen.OLD_STAYS): Row(State.LIVE, Action.ASK_NEW),
        (State.CANCEL_SENT, Seen.NEW_GONE): Row(State.IDLE, Action.FORGET_NEW),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One replacement.

    Attributes:
        state: How far it is.
        old: Id of the stop that rests, or None before the first.
        new: Id of the stop that takes its place, or None while IDLE.
    """

    state: State = State.IDLE
    old: str | None = None
    new: str | None = None


def follow(state: State, seen: Seen) -> Row:
    """What follows; a pair that is not in the table changes nothing."""
    return TABLE.get((state, seen), Row(state, Action.NOTHING))


def moved(now: Replacement, row: Row, new_id: str | None = None) -> Replacement:
    """The replacement after `row`; `new_id` names the order that PLACE_NEW placed."""
    if row.action is Action.PLACE_NEW:
        return Replacement(state=row.state, old=now.old, new=new_id)
    if row.action is Action.KEEP_NEW:
        return Replacement(state=row.state, old=now.new)
    if row.action is Action.FORGET_NEW:
        return Replacement(state=row.state, old=now.old)
    if row.action is Action.DROP_OLD:
        return Replacement(state=row.state)
    return Replacement(state=row.state, old=now.old, new=now.new)
