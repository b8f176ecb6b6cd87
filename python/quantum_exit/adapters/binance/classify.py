"""From an answer to an outcome: the only place where an answer of the venue is judged."""

import re
from typing import Final

import msgspec

from quantum_exit.adapters.binance.errors import (
    BODIES,
    CODES,
    STATUSES,
    UNLISTED,
    UNLISTED_REFUSAL,
    Row,
)
from quantum_exit.adapters.binance.transport import Answer
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown

_MINUTE_MS: Final = 60_000
_TEN_SECONDS_MS: Final = 10_000
_SHORTEST_BAN_MS: Final = 120_000
_LONGEST_BAN_MS: Final = 3 * 86_400_000
_TOO_MANY_ORDERS: Final = -1015
_BAN_END: Final = re.compile(r"banned until (\d{13})")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_MAX_TEXT: Final = 200


class _Refusal(msgspec.Struct, gc=False):
    code: int | None = None
    msg: str = ""


def classify(answer: Answer, *, may_trade: bool = False, now_ms: int | None = None) -> Outcome:
    """What an answer says about the request.

    Args:
        answer: The answer.
        may_trade: Whether the request was an order that can trade at once (see
            `Row.unknown_if_traded`).
        now_ms: The venue's time, to tell how long a ban lasts that is given by its end.

    Returns:
        `Done` without an order where the venue reports success: the body is still to be read.
    """
    refusal = _refusal(answer.body)
    code = None if refusal is None else refusal.code
    if 200 <= answer.status < 300 and (code is None or code >= 0):  # noqa: PLR2004 - HTTP classes
        return Done(order=None)
    row = _row(answer, code)
    message = _message(answer, refusal)
    shown = answer.status if code is None else code
    if row.reaction is None or (may_trade and row.unknown_if_traded):
        return Unknown(why=f"{shown}: {message or row.text}")
    wait_ms = _wait_ms(answer, code, message, now_ms) if row.reaction is Reaction.WAIT else None
    return NotDone(
        code=shown,
        message=message or row.text,
        reaction=row.reaction,
        retry_after_ms=_retry_after_ms(answer) if wait_ms is None else wait_ms,
    )


def _row(answer: Answer, code: int | None) -> Row:
    if code is not None and code in CODES:
        return CODES[code]
    if answer.status == 503:  # noqa: PLR2004 - the HTTP status
        text = answer.body[:4096].decode("utf-8", "replace").lower()
        return next((row for part, row in BODIES if part in text), UNLISTED)
    if answer.status in STATUSES:
        return STATUSES[answer.status]
    return UNLISTED_REFUSAL if 400 <= answer.status < 500 else UNLISTED  # noqa: PLR2004 - HTTP


def _refusal(body: bytes) -> _Refusal | None:
    try:
        return msgspec.json.decode(body, type=_Refusal, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _message(answer: Answer, refusal: _Refusal | None) -> str:
    if refusal is not None and refusal.msg:
        return refusal.msg[:_MAX_TEXT]
    return answer.body[:_MAX_TEXT].decode("utf-8", "replace").strip()


def _retry_after_ms(answer: Answer) -> int | None:
    seconds = _SECONDS.fullmatch(answer.headers.get("retry-after", ""))
    return None if seconds is None else min(int(seconds[0]) * 1000, _LONGEST_BAN_MS)


def _wait_ms(answer: Answer, code: int | None, message: str, now_ms: int | None) -> int:
    told = _retry_after_ms(answer)
    if told is not None:
        return told
    ban_end = _BAN_END.search(message)
    if ban_end is not None and now_ms is not None:
        return min(max(int(ban_end[1]) - now_ms, 0), _LONGEST_BAN_MS)
    if answer.status == 418 or ban_end is not None:  # noqa: PLR2004 - the HTTP status
        return _SHORTEST_BAN_MS
    return _TEN_SECONDS_MS if code == _TOO_MANY_ORDERS else _MINUTE_MS
