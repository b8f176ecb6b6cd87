"""Two instances of the service on one account: one guards, the other waits for its lease."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import cast

import anyio
import anyio.abc

from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.store.memory import DiskPlan
from quantum_exit.errors import JournalUnavailableError, LeaseHeldError, LeaseLostError
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.records import Record
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports
from tests.simulation.frozen_loop import PROCESS, FreezableLoop
from tests.simulation.schedule import HEAL_MS, Deed, Schedule, prices_of, schedule_of
from tests.simulation.shared_store import SharedDisk, SharedLeases, SharedStore
from tests.simulation.sim_world import START_MS, SimWorld

EVERY = 10
"""One schedule of so many has two instances."""
_LEASE = LeaseConfig(owner="one", ttl_ms=12_000, margin_ms=4_000)
_CHAOS_MS = 24_000
_TRY_AGAIN_S = 0.5
_FIRST, _SECOND = "one", "two"
_SLOW = (Deed.JUMP, Deed.BLOCK)


class Split(StrEnum):
    """What comes between the two."""

    RACE = "F65"
    FROZEN = "F52"
    CUT = "F65 cut off"


MARKS: Mapping[str, str] = {
    Split.RACE: "two instances start together",
    Split.FROZEN: "the instance that guards is frozen, and goes on after another took over",
    Split.CUT: "the instance that guards is cut off from the store",
}
"""What the marks of this world stand for."""


def has_two(seed: int) -> bool:
    """Whether the schedule of a number has two instances."""
    return seed % EVERY == EVERY - 1


def pair_schedule(seed: int) -> Schedule:
    """The life that belongs to a number, long enough for a lease to run out."""
    found = schedule_of(seed)
    end_ms = _CHAOS_MS + HEAL_MS
    sign = 1 if found.is_long else -1
    return replace(
        found,
        prices=prices_of(seed, found.story, _CHAOS_MS, end_ms, sign=sign),
        acts=tuple(act for act in found.acts if act.deed not in _SLOW),
        crashes=(),
        disk=DiskPlan(),
        drift_ppm=0,
        chaos_ms=_CHAOS_MS,
        end_ms=end_ms,
    )


class PairWorld(SimWorld):
    """Both instances share journal and leases; the one that guards is stopped or cut off.

    Args:
        schedule: What happens.
        split: What comes between the two; None = as the schedule's number says.
    """

    make_disk = SharedDisk
    make_loop = FreezableLoop

    def __init__(self, schedule: Schedule, *, split: Split | None = None) -> None:
        super().__init__(schedule)
        draw = Occasion(schedule.seed, "split", 0)
        self.split = draw.one_of("kind", tuple(Split)) if split is None else split
        self._begin_ms = draw.whole("begin", 2_500, 6_000)
        self._length_ms = draw.whole("length", 3_000, 20_000)
        self._records: list[Record] = []
        self._leader = ""
        self._stopped = ""
        self._pending = [self._begin_ms, self._begin_ms + self._length_ms]
        if self.split is Split.RACE:
            self._pending = []

    async def live(self) -> None:
        """The whole schedule: nobody dies in it."""
        self.lives += 1
        sight = self.checker.sight
        sight.life = self.lives
        sight.available.begin_life()
        self.disk.hits[self.split] += 1
        async with anyio.create_task_group() as group:
            group.start_soon(self.face.run)
            group.start_soon(self._instance, _FIRST)
            if self.split is not Split.RACE:
                # The second one comes when the first one guards.
                await anyio.sleep(1)
            group.start_soon(self._instance, _SECOND)
            await self._drive(group)
            await self._note_state()
            group.cancel_scope.cancel()
        sight.available.end_life()

    async def _instance(self, name: str) -> None:
        """One process; whoever runs it starts it anew when it ends."""
        PROCESS.set(name)
        while True:
            try:
                await self._guard(name)
            except (LeaseHeldError, LeaseLostError, JournalUnavailableError) as error:
                self.troubles.append(f"{self.since_ms} {name}: {error}")
            self._leaves(name)
            await anyio.sleep(_TRY_AGAIN_S)

    async def _guard(self, name: str) -> None:
        is_cut = partial(self._is_cut, name)
        clock = self.make_clock(START_MS)
        ports = Ports(
            venue=self._venue(clock),
            store=SharedStore(cast("SharedDisk", self.disk), self._records, is_cut),
            leases=SharedLeases(self.leases, is_cut),
            clock=clock,
        )
        config = replace(self.config, lease=replace(_LEASE, owner=name))
        async with open_live(ports, config, PlanningDesk()) as service:
            self._leads(name, service)
            async for event in service.events():
                self.troubles.append(f"{self.since_ms} {name}: {event}")

    def _is_cut(self, name: str) -> bool:
        return self.split is Split.CUT and self._stopped == name

    def _delivered(self) -> None:
        """Only the one that guards answers for what it was given."""
        if PROCESS.get() == self._leader != self._stopped:
            super()._delivered()

    def _leads(self, name: str, service: Service) -> None:
        took_over = self._leader not in ("", name)
        self._leader, self.service = name, service
        available = self.checker.sight.available
        self.checker.sight.disk_fails = self._is_cut(name)
        if took_over or not available.up:
            self.lives += 1
            self._restarted_ms = self.since_ms
            self.checker.sight.life = self.lives
            available.begin_life()
        available.ready()

    def _leaves(self, name: str) -> None:
        if self._leader == name:
            self._leader, self.service = "", None
            self.checker.sight.available.end_life()

    def _next_ms(self) -> int:
        return min([super()._next_ms(), *self._pending[:1]])

    def _happen(
        self, group: anyio.abc.TaskGroup | None = None, *, without_service: bool = False
    ) -> None:
        super()._happen(group, without_service=without_service)
        while self._pending and self._pending[0] <= self._true_since_ms():
            self._pending.pop(0)
            self._end() if self._stopped else self._begin()

    def _begin(self) -> None:
        """The one that guards is stopped, or cut off."""
        self._stopped = self._leader or _FIRST
        if self.split is Split.FROZEN:
            self._loop.freeze(self._stopped)
            self.service = None
        else:
            self.checker.sight.disk_fails = True
        self.checker.sight.available.end_life()

    def _end(self) -> None:
        if self.split is Split.FROZEN:
            self._loop.thaw()
        if self._leader == self._stopped:
            # Nobody took over meanwhile.
            sight = self.checker.sight
            sight.disk_fails, sight.disk_failed_ms = False, sight.now_ms
            sight.available.begin_life()
            sight.available.ready()
        self._stopped = ""

    @property
    def _loop(self) -> FreezableLoop:
        return cast("FreezableLoop", asyncio.get_running_loop())
