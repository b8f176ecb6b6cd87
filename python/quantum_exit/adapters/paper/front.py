"""Lets requests in, or not: who sent them, what they cost, and which endpoint answers."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from quantum_exit.adapters.paper.auth import ApiKey, Security
from quantum_exit.adapters.paper.desk import Call, Desk
from quantum_exit.adapters.paper.errors import VenueRefusal, body_of, http_status, refusal, reply_of
from quantum_exit.adapters.paper.limits import Cost
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest.endpoint import Endpoint
from quantum_exit.adapters.paper.rest.table import ENDPOINTS, PATHS
from quantum_exit.adapters.paper.streams.ws_api import (
    SESSION_METHODS,
    Message,
    Session,
    endpoint_of,
    parse_message,
)
from quantum_exit.adapters.paper.wire import Json, JsonObject, Reply, Request
from quantum_exit.errors import InvalidInputError, VenueReject

_OK = 200
_BY_HAND = "by-hand-"
_NOT_FOUND = 404
_NOT_ALLOWED = 405


class Front:
    """Answers requests and messages.

    Args:
        desk: The exchange behind it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def answer(self, request: Request) -> Reply:
        """The reply to a REST request, which is carried out."""
        endpoint = ENDPOINTS.get((request.method, request.path))
        if endpoint is None:
            known = request.path in PATHS
            return Reply(status=_NOT_ALLOWED if known else _NOT_FOUND, body="")
        headers: dict[str, str] = {}
        try:
            return Reply(
                status=_OK, headers=headers, body=self._carried_out(endpoint, request, headers)
            )
        except VenueReject as reject:
            return reply_of(reject, headers)

    def act(self, account: int, method: str, path: str, query: str, now_ms: int) -> Reply:
        """The reply to a request of `account` that needs no key and costs nothing."""
        endpoint = ENDPOINTS.get((method, path))
        if endpoint is None:
            return Reply(status=_NOT_FOUND, body="")
        params = Params(dict(parse_qsl(query, keep_blank_values=True)))
        key = ApiKey(key=_BY_HAND, secret=_BY_HAND, account=account)
        try:
            return Reply(status=_OK, body=self._result(endpoint, params, key, now_ms))
        except VenueReject as reject:
            return reply_of(reject)

    def answer_message(
        self, session: Session, text: str, *, now_ms: int, address: str
    ) -> JsonObject:
        """The reply to a message of the WebSocket API, which is carried out."""
        number: str | int | None = None
        key: ApiKey | None = None
        try:
            message = parse_message(text)
            number = message.number
            if message.method in SESSION_METHODS:
                return {
                    "id": number,
                    "status": _OK,
                    "result": session.change(message, now_ms),
                    "rateLimits": self._desk.limits.counts(address, None, now_ms),
                }
            endpoint = endpoint_of(message.method)
            key, result = self._message_result(session, endpoint, message, now_ms, address)
        except VenueReject as reject:
            account = None if key is None else key.account
            status = reject.status if isinstance(reject, VenueRefusal) else http_status(reject.code)
            return {
                "id": number,
                "status": status,
                "error": body_of(reject),
                "rateLimits": self._desk.limits.counts(address, account, now_ms),
            }
        account = None if key is None else key.account
        return {
            "id": number,
            "status": _OK,
            "result": result,
            "rateLimits": self._desk.limits.counts(address, account, now_ms),
        }

    def _carried_out(self, endpoint: Endpoint, request: Request, headers: dict[str, str]) -> Json:
        values = request.params()
        params = Params(values)
        limits, now_ms = self._desk.limits, request.received_ms
        headers |= limits.charge_weight(request.address, endpoint.weight.of(params), now_ms)
        key = self._desk.keys.check(request, values, endpoint.security)
        self._permit(endpoint, key)
        headers |= self._charge_orders(endpoint, key, now_ms)
        return self._result(endpoint, params, key, now_ms)

    def _message_result(
        self, session: Session, endpoint: Endpoint, message: Message, now_ms: int, address: str
    ) -> tuple[ApiKey | None, Json]:
        params = Params(message.params)
        self._desk.limits.charge_weight(address, endpoint.weight.of(params), now_ms)
        key = session.allow(message, endpoint.security, now_ms)
        self._permit(endpoint, key)
        self._charge_orders(endpoint, key, now_ms)
        return key, self._result(endpoint, params, key, now_ms)

    def _permit(self, endpoint: Endpoint, key: ApiKey | None) -> None:
        if endpoint.security is not Security.NONE and key is None:
            raise refusal(-2014)
        if endpoint.trades and key is not None and not key.can_trade:
            raise refusal(-2015)

    def _charge_orders(
        self, endpoint: Endpoint, key: ApiKey | None, now_ms: int
    ) -> Mapping[str, str]:
        if key is None or not endpoint.orders_10s:
            return {}
        cost = Cost(orders_10s=endpoint.orders_10s, orders_1m=endpoint.orders_1m)
        return self._desk.limits.charge_orders(key.account, cost, now_ms)

    def _result(self, endpoint: Endpoint, params: Params, key: ApiKey | None, now_ms: int) -> Json:
        call = Call(desk=self._desk, params=params, key=key, now_ms=now_ms)
        try:
            found: Json = endpoint.handler(call)
        except InvalidInputError as error:
            # What the core calls a value that no driver may send, a client may send.
            raise refusal(-1130, name=error.field) from error
        return found
