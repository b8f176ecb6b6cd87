"""Whether a journal in PostgreSQL is what was written, and up to where."""

from typing import Any

from quantum_exit.adapters.store.postgres_schema import (
    SELECT_RECORD,
    SELECT_RECORDS,
    SELECT_SNAPSHOTS,
)
from quantum_exit.execution.journal import Snapshot
from quantum_exit.execution.records import START, Defect, Head, Record, follow, record_of

_PAGE = 1000


async def examine(connection: Any, journal: str, confirmed: Head) -> tuple[Head, Defect | None]:
    """Walks the hash chain from the newest snapshot on, from the first record where it is damaged.

    Gives the end of the sound part, and the first damage after it, or None.
    """
    snapshot = await newest_snapshot(connection, journal)
    start = START if snapshot is None else snapshot.head
    head, defect = await _walk(connection, journal, confirmed, start)
    if defect is not None and start != START:
        head, defect = await _walk(connection, journal, confirmed, START)
    return head, defect


async def newest_snapshot(connection: Any, journal: str) -> Snapshot | None:
    """The newest snapshot whose head is a record of this journal, or None."""
    for seq, digest, ts_ms, payload in await connection.fetch(SELECT_SNAPSHOTS, journal):
        head = Head(seq, digest)
        if await head_at(connection, journal, seq) == head:
            return Snapshot(head=head, ts_ms=ts_ms, payload=payload)
    return None


async def head_at(connection: Any, journal: str, seq: int) -> Head | None:
    """The end of the chain as it was at the place `seq`; None = there is no such record."""
    if seq == START.seq:
        return START
    row = await connection.fetchrow(SELECT_RECORD, journal, seq)
    record = None if row is None else record_of(tuple(row), seq)
    if not isinstance(record, Record):
        return None
    after = follow(Head(seq - 1, record.prev_hash), record)
    return None if isinstance(after, Defect) else after


async def _walk(
    connection: Any, journal: str, confirmed: Head, start: Head
) -> tuple[Head, Defect | None]:
    head = start
    while rows := await connection.fetch(SELECT_RECORDS, journal, head.seq, _PAGE):
        for row in rows:
            record = record_of(tuple(row), head.seq + 1)
            after = record if isinstance(record, Defect) else follow(head, record)
            if isinstance(after, Defect):
                return head, after
            head = after
    return head, _end_defect(head, confirmed)


def _end_defect(head: Head, confirmed: Head) -> Defect | None:
    if head == confirmed:
        return None
    if head.seq < confirmed.seq:
        reason = f"missing: records up to {confirmed.seq} were confirmed"
        return Defect(seq=head.seq + 1, reason=reason)
    return Defect(seq=confirmed.seq + 1, reason="the journal's head does not tell of it")
