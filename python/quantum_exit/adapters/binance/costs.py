"""What the methods of the adapter cost, for the rate budget."""

from quantum_exit.adapters.binance.endpoints import (
    CANCEL_ALGO,
    CANCEL_ORDER,
    EXCHANGE_INFO,
    INCOME,
    OPEN_ALGOS,
    OPEN_ORDERS,
    POSITIONS,
    READ_ALGO,
    READ_ORDER,
    SERVER_TIME,
    USER_TRADES,
    Cost,
)
from quantum_exit.adapters.binance.orders import place_endpoint
from quantum_exit.domain.facts import OrderBook
from quantum_exit.execution.orders import ExitOrder


def cost_of_send(order: ExitOrder) -> Cost:
    """Of `send`."""
    return place_endpoint(order).cost


def cost_of_cancel(book: OrderBook) -> Cost:
    """Of `cancel`."""
    return (CANCEL_ALGO if book is OrderBook.ALGO else CANCEL_ORDER).cost


def cost_of_find(book: OrderBook) -> Cost:
    """Of `find`."""
    return (READ_ALGO if book is OrderBook.ALGO else READ_ORDER).cost


def cost_of_open_orders(symbol: str | None) -> Cost:
    """Of `open_orders`, which reads both books."""
    params = {} if symbol is None else {"symbol": symbol}
    return Cost(weight=sum(each.cost_of(params).weight for each in (OPEN_ALGOS, OPEN_ORDERS)))


def cost_of_positions() -> Cost:
    """Of `positions`."""
    return POSITIONS.cost


def cost_of_trades() -> Cost:
    """Of each 1000 trades of `trades`."""
    return USER_TRADES.cost


def cost_of_traded() -> Cost:
    """Of `traded`."""
    return INCOME.cost


def cost_of_rules() -> Cost:
    """Of `rules`, for any number of symbols."""
    return EXCHANGE_INFO.cost


def cost_of_server_time() -> Cost:
    """Of `server_time_ms`."""
    return SERVER_TIME.cost
