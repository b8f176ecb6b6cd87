"""How a scripted request is carried out and answered, read from a table."""

from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.hooks import Answer, RequestPlan
from quantum_exit.adapters.paper.wire import Reply
from quantum_exit.domain.fields import Fields

ANSWER_KEYS = (
    "execute",
    "execute_after_ms",
    "reply",
    "reply_after_ms",
    "code",
    "message",
    "status",
    "body",
    "retry_after_s",
)
_REPLIES = ("true", "error", "never", "drop")
_STATUSES = range(200, 600)


def plan_from(fields: Fields) -> RequestPlan:
    """The plan that a table with the keys `ANSWER_KEYS` describes.

    `reply` is `true` (the true one), `error` (`code`, and where they are not the usual ones
    `message` and `status`; or a `status` with a `body` of text), `never`, or `drop` (the connection
    is closed).

    Raises:
        InputFileError: Names the file, the key, and what is allowed.
    """
    reply = fields.text("reply") if fields.has("reply") else _usual_reply(fields)
    if reply not in _REPLIES:
        fields.refuse("reply", f"{reply!r} is not allowed; expected one of {', '.join(_REPLIES)}")
    return RequestPlan(
        execute=fields.flag("execute") if fields.has("execute") else True,
        execute_after_ms=_delay(fields, "execute_after_ms"),
        answer=_error(fields) if reply == "error" else None,
        reply_after_ms=_delay(fields, "reply_after_ms"),
        never_reply=reply == "never",
        drop_connection=reply == "drop",
    )


def _usual_reply(fields: Fields) -> str:
    return "error" if fields.has("code") or fields.has("status") else "true"


def _error(fields: Fields) -> Answer:
    status = fields.integer("status") if fields.has("status") else None
    if status is not None and status not in _STATUSES:
        fields.refuse("status", f"{status} is not allowed; expected 200 to 599")
    headers = {}
    if fields.has("retry_after_s"):
        headers["Retry-After"] = str(fields.integer("retry_after_s"))
    if status is not None and fields.has("body"):
        return answers.always(Reply(status=status, headers=headers, body=fields.text("body")))
    code = fields.integer("code")
    message = fields.text("message") if fields.has("message") else answers.TEXTS.get(code)
    if message is None or "{" in message:
        fields.refuse("message", f"missing; expected the text of {code}, which is not known here")
    true = answers.coded(code, message, status)
    return answers.always(Reply(status=true.status, headers=headers, body=true.body))


def _delay(fields: Fields, key: str) -> int:
    value = fields.integer(key) if fields.has(key) else 0
    if value < 0:
        fields.refuse(key, f"{value} is not allowed; expected 0 or more")
    return value
