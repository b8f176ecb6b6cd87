"""Conditional orders of the algo service as REST replies."""

from quantum_exit._core import VenueAlgo
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, fixed, trimmed
from quantum_exit.adapters.paper.wire import JsonObject

_TRAILING = "TRAILING_STOP_MARKET"
_PPM_OF_PERCENT = 4


def placed(algo: VenueAlgo, symbol: Symbol) -> JsonObject:
    """The reply to a new algo order."""
    return {
        **_head(algo, symbol),
        "triggerPrice": symbol.price.text(algo.trigger_ticks),
        "price": symbol.price.text(algo.price_ticks),
        "icebergQuantity": None,
        **_kind(algo),
        "activatePrice": activation_text(algo),
        "callbackRate": callback_text(algo),
        **_times(algo),
    }


def canceled(algo: VenueAlgo) -> JsonObject:
    """The reply to a cancellation."""
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "code": "200",
        "msg": "success",
    }


def queried(algo: VenueAlgo, symbol: Symbol) -> JsonObject:
    """An algo order as queries show it; they tell no callback rate."""
    nothing = symbol.price.text(0)
    return {
        **_head(algo, symbol),
        "actualOrderId": child_id(algo),
        "actualPrice": _child_price(algo, symbol),
        "actualQty": symbol.qty.text(algo.child_filled_lots),
        "actualType": child_type(algo),
        "triggerPrice": symbol.price.text(algo.trigger_ticks),
        "price": symbol.price.text(algo.price_ticks),
        "icebergQuantity": None,
        "tpTriggerPrice": nothing,
        "tpPrice": nothing,
        "slTriggerPrice": nothing,
        "slPrice": nothing,
        "tpOrderType": "",
        **_kind(algo),
        **_times(algo),
    }


def opened(algo: VenueAlgo, symbol: Symbol) -> JsonObject:
    """An algo order as the list of open ones shows it."""
    shown = queried(algo, symbol)
    return {key: value for key, value in shown.items() if key not in ("actualQty", "actualType")}


def child_id(algo: VenueAlgo) -> str:
    """Id of the child order, empty while there is none."""
    return str(algo.order_id) if algo.order_id else ""


def child_type(algo: VenueAlgo) -> str:
    """Type of the child order, empty while there is none."""
    if not algo.order_id:
        return ""
    return "LIMIT" if algo.type in ("STOP", "TAKE_PROFIT") else "MARKET"


def activation_text(algo: VenueAlgo) -> str:
    """Activation price of a trailing order, else empty."""
    return trimmed(cash_text(algo.activation_e8)) if algo.type == _TRAILING else ""


def callback_text(algo: VenueAlgo) -> str:
    """Callback rate of a trailing order in percent, else empty."""
    return trimmed(fixed(algo.callback_ppm, _PPM_OF_PERCENT)) if algo.type == _TRAILING else ""


def _child_price(algo: VenueAlgo, symbol: Symbol) -> str:
    return symbol.average(algo.child_quote_e8, algo.child_filled_lots, symbol.price_digits)


def _head(algo: VenueAlgo, symbol: Symbol) -> JsonObject:
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.type,
        "symbol": algo.symbol,
        "side": algo.side,
        "positionSide": algo.position_side,
        "timeInForce": algo.time_in_force,
        "quantity": symbol.qty.text(algo.lots),
        "algoStatus": algo.status,
    }


def _kind(algo: VenueAlgo) -> JsonObject:
    return {
        "selfTradePreventionMode": algo.stp_mode,
        "workingType": algo.working_type,
        "priceMatch": algo.price_match,
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
    }


def _times(algo: VenueAlgo) -> JsonObject:
    return {
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": algo.good_till_ms,
    }
