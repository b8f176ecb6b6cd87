"""The journal in one SQLite file: the default store.

The module `sqlite3` runs in a worker thread, one call at a time. A driver with asynchronous methods
would hand each statement to a thread; here a whole group of appends is one visit, which is also
the unit of a commit.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple, Unpack

from anyio import CancelScope, CapacityLimiter, to_thread

from quantum_exit.adapters.store.group_commit import GroupCommit
from quantum_exit.adapters.store.lock import FolderLock
from quantum_exit.adapters.store.sqlite_file import SqliteFile
from quantum_exit.errors import JournalUnavailableError
from quantum_exit.execution.journal import Quarantine, Snapshot
from quantum_exit.execution.leases import (
    Lease,
    LeaseScope,
    check_acquire,
    check_not_held,
    check_ttl,
    released,
    renewed,
    taken_over,
)
from quantum_exit.execution.records import Entry, Head, Record

ArgumentTs = TypeVarTuple("ArgumentTs")
ResultT = TypeVar("ResultT")


class SqliteStore:
    """Journal, snapshots and leases in one file, whose folder belongs to one process at a time.

    It is a `JournalPort`, a `SnapshotPort` and a `LeasePort`; `open` makes one, and `async with`
    closes it.
    """

    def __init__(self, file: SqliteFile, lock: FolderLock, now_ms: Callable[[], int]) -> None:
        self._file = file
        self._lock = lock
        self._now_ms = now_ms
        self._one_at_a_time = CapacityLimiter(1)
        self._group = GroupCommit(self._write)

    @classmethod
    async def open(cls, path: Path, *, owner: str, now_ms: Callable[[], int]) -> Self:
        """Opens or creates the file `path`, checks all of it and sets aside what is damaged.

        Args:
            path: The file; its folder exists. Files of the same name with a suffix stand beside it.
            owner: Name of this process, for whoever finds the folder locked.
            now_ms: The clock by which leases run out, ms.

        Raises:
            LeaseHeldError: Another process, or another store of this one, has the folder.
            InputFileError: The file is another application's.
            JournalVersionError: It is of a version that this build cannot read.
            JournalUnavailableError: It cannot be read, written or made durable.
        """
        file, lock = await cls._aside(_open, path, owner)
        return cls(file, lock, now_ms)

    @property
    def quarantine(self) -> Quarantine | None:
        """What was set aside when the file was opened, or None."""
        return self._file.quarantine

    @property
    def head(self) -> Head:
        """End of the chain."""
        return self._file.head

    async def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries`; see `JournalPort.append`."""
        return await self._group.append(entries)

    async def read(self, after_seq: int, limit: int) -> Sequence[Record]:
        """The next records; see `JournalPort.read`."""
        return await self._call(self._file.read, after_seq, limit)

    async def save(self, snapshot: Snapshot) -> None:
        """Stores `snapshot`; see `SnapshotPort.save`."""
        await self._call(self._file.save, snapshot)

    async def latest(self) -> Snapshot | None:
        """The newest snapshot; see `SnapshotPort.latest`."""
        return await self._call(self._file.latest)

    async def acquire(
        self, scope: LeaseScope, owner: str, ttl_ms: int, *, above_epoch: int = 0
    ) -> Lease:
        """Takes over `scope`; see `LeasePort.acquire`."""
        check_acquire(scope, owner, ttl_ms, above_epoch)
        change = partial(
            taken_over,
            scope=scope,
            owner=owner,
            now_ms=self._now_ms(),
            ttl_ms=ttl_ms,
            above_epoch=above_epoch,
        )
        return await self._call(self._file.change_lease, scope, change)

    async def check_free(self, scope: LeaseScope, owner: str) -> None:
        """Whether `scope` can be had; see `LeasePort.check_free`."""
        known = await self._call(self._file.lease, scope)
        check_not_held(known, scope, owner, now_ms=self._now_ms())

    async def renew(self, lease: Lease, ttl_ms: int) -> Lease:
        """Prolongs `lease`; see `LeasePort.renew`."""
        check_ttl(ttl_ms)
        change = partial(renewed, lease=lease, now_ms=self._now_ms(), ttl_ms=ttl_ms)
        return await self._call(self._file.change_lease, lease.scope, change)

    async def release(self, lease: Lease) -> None:
        """Gives `lease` back; see `LeasePort.release`."""
        await self._call(self._file.change_lease, lease.scope, partial(released, lease=lease))

    async def aclose(self) -> None:
        """Closes the file and gives its folder free."""
        with CancelScope(shield=True):
            await self._call(self._file.close)
        self._lock.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @staticmethod
    async def _aside(
        function: Callable[[Unpack[ArgumentTs]], ResultT], *args: *ArgumentTs
    ) -> ResultT:
        return await to_thread.run_sync(function, *args)

    async def _write(self, entries: Sequence[Entry]) -> int:
        return await self._call(self._file.append, entries)

    async def _call(
        self, function: Callable[[Unpack[ArgumentTs]], ResultT], *args: *ArgumentTs
    ) -> ResultT:
        return await to_thread.run_sync(function, *args, limiter=self._one_at_a_time)


def _open(path: Path, owner: str) -> tuple[SqliteFile, FolderLock]:
    try:
        lock = FolderLock.acquire(path.absolute().parent, owner)
    except OSError as error:
        raise JournalUnavailableError("open", str(error)) from error
    try:
        return SqliteFile.open(path), lock
    except BaseException:
        lock.release()
        raise
