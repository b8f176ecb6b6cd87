"""Resting reduce-only orders can use up what a close may reduce: which of them are in the way.

Measured on Binance portfolio margin: with a full-size reduce-only limit resting, every reduce-only
market order is refused with -4118.
"""

from collections.abc import Iterable

from quantum_exit.domain.facts import OrderBook, OrderView
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.own_order import OwnOrder
from quantum_exit.execution.orders import Role


def resting(orders: Iterable[OwnOrder]) -> list[OwnOrder]:
    """Our orders that use up the budget: take-profit limits that may be in the book."""
    return [
        own
        for own in orders
        if own.role is Role.TAKE_PROFIT and own.book is OrderBook.REGULAR and own.may_rest
    ]


def left_by_others(open_lots: int, foreign: Iterable[OrderView]) -> int:
    """Lots that can be closed beside the resting orders of others, which are never cancelled.

    All that is open where they leave nothing: then the venue decides.
    """
    used = sum(view.lots - view.filled_lots for view in foreign if view.book is OrderBook.REGULAR)
    return open_lots - used if used < open_lots else open_lots


def in_the_way(
    side: Side, open_lots: int, close_lots: int, orders: Iterable[OwnOrder]
) -> list[OwnOrder]:
    """Orders that have to go so that `close_lots` can be closed, farthest from the market first."""
    found = sorted(resting(orders), key=lambda own: -side.sign * (own.ticks or 0))
    room = open_lots - sum(own.left_lots for own in found)
    going = []
    for own in found:
        if room >= close_lots:
            break
        room += own.left_lots
        going.append(own)
    return going
