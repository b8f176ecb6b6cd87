"""The process is killed at every callback of a canonical life, and started again."""

from dataclasses import dataclass

from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.store.memory import DiskPlan
from tests.simulation.promises.base import Broken
from tests.simulation.runner import run_schedule
from tests.simulation.schedule import Act, Deed, Schedule, Story, prices_of
from tests.simulation.sim_world import SimWorld

_ENTER_MS = 300
_CHAOS_MS = 5_000
_HEAL_MS = 9_000
STORIES = (Story.ENTRY, Story.LADDER, Story.TRAIL, Story.STOP, Story.OUTAGE, Story.RESTART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One crash.

    Attributes:
        story: The life that it cuts.
        at: Number of the callback before which the process dies.
        broken: Promises that were not kept.
        recovery_ms: Available time from each restart until the service was ready and what was
            open was covered.
    """

    story: Story
    at: int
    broken: tuple[Broken, ...]
    recovery_ms: tuple[int, ...]


def canonical(story: Story) -> Schedule:
    """A short life; an outage is its only fault.

    Args:
        story: One of `STORIES`.
    """
    end_ms = _CHAOS_MS + _HEAL_MS
    return Schedule(
        seed=0,
        story=story,
        hedge=False,
        is_long=True,
        lots=1_000,
        latency_ms=20,
        rules=VenueRules(),
        rates={"F06": 0.05} if story is Story.OUTAGE else {},
        prices=prices_of(0, story, _CHAOS_MS, end_ms, sign=1),
        acts=(
            Act(at_ms=_ENTER_MS, deed=Deed.ENTER, amount=1_000),
            Act(at_ms=_ENTER_MS + 20, deed=Deed.PROTECT),
        ),
        crashes=(),
        disk=DiskPlan(fsync_ms=1.0),
        drift_ppm=0,
        chaos_ms=_CHAOS_MS,
        end_ms=end_ms,
    )


def count(story: Story) -> int:
    """How many callbacks the eventful part of an uncut life takes."""
    worlds: list[SimWorld] = []

    def make(schedule: Schedule) -> SimWorld:
        worlds.append(SimWorld(schedule))
        return worlds[0]

    run_schedule(canonical(story), make)
    return worlds[0].chaos_steps


def kill(story: Story, at: int, again: int | None = None) -> Point:
    """Kills the process before a callback and judges what follows.

    Args:
        story: One of `STORIES`.
        at: Number of the callback in the first life.
        again: Number of the callback in the second life, while it recovers, or None.
    """
    kills = {1: at} if again is None else {1: at, 2: again}
    result = run_schedule(canonical(story), lambda schedule: SimWorld(schedule, kills))
    return Point(story=story, at=at, broken=result.broken, recovery_ms=result.recovery_ms)
