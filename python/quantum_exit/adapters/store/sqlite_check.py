"""Whether a SQLite journal is what was written, and up to where."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from quantum_exit.adapters.store.sqlite_schema import SELECT_RECORDS
from quantum_exit.execution.journal import Snapshot
from quantum_exit.execution.records import START, Defect, Head, Record, follow, record_of

# What a damaged file makes the module sqlite3 raise; the latter where a message holds its bytes.
DAMAGING = (sqlite3.Error, UnicodeDecodeError)
_PAGE = 1000
_MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a walk over a journal found.

    Attributes:
        head: End of the sound part.
        defect: The first damage after it, or None.
        kinds: Walked records of the sound part by kind.
        epochs: Lowest and highest lease epoch of them, or None where there are none.
    """

    head: Head
    defect: Defect | None
    kinds: dict[str, int]
    epochs: tuple[int, int] | None


@dataclass(slots=True)
class _Walk:
    """The state of a walk."""

    witness: Head | None
    head: Head = START
    defect: Defect | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    epochs: tuple[int, int] | None = None

    def take(self, row: Sequence[object]) -> bool:
        """Goes on by `row`; False = that is where the sound part ends."""
        record = record_of(row, self.head.seq + 1)
        after = record if isinstance(record, Defect) else follow(self.head, record)
        if isinstance(after, Defect) or isinstance(record, Defect):
            self.defect = after if isinstance(after, Defect) else None
            return False
        if self.witness is not None and after.seq == self.witness.seq and after != self.witness:
            self.defect = Defect(seq=after.seq, reason="another record was confirmed here")
            return False
        low, high = self.epochs or (record.epoch, record.epoch)
        self.epochs = min(low, record.epoch), max(high, record.epoch)
        self.kinds[record.kind] += 1
        self.head = after
        return True

    def ended(self) -> None:
        """Compares the end of the records with the confirmed one."""
        if self.defect is None and self.witness is not None and self.witness.seq > self.head.seq:
            self.defect = Defect(
                seq=self.head.seq + 1,
                reason=f"missing: records up to {self.witness.seq} were confirmed",
            )


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether `error` comes of what a file holds, not of the disk, a lock or a right."""
    # Text that is no UTF-8 is refused by the module sqlite3 itself, which gives no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    damage = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return code & 0xFF in damage or code == sqlite3.SQLITE_IOERR_SHORT_READ


def examine(
    connection: sqlite3.Connection, witness: Head | None, start: Head = START
) -> Examination:
    """Checks pages, tables, the hash chain after `start`, and the chain's end against `witness`.

    Raises:
        sqlite3.Error: It cannot be read, which says nothing about what it holds.
    """
    walk = _Walk(witness, start)
    try:
        _walk_rows(connection, walk)
        problem = _page_problem(connection)
    except DAMAGING as error:
        if not is_damage(error):
            raise
        problem = f"SQLite: {error}"
    if walk.defect is None and problem is not None:
        walk.defect = Defect(seq=walk.head.seq + 1, reason=problem)
    walk.ended()
    return Examination(
        head=walk.head, defect=walk.defect, kinds=dict(walk.kinds), epochs=walk.epochs
    )


def sound_records(connection: sqlite3.Connection, upto: int) -> Iterator[list[Record]]:
    """The records up to the place `upto`, which an examination found sound, in pages.

    Raises:
        sqlite3.Error: They cannot be read any more.
    """
    seq = START.seq
    while seq < upto:
        statement = f"{SELECT_RECORDS} LIMIT ?"
        rows = connection.execute(statement, (seq, min(_PAGE, upto - seq))).fetchall()
        page = [record_of(row, 0) for row in rows]
        yield [record for record in page if isinstance(record, Record)]
        seq += _PAGE


def sound_snapshots(connection: sqlite3.Connection) -> Iterator[Snapshot]:
    """Snapshots whose content is as written, newest first; their heads are not checked.

    Raises:
        sqlite3.Error: They cannot be read.
    """
    rows = connection.execute(
        "SELECT seq, hash, ts_ms, payload, crc32 FROM snapshot ORDER BY seq DESC"
    )
    for row in rows:
        match row:
            case (int(seq), bytes(digest), int(ts_ms), bytes(payload), int(checksum)):
                snapshot = Snapshot(head=Head(seq, digest), ts_ms=ts_ms, payload=payload)
                if snapshot_checksum(snapshot) == checksum:
                    yield snapshot


def snapshot_checksum(snapshot: Snapshot) -> int:
    """CRC-32 of all that a snapshot holds."""
    seq, digest = snapshot.head
    return crc32(b"%d|%s|%d|%s" % (seq, digest, snapshot.ts_ms, snapshot.payload))


def newest_snapshot(connection: sqlite3.Connection) -> Snapshot | None:
    """The newest sound snapshot whose head is a record of this journal, or None.

    Raises:
        sqlite3.Error: They cannot be read.
    """
    for snapshot in sound_snapshots(connection):
        if head_at(connection, snapshot.head.seq) == snapshot.head:
            return snapshot
    return None


def head_at(connection: sqlite3.Connection, seq: int) -> Head | None:
    """The end of the chain as it was at the place `seq`; None = there is no such record.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    if seq == START.seq:
        return START
    row = connection.execute(f"{SELECT_RECORDS} LIMIT 1", (seq - 1,)).fetchone()
    record = None if row is None else record_of(row, seq)
    if not isinstance(record, Record) or record.seq != seq:
        return None
    after = follow(Head(seq - 1, record.prev_hash), record)
    return None if isinstance(after, Defect) else after


def _walk_rows(connection: sqlite3.Connection, walk: _Walk) -> None:
    cursor = connection.execute(SELECT_RECORDS, (walk.head.seq,))
    while rows := cursor.fetchmany(_PAGE):
        if not all(walk.take(row) for row in rows):
            return


def _page_problem(connection: sqlite3.Connection) -> str | None:
    found = connection.execute(f"PRAGMA quick_check({_MOST_PROBLEMS})").fetchall()
    problems = [str(row[0]) for row in found]
    return None if problems == ["ok"] else f"SQLite: {'; '.join(problems)}"
