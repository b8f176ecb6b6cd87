"""Records as bytes, one after the other: what a simulated disk holds."""

import struct
from dataclasses import dataclass

from quantum_exit.execution.records import START, Defect, Head, Record, RecordKind, follow

_HEADER = struct.Struct(">IQQBQI32s")
_KINDS = tuple(RecordKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """What bytes hold.

    Attributes:
        records: The sound records, oldest first.
        head: End of their chain.
        sound_bytes: Bytes that they take.
        defect: What is wrong with the bytes after them, or None where there are none.
    """

    records: tuple[Record, ...]
    head: Head
    sound_bytes: int
    defect: Defect | None


def encode_frame(record: Record) -> bytes:
    """`record` as bytes that `decode_frames` reads back."""
    seq, epoch, kind, ts_ms, payload, checksum, prev_hash = record
    place = _KINDS.index(kind)
    header = _HEADER.pack(len(payload), seq, epoch, place, ts_ms, checksum, prev_hash)
    return header + payload


def decode_frames(content: bytes) -> Frames:
    """The records in `content`, as far as they are sound and follow each other."""
    records: list[Record] = []
    head, position, defect = START, 0, None
    while position < len(content):
        record = _record_at(content, position)
        after = (
            Defect(seq=head.seq + 1, reason="it is torn or damaged")
            if record is None
            else follow(head, record)
        )
        if record is None or isinstance(after, Defect):
            defect = after if isinstance(after, Defect) else None
            break
        records.append(record)
        head = after
        position += _HEADER.size + len(record.payload)
    return Frames(records=tuple(records), head=head, sound_bytes=position, defect=defect)


def _record_at(content: bytes, position: int) -> Record | None:
    begin = position + _HEADER.size
    if begin > len(content):
        return None
    header = _HEADER.unpack_from(content, position)
    length, seq, epoch, place, ts_ms, checksum, prev_hash = header
    if begin + length > len(content) or place >= len(_KINDS):
        return None
    payload = content[begin : begin + length]
    return Record(seq, epoch, _KINDS[place], ts_ms, payload, checksum, prev_hash)
