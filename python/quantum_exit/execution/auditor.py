"""Looks at an account from outside: it shares nothing with what guards it, and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quantum_exit.domain.facts import OrderBook, OrderSide, OrderStatus, OrderView, VenuePosition
from quantum_exit.domain.position import Side

_STOPS = ("STOP_MARKET", "STOP", "TRAILING_STOP_MARKET")


class FindingKind(StrEnum):
    """What is wrong."""

    NAKED = "naked"
    """A position has no stop at all."""
    UNDERSIZED = "undersized"
    """The stops of a position close less than all of it."""
    OVERSIZED = "oversized"
    """A stop closes more than there is."""
    DUPLICATE = "duplicate"
    """Several close-position stops guard one side."""
    ORPHAN = "orphan"
    """A reducing order has no position."""
    NOT_REDUCING = "not_reducing"
    """A stop of the closing side may open a position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: What.
        symbol: Symbol.
        side: Side of the position.
        text: The numbers.
    """

    kind: FindingKind
    symbol: str
    side: Side
    text: str


def findings(
    positions: Sequence[VenuePosition], orders: Sequence[OrderView]
) -> tuple[Finding, ...]:
    """What is wrong with an account.

    Args:
        positions: Every position that is not flat.
        orders: Open orders of both books, of all symbols.
    """
    found: list[Finding] = []
    held = {(one.symbol, one.side): one for one in positions if one.lots > 0}
    for position in held.values():
        found += _of_position(position, [one for one in orders if _closes(one, position)])
    for order in orders:
        side = _closed_side(order)
        reduces = order.reduce_only or order.close_position
        if reduces and (order.symbol, side) not in held:
            text = f"{order.kind} {order.client_id} has no position"
            found.append(
                Finding(kind=FindingKind.ORPHAN, symbol=order.symbol, side=side, text=text)
            )
    return tuple(found)


def _of_position(position: VenuePosition, closing: list[OrderView]) -> list[Finding]:
    stops = [one for one in closing if _is_stop(one)]
    sure = [one for one in stops if _only_reduces(one)]
    whole = [one for one in sure if one.close_position]
    lots = sum(one.lots - one.filled_lots for one in sure if not one.close_position)
    found = []
    if not sure:
        found.append((FindingKind.NAKED, f"{position.lots} lots without a stop"))
    elif not whole and lots < position.lots:
        text = f"stops for {lots} of {position.lots} lots"
        found.append((FindingKind.UNDERSIZED, text))
    if len(whole) > 1:
        found.append((FindingKind.DUPLICATE, f"{len(whole)} close-position stops"))
    found += [
        (FindingKind.OVERSIZED, f"{one.client_id} closes {one.lots} of {position.lots} lots")
        for one in sure
        if one.lots > position.lots
    ]
    found += [
        (FindingKind.NOT_REDUCING, f"{one.client_id} is not reduce-only")
        for one in stops
        if not _only_reduces(one)
    ]
    return [
        Finding(kind=kind, symbol=position.symbol, side=position.side, text=text)
        for kind, text in found
    ]


def _closes(order: OrderView, position: VenuePosition) -> bool:
    return order.symbol == position.symbol and _closed_side(order) is position.side


def _closed_side(order: OrderView) -> Side:
    if order.position_side is not None:
        return order.position_side
    return Side.LONG if order.side is OrderSide.SELL else Side.SHORT


def _is_stop(order: OrderView) -> bool:
    waits = order.status in (OrderStatus.NEW, OrderStatus.TRIGGERING)
    return order.book is OrderBook.ALGO and order.kind in _STOPS and waits


def _only_reduces(order: OrderView) -> bool:
    return order.reduce_only or order.close_position or order.position_side is not None
