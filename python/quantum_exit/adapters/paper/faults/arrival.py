"""A request as the faults see it: what it asks for, and of which order."""

from collections.abc import Mapping
from dataclasses import dataclass

from quantum_exit.adapters.paper.streams.ws_api import (
    SESSION_METHODS,
    Message,
    endpoint_of,
    parse_message,
)
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.errors import VenueReject

ORDER = "/fapi/v1/order"
ALGO = "/fapi/v1/algoOrder"
BATCH = "/fapi/v1/batchOrders"
LISTEN_KEY = "/fapi/v1/listenKey"
_PLACES = frozenset({f"POST {ORDER}", f"POST {ALGO}"})
_CANCELS = frozenset({f"DELETE {ORDER}", f"DELETE {ALGO}"})
_QUERIES = frozenset({f"GET {ORDER}", f"GET {ALGO}", "GET /fapi/v1/openOrder"})
_LISTS = frozenset(
    {
        "GET /fapi/v1/openOrders",
        "GET /fapi/v1/openAlgoOrders",
        "GET /fapi/v1/allOrders",
        "GET /fapi/v1/allAlgoOrders",
    }
)
_IDS = ("newClientOrderId", "clientAlgoId", "origClientOrderId")
_RECV_WINDOW_MS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request that arrived.

    Attributes:
        kind: Method and path, such as `POST /fapi/v1/algoOrder`.
        params: Its parameters, decoded.
        now_ms: Exchange time, ms since the UNIX epoch.
        api_key: Who sent it, or empty.
    """

    kind: str
    params: Mapping[str, str]
    now_ms: int
    api_key: str

    @classmethod
    def of(cls, kind: str, request: Request) -> "Arrival":
        """What `request` asks for; one of the WebSocket API counts as the REST request it stands for."""
        message = _message(request) if request.method == "WS" else None
        if message is None:
            api_key = request.headers.get("x-mbx-apikey", "")
            return cls(
                kind=kind, params=request.params(), now_ms=request.received_ms, api_key=api_key
            )
        return cls(
            kind=_kind(message),
            params=message.params,
            now_ms=request.received_ms,
            api_key=message.params.get("apiKey", ""),
        )

    @property
    def symbol(self) -> str:
        """The symbol, or empty."""
        return self.params.get("symbol", "")

    @property
    def client_id(self) -> str:
        """The client id of the order that it is about, or empty."""
        return next((self.params[name] for name in _IDS if name in self.params), "")

    @property
    def recv_window_ms(self) -> int:
        """How late it may be, in ms; the exchange's default where it does not say."""
        text = self.params.get("recvWindow", "")
        return int(text) if text.isdecimal() else _RECV_WINDOW_MS

    @property
    def places(self) -> bool:
        """Whether it places one order."""
        return self.kind in _PLACES

    @property
    def cancels(self) -> bool:
        """Whether it cancels one order."""
        return self.kind in _CANCELS

    @property
    def changes_orders(self) -> bool:
        """Whether it places, amends or cancels orders, one or more."""
        method, _, path = self.kind.partition(" ")
        return method != "GET" and path.endswith(("rder", "rders"))

    @property
    def queries(self) -> bool:
        """Whether it asks for one order."""
        return self.kind in _QUERIES

    @property
    def lists(self) -> bool:
        """Whether it asks for a list of orders."""
        return self.kind in _LISTS

    @property
    def is_batch(self) -> bool:
        """Whether it is about several orders, each with its own result."""
        return self.kind.endswith(BATCH)

    @property
    def is_reduce_only(self) -> bool:
        """Whether it places an order that can only reduce."""
        return self.places and self.params.get("reduceOnly", "").lower() == "true"

    @property
    def closes_position(self) -> bool:
        """Whether it places an order that closes whatever is open."""
        return self.places and self.params.get("closePosition", "").lower() == "true"

    @property
    def is_conditional(self) -> bool:
        """Whether it places an order of the algo service."""
        return self.kind == f"POST {ALGO}"

    @property
    def is_stop(self) -> bool:
        """Whether it places a stop with a trigger price."""
        return self.places and self.params.get("type") in ("STOP_MARKET", "STOP")


def _message(request: Request) -> Message | None:
    try:
        return parse_message(request.body)
    except VenueReject:
        # The exchange will say so itself.
        return None


def _kind(message: Message) -> str:
    if message.method in SESSION_METHODS:
        return message.method
    try:
        endpoint = endpoint_of(message.method)
    except VenueReject:
        return message.method
    return f"{endpoint.method} {endpoint.path}"
