"""Endpoints of the algo service."""

from functools import partial

from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.rest.algo_params import algo_reference, algo_spec
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.shapes import algo as shapes
from quantum_exit.adapters.paper.wire import JsonObject

_TIMES = ("startTime", "endTime")


def place(call: Call) -> JsonObject:
    """`POST /fapi/v1/algoOrder`."""
    spec = algo_spec(call)
    algo = call.venue.place_algo(
        call.account,
        spec.symbol.name,
        spec.side,
        spec.type,
        lots=spec.lots,
        price_ticks=spec.price_ticks,
        trigger_ticks=spec.trigger_ticks,
        activation_ticks=spec.activation_ticks,
        callback_ppm=spec.callback_ppm,
        time_in_force=spec.time_in_force,
        position_side=spec.position_side,
        working_type=spec.working_type,
        price_protect=spec.price_protect,
        close_position=spec.close_position,
        reduce_only=spec.reduce_only,
        client_id=spec.client_id,
        good_till_ms=spec.good_till_ms,
        price_match=spec.price_match,
        stp_mode=spec.stp_mode,
    )
    return shapes.placed(algo, spec.symbol)


def cancel(call: Call) -> JsonObject:
    """`DELETE /fapi/v1/algoOrder`."""
    algo_id, client_id = algo_reference(call.params)
    return shapes.canceled(
        call.venue.cancel_algo(call.account, algo_id=algo_id, client_id=client_id)
    )


def query(call: Call) -> JsonObject:
    """`GET /fapi/v1/algoOrder`."""
    algo_id, client_id = algo_reference(call.params)
    algo = call.venue.algo(call.account, algo_id=algo_id, client_id=client_id)
    return shapes.queried(algo, call.desk.info.symbols.get(algo.symbol))


def open_algos(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/openAlgoOrders`."""
    name = call.params.optional_symbol()
    algo_id = call.params.optional_integer("algoId")
    symbols = call.desk.info.symbols
    if name is not None:
        symbols.get(name)
    return [
        shapes.opened(algo, symbols.get(algo.symbol))
        for algo in call.venue.open_algos(call.account, name)
        if algo_id is None or algo.algo_id == algo_id
    ]


def all_algos(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/allAlgoOrders`."""
    symbol, params = call.symbol(), call.params
    from_id = params.optional_integer("algoId") or 0
    start_ms = params.optional_integer("startTime")
    end_ms = params.optional_integer("endTime")
    limit = call.limit(500, 1_000)
    found = [
        algo
        for algo in call.venue.all_algos(
            call.account, symbol.name, from_algo_id=from_id, limit=call.reach(limit, *_TIMES)
        )
        if (start_ms is None or algo.created_ms >= start_ms)
        and (end_ms is None or algo.created_ms <= end_ms)
    ]
    chosen = found[-limit:] if start_ms is None and not from_id else found[:limit]
    return [shapes.opened(algo, symbol) for algo in chosen]


def cancel_all(call: Call) -> JsonObject:
    """`DELETE /fapi/v1/algoOpenOrders`."""
    call.venue.cancel_all_algos(call.account, call.symbol().name)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


_algo = partial(Endpoint, path="/fapi/v1/algoOrder")

ENDPOINTS: tuple[Endpoint, ...] = (
    _algo(method="POST", handler=place, weight=Weight(0), orders_10s=1, orders_1m=1, trades=True),
    _algo(method="DELETE", handler=cancel, trades=True),
    _algo(method="GET", handler=query),
    Endpoint(
        method="GET", path="/fapi/v1/openAlgoOrders", handler=open_algos, weight=Weight(1, 40)
    ),
    Endpoint(method="GET", path="/fapi/v1/allAlgoOrders", handler=all_algos, weight=Weight(5)),
    Endpoint(method="DELETE", path="/fapi/v1/algoOpenOrders", handler=cancel_all, trades=True),
)
