"""The table of the replacement, explored with every order of what can happen to two stops."""

from collections import deque
from typing import NamedTuple

import pytest

from quantum_exit.execution.guardian.replacement import (
    TABLE,
    Action,
    Replacement,
    Row,
    Seen,
    State,
    follow,
    moved,
)


class Stop(NamedTuple):
    """The truth about a stop, and what is known of it."""

    there: bool = False
    ended: bool = False
    on_its_way: bool = False
    known: str = "none"  # none, unknown, live, gone
    leaving: str = "no"  # no, asked (under way), refused


class World(NamedTuple):
    """Stops `old` and `new` (by number), and whether the new one covers what is open."""

    state: State
    old: Stop | None
    new: Stop | None
    extra: tuple[Stop, ...] = ()
    covers: bool = True
    replaced: int = 0


START = World(State.IDLE, Stop(there=True, known="live"), None)
MOST_REPLACEMENTS = 3


def seen(world: World) -> list[Seen]:
    """What a reader of the known facts may report."""
    if world.state is State.IDLE:
        return seen_idle(world)
    if world.new is None or world.new.known == "gone":
        return [Seen.NEW_GONE]
    if world.state in (State.LIVE, State.CANCEL_SENT):
        if world.old is None or world.old.known == "gone":
            return [Seen.OLD_GONE]
        if world.state is State.CANCEL_SENT:
            return [Seen.OLD_STAYS] if world.old.leaving == "refused" else []
    live = Seen.NEW_COVERS if world.covers else Seen.NEW_LIVE
    return {"unknown": [Seen.NEW_UNKNOWN], "live": [live]}.get(world.new.known, [])


def seen_idle(world: World) -> list[Seen]:
    if world.old is not None and world.old.known == "gone":
        return [Seen.OLD_GONE]
    # Whoever asks the table asks for no more than three stops at once.
    may_place = world.replaced < MOST_REPLACEMENTS and count(world) < 3
    return [Seen.WANTED] if may_place else []


def reacted(world: World, row: Row) -> World:
    """The world after the guardian took one row."""
    world = world._replace(state=row.state)
    match row.action:
        case Action.PLACE_NEW:
            placed = Stop(on_its_way=True)
            return world._replace(new=placed, covers=True, replaced=world.replaced + 1)
        case Action.CANCEL_OLD:
            assert world.new is not None
            assert world.new.known == "live", "cancelled before the new one was proven live"
            assert world.covers, "cancelled before the new one covers"
            assert world.old is not None
            return world._replace(old=world.old._replace(leaving="asked"))
        case Action.KEEP_NEW:
            left = () if world.old is None else (world.old,)
            return world._replace(old=world.new, new=None, extra=(*world.extra, *left))
        case Action.FORGET_NEW:
            return world._replace(new=None)
        case Action.DROP_OLD:
            return world._replace(old=None)
        case Action.ASK_NEW | Action.NOTHING:
            return world


def happenings(world: World) -> list[World]:
    """Everything that the venue and the network can do next."""
    found = []
    if world.old is not None:
        found += [world._replace(old=stop) for stop in fates(world.old)]
    if world.new is not None:
        found += [world._replace(new=stop) for stop in fates(world.new)]
    # A position that grows under a cancel that is on its way is uncovered by whoever added to it.
    if world.new is not None and world.covers and (world.old is None or world.old.leaving == "no"):
        found.append(world._replace(covers=False))
    return found


def fates(stop: Stop) -> list[Stop]:
    found = []
    if stop.on_its_way:
        found.append(stop._replace(on_its_way=False, there=True))
        found.append(stop._replace(on_its_way=False, ended=True))
        if stop.known == "none":
            found.append(stop._replace(known="unknown"))
    if stop.there and stop.known in ("none", "unknown"):
        found.append(stop._replace(known="live"))
    if stop.ended and stop.known != "gone":
        found.append(stop._replace(known="gone"))
    if stop.leaving == "asked":
        found.append(stop._replace(leaving="refused"))
        if stop.there:
            found.append(stop._replace(there=False, ended=True))
    return found


def is_covered(world: World) -> bool:
    """Whether a stop rests at the venue: the old size, or the new one where it covers."""
    old = world.old is not None and world.old.there
    new = world.new is not None and world.new.there and world.covers
    return old or new or any(stop.there for stop in world.extra)


def test_no_order_of_events_uncovers_the_position_by_a_request_of_ours() -> None:
    explored = {START}
    queue = deque([START])
    while queue:
        world = queue.popleft()
        following = [reacted(world, follow(world.state, one)) for one in seen(world)]
        following += happenings(world)
        for one in following:
            assert is_covered(one), (world, one)
            assert count(one) <= 3, (world, one)
            if one not in explored:
                explored.add(one)
                queue.append(one)

    assert {world.state for world in explored} == set(State)
    assert len(explored) > 200


def count(world: World) -> int:
    stops = (*world.extra, world.old, world.new)
    return sum(1 for stop in stops if stop is not None and stop.there)


def test_every_state_is_left_again() -> None:
    for state in State:
        assert any(start is state and row.state is not state for (start, _), row in TABLE.items())


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("what", Seen)
def test_what_the_table_does_not_list_changes_nothing(state: State, what: Seen) -> None:
    if (state, what) not in TABLE:
        assert follow(state, what) == Row(state, Action.NOTHING)


def test_only_a_proven_cover_cancels_the_old_stop() -> None:
    cancels = {pair for pair, row in TABLE.items() if row.action is Action.CANCEL_OLD}

    assert cancels == {(State.LIVE, Seen.NEW_COVERS)}


def test_a_refused_replacement_leaves_the_old_stop() -> None:
    for state in (State.JOURNALED, State.SENT, State.LIVE, State.CANCEL_SENT):
        now = Replacement(state=state, old="a", new="b")

        after = moved(now, follow(state, Seen.NEW_GONE))

        assert after == Replacement(old="a")


def test_a_replacement_runs_from_one_stop_to_the_next() -> None:
    now = Replacement(old="a")
    states = []
    for what, new in ((Seen.WANTED, "b"), (Seen.NEW_UNKNOWN, None), (Seen.NEW_COVERS, None)):
        now = moved(now, follow(now.state, what), new)
        states.append(now.state)
    for what in (Seen.NEW_COVERS, Seen.OLD_STAYS, Seen.NEW_COVERS, Seen.OLD_GONE):
        now = moved(now, follow(now.state, what))
        states.append(now.state)

    assert [state.value for state in states] == [
        "JOURNALED",
        "SENT",
        "LIVE",
        "CANCEL_SENT",
        "LIVE",
        "CANCEL_SENT",
        "IDLE",
    ]
    assert now == Replacement(old="b")
