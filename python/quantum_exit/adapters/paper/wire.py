"""What crosses the border of the simulated exchange: requests in, replies and deliveries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

JsonObject: TypeAlias = dict[str, Any]
Json: TypeAlias = JsonObject | list[Any]


def _no_headers() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One REST request as it arrived.

    The query and the body stay text, because signatures cover exactly what was sent.

    Attributes:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        path: Path without query, such as `/fapi/v1/order`.
        query: Query string as sent, without the question mark.
        body: Form-encoded body as sent.
        headers: Header names in lower case.
        received_ms: Exchange time at arrival, ms since the UNIX epoch.
        address: Where it came from; weights are counted by address.
    """

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=_no_headers)
    received_ms: int
    address: str = "127.0.0.1"

    def params(self) -> dict[str, str]:
        """Query and body parameters, decoded; a name sent twice keeps its last value."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        if self.body:
            pairs += parse_qsl(self.body, keep_blank_values=True)
        return dict(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One REST reply.

    Attributes:
        status: HTTP status.
        headers: Headers beside those of the transport.
        body: JSON value, or text where the exchange's front answers with a page of its own.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=_no_headers)
    body: Json | str


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What becomes of a request, and of its reply on the way back.

    Attributes:
        reply: The reply once the request was executed, else `None`.
        execute_at_ms: When it is executed, exchange time in ms; `PaperExchange.advance` does it.
        reply_at_ms: When the reply reaches the client, or `None` where none is ever sent.
        drop_connection: Close the connection in place of the reply.
    """

    reply: Reply | None = None
    execute_at_ms: int
    reply_at_ms: int | None
    drop_connection: bool = False
