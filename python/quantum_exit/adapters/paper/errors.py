"""Refusals of the exchange: Binance's code, its text, and the HTTP status they come with.

Codes and texts: Binance USD-M error codes, and the bodies captured in the wild.
"""

from collections.abc import Mapping
from types import MappingProxyType

from quantum_exit.adapters.paper.wire import JsonObject, Reply
from quantum_exit.errors import VenueReject

_STATUS = MappingProxyType(
    {
        -1000: 500,
        -1001: 503,
        -1002: 401,
        -1003: 429,
        -1006: 503,
        -1007: 408,
        -1008: 503,
        -1015: 429,
        -2014: 401,
        -2015: 401,
    }
)

TEXTS: Mapping[int, str] = MappingProxyType(
    {
        -1000: "An unknown error occurred while processing the request.",
        -1001: "Internal error; unable to process your request. Please try again.",
        -1002: "You are not authorized to execute this request.",
        -1003: "Too many requests; current limit is {limit} requests per minute. Please use the "
        "websocket for live updates to avoid polling the API.",
        -1006: "An unexpected response was received from the message bus. Execution status unknown.",
        -1007: "Timeout waiting for response from backend server. Send status unknown; execution "
        "status unknown.",
        -1008: "Server is currently overloaded with other requests. Please try again in a few minutes.",
        -1015: "Too many new orders; current limit is {limit} orders per {interval}.",
        -1021: "Timestamp for this request is outside of the recvWindow.",
        -1022: "Signature for this request is not valid.",
        -1100: "Illegal characters found in parameter '{name}'; legal range is '{range}'.",
        -1102: "Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
        -1105: "Parameter '{name}' was empty.",
        -1106: "Parameter '{name}' sent when not required.",
        -1111: "Precision is over the maximum defined for this asset.",
        -1115: "Invalid timeInForce.",
        -1116: "Invalid orderType.",
        -1117: "Invalid side.",
        -1120: "Invalid interval.",
        -1121: "Invalid symbol.",
        -1125: "This listenKey does not exist.",
        -1130: "Data sent for parameter '{name}' is not valid.",
        -1131: "recvWindow must be less than 60000.",
        -2011: "Unknown order sent.",
        -2013: "Order does not exist.",
        -2014: "API-key format invalid.",
        -2015: "Invalid API-key, IP, or permissions for action.",
        -4001: "Price less than 0.",
        -4002: "Price greater than max price.",
        -4003: "Quantity less than or equal to zero.",
        -4005: "Quantity greater than max quantity.",
        -4014: "Price not increased by tick size.",
        -4015: "Client order id length should be less than 36 chars",
        -4023: "Qty not increased by step size.",
        -4088: "User can not place order currently",
        -4120: "Order type not supported for this endpoint. Please use the Algo Order API "
        "endpoints instead.",
        -4136: "Target strategy invalid for orderType '{type}',closePosition '{close}'",
        -4137: "Quantity must be zero with closePosition equals true",
    }
)


class VenueRefusal(VenueReject):
    """The exchange's front refuses a request; the state is as before.

    Attributes:
        code: Binance's number, negative.
        message: Binance's text.
        status: HTTP status of the reply.
        headers: Headers that come with it, such as `Retry-After`.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.status = http_status(code) if status is None else status
        self.headers = dict(headers or {})


def http_status(code: int) -> int:
    """The HTTP status that comes with a code."""
    return _STATUS.get(code, 400)


def body_of(reject: VenueReject) -> JsonObject:
    """The JSON body that carries a refusal."""
    return {"code": reject.code, "msg": reject.message}


def reply_of(reject: VenueReject, headers: Mapping[str, str] | None = None) -> Reply:
    """The reply that carries a refusal, with `headers` beside its own."""
    own = reject.headers if isinstance(reject, VenueRefusal) else {}
    status = reject.status if isinstance(reject, VenueRefusal) else http_status(reject.code)
    return Reply(status=status, headers={**(headers or {}), **own}, body=body_of(reject))


def refusal(code: int, **fields: object) -> VenueRefusal:
    """The refusal with Binance's text for `code`.

    Args:
        code: A code of the table above.
        fields: What the text names (`name`, `range`, `limit`, `interval`).
    """
    return VenueRefusal(code, TEXTS[code].format(**fields))


def malformed(name: str) -> VenueRefusal:
    """A mandatory parameter is missing, empty or no value of its type."""
    return refusal(-1102, name=name)
