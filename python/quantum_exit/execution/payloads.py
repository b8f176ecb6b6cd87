"""Payloads of records: JSON objects in one spelling, with the version that wrote them.

A version N reads the payloads of N and N-1 and refuses newer ones, so that a downgrade is loud.
"""

import json
from collections.abc import Mapping
from typing import Any

from quantum_exit.errors import InvalidInputError, JournalVersionError

PAYLOAD_VERSION = 1
_VERSION_KEY = "v"


def check_version(place: str, found: int, newest: int = PAYLOAD_VERSION) -> None:
    """Refuses versions that version `newest` cannot read: all but itself and the one before it.

    Raises:
        JournalVersionError: `found` is another version; versions count from 1.
    """
    oldest = max(newest - 1, 1)
    if not oldest <= found <= newest:
        raise JournalVersionError(place, found, oldest, newest)


def encode_payload(body: Mapping[str, Any]) -> bytes:
    """`body` as JSON with sorted keys, no spaces, ASCII only, and `v`: equal values, equal bytes.

    Raises:
        InvalidInputError: It has a key `v`, a number that is not finite, or no JSON value.
    """
    if _VERSION_KEY in body:
        raise InvalidInputError("payload.v", body[_VERSION_KEY], "expected no key v: it is added")
    try:
        text = json.dumps(
            {_VERSION_KEY: PAYLOAD_VERSION, **body},
            allow_nan=False,
            separators=(",", ":"),
            sort_keys=True,
        )
    except (TypeError, ValueError) as error:
        raise InvalidInputError("payload", error, "expected a JSON object") from error
    return text.encode("ascii")


def decode_payload(payload: bytes, newest: int = PAYLOAD_VERSION) -> dict[str, Any]:
    """The object in `payload`, with its key `v`.

    Raises:
        InvalidInputError: It is no JSON object with a whole number as `v`.
        JournalVersionError: Its version cannot be read; see `check_version`.
    """
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("payload", payload[:40], "expected a JSON object") from error
    version = body.get(_VERSION_KEY) if isinstance(body, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        allowed = "expected a JSON object with its version as v"
        raise InvalidInputError("payload", payload[:40], allowed)
    check_version("payload", version, newest)
    found: dict[str, Any] = body
    return found
