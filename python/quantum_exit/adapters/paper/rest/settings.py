"""Endpoints that change how an account trades, and its listen key."""

from functools import partial

from quantum_exit.adapters.paper.auth import Security
from quantum_exit.adapters.paper.desk import Call, MarginChange
from quantum_exit.adapters.paper.errors import VenueRefusal, malformed, refusal
from quantum_exit.adapters.paper.rest.choices import MARGIN_TYPES, POSITION_SIDES
from quantum_exit.adapters.paper.rest.endpoint import Endpoint
from quantum_exit.adapters.paper.symbols import CASH_DECIMALS, cash_text, trimmed
from quantum_exit.adapters.paper.wire import JsonObject

_ADD, _TAKE = 1, 2
_SUCCESS = (("code", 200), ("msg", "success"))


def set_position_mode(call: Call) -> JsonObject:
    """`POST /fapi/v1/positionSide/dual`."""
    if not call.params.has("dualSidePosition"):
        raise malformed("dualSidePosition")
    call.venue.set_hedge_mode(call.account, call.params.flag("dualSidePosition"))
    return dict(_SUCCESS)


def set_leverage(call: Call) -> JsonObject:
    """`POST /fapi/v1/leverage`."""
    symbol = call.symbol()
    leverage = call.params.integer("leverage")
    most = call.desk.brackets.of(symbol.name)[0].max_leverage
    if not 1 <= leverage <= most:
        raise VenueRefusal(-4028, f"Leverage {leverage} is not valid")
    settings = call.venue.set_leverage(call.account, symbol.name, leverage)
    return {
        "symbol": symbol.name,
        "leverage": settings.leverage,
        "maxNotionalValue": trimmed(cash_text(settings.max_notional_e8)),
    }


def set_margin_type(call: Call) -> JsonObject:
    """`POST /fapi/v1/marginType`."""
    symbol = call.symbol()
    call.venue.set_margin_type(
        call.account, symbol.name, MARGIN_TYPES.required(call.params, "marginType")
    )
    return dict(_SUCCESS)


def change_margin(call: Call) -> JsonObject:
    """`POST /fapi/v1/positionMargin`."""
    symbol, params = call.symbol(), call.params
    amount = params.decimal("amount")
    kind = params.integer("type")
    if kind not in (_ADD, _TAKE):
        raise refusal(-1130, name="type")
    units = amount.scaleb(CASH_DECIMALS)
    if units != int(units) or units > 1 << 62:
        raise refusal(-1111)
    signed_e8 = int(units) if kind == _ADD else -int(units)
    side = POSITION_SIDES.optional(params, "positionSide") or "BOTH"
    call.venue.change_isolated_margin(call.account, symbol.name, signed_e8, side)
    call.desk.margin_changes.append(
        MarginChange(call.account, symbol.name, side, signed_e8, call.now_ms)
    )
    return {
        "amount": float(amount),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": kind,
    }


def margin_history(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/positionMargin/history`."""
    symbol = call.symbol()
    return [
        {
            "symbol": change.symbol,
            "type": _ADD if change.amount_e8 > 0 else _TAKE,
            "deltaType": "USER_ADJUST",
            "amount": cash_text(abs(change.amount_e8)),
            "asset": call.desk.asset,
            "time": change.ts_ms,
            "positionSide": change.position_side,
        }
        for change in call.desk.margin_changes
        if change.account == call.account and change.symbol == symbol.name
    ][-call.limit(500, 500) :]


def start_stream(call: Call) -> JsonObject:
    """`POST /fapi/v1/listenKey`."""
    return {"listenKey": call.desk.listen_keys.start(call.account, call.now_ms)}


def keep_stream(call: Call) -> JsonObject:
    """`PUT /fapi/v1/listenKey`."""
    return {"listenKey": call.desk.listen_keys.keep_alive(call.account, call.now_ms)}


def close_stream(call: Call) -> JsonObject:
    """`DELETE /fapi/v1/listenKey`."""
    if call.desk.listen_keys.close(call.account) is None:
        raise refusal(-1125)
    return {}


_change = partial(Endpoint, method="POST", trades=True)
_stream = partial(Endpoint, path="/fapi/v1/listenKey", security=Security.KEY)

ENDPOINTS: tuple[Endpoint, ...] = (
    _change(path="/fapi/v1/positionSide/dual", handler=set_position_mode),
    _change(path="/fapi/v1/leverage", handler=set_leverage),
    _change(path="/fapi/v1/marginType", handler=set_margin_type),
    _change(path="/fapi/v1/positionMargin", handler=change_margin),
    Endpoint(method="GET", path="/fapi/v1/positionMargin/history", handler=margin_history),
    _stream(method="POST", handler=start_stream),
    _stream(method="PUT", handler=keep_stream),
    _stream(method="DELETE", handler=close_stream),
)
