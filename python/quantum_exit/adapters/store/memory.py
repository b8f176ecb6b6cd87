"""A journal on a simulated disk: what is lost in a crash is what was not synced.

For deterministic simulation and for tests: everything happens on the caller's loop, also in
virtual time, and nothing is drawn at random; whoever simulates says what fails and what a crash
leaves.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import anyio
from anyio.lowlevel import checkpoint

from quantum_exit.adapters.store.frames import Frames, decode_frames, encode_frame
from quantum_exit.adapters.store.group_commit import GroupCommit
from quantum_exit.errors import InvalidInputError, JournalUnavailableError
from quantum_exit.execution.journal import Quarantine, Snapshot
from quantum_exit.execution.records import START, Defect, Entry, Head, Record, link


class DiskFault(Enum):
    """How a write fails."""

    FULL = "No space left on device"
    WRITE = "Input/output error"
    FSYNC = "fsync: Input/output error"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskPlan:
    """What a simulated disk does.

    Attributes:
        faults: How the n-th group of appends fails, n from 1; the others do not.
        fsync_ms: How long an fsync takes, ms of the loop's time.
        slow_fsync_ms: The same for the n-th group of appends.
    """

    faults: Mapping[int, DiskFault] = field(default_factory=lambda: MappingProxyType({}))
    fsync_ms: float = 0.0
    slow_fsync_ms: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))


class MemoryDisk:
    """The disk of a simulated machine; it outlives the stores on it.

    Attributes:
        plan: What it does; may be replaced at any time.
        writes: Groups of appends so far.
        snapshots: Durable snapshots by the place of their head.
        set_aside: Bytes that a store found damaged when it was opened, oldest first.
    """

    def __init__(self, plan: DiskPlan | None = None) -> None:
        self.plan = DiskPlan() if plan is None else plan
        self.writes = 0
        self.snapshots: dict[int, Snapshot] = {}
        self.set_aside: list[bytes] = []
        self._synced = bytearray()
        self._cached = bytearray()
        self._confirmed: Head | None = None
        self._boot = 0

    @property
    def durable(self) -> bytes:
        """What a crash leaves for certain: frames of records, see `decode_frames`."""
        return bytes(self._synced)

    @property
    def visible(self) -> bytes:
        """What a process reads: what is durable and what waits to be."""
        return bytes(self._synced + self._cached)

    @property
    def unsynced_bytes(self) -> int:
        """How much a crash may take."""
        return len(self._cached)

    @property
    def boot(self) -> int:
        """How often it crashed."""
        return self._boot

    def crash(self, *, keep_bytes: int = 0) -> None:
        """Ends every store on it; of what was not synced, only the first `keep_bytes` stay.

        Anything between none and `unsynced_bytes` is something that a real disk does; most of it
        tears a record.
        """
        self._synced += self._cached[:keep_bytes]
        self._cached.clear()
        self._boot += 1

    def flip(self, position: int, mask: int = 1) -> None:
        """Flips the bits of `mask` in the durable byte at `position`."""
        self._synced[position] ^= mask

    def cut(self, length: int) -> None:
        """Shortens what is durable to `length` bytes."""
        del self._synced[length:]

    async def write(self, boot: int, frames: bytes, head: Head) -> None:
        """Stores `frames` durably, which lead to the end `head`.

        Raises:
            OSError: It failed as planned, or the machine crashed after boot `boot`.
        """
        self.writes += 1
        number, fault = self.writes, self.plan.faults.get(self.writes)
        if fault in (DiskFault.FULL, DiskFault.WRITE):
            raise OSError(errno.ENOSPC if fault is DiskFault.FULL else errno.EIO, fault.value)
        self._check_boot(boot)
        self._cached += frames
        await anyio.sleep(self.plan.slow_fsync_ms.get(number, self.plan.fsync_ms) / 1000)
        self._check_boot(boot)
        if fault is DiskFault.FSYNC:
            raise OSError(errno.EIO, fault.value)
        self._sync()
        self._confirmed = head

    def open(self) -> tuple[Frames, Defect | None]:
        """Reads what is there, sets aside what is damaged, and makes the rest durable."""
        content = self.visible
        frames = decode_frames(content)
        head, defect = frames.head, frames.defect
        if defect is None and self._confirmed is not None and self._confirmed.seq > head.seq:
            reason = f"missing: records up to {self._confirmed.seq} were confirmed"
            defect = Defect(seq=head.seq + 1, reason=reason)
        if defect is not None:
            self.set_aside.append(content[frames.sound_bytes :])
        self._cached = bytearray(content[: frames.sound_bytes])
        self._synced.clear()
        self._sync()
        self._confirmed = head
        return frames, defect

    def _sync(self) -> None:
        self._synced += self._cached
        self._cached.clear()

    def _check_boot(self, boot: int) -> None:
        if boot != self._boot:
            msg = "the machine has crashed"
            raise OSError(msg)


class MemoryStore:
    """Journal and snapshots on a simulated disk: a `JournalPort` and a `SnapshotPort`.

    Attributes:
        head: End of the chain.
        quarantine: What was set aside when it was opened, or None.
    """

    def __init__(self, disk: MemoryDisk) -> None:
        self._disk = disk
        self._boot = disk.boot
        self._failure: str | None = None
        self._group = GroupCommit(self._write)
        frames, defect = disk.open()
        self._records = list(frames.records)
        self.head = frames.head
        self.quarantine = None if defect is None else _quarantine(defect, frames.head)

    async def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries`; see `JournalPort.append`."""
        return await self._group.append(entries)

    async def read(self, after_seq: int, limit: int) -> Sequence[Record]:
        """The next records; see `JournalPort.read`."""
        await checkpoint()
        self._check_usable("read")
        return self._records[after_seq : after_seq + limit]

    async def save(self, snapshot: Snapshot) -> None:
        """Stores `snapshot`; see `SnapshotPort.save`."""
        await checkpoint()
        self._check_usable("snapshot")
        if self._head_at(snapshot.head.seq) != snapshot.head:
            allowed = "expected the head of a record of this journal"
            raise InvalidInputError("snapshot.head", snapshot.head.seq, allowed)
        self._disk.snapshots[snapshot.head.seq] = snapshot

    async def latest(self) -> Snapshot | None:
        """The newest snapshot; see `SnapshotPort.latest`."""
        await checkpoint()
        self._check_usable("read")
        for seq in sorted(self._disk.snapshots, reverse=True):
            if self._head_at(seq) == self._disk.snapshots[seq].head:
                return self._disk.snapshots[seq]
        return None

    def _head_at(self, seq: int) -> Head | None:
        if seq == self.head.seq:
            return self.head
        if seq == START.seq:
            return START
        return Head(seq, self._records[seq].prev_hash) if seq < self.head.seq else None

    async def _write(self, entries: Sequence[Entry]) -> int:
        self._check_usable("append")
        records, head = link(self.head, entries)
        try:
            await self._disk.write(self._boot, b"".join(map(encode_frame, records)), head)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                self._failure = str(error)
            raise JournalUnavailableError("append", str(error)) from error
        self._records += records
        self.head = head
        return head.seq

    def _check_usable(self, operation: str) -> None:
        if self._boot != self._disk.boot:
            self._failure = "the machine has crashed"
        if self._failure is not None:
            raise JournalUnavailableError(operation, f"open it anew, it failed: {self._failure}")


def _quarantine(defect: Defect, kept: Head) -> Quarantine:
    return Quarantine(defect=defect, kept=kept, place="MemoryDisk.set_aside", leases_kept=True)
