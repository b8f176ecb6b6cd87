"""Regular orders and user trades as REST replies."""

from quantum_exit._core import VenueFill, VenueOrder
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, trimmed
from quantum_exit.adapters.paper.wire import JsonObject


def placed(order: VenueOrder, symbol: Symbol, *, acknowledge: bool) -> JsonObject:
    """The reply to a new order; it carries no average price since July 2026.

    Args:
        order: The order after it has matched.
        symbol: Its symbol.
        acknowledge: The client asked for `ACK`: the order as it was accepted, before it matched.
    """
    filled_lots = 0 if acknowledge else order.filled_lots
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": "NEW" if acknowledge else order.status,
        "clientOrderId": order.client_id,
        "price": symbol.price.text(order.price_ticks),
        "origQty": symbol.qty.text(order.lots),
        "executedQty": symbol.qty.text(filled_lots),
        "cumQty": symbol.qty.text(filled_lots),
        **_kind(order, symbol),
        "updateTime": order.updated_ms,
    }


def canceled(order: VenueOrder, symbol: Symbol) -> JsonObject:
    """The reply to a cancellation."""
    return placed(order, symbol, acknowledge=False)


def amended(order: VenueOrder, symbol: Symbol) -> JsonObject:
    """The reply to an amendment."""
    return {**placed(order, symbol, acknowledge=False), "pair": order.symbol}


def queried(order: VenueOrder, symbol: Symbol) -> JsonObject:
    """An order as queries show it."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": symbol.price.text(order.price_ticks),
        "avgPrice": symbol.average(order.quote_e8, order.filled_lots, symbol.price_digits),
        "origQty": symbol.qty.text(order.lots),
        "executedQty": symbol.qty.text(order.filled_lots),
        "cumQuote": trimmed(cash_text(order.quote_e8)),
        **_kind(order, symbol),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def forced(order: VenueOrder, symbol: Symbol) -> JsonObject:
    """An order that the venue made, as `GET /fapi/v1/forceOrders` shows it."""
    shown = queried(order, symbol)
    hidden = ("priceProtect", "priceMatch", "selfTradePreventionMode", "goodTillDate")
    return {key: value for key, value in shown.items() if key not in hidden}


def tested(order_id: int, sent: JsonObject, symbol: Symbol, now_ms: int) -> JsonObject:
    """The reply to a test order: as if `sent` had been accepted under `order_id`."""
    nothing = symbol.qty.text(0)
    return {
        "orderId": order_id,
        "symbol": symbol.name,
        "status": "NEW",
        **sent,
        "avgPrice": symbol.average(0, 0, symbol.price_digits),
        "executedQty": nothing,
        "cumQty": nothing,
        "cumQuote": "0",
        "stopPrice": symbol.price.text(0),
        "closePosition": False,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "updateTime": now_ms,
    }


def user_trade(fill: VenueFill, symbol: Symbol) -> JsonObject:
    """A trade of the account."""
    return {
        "symbol": fill.symbol,
        "id": fill.trade_id,
        "orderId": fill.order_id,
        "side": fill.side,
        "price": symbol.price.text(fill.price_ticks),
        "qty": symbol.qty.text(fill.lots),
        "realizedPnl": cash_text(fill.realized_e8),
        "marginAsset": symbol.margin_asset,
        "quoteQty": trimmed(cash_text(fill.quote_e8)),
        "commission": cash_text(fill.fee_e8),
        "commissionAsset": symbol.margin_asset,
        "time": fill.ts_ms,
        "positionSide": fill.position_side,
        "buyer": fill.side == "BUY",
        "maker": fill.maker,
    }


def _kind(order: VenueOrder, symbol: Symbol) -> JsonObject:
    return {
        "timeInForce": order.time_in_force,
        "type": order.type,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": order.position_side,
        "stopPrice": symbol.price.text(order.stop_price_ticks),
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "origType": order.orig_type,
        "priceMatch": order.price_match,
        "selfTradePreventionMode": order.stp_mode,
        "goodTillDate": order.good_till_ms,
    }
