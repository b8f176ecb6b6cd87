"""Records of the journal and the hash chain that ties each one to all before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from quantum_exit.errors import InvalidInputError

# A reading of an account with forty thousand open orders fits.
MAX_PAYLOAD_BYTES = 1 << 24
_BEYOND_INT64 = 1 << 63


class RecordKind(StrEnum):
    """What a record tells."""

    INTENT = "intent"
    OUTCOME = "outcome"
    FACT = "fact"
    PLAN = "plan"
    COMMAND = "command"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a caller appends; the journal gives it a place and makes it a `Record`.

    Attributes:
        kind: What it tells.
        epoch: Lease epoch under which it was decided, 0 or more.
        ts_ms: When it was decided, ms since the UNIX epoch.
        payload: One JSON object with the key `v`, as `encode_payload` gives it; at most 16 MiB.

    Raises:
        InvalidInputError: A number is out of range, or the payload is no object or too large.
    """

    kind: RecordKind
    epoch: int
    ts_ms: int
    payload: bytes

    def __post_init__(self) -> None:
        for field, number in (("epoch", self.epoch), ("ts_ms", self.ts_ms)):
            if not 0 <= number < _BEYOND_INT64:
                raise InvalidInputError(field, number, "expected a whole number, 0 or more")
        if not self.payload.startswith(b"{"):
            raise InvalidInputError("payload", self.payload[:40], "expected a JSON object")
        if len(self.payload) > MAX_PAYLOAD_BYTES:
            allowed = f"expected at most {MAX_PAYLOAD_BYTES} bytes"
            raise InvalidInputError("payload", f"{len(self.payload)} bytes", allowed)


class Record(NamedTuple):
    """One record as it is stored; a tuple, because it is a row and there are many of them.

    Attributes:
        seq: Place in the journal, from 1 without gaps.
        epoch: Lease epoch under which it was decided.
        kind: What it tells.
        ts_ms: When it was decided, ms since the UNIX epoch.
        payload: One JSON object.
        crc32: CRC-32 (ISO-HDLC, as zlib computes it) of `sealed`.
        prev_hash: SHA-256 of the record before it; 32 zero bytes for the first one.
    """

    seq: int
    epoch: int
    kind: RecordKind
    ts_ms: int
    payload: bytes
    crc32: int
    prev_hash: bytes

    @property
    def sealed(self) -> bytes:
        """The bytes that checksum and hash cover."""
        return _sealed(self.seq, self.prev_hash, self)


class Head(NamedTuple):
    """The end of a chain.

    Attributes:
        seq: Place of the last record; 0 = there is none.
        hash: SHA-256 of the last record; 32 zero bytes where there is none.
    """

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """The first place at which a journal is not what was written.

    Attributes:
        seq: Place of the first record that is damaged or missing.
        reason: What is wrong with it.
    """

    seq: int
    reason: str


START = Head(0, bytes(32))
_KINDS = frozenset(RecordKind)


def link(head: Head, entries: Iterable[Entry]) -> tuple[list[Record], Head]:
    """The records that continue the chain at `head` with `entries`, and its new end."""
    seq, prev_hash = head
    records = []
    for entry in entries:
        seq += 1
        sealed = _sealed(seq, prev_hash, entry)
        records.append(
            Record(
                seq,
                entry.epoch,
                entry.kind,
                entry.ts_ms,
                entry.payload,
                crc32(sealed),
                prev_hash,
            )
        )
        prev_hash = sha256(sealed).digest()
    return records, Head(seq, prev_hash)


def follow(head: Head, record: Record) -> Head | Defect:
    """The end of the chain after `record`, or why `record` does not continue it at `head`."""
    expected = head.seq + 1
    if record.seq != expected:
        return Defect(seq=expected, reason=f"missing: record {record.seq} follows")
    if record.prev_hash != head.hash:
        return Defect(seq=expected, reason="it does not continue the record before it")
    sealed = record.sealed
    if crc32(sealed) != record.crc32:
        return Defect(seq=expected, reason="its checksum does not match its content")
    return Head(expected, sha256(sealed).digest())


def record_of(row: Sequence[object], expected_seq: int) -> Record | Defect:
    """The record that a store gives as a row of its seven columns; its chain is not checked."""
    match row:
        case [
            int(seq),
            int(epoch),
            str(kind),
            int(ts_ms),
            bytes(payload),
            int(checksum),
            bytes(prev_hash),
        ] if kind in _KINDS:
            return Record(seq, epoch, RecordKind(kind), ts_ms, payload, checksum, prev_hash)
    return Defect(seq=expected_seq, reason="its columns do not have the types of a record")


def records_of(rows: Iterable[Sequence[object]], after_seq: int) -> list[Record] | Defect:
    """The records that a store gives as rows, which follow each other and the place `after_seq`.

    That the first one continues what stands before it is not checked.
    """
    records: list[Record] = []
    head: Head | None = None
    for row in rows:
        seq = after_seq + len(records) + 1
        record = record_of(row, seq)
        if isinstance(record, Defect):
            return record
        after = follow(head or Head(after_seq, record.prev_hash), record)
        if isinstance(after, Defect):
            return after
        records.append(record)
        head = after
    return records


def _sealed(seq: int, prev_hash: bytes, content: Entry | Record) -> bytes:
    kind = content.kind.encode()
    header = b"%d|%d|%s|%d|" % (seq, content.epoch, kind, content.ts_ms)
    return header + prev_hash + content.payload
