"""The parameters of regular orders, checked in the order in which Binance checks them."""

from dataclasses import dataclass

from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.errors import VenueRefusal, malformed, refusal
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest.choices import (
    ALGO_TYPES,
    ORDER_TYPES,
    POSITION_SIDES,
    PRICE_MATCHES,
    RESPONSE_TYPES,
    SIDES,
    STP_MODES,
    TIMES_IN_FORCE,
    OrderType,
    PositionSide,
    PriceMatch,
    Side,
    StpMode,
    TimeInForce,
)
from quantum_exit.adapters.paper.symbols import Symbol

_STP_DEFAULT: StpMode = "EXPIRE_MAKER"
_NOT_FOR_REGULAR = ("stopPrice", "triggerPrice", "activationPrice", "activatePrice", "callbackRate")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    """A new regular order as its parameters describe it.

    Attributes:
        symbol: The symbol.
        side: Buy or sell.
        type: LIMIT or MARKET.
        lots: Quantity.
        price_ticks: Limit price, 0 for MARKET and where `price_match` names the price.
        time_in_force: How long it rests.
        position_side: The side of the position that it is for.
        reduce_only: It may only reduce.
        client_id: The id that the client chose, or `None`.
        good_till_ms: End of a GTD order, else 0.
        price_match: The queue price that it takes.
        stp_mode: Self-trade prevention.
        acknowledge: The reply is the order as accepted, not as matched.
    """

    symbol: Symbol
    side: Side
    type: OrderType
    lots: int
    price_ticks: int
    time_in_force: TimeInForce
    position_side: PositionSide
    reduce_only: bool
    client_id: str | None
    good_till_ms: int
    price_match: PriceMatch
    stp_mode: StpMode
    acknowledge: bool


def order_spec(call: Call) -> OrderSpec:
    """The order of a `POST` to `/fapi/v1/order`.

    Raises:
        VenueRefusal: A parameter is missing, malformed or does not belong.
    """
    params = call.params
    symbol = call.symbol()
    side = SIDES.required(params, "side")
    if params.raw("type") in ALGO_TYPES.words:
        raise refusal(-4120)
    kind = ORDER_TYPES.required(params, "type")
    for name in _NOT_FOR_REGULAR:
        if params.has(name):
            raise refusal(-1106, name=name.lower())
    if params.flag("closePosition"):
        raise refusal(-4136, type=kind, close="true")
    price_match = PRICE_MATCHES.optional(params, "priceMatch") or "NONE"
    time_in_force = _time_in_force(params, kind)
    return OrderSpec(
        symbol=symbol,
        side=side,
        type=kind,
        lots=quantity(params, symbol),
        price_ticks=_price(params, symbol, kind, price_match),
        time_in_force=time_in_force,
        position_side=POSITION_SIDES.optional(params, "positionSide") or "BOTH",
        reduce_only=reduce_only(call),
        client_id=params.client_id("newClientOrderId"),
        good_till_ms=good_till_ms(params, time_in_force),
        price_match=price_match,
        stp_mode=STP_MODES.optional(params, "selfTradePreventionMode") or _STP_DEFAULT,
        acknowledge=(RESPONSE_TYPES.optional(params, "newOrderRespType") or "ACK") == "ACK",
    )


def quantity(params: Params, symbol: Symbol, name: str = "quantity") -> int:
    """The mandatory quantity in lots, above 0."""
    lots = symbol.lots(params.decimal(name))
    if lots == 0:
        raise refusal(-4003)
    return lots


def limit_price(params: Params, symbol: Symbol, price_match: PriceMatch) -> int:
    """The price of a limit order in ticks, or 0 where `price_match` names it."""
    if price_match != "NONE":
        if params.has("price"):
            raise refusal(-1106, name="price")
        return 0
    return price(params, symbol, "price")


def price(params: Params, symbol: Symbol, name: str) -> int:
    """A mandatory price in ticks, above 0."""
    ticks = symbol.ticks(params.decimal(name))
    if ticks == 0:
        raise refusal(-4001)
    return ticks


def reduce_only(call: Call) -> bool:
    """The parameter `reduceOnly`, which hedge mode does not have."""
    if call.params.has("reduceOnly") and call.venue.hedge_mode(call.account):
        raise refusal(-1106, name="reduceonly")
    return call.params.flag("reduceOnly")


def good_till_ms(params: Params, time_in_force: TimeInForce) -> int:
    """End of a GTD order, which must name it, in ms; 0 for others."""
    return params.integer("goodTillDate") if time_in_force == "GTD" else 0


def order_reference(params: Params) -> tuple[int | None, str | None]:
    """The id of an order, or the id that its client chose; the first goes before the second.

    Raises:
        VenueRefusal: -1102, neither was sent.
    """
    order_id = params.optional_integer("orderId")
    client_id = params.client_id("origClientOrderId")
    if order_id is None and client_id is None:
        text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        raise VenueRefusal(-1102, text)
    return order_id, (client_id if order_id is None else None)


def _time_in_force(params: Params, kind: OrderType) -> TimeInForce:
    given = TIMES_IN_FORCE.optional(params, "timeInForce")
    if kind == "MARKET":
        if given is not None:
            raise refusal(-1106, name="timeinforce")
        return "GTC"
    if given is None:
        raise malformed("timeInForce")
    return given


def _price(params: Params, symbol: Symbol, kind: OrderType, price_match: PriceMatch) -> int:
    if kind == "LIMIT":
        return limit_price(params, symbol, price_match)
    if params.has("price"):
        raise refusal(-1106, name="price")
    return 0
