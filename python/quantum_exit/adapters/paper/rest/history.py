"""Endpoints that list what an account did."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from quantum_exit._core import VenueFill, VenueOrder
from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.shapes import orders as shapes
from quantum_exit.adapters.paper.wire import JsonObject

_ALL = 100_000
_TIMES = ("startTime", "endTime")
_FORCED = (("LIQUIDATION", "autoclose-"), ("ADL", "adl_autoclose"))


Item = TypeVar("Item")


def all_orders(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/allOrders`."""
    symbol, params = call.symbol(), call.params
    from_id = params.optional_integer("orderId") or 0
    limit = call.limit(500, 1_000)
    found = call.venue.all_orders(
        call.account, symbol.name, from_order_id=from_id, limit=call.reach(limit, *_TIMES)
    )
    chosen = _chosen(found, params, limit, [order.created_ms for order in found])
    return [shapes.queried(order, symbol) for order in chosen]


def user_trades(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/userTrades`."""
    symbol, params = call.symbol(), call.params
    order_id = params.optional_integer("orderId")
    from_id = params.optional_integer("fromId") or 0
    limit = call.limit(500, 1_000)
    found: Sequence[VenueFill] = [
        fill
        for fill in call.venue.fills(
            call.account,
            symbol.name,
            from_trade_id=from_id,
            limit=call.reach(limit, *_TIMES, "orderId"),
        )
        if order_id is None or fill.order_id == order_id
    ]
    chosen = _chosen(found, params, limit, [fill.ts_ms for fill in found])
    return [shapes.user_trade(fill, symbol) for fill in chosen]


def forced_orders(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/forceOrders`: liquidations and ADL."""
    params = call.params
    kind = params.optional_choice("autoCloseType", tuple(name for name, _ in _FORCED), -1130)
    prefixes = tuple(prefix for name, prefix in _FORCED if kind in (None, name))
    symbols = call.symbol_or_all()
    limit = call.limit(50, 100)
    found: list[VenueOrder] = [
        order
        for symbol in symbols
        for order in call.venue.all_orders(call.account, symbol.name, limit=_ALL)
        if order.client_id.startswith(prefixes)
    ]
    chosen = _chosen(found, params, limit, [order.created_ms for order in found])
    return [shapes.forced(o, call.desk.info.symbols.get(o.symbol)) for o in chosen]


def _chosen(
    found: Sequence[Item], params: Params, limit: int, times_ms: Sequence[int]
) -> Sequence[Item]:
    start_ms = params.optional_integer("startTime")
    end_ms = params.optional_integer("endTime")
    within = [
        item
        for item, ts_ms in zip(found, times_ms, strict=True)
        if (start_ms is None or ts_ms >= start_ms) and (end_ms is None or ts_ms <= end_ms)
    ]
    first = start_ms is not None or params.has("orderId") or params.has("fromId")
    return within[:limit] if first else within[-limit:]


_list = partial(Endpoint, method="GET")

ENDPOINTS: tuple[Endpoint, ...] = (
    _list(path="/fapi/v1/allOrders", handler=all_orders, weight=Weight(5)),
    _list(path="/fapi/v1/userTrades", handler=user_trades, weight=Weight(5)),
    _list(path="/fapi/v1/forceOrders", handler=forced_orders, weight=Weight(20, 50)),
)
