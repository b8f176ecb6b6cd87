"""From an exit order to the parameters of the call that places it."""

import re
from typing import Final

from quantum_exit.adapters.binance.endpoints import PLACE_ALGO, PLACE_ORDER, Endpoint
from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.domain.facts import OrderBook
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.orders import (
    ExitOrder,
    FloorStop,
    MarketClose,
    TakeProfitLimit,
    TakeProfitMarket,
    VenueTrail,
    WorkingStop,
    closing_side,
)

_CLIENT_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_TENTHS_A_PERCENT: Final = 10


def checked_client_id(client_id: str) -> str:
    """The id itself.

    Raises:
        InvalidInputError: The venue would not take it.
    """
    if _CLIENT_ID.fullmatch(client_id) is None:
        raise InvalidInputError("client_id", repr(client_id), f"expected {_CLIENT_ID.pattern}")
    return client_id


def place_endpoint(order: ExitOrder) -> Endpoint:
    """Where an order is placed: conditional ones have an endpoint of their own."""
    return PLACE_ALGO if order.book is OrderBook.ALGO else PLACE_ORDER


def place_params(order: ExitOrder, client_id: str, grid: Grid, *, hedge: bool) -> dict[str, str]:
    """The parameters that place an order.

    Args:
        order: The order.
        client_id: Our id of it.
        grid: Grid of its symbol, for an order that does not tell its own.
        hedge: Whether the account is in hedge mode. There an order names the position that it
            closes, and a reduce-only flag is refused; in one-way mode it carries the flag.

    Raises:
        InvalidInputError: The venue would not take the id.
    """
    if order.grid is not None:
        grid = Grid.of_steps(*order.grid)
    return {
        "symbol": order.key.symbol,
        "side": closing_side(order.key.side).value,
        "positionSide": order.key.side.value if hedge else "BOTH",
        **_body(order, grid),
        **_reducing(order, hedge=hedge),
        **_named(order, checked_client_id(client_id)),
    }


def _body(order: ExitOrder, grid: Grid) -> dict[str, str]:
    match order:
        case FloorStop():
            return {
                "type": "STOP_MARKET",
                "triggerPrice": grid.price_text(order.trigger_ticks),
                "workingType": "MARK_PRICE",
            }
        case WorkingStop() | TakeProfitMarket():
            return {
                "type": "STOP_MARKET" if isinstance(order, WorkingStop) else "TAKE_PROFIT_MARKET",
                "quantity": grid.qty_text(order.lots),
                "triggerPrice": grid.price_text(order.trigger_ticks),
                "workingType": _working_type(on_mark=order.on_mark),
            }
        case VenueTrail():
            return _trail(order, grid)
        case TakeProfitLimit():
            return {
                "type": "LIMIT",
                "quantity": grid.qty_text(order.lots),
                "price": grid.price_text(order.price_ticks),
                "timeInForce": "GTX" if order.post_only else "GTC",
            }
        case MarketClose():
            return {"type": "MARKET", "quantity": grid.qty_text(order.lots)}


def _trail(order: VenueTrail, grid: Grid) -> dict[str, str]:
    whole, tenth = divmod(order.callback_tenths, _TENTHS_A_PERCENT)
    params = {
        "type": "TRAILING_STOP_MARKET",
        "quantity": grid.qty_text(order.lots),
        "callbackRate": f"{whole}.{tenth}",
        "workingType": _working_type(on_mark=order.on_mark),
    }
    if order.activation_ticks is not None:
        params["activatePrice"] = grid.price_text(order.activation_ticks)
    return params


def _reducing(order: ExitOrder, *, hedge: bool) -> dict[str, str]:
    if isinstance(order, FloorStop):
        return {"closePosition": "true"}
    return {} if hedge else {"reduceOnly": "true"}


def _named(order: ExitOrder, client_id: str) -> dict[str, str]:
    if order.book is OrderBook.ALGO:
        return {"algoType": "CONDITIONAL", "clientAlgoId": client_id}
    return {"newClientOrderId": client_id, "newOrderRespType": "RESULT"}


def _working_type(*, on_mark: bool) -> str:
    return "MARK_PRICE" if on_mark else "CONTRACT_PRICE"
