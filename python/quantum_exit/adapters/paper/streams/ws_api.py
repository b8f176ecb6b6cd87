"""The WebSocket API: the methods of REST as messages with an id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from quantum_exit.adapters.paper.auth import ApiKey, Authenticator, Security
from quantum_exit.adapters.paper.errors import VenueRefusal, malformed, refusal
from quantum_exit.adapters.paper.rest.endpoint import Endpoint
from quantum_exit.adapters.paper.rest.table import ENDPOINTS

_METHODS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ping": ("GET", "/fapi/v1/ping"),
        "time": ("GET", "/fapi/v1/time"),
        "depth": ("GET", "/fapi/v1/depth"),
        "ticker.price": ("GET", "/fapi/v1/ticker/price"),
        "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
        "order.place": ("POST", "/fapi/v1/order"),
        "order.modify": ("PUT", "/fapi/v1/order"),
        "order.cancel": ("DELETE", "/fapi/v1/order"),
        "order.status": ("GET", "/fapi/v1/order"),
        "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
        "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
        "account.position": ("GET", "/fapi/v2/positionRisk"),
        "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
        "account.balance": ("GET", "/fapi/v2/balance"),
        "v2/account.balance": ("GET", "/fapi/v3/balance"),
        "account.status": ("GET", "/fapi/v2/account"),
        "v2/account.status": ("GET", "/fapi/v3/account"),
        "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
        "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
        "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
    }
)

SESSION_METHODS: frozenset[str] = frozenset({"session.logon", "session.status", "session.logout"})
"""Methods that concern the connection itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a client.

    Attributes:
        number: Its id, text or number as sent.
        method: Such as `order.place`.
        params: Its parameters as texts.
    """

    number: str | int | None
    method: str
    params: Mapping[str, str]


def parse_message(text: str) -> Message:
    """The message of a frame.

    Raises:
        VenueRefusal: -1100 or -1102, it is no message.
    """
    try:
        raw: Any = json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise malformed("JSON") from error
    if not isinstance(raw, dict):
        raise malformed("JSON")
    number = raw.get("id")
    if isinstance(number, bool) or not isinstance(number, str | int | None):
        raise malformed("id")
    method, given = raw.get("method"), raw.get("params", {})
    if not isinstance(method, str):
        raise malformed("method")
    if not isinstance(given, dict):
        raise malformed("params")
    params = {str(name): _text(value) for name, value in given.items() if value is not None}
    return Message(number=number, method=method, params=params)


def endpoint_of(method: str) -> Endpoint:
    """The endpoint that a method stands for.

    Raises:
        VenueRefusal: -1000 with HTTP 400, there is no such method.
    """
    place = _METHODS.get(method)
    if place is None:
        raise VenueRefusal(-1000, "Unknown method", status=400)
    return ENDPOINTS[place]


class Session:
    """Who has logged on to one connection.

    Args:
        keys: The API keys.
        connected_ms: Since when the connection is open, exchange time in ms.
    """

    def __init__(self, keys: Authenticator, connected_ms: int) -> None:
        self._connected_ms = connected_ms
        self._keys = keys
        self._key: ApiKey | None = None
        self._since_ms = 0

    def allow(self, message: Message, security: Security, now_ms: int) -> ApiKey | None:
        """The key that sent `message`, by its signature or by the logon before it.

        Raises:
            VenueRefusal: Neither is good.
        """
        if security is Security.NONE:
            return None
        params = message.params
        if "signature" in params:
            return self._keys.check_message(params, now_ms)
        if security is Security.KEY and "apiKey" in params:
            return self._keys.key(params["apiKey"])
        if self._key is None:
            raise refusal(-1102, name="signature")
        return self._keys.key(self._key.key)

    def change(self, message: Message, now_ms: int) -> dict[str, Any]:
        """Carries out a method of the session and gives its status.

        Raises:
            VenueRefusal: The logon is not good; only Ed25519 keys may log on.
        """
        if message.method == "session.logon":
            key = self._keys.check_message(message.params, now_ms)
            if key.public_key is None:
                raise VenueRefusal(-4056, "HMAC_SHA256 API key is not supported.", status=400)
            self._key, self._since_ms = key, now_ms
        elif message.method == "session.logout":
            self._key, self._since_ms = None, 0
        known = self._key is not None
        return {
            "apiKey": self._key.key if self._key is not None else None,
            "authorizedSince": self._since_ms if known else None,
            "connectedSince": self._connected_ms,
            "returnRateLimits": True,
            "serverTime": now_ms,
        }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
