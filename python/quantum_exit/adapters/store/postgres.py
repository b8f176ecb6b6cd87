"""The journal in PostgreSQL, for several hosts."""

from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from anyio import CancelScope

from quantum_exit.adapters.store.group_commit import GroupCommit
from quantum_exit.adapters.store.pages import sound_page
from quantum_exit.adapters.store.postgres_check import examine, head_at, newest_snapshot
from quantum_exit.adapters.store.postgres_schema import (
    ADD_JOURNAL,
    APPEND,
    FORMAT_VERSION,
    LOCK_FOR_TABLES,
    LOCK_LEASE,
    MOVE_HEAD,
    RAISE_EPOCH,
    SAVE_LEASE,
    SAVE_SNAPSHOT,
    SELECT_JOURNAL,
    SELECT_LEASE,
    SELECT_RECORDS,
    SERVER_CLOCK_MS,
    SET_ASIDE,
    TABLES,
    THIN_SNAPSHOTS,
)
from quantum_exit.adapters.store.postgres_session import Session
from quantum_exit.errors import InvalidInputError, LeaseLostError
from quantum_exit.execution.journal import Quarantine, Snapshot
from quantum_exit.execution.leases import (
    WHOLE_ACCOUNT,
    Lease,
    LeaseScope,
    check_acquire,
    check_not_held,
    check_ttl,
    released,
    renewed,
    taken_over,
)
from quantum_exit.execution.payloads import check_version
from quantum_exit.execution.records import START, Defect, Entry, Head, Record, link

_SNAPSHOTS_KEPT = 4


class PostgresStore:
    """Journal, snapshots and leases in a PostgreSQL database.

    It is a `JournalPort`, a `SnapshotPort` and a `LeasePort`; `open` makes one, and `async with`
    closes it. Several stores may append to one journal: their records form one chain, and once one
    of them has acquired the account, the others append nothing of an older epoch. Leases run out by
    the server's clock, so that a host with a wrong clock takes over from nobody.

    Attributes:
        head: End of the chain, as this store last saw it.
        quarantine: What was set aside when it was opened, or None.
    """

    def __init__(self, session: Session, journal: str, now_ms: Callable[[], int] | None) -> None:
        self._session = session
        self._journal = journal
        self._now_ms = now_ms
        self._group = GroupCommit(self._write)
        self.head = START
        self.quarantine: Quarantine | None = None

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        journal: str,
        deadline_ms: int = 5000,
        now_ms: Callable[[], int] | None = None,
    ) -> Self:
        """Opens or creates a journal, checks it and sets aside what is damaged.

        Args:
            dsn: Where the server is, as `postgresql://user@host/database`. Not through a pooler
                that shares connections between transactions.
            journal: Name of the journal in the database.
            deadline_ms: Longest wait for a connection and for one answer, ms.
            now_ms: The clock by which leases run out, ms; None = the server's.

        Raises:
            JournalVersionError: The journal is of a version that this build cannot read.
            JournalUnavailableError: The server cannot be reached, or does not make durable.
        """
        store = cls(Session(dsn, deadline_ms), journal, now_ms)
        try:
            await store._prepare()
        except BaseException:
            await store.aclose()
            raise
        return store

    async def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries`; see `JournalPort.append`."""
        return await self._group.append(entries)

    async def read(self, after_seq: int, limit: int) -> Sequence[Record]:
        """The next records; see `JournalPort.read`."""
        async with self._session.use("read") as connection:
            rows = await connection.fetch(SELECT_RECORDS, self._journal, after_seq, limit)
        return sound_page((tuple(row) for row in rows), after_seq)

    async def save(self, snapshot: Snapshot) -> None:
        """Stores `snapshot`; see `SnapshotPort.save`."""
        async with self._session.use("snapshot") as connection, connection.transaction():
            if await head_at(connection, self._journal, snapshot.head.seq) != snapshot.head:
                allowed = "expected the head of a record of this journal"
                raise InvalidInputError("snapshot.head", snapshot.head.seq, allowed)
            row = (*snapshot.head, snapshot.ts_ms, snapshot.payload)
            await connection.execute(SAVE_SNAPSHOT, self._journal, *row)
            await connection.execute(THIN_SNAPSHOTS, self._journal, _SNAPSHOTS_KEPT)

    async def latest(self) -> Snapshot | None:
        """The newest snapshot; see `SnapshotPort.latest`."""
        async with self._session.use("read") as connection:
            return await newest_snapshot(connection, self._journal)

    async def acquire(
        self, scope: LeaseScope, owner: str, ttl_ms: int, *, above_epoch: int = 0
    ) -> Lease:
        """Takes over `scope`; see `LeasePort.acquire`."""
        check_acquire(scope, owner, ttl_ms, above_epoch)
        change = partial(
            taken_over, scope=scope, owner=owner, ttl_ms=ttl_ms, above_epoch=above_epoch
        )
        return await self._change_lease(scope, lambda known, now: change(known, now_ms=now))

    async def check_free(self, scope: LeaseScope, owner: str) -> None:
        """Whether `scope` can be had; see `LeasePort.check_free`."""
        async with self._session.use("lease") as connection:
            known, now_ms = await self._lease(connection, scope)
        check_not_held(known, scope, owner, now_ms=now_ms)

    async def renew(self, lease: Lease, ttl_ms: int) -> Lease:
        """Prolongs `lease`; see `LeasePort.renew`."""
        check_ttl(ttl_ms)
        return await self._change_lease(
            lease.scope, lambda known, now: renewed(known, lease, now_ms=now, ttl_ms=ttl_ms)
        )

    async def release(self, lease: Lease) -> None:
        """Gives `lease` back; see `LeasePort.release`."""
        await self._change_lease(lease.scope, lambda known, _: released(known, lease))

    async def aclose(self) -> None:
        """Closes the connection."""
        with CancelScope(shield=True):
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _prepare(self) -> None:
        async with self._session.use("open") as connection, connection.transaction():
            await connection.execute(LOCK_FOR_TABLES)
            await connection.execute(TABLES)
            await connection.execute(ADD_JOURNAL, self._journal, FORMAT_VERSION, *START)
            # Locked, so that nobody appends to a chain that is being checked and cut.
            row = await connection.fetchrow(f"{SELECT_JOURNAL} FOR UPDATE", self._journal)
            check_version(f"journal {self._journal}", row["format"], FORMAT_VERSION)
            confirmed = Head(row["seq"], row["hash"])
            self.head, defect = await examine(connection, self._journal, confirmed)
            if defect is not None:
                self.quarantine = await self._set_aside(connection, defect)

    async def _set_aside(self, connection: Any, defect: Defect) -> Quarantine:
        await connection.execute(SET_ASIDE, self._journal, self.head.seq + 1, defect.reason)
        await connection.execute(MOVE_HEAD, self._journal, *self.head)
        place = "table quantum_exit.record_set_aside"
        return Quarantine(defect=defect, kept=self.head, place=place, leases_kept=True)

    async def _write(self, entries: Sequence[Entry]) -> int:
        oldest = min(entry.epoch for entry in entries)
        async with self._session.use("append") as connection:
            while True:
                records, head = link(self.head, entries)
                columns = [list(column) for column in zip(*records, strict=True)]
                moves = (*self.head, *head)
                done = await connection.execute(APPEND, self._journal, *moves, *columns, oldest)
                if done == f"INSERT 0 {len(records)}":
                    self.head = head
                    return head.seq
                row = await connection.fetchrow(SELECT_JOURNAL, self._journal)
                if row["epoch"] > oldest:
                    raise LeaseLostError(f"journal {self._journal}", oldest, row["epoch"])
                # Another host has appended; it got on, so this ends.
                self.head = Head(row["seq"], row["hash"])

    async def _change_lease(
        self, scope: LeaseScope, change: Callable[[Lease | None, int], Lease]
    ) -> Lease:
        async with self._session.use("lease") as connection, connection.transaction():
            await connection.execute(LOCK_LEASE, str(scope))
            known, now_ms = await self._lease(connection, scope)
            lease = change(known, now_ms)
            row = (*scope, lease.owner, lease.epoch, lease.expires_ms)
            await connection.execute(SAVE_LEASE, *row)
            if scope.symbol == WHOLE_ACCOUNT:
                await connection.execute(RAISE_EPOCH, self._journal, lease.epoch)
        return lease

    async def _lease(self, connection: Any, scope: LeaseScope) -> tuple[Lease | None, int]:
        """The lease of `scope` as it is known, and the time by which it runs out, ms."""
        row = await connection.fetchrow(SELECT_LEASE, *scope)
        known = None if row is None else Lease(scope=scope, **dict(row))
        own = self._now_ms
        return known, await connection.fetchval(SERVER_CLOCK_MS) if own is None else own()
