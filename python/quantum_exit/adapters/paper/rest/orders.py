"""Endpoints of regular orders."""

from functools import partial

from quantum_exit._core import VenueOrder
from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.errors import refusal
from quantum_exit.adapters.paper.rest.choices import PRICE_MATCHES, SIDES
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.rest.order_params import (
    OrderSpec,
    limit_price,
    order_reference,
    order_spec,
    quantity,
)
from quantum_exit.adapters.paper.shapes import orders as shapes
from quantum_exit.adapters.paper.wire import JsonObject

_OPEN = ("NEW", "PARTIALLY_FILLED")


def place(call: Call) -> JsonObject:
    """`POST /fapi/v1/order`."""
    spec = order_spec(call)
    order = call.venue.place(
        call.account,
        spec.symbol.name,
        spec.side,
        spec.type,
        spec.lots,
        spec.price_ticks,
        time_in_force=spec.time_in_force,
        position_side=spec.position_side,
        reduce_only=spec.reduce_only,
        client_id=spec.client_id,
        good_till_ms=spec.good_till_ms,
        price_match=spec.price_match,
        stp_mode=spec.stp_mode,
    )
    return shapes.placed(order, spec.symbol, acknowledge=spec.acknowledge)


def check(call: Call) -> JsonObject:
    """`POST /fapi/v1/order/test`: refuses what a real order would be refused for."""
    spec = order_spec(call)
    call.venue.check(
        call.account,
        spec.symbol.name,
        spec.side,
        spec.type,
        spec.lots,
        spec.price_ticks,
        time_in_force=spec.time_in_force,
        position_side=spec.position_side,
        reduce_only=spec.reduce_only,
        client_id=spec.client_id,
        good_till_ms=spec.good_till_ms,
        price_match=spec.price_match,
        stp_mode=spec.stp_mode,
    )
    return shapes.tested(0, _as_sent(spec), spec.symbol, call.now_ms)


def amend(call: Call) -> JsonObject:
    """`PUT /fapi/v1/order`."""
    params, symbol = call.params, call.symbol()
    order_id, client_id = order_reference(params)
    price_match = PRICE_MATCHES.optional(params, "priceMatch") or "NONE"
    order = call.venue.amend(
        call.account,
        symbol.name,
        SIDES.required(params, "side"),
        quantity(params, symbol),
        limit_price(params, symbol, price_match),
        order_id=order_id,
        client_id=client_id,
        price_match=price_match,
    )
    return shapes.amended(order, symbol)


def cancel(call: Call) -> JsonObject:
    """`DELETE /fapi/v1/order`."""
    symbol = call.symbol()
    order_id, client_id = order_reference(call.params)
    order = call.venue.cancel(call.account, symbol.name, order_id=order_id, client_id=client_id)
    return shapes.canceled(order, symbol)


def query(call: Call) -> JsonObject:
    """`GET /fapi/v1/order`."""
    return shapes.queried(_found(call), call.symbol())


def query_open(call: Call) -> JsonObject:
    """`GET /fapi/v1/openOrder`."""
    order = _found(call)
    if order.status not in _OPEN:
        raise refusal(-2013)
    return shapes.queried(order, call.symbol())


def open_orders(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/openOrders`."""
    name = call.params.optional_symbol()
    symbols = call.desk.info.symbols
    if name is not None:
        symbols.get(name)
    found = call.venue.open_orders(call.account, name)
    return [shapes.queried(order, symbols.get(order.symbol)) for order in found]


def cancel_all(call: Call) -> JsonObject:
    """`DELETE /fapi/v1/allOpenOrders`."""
    call.venue.cancel_all(call.account, call.symbol().name)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def countdown(call: Call) -> JsonObject:
    """`POST /fapi/v1/countdownCancelAll`."""
    symbol = call.symbol()
    countdown_ms = call.params.integer("countdownTime")
    call.venue.countdown_cancel_all(call.account, symbol.name, countdown_ms)
    return {"symbol": symbol.name, "countdownTime": str(countdown_ms)}


def _found(call: Call) -> VenueOrder:
    order_id, client_id = order_reference(call.params)
    return call.venue.order(
        call.account, call.symbol().name, order_id=order_id, client_id=client_id
    )


def _as_sent(spec: OrderSpec) -> JsonObject:
    return {
        "clientOrderId": spec.client_id or "",
        "origQty": spec.symbol.qty.text(spec.lots),
        "price": spec.symbol.price.text(spec.price_ticks),
        "reduceOnly": spec.reduce_only,
        "side": spec.side,
        "positionSide": spec.position_side,
        "timeInForce": spec.time_in_force,
        "type": spec.type,
        "origType": spec.type,
        "priceMatch": spec.price_match,
        "selfTradePreventionMode": spec.stp_mode,
        "goodTillDate": spec.good_till_ms,
    }


_order = partial(Endpoint, path="/fapi/v1/order")
_counted = partial(_order, weight=Weight(0), orders_10s=1, orders_1m=1, trades=True)

ENDPOINTS: tuple[Endpoint, ...] = (
    _counted(method="POST", handler=place),
    _counted(method="PUT", handler=amend),
    _order(method="DELETE", handler=cancel, trades=True),
    _order(method="GET", handler=query),
    Endpoint(method="POST", path="/fapi/v1/order/test", handler=check, trades=True),
    Endpoint(method="GET", path="/fapi/v1/openOrder", handler=query_open),
    Endpoint(method="GET", path="/fapi/v1/openOrders", handler=open_orders, weight=Weight(1, 40)),
    Endpoint(method="DELETE", path="/fapi/v1/allOpenOrders", handler=cancel_all, trades=True),
    Endpoint(
        method="POST",
        path="/fapi/v1/countdownCancelAll",
        handler=countdown,
        weight=Weight(10),
        trades=True,
    ),
)
