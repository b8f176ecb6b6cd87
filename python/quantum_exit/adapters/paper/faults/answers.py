"""Replies that are not the true one: error bodies as the exchange and what stands before it send them."""

from collections.abc import Mapping
from types import MappingProxyType

from quantum_exit.adapters.paper.errors import TEXTS as FRONT_TEXTS
from quantum_exit.adapters.paper.errors import http_status, refusal
from quantum_exit.adapters.paper.hooks import Answer
from quantum_exit.adapters.paper.wire import Reply

UNKNOWN_503 = "Unknown error, please check your request or try again later."
TEXTS: Mapping[int, str] = MappingProxyType(
    {
        **FRONT_TEXTS,
        -2013: "Order does not exist.",
        -2019: "Margin is insufficient.",
        -2021: "Order would immediately trigger.",
        -2022: "ReduceOnly Order is rejected.",
        -2025: "Reach max open order limit.",
        -4045: "Reach max stop order limit.",
        -4116: "ClientOrderId is duplicated.",
        -4117: "stop order is triggering",
        -4118: "ReduceOnly Order Failed. Please check your existing position and open orders",
        -4130: "An open stop or take profit order with GTE and closePosition in the direction is "
        "existing.",
        -5028: "Timestamp for this request is outside of the ME recvWindow.",
    }
)
"""Texts of the codes that a scripted answer need not spell out."""

_FIRST_ERROR = 400
_PAGES = {
    403: "403 Forbidden",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    504: "504 Gateway Time-out",
}


def coded(code: int, message: str | None = None, status: int | None = None) -> Reply:
    """A refusal in the exchange's own words.

    Args:
        code: Its number, negative.
        message: Its text; without, the usual one of `code`.
        status: HTTP status; without, the one that comes with `code`.
    """
    text = TEXTS[code] if message is None else message
    body = {"code": code, "msg": text}
    return Reply(status=http_status(code) if status is None else status, body=body)


def unknown_503() -> Reply:
    """HTTP 503 of a request that may have been carried out."""
    return coded(-1000, UNKNOWN_503, 503)


def unavailable() -> Reply:
    """HTTP 503 of a request that was not carried out."""
    return Reply(status=503, headers={"Content-Type": "text/plain"}, body="Service Unavailable.")


def page(status: int) -> Reply:
    """The HTML page of a proxy or firewall; says nothing about what became of the request."""
    title = _PAGES[status]
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status=status, headers={"Content-Type": "text/html"}, body=text)


def too_many(limit: int, retry_after_s: int) -> Reply:
    """HTTP 429: over the weight limit of `limit` a minute."""
    over = refusal(-1003, limit=limit)
    body = {"code": over.code, "msg": over.message}
    return Reply(status=429, headers={"Retry-After": str(retry_after_s)}, body=body)


def banned(until_ms: int, retry_after_s: int) -> Reply:
    """HTTP 418: the address is banned until `until_ms`, ms since the UNIX epoch."""
    text = (
        f"Way too much request weight used; IP banned until {until_ms}. Please use the websocket "
        "for live updates to avoid bans."
    )
    headers = {"Retry-After": str(retry_after_s)}
    return Reply(status=418, headers=headers, body={"code": -1003, "msg": text})


def always(reply: Reply) -> Answer:
    """Sends `reply` whatever the true one is."""

    def answer(true: Reply) -> Reply:
        del true
        return reply

    return answer


def refused_with(reply: Reply, code: int) -> bool:
    """Whether `reply` is the refusal `code`."""
    return isinstance(reply.body, dict) and reply.body.get("code") == code


def is_success(reply: Reply) -> bool:
    """Whether the request was carried out."""
    return reply.status < _FIRST_ERROR
