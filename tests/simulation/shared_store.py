"""One journal and one table of leases that two machines share, each over a way of its own."""

from collections.abc import Callable, Sequence

import anyio

from quantum_exit.adapters.store.frames import encode_frame
from quantum_exit.adapters.store.group_commit import GroupCommit
from quantum_exit.adapters.store.memory import MemoryStore
from quantum_exit.adapters.store.memory_leases import MemoryLeases
from quantum_exit.errors import JournalUnavailableError
from quantum_exit.execution.leases import Lease, LeaseScope
from quantum_exit.execution.records import START, Entry, Head, Record, link
from tests.simulation.watched_disk import WatchedDisk

_WAY_S = 0.002
_NO_WAY = "no route to host"


class SharedDisk(WatchedDisk):
    """The disk of a database server: an append happens there at one moment, whole.

    Attributes:
        head: End of the chain.
        records: The chain.
    """

    head: Head = START

    def put(self, records: Sequence[Record], head: Head) -> None:
        """Appends durably."""
        self._synced += b"".join(map(encode_frame, records))
        self._confirmed = self.head = head


class SharedStore(MemoryStore):
    """What one machine sees of the journal.

    Args:
        disk: The server's disk.
        records: The chain, which all machines share.
        is_cut: Whether this machine cannot reach the server now.
    """

    def __init__(self, disk: SharedDisk, records: list[Record], is_cut: Callable[[], bool]) -> None:
        super().__init__(disk)
        self._server = disk
        self._records = records
        self._is_cut = is_cut
        self._group = GroupCommit(self._write)

    async def read(self, after_seq: int, limit: int) -> Sequence[Record]:
        """The next records; see `JournalPort.read`."""
        await self._reach("read")
        return await super().read(after_seq, limit)

    async def _write(self, entries: Sequence[Entry]) -> int:
        await self._reach("append")
        records, head = link(self._server.head, entries)
        self._server.put(records, head)
        self._records += records
        self.head = head
        await self._reach("append")
        return head.seq

    async def _reach(self, operation: str) -> None:
        await anyio.sleep(_WAY_S)
        if self._is_cut():
            raise JournalUnavailableError(operation, _NO_WAY)


class SharedLeases:
    """What one machine sees of the leases: a `LeasePort`.

    Args:
        leases: The server's.
        is_cut: Whether this machine cannot reach the server now.
    """

    def __init__(self, leases: MemoryLeases, is_cut: Callable[[], bool]) -> None:
        self._leases = leases
        self._is_cut = is_cut

    async def acquire(
        self, scope: LeaseScope, owner: str, ttl_ms: int, *, above_epoch: int = 0
    ) -> Lease:
        """Takes over `scope`; see `LeasePort.acquire`."""
        await self._reach("acquire")
        return await self._leases.acquire(scope, owner, ttl_ms, above_epoch=above_epoch)

    async def check_free(self, scope: LeaseScope, owner: str) -> None:
        """Whether `scope` can be had; see `LeasePort.check_free`."""
        await self._reach("lease")
        await self._leases.check_free(scope, owner)

    async def renew(self, lease: Lease, ttl_ms: int) -> Lease:
        """Prolongs `lease`; see `LeasePort.renew`."""
        await self._reach("renew")
        return await self._leases.renew(lease, ttl_ms)

    async def release(self, lease: Lease) -> None:
        """Gives `lease` back; see `LeasePort.release`."""
        await self._reach("release")
        await self._leases.release(lease)

    async def _reach(self, operation: str) -> None:
        await anyio.sleep(_WAY_S)
        if self._is_cut():
            raise JournalUnavailableError(operation, _NO_WAY)
