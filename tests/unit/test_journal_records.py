import json
from hashlib import sha256
from typing import Any
from zlib import crc32

import pytest

from quantum_exit.errors import InvalidInputError, JournalVersionError
from quantum_exit.execution.payloads import check_version, decode_payload, encode_payload
from quantum_exit.execution.records import (
    MAX_PAYLOAD_BYTES,
    START,
    Defect,
    Entry,
    Head,
    RecordKind,
    follow,
    link,
    record_of,
)

INTENT = Entry(kind=RecordKind.INTENT, epoch=3, ts_ms=1_700_000_000_000, payload=b'{"v":1}')


def test_checksum_and_hash_cover_every_field_as_documented() -> None:
    (record,), head = link(START, [INTENT])
    sealed = b"1|3|intent|1700000000000|" + bytes(32) + b'{"v":1}'

    assert record.crc32 == crc32(sealed)
    assert head == Head(1, sha256(sealed).digest())
    assert follow(START, record) == head


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seq": 3}, "missing: record 3 follows"),
        ({"prev_hash": bytes(32)}, "it does not continue the record before it"),
        ({"epoch": 4}, "its checksum does not match its content"),
        ({"kind": RecordKind.FACT}, "its checksum does not match its content"),
        ({"ts_ms": 0}, "its checksum does not match its content"),
        ({"payload": b"{}"}, "its checksum does not match its content"),
        ({"crc32": 0}, "its checksum does not match its content"),
    ],
)
def test_a_record_that_was_changed_continues_no_chain(change: dict[str, Any], reason: str) -> None:
    (first, second), _ = link(START, [INTENT, INTENT])
    head = follow(START, first)
    assert isinstance(head, Head)

    assert follow(head, second._replace(**change)) == Defect(seq=2, reason=reason)


@pytest.mark.parametrize(
    "row",
    [
        (),
        (1, 2, "gossip", 3, b"{}", 4, b""),
        (1, 2, "fact", 3, "{}", 4, b""),
        (None, 2, "fact", 3, b"{}", 4, b""),
    ],
)
def test_a_row_that_is_no_record_is_a_defect(row: tuple[object, ...]) -> None:
    assert isinstance(record_of(row, 7), Defect)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"epoch": -1}, "epoch"),
        ({"ts_ms": 1 << 63}, "ts_ms"),
        ({"payload": b"[]"}, "payload"),
        ({"payload": b"{" + bytes(MAX_PAYLOAD_BYTES)}, "payload"),
    ],
)
def test_an_entry_that_no_store_could_keep_is_refused(change: dict[str, Any], field: str) -> None:
    fields = {"kind": RecordKind.FACT, "epoch": 0, "ts_ms": 0, "payload": b"{}", **change}
    with pytest.raises(InvalidInputError) as refused:
        Entry(**fields)
    assert refused.value.field == field


def test_equal_payloads_have_equal_bytes() -> None:
    assert encode_payload({"b": 1, "a": "ü"}) == encode_payload({"a": "ü", "b": 1})
    assert encode_payload({"b": 1, "a": "ü"}) == b'{"a":"\\u00fc","b":1,"v":1}'


def test_a_payload_is_read_back() -> None:
    body = {"lots": 9_007_199_254_740_993, "nested": {"text": "x", "none": None}, "list": [1, 2.5]}

    assert decode_payload(encode_payload(body)) == {"v": 1, **body}


@pytest.mark.parametrize(
    "body", [{"v": 1}, {"x": float("nan")}, {"x": float("inf")}, {"x": b"bytes"}, {"x": {1, 2}}]
)
def test_what_is_no_json_object_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match="payload"):
        encode_payload(body)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"{}", b'{"v":"1"}', b'{"v":true}', b"\xff", b"[" * 100_000]
)
def test_bytes_that_are_no_payload_are_refused(payload: bytes) -> None:
    with pytest.raises(InvalidInputError, match="payload"):
        decode_payload(payload)


def test_a_version_reads_itself_and_the_one_before_it_and_nothing_else() -> None:
    payload = {version: json.dumps({"v": version}).encode() for version in range(1, 6)}

    assert decode_payload(payload[3], newest=4) == {"v": 3}
    assert decode_payload(payload[4], newest=4) == {"v": 4}
    for version in (2, 5):
        with pytest.raises(JournalVersionError) as refused:
            decode_payload(payload[version], newest=4)
        assert (refused.value.found, refused.value.oldest, refused.value.newest) == (version, 3, 4)
    with pytest.raises(JournalVersionError, match="this build reads versions 1 to 1"):
        check_version("journal.db", 0, 1)
