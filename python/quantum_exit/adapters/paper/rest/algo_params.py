"""The parameters of conditional orders, checked in the order in which Binance checks them."""

from dataclasses import dataclass
from decimal import Decimal

from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.errors import VenueRefusal, malformed, refusal
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest.choices import (
    ALGO_TYPES,
    POSITION_SIDES,
    PRICE_MATCHES,
    SIDES,
    STP_MODES,
    TIMES_IN_FORCE,
    WORKING_TYPES,
    AlgoType,
    PositionSide,
    PriceMatch,
    Side,
    StpMode,
    TimeInForce,
    WorkingType,
)
from quantum_exit.adapters.paper.rest.order_params import (
    good_till_ms,
    limit_price,
    price,
    quantity,
    reduce_only,
)
from quantum_exit.adapters.paper.symbols import Symbol

_CONDITIONAL = "CONDITIONAL"
_TRAILING = "TRAILING_STOP_MARKET"
_LIMITS = ("STOP", "TAKE_PROFIT")
_CLOSERS = ("STOP_MARKET", "TAKE_PROFIT_MARKET")
_STP_DEFAULT: StpMode = "EXPIRE_MAKER"
_CALLBACK_STEP = Decimal("0.1")
_MIN_CALLBACK, _MAX_CALLBACK = Decimal("0.1"), Decimal(10)
_PPM_OF_PERCENT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoSpec:
    """A new conditional order as its parameters describe it.

    Attributes:
        symbol: The symbol.
        side: Buy or sell.
        type: What it does when it triggers.
        lots: Quantity, 0 where it closes the position.
        price_ticks: Limit price of STOP and TAKE_PROFIT, else 0.
        trigger_ticks: Trigger price, 0 for a trailing order.
        activation_ticks: Activation price of a trailing order, 0 for the latest price.
        callback_ppm: Callback rate of a trailing order, else 0.
        time_in_force: How long its limit order rests.
        position_side: The side of the position that it is for.
        working_type: The price that triggers it.
        price_protect: Wait while last and mark price are far apart.
        close_position: It closes the whole position.
        reduce_only: It may only reduce.
        client_id: The id that the client chose, or `None`.
        good_till_ms: End of a GTD order, else 0.
        price_match: The queue price that its limit order takes.
        stp_mode: Self-trade prevention.
    """

    symbol: Symbol
    side: Side
    type: AlgoType
    lots: int
    price_ticks: int
    trigger_ticks: int
    activation_ticks: int
    callback_ppm: int
    time_in_force: TimeInForce
    position_side: PositionSide
    working_type: WorkingType
    price_protect: bool
    close_position: bool
    reduce_only: bool
    client_id: str | None
    good_till_ms: int
    price_match: PriceMatch
    stp_mode: StpMode


def algo_spec(call: Call) -> AlgoSpec:
    """The order of a `POST` to `/fapi/v1/algoOrder`.

    Raises:
        VenueRefusal: A parameter is missing, malformed or does not belong.
    """
    params = call.params
    if params.text("algoType") != _CONDITIONAL:
        raise refusal(-1130, name="algoType")
    symbol = call.symbol()
    side = SIDES.required(params, "side")
    kind = ALGO_TYPES.required(params, "type")
    close_position = _closes(params, kind)
    time_in_force = TIMES_IN_FORCE.optional(params, "timeInForce") or "GTC"
    price_match = PRICE_MATCHES.optional(params, "priceMatch") or "NONE"
    trailing = kind == _TRAILING
    return AlgoSpec(
        symbol=symbol,
        side=side,
        type=kind,
        lots=0 if close_position else quantity(params, symbol),
        price_ticks=_price(params, symbol, kind, price_match),
        trigger_ticks=_trigger(params, symbol, kind),
        activation_ticks=_activation(params, symbol) if trailing else 0,
        callback_ppm=_callback_ppm(params) if trailing else 0,
        time_in_force=time_in_force,
        position_side=POSITION_SIDES.optional(params, "positionSide") or "BOTH",
        working_type=WORKING_TYPES.optional(params, "workingType") or "CONTRACT_PRICE",
        price_protect=params.flag("priceProtect"),
        close_position=close_position,
        reduce_only=_reduce_only(call, close_position=close_position),
        client_id=params.client_id("clientAlgoId"),
        good_till_ms=good_till_ms(params, time_in_force),
        price_match=price_match,
        stp_mode=STP_MODES.optional(params, "selfTradePreventionMode") or _STP_DEFAULT,
    )


def algo_reference(params: Params) -> tuple[int | None, str | None]:
    """The id of an algo order, or the id that its client chose; the first goes before the second.

    Raises:
        VenueRefusal: -1102, neither was sent.
    """
    algo_id = params.optional_integer("algoId")
    client_id = params.client_id("clientAlgoId")
    if algo_id is None and client_id is None:
        text = "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!"
        raise VenueRefusal(-1102, text)
    return algo_id, (client_id if algo_id is None else None)


def _closes(params: Params, kind: AlgoType) -> bool:
    if not params.flag("closePosition"):
        return False
    if kind not in _CLOSERS:
        raise refusal(-4136, type=kind, close="true")
    if params.has("quantity"):
        raise refusal(-4137)
    return True


def _reduce_only(call: Call, *, close_position: bool) -> bool:
    if close_position and call.params.has("reduceOnly"):
        raise refusal(-1106, name="reduceonly")
    return reduce_only(call)


def _price(params: Params, symbol: Symbol, kind: AlgoType, price_match: PriceMatch) -> int:
    if kind in _LIMITS:
        return limit_price(params, symbol, price_match)
    if price_match != "NONE":
        raise refusal(-1106, name="pricematch")
    if params.has("price"):
        raise refusal(-1106, name="price")
    return 0


def _trigger(params: Params, symbol: Symbol, kind: AlgoType) -> int:
    if kind != _TRAILING:
        return price(params, symbol, "triggerPrice")
    if params.has("triggerPrice"):
        raise VenueRefusal(-2021, "Order would immediately trigger.")
    return 0


def _activation(params: Params, symbol: Symbol) -> int:
    return price(params, symbol, "activatePrice") if params.has("activatePrice") else 0


def _callback_ppm(params: Params) -> int:
    if not params.has("callbackRate"):
        raise malformed("callbackRate")
    rate = params.decimal("callbackRate")
    if not _MIN_CALLBACK <= rate <= _MAX_CALLBACK or rate % _CALLBACK_STEP != 0:
        raise VenueRefusal(-2007, "Invalid callBack rate.")
    return int(rate * _PPM_OF_PERCENT)
