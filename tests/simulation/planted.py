"""Twelve defects that other engines have shipped, planted one at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from quantum_exit.adapters.binance import orders as binance_orders
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.lanes import Intent, Lane
from quantum_exit.execution.records import Head
from tests.simulation.runner import Result, run_schedule
from tests.simulation.schedule import Schedule, schedule_of
from tests.simulation.sim_world import MachineClock, SimWorld
from tests.simulation.watched_disk import WatchedDisk
from tests.unit.guardian.planted import PLANTED

_GUARDIAN = "quantum_exit.execution.guardian.guardian.Parts"
_PARAMS = "quantum_exit.adapters.binance.venue.place_params"
_LANE = "quantum_exit.execution.gateway.Lane"


class WallClock(MachineClock):
    """Timers on a wall clock that somebody sets."""

    def set_wall(self, by_ms: int) -> None:
        self.wrong_ms += by_ms


class LyingDisk(WatchedDisk):
    """Says that something is durable which is only on its way to the disk."""

    async def write(self, boot: int, frames: bytes, head: Head) -> None:
        await checkpoint()
        self._check_boot(boot)
        self._cached += frames


class EagerLane(Lane):
    """Lets the next request go before the answer to the last one is known."""

    def add(self, intent: Intent, group: TaskGroup) -> None:
        group.start_soon(self._alone, intent)

    async def _alone(self, intent: Intent) -> None:
        await self._carry_out(intent)


def _without_reduce_only(*args: Any, **options: Any) -> dict[str, str]:
    params = dict(binance_orders.place_params(*args, **options))
    params.pop("reduceOnly", None)
    return params


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One planted defect.

    Attributes:
        name: What it is called.
        found_by: Promises of which at least one must break.
    """

    name: str
    found_by: frozenset[str]


DEFECTS = (
    Defect(name="cancel first", found_by=frozenset({"P1b", "P1c", "P4"})),
    Defect(name="-1007 as reject", found_by=frozenset({"P12", "P3"})),
    Defect(name="no reduce-only", found_by=frozenset({"P2"})),
    Defect(name="random ids", found_by=frozenset({"P14", "P18", "P3", "P11", "P1d"})),
    Defect(name="resend after fill", found_by=frozenset({"P12", "P3"})),
    Defect(name="trust -2013", found_by=frozenset({"P12", "P3", "P14"})),
    Defect(name="float lots", found_by=frozenset({"P3", "P2", "P9", "P11"})),
    Defect(name="wall-clock timer", found_by=frozenset({"P8"})),
    Defect(name="no dedupe", found_by=frozenset({"P5", "P1d", "P10", "P15", "P1a"})),
    Defect(name="loosen on replace", found_by=frozenset({"P4", "P16"})),
    Defect(name="release claim early", found_by=frozenset({"P7"})),
    Defect(name="skip fsync", found_by=frozenset({"P18"})),
)


def find(defect: Defect, seeds: range) -> tuple[int, Result] | None:
    """Number of schedules that it took to find a defect, and the one that did; None = not found."""
    for number, seed in enumerate(seeds, start=1):
        result = run_planted(defect.name, schedule_of(seed))
        if any(one.promise in defect.found_by for one in result.broken):
            return number, result
    return None


def run_planted(name: str, schedule: Schedule) -> Result:
    """Runs a schedule on a service with a planted defect."""
    with planted(name):
        return run_schedule(schedule, _WORLDS.get(name, SimWorld))


@contextmanager
def planted(name: str) -> Iterator[None]:
    if name in PLANTED:
        parts: Parts = PLANTED[name]
        with patch(_GUARDIAN, lambda: parts):
            yield
    elif name == "no reduce-only":
        with patch(_PARAMS, _without_reduce_only):
            yield
    elif name == "release claim early":
        with patch(_LANE, EagerLane):
            yield
    else:
        yield


class _WallClockWorld(SimWorld):
    make_clock = WallClock


class _LyingDiskWorld(SimWorld):
    make_disk = LyingDisk


_WORLDS: Mapping[str, type[SimWorld]] = {
    "wall-clock timer": _WallClockWorld,
    "skip fsync": _LyingDiskWorld,
}
