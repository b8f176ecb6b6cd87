"""The disk of the simulated machine: it tells when it fails, and what it kept."""

import errno
from collections import Counter
from random import Random

from quantum_exit.adapters.store.frames import Frames
from quantum_exit.adapters.store.memory import DiskPlan, MemoryDisk
from quantum_exit.execution.records import Defect, Head
from tests.simulation.promises.base import Sight
from tests.simulation.schedule import Crash

TORN = "F62"
MARKS = {TORN: "sectors of anything at the end of the journal after a crash"}
"""What the marks of this injector stand for."""


class WatchedDisk(MemoryDisk):
    """Tells when it fails.

    Args:
        plan: What it does.
        sight: Learns of it.
    """

    def __init__(self, plan: DiskPlan, sight: Sight) -> None:
        super().__init__(plan)
        self._sight = sight
        self._promised = b""
        self.hits: Counter[str] = Counter()
        self.needs_restart = False

    def die(self, crash: Crash) -> None:
        """The machine loses its power: what was not synced is lost, torn or garbled."""
        self._promised = self.durable
        self.crash(keep_bytes=int(crash.keep_frac * self.unsynced_bytes))
        if crash.torn_bytes:
            # What was being written when it happened: sectors of anything.
            kept = len(self.durable) - len(self._promised)
            self.cut(len(self._promised) + kept // 2)
            self._cached += Random(crash.at_ms).randbytes(crash.torn_bytes)
            self.hits[TORN] += 1

    def open(self) -> tuple[Frames, Defect | None]:
        """Reads what is there; see `MemoryDisk.open`."""
        frames, defect = super().open()
        text = "what was acknowledged as durable is gone after a restart"
        kept = self.durable.startswith(self._promised)
        if self._promised:
            self._sight.findings.check("P19", kept, self._sight.moment.now_ms, text)
        return frames, defect

    async def write(self, boot: int, frames: bytes, head: Head) -> None:
        """Stores `frames`; see `MemoryDisk.write`."""
        slow_ms = self.plan.slow_fsync_ms.get(self.writes + 1)
        if slow_ms is not None:
            self.hits["F63"] += 1
            self._sight.available.stall(round(slow_ms))
        try:
            await super().write(boot, frames, head)
        except OSError as error:
            self.hits["F63"] += 1
            self._sight.disk_fails = True
            self._sight.disk_failed_ms = self._sight.available.now_ms
            self.needs_restart = error.errno != errno.ENOSPC
            raise
        self._sight.disk_fails = self.needs_restart
