"""Endpoints of several orders at once: each is carried out or refused by itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.errors import VenueRefusal, body_of, malformed
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest import orders
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import VenueReject

_MAX_PLACED = 5
_MAX_CANCELED = 10


def place(call: Call) -> list[JsonObject]:
    """`POST /fapi/v1/batchOrders`."""
    return [_each(call, entry, orders.place) for entry in _entries(call)]


def amend(call: Call) -> list[JsonObject]:
    """`PUT /fapi/v1/batchOrders`."""
    return [_each(call, entry, orders.amend) for entry in _entries(call)]


def cancel(call: Call) -> list[JsonObject]:
    """`DELETE /fapi/v1/batchOrders`."""
    symbol = call.symbol().name
    name, given = _canceled(call)
    if not 1 <= len(given) <= _MAX_CANCELED:
        raise VenueRefusal(-4083, "Invalid number of batch cancel orders.")
    entries = [{"symbol": symbol, name: str(reference)} for reference in given]
    return [_each(call, entry, orders.cancel) for entry in entries]


def _canceled(call: Call) -> tuple[str, list[Any]]:
    # Clients also send these two names in lower case, which the exchange accepts.
    for name in ("orderId", "origClientOrderId"):
        for sent in (f"{name}List", f"{name}List".lower()):
            if call.params.has(sent):
                return name, _list(call, sent)
    raise malformed("origClientOrderIdList")


def _entries(call: Call) -> list[dict[str, str]]:
    given = _list(call, "batchOrders")
    if not 1 <= len(given) <= _MAX_PLACED:
        raise VenueRefusal(-4082, "Invalid number of batch place orders.")
    if not all(isinstance(entry, Mapping) for entry in given):
        raise malformed("batchOrders")
    return [{str(name): _text(value) for name, value in entry.items()} for entry in given]


def _list(call: Call, name: str) -> list[Any]:
    try:
        given = json.loads(call.params.text(name), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise malformed(name) from error
    if not isinstance(given, list):
        raise malformed(name)
    return given


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _each(
    call: Call, entry: Mapping[str, str], carry_out: Callable[[Call], JsonObject]
) -> JsonObject:
    try:
        return carry_out(replace(call, params=Params(entry)))
    except VenueReject as reject:
        return body_of(reject)


_batch = partial(Endpoint, path="/fapi/v1/batchOrders", trades=True)

ENDPOINTS: tuple[Endpoint, ...] = (
    _batch(method="POST", handler=place, weight=Weight(5), orders_10s=5, orders_1m=1),
    _batch(method="PUT", handler=amend, weight=Weight(5), orders_10s=5, orders_1m=1),
    _batch(method="DELETE", handler=cancel),
)
