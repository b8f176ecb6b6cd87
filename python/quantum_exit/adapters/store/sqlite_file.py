"""One SQLite file that holds a journal, its snapshots and the leases; blocking.

Only this connection writes and checkpoints, which also keeps clear of the fault by which SQLite
before 3.51.3 could damage a file that two connections checkpoint; commands open it to read only.
A failed fsync is
not repeated, because the system may have dropped what it could not write and report success the
next time: the file refuses everything from then on, until a new process has opened it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Self

from quantum_exit.adapters.store.pages import sound_page
from quantum_exit.adapters.store.quarantine import set_aside
from quantum_exit.adapters.store.sqlite_check import (
    DAMAGING,
    Examination,
    examine,
    head_at,
    is_damage,
    newest_snapshot,
    snapshot_checksum,
)
from quantum_exit.adapters.store.sqlite_schema import (
    INSERT_LEASE,
    INSERT_RECORD,
    INSERT_SNAPSHOT,
    SELECT_EPOCH,
    SELECT_RECORDS,
    check_format,
    connect,
    connect_read_only,
    create_file,
    create_tables,
    is_empty,
    make_durable,
    transaction,
)
from quantum_exit.adapters.store.witness import HeadWitness, read_witness
from quantum_exit.errors import InvalidInputError, JournalUnavailableError, LeaseLostError
from quantum_exit.execution.journal import Quarantine, Snapshot
from quantum_exit.execution.leases import WHOLE_ACCOUNT, Lease, LeaseScope
from quantum_exit.execution.records import START, Entry, Head, Record, link

_SNAPSHOTS_KEPT = 4
# After these SQLite has undone the transaction and the file is as it was.
_PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def witness_path(path: Path) -> Path:
    """The file that notes the confirmed end of the journal `path`."""
    return path.with_name(f"{path.name}-head")


class SqliteFile:
    """The file; for one thread at a time.

    Attributes:
        head: End of the chain.
        quarantine: What was set aside when it was opened, or None.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        witness: HeadWitness,
        head: Head,
        quarantine: Quarantine | None,
    ) -> None:
        self._connection = connection
        self._witness = witness
        self._failure: str | None = None
        self.head = head
        self.quarantine = quarantine

    @classmethod
    def open(cls, path: Path, *, busy_timeout_ms: int = 5000) -> Self:
        """Opens or creates the file `path`, checks it and sets aside what is damaged.

        The hash chain is walked from the newest snapshot on, which is what a restart reads;
        `quantum-exit journal verify` walks all of it.

        Raises:
            InputFileError: It is another application's file.
            JournalVersionError: It is of a version that this build cannot read.
            JournalUnavailableError: It cannot be read, written or made durable.
        """
        try:
            return cls._open(path, busy_timeout_ms)
        except (OSError, *DAMAGING) as error:
            raise JournalUnavailableError("open", f"{path}: {error}") from error

    @classmethod
    def _open(cls, path: Path, busy_timeout_ms: int) -> Self:
        if not path.exists():
            create_file(path)
        quarantine, head = _checked(path, busy_timeout_ms)
        with ExitStack() as on_failure:
            connection = connect(path, busy_timeout_ms)
            on_failure.callback(connection.close)
            make_durable(connection)
            # Writes what a failed fsync may have left in memory only. A reader may hold it up; then
            # the rest waits for the next checkpoint.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            witness = HeadWitness.open(witness_path(path))
            on_failure.callback(witness.close)
            witness.note(head)
            on_failure.pop_all()
        return cls(connection, witness, head, quarantine)

    def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries` in one transaction and gives the place of the last one.

        Raises:
            LeaseLostError: The account was taken over under a newer epoch; nothing is stored.
            JournalUnavailableError: It must be taken for not stored.
        """
        with self._guarded("append"):
            records, head = link(self.head, entries)
            with transaction(self._connection):
                # The folder's lock keeps others out; where it does not hold, as on some network
                # file systems, the epoch does.
                self._check_epoch(min(entry.epoch for entry in entries))
                self._connection.executemany(INSERT_RECORD, records)
            self._witness.note(head)
            self.head = head
        return head.seq

    def read(self, after_seq: int, limit: int) -> list[Record]:
        """The at most `limit` records after the place `after_seq`, oldest first.

        Raises:
            JournalUnavailableError: They cannot be read.
        """
        with self._guarded("read"):
            statement = f"{SELECT_RECORDS} LIMIT ?"
            rows = self._connection.execute(statement, (after_seq, limit)).fetchall()
        return sound_page(rows, after_seq)

    def save(self, snapshot: Snapshot) -> None:
        """Stores `snapshot` and removes all but the newest few.

        Raises:
            InvalidInputError: Its head is not a record of this journal.
            JournalUnavailableError: It must be taken for not stored.
        """
        with self._guarded("snapshot"):
            if head_at(self._connection, snapshot.head.seq) != snapshot.head:
                allowed = "expected the head of a record of this journal"
                raise InvalidInputError("snapshot.head", snapshot.head.seq, allowed)
            row = (*snapshot.head, snapshot.ts_ms, snapshot.payload, snapshot_checksum(snapshot))
            with transaction(self._connection):
                self._connection.execute(INSERT_SNAPSHOT, row)
                self._connection.execute(
                    "DELETE FROM snapshot WHERE seq NOT IN "
                    "(SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
                    (_SNAPSHOTS_KEPT,),
                )

    def latest(self) -> Snapshot | None:
        """The newest sound snapshot whose head is a record of this journal, or None.

        Raises:
            JournalUnavailableError: They cannot be read.
        """
        with self._guarded("read"):
            return newest_snapshot(self._connection)

    def change_lease(self, scope: LeaseScope, change: Callable[[Lease | None], Lease]) -> Lease:
        """Replaces the lease of `scope` by what `change` makes of it, in one transaction.

        Raises:
            JournalUnavailableError: It must be taken for unchanged.
            Exception: What `change` raises; nothing is changed then.
        """
        with self._guarded("lease"), transaction(self._connection):
            lease = change(self._lease(scope))
            row = (*scope, lease.owner, lease.epoch, lease.expires_ms)
            self._connection.execute(INSERT_LEASE, row)
        return lease

    def lease(self, scope: LeaseScope) -> Lease | None:
        """The lease of `scope` as it is known.

        Raises:
            JournalUnavailableError: It cannot be read.
        """
        with self._guarded("lease"):
            return self._lease(scope)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
        self._witness.close()

    def _check_epoch(self, oldest: int) -> None:
        ((newest,),) = self._connection.execute(SELECT_EPOCH, (WHOLE_ACCOUNT,)).fetchall()
        if newest > oldest:
            raise LeaseLostError("journal", oldest, newest)

    def _lease(self, scope: LeaseScope) -> Lease | None:
        statement = "SELECT owner, epoch, expires_ms FROM lease WHERE account = ? AND symbol = ?"
        row = self._connection.execute(statement, scope).fetchone()
        if row is None:
            return None
        owner, epoch, expires_ms = row
        return Lease(scope=scope, owner=owner, epoch=epoch, expires_ms=expires_ms)

    @contextmanager
    def _guarded(self, operation: str) -> Iterator[None]:
        if self._failure is not None:
            raise JournalUnavailableError(operation, f"open it anew, it failed: {self._failure}")
        try:
            yield
        except DAMAGING as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING:
                self._failure = str(error)
            raise JournalUnavailableError(operation, f"SQLite: {error}") from error
        except OSError as error:
            self._failure = str(error)
            raise JournalUnavailableError(operation, str(error)) from error


def _checked(path: Path, busy_timeout_ms: int) -> tuple[Quarantine | None, Head]:
    """Examines the file, after making an empty one a journal, and sets aside what is damaged."""
    confirmed = read_witness(witness_path(path))
    if confirmed is None and _is_empty(path):
        with closing(connect(path, busy_timeout_ms)) as connection:
            create_tables(connection)
    # To read only: on closing, a connection that may write would overwrite what is damaged.
    with closing(connect_read_only(path, busy_timeout_ms)) as connection:
        found = _examined(connection, path, confirmed)
        if found.defect is None:
            return None, found.head
        return set_aside(path, connection, found, found.defect), found.head


def _is_empty(path: Path) -> bool:
    with closing(connect_read_only(path)) as connection:
        try:
            return is_empty(connection)
        except DAMAGING as error:
            if not is_damage(error):
                raise
            return False


def _examined(connection: sqlite3.Connection, path: Path, confirmed: Head | None) -> Examination:
    """Examines the file from its newest snapshot on."""
    start = START
    try:
        if not is_empty(connection):
            check_format(connection, path)
        snapshot = newest_snapshot(connection)
        start = START if snapshot is None else snapshot.head
    except DAMAGING as error:
        # The examination says what is damaged, and how much of the rest is sound.
        if not is_damage(error):
            raise
    found = examine(connection, confirmed, start)
    # What is set aside begins at the first damage, wherever that is.
    return found if found.defect is None else examine(connection, confirmed)
