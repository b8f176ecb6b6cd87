"""From the venue's words to the facts of the domain, for replies and events alike."""

import re
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.adapters.binance.rest_messages import (
    AlgoReply,
    IncomeReply,
    OrderReply,
    PositionReply,
    TradeReply,
)
from quantum_exit.adapters.binance.stream_messages import AlgoEvent, OrderEvent, PositionEvent
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderSide,
    OrderStatus,
    OrderView,
    VenuePosition,
)
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError

_ZERO: Final = Decimal(0)
_GRAIN: Final = Decimal("0.00000001")
# Orders that the venue itself makes carry a status of their own; what they filled tells the rest.
_VENUE_MADE: Final = frozenset({"NEW_INSURANCE", "NEW_ADL"})
_STATUSES: Final = MappingProxyType(
    {
        **{each.value: each for each in OrderStatus},
        "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    }
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_SIDES: Final = MappingProxyType({"LONG": Side.LONG, "SHORT": Side.SHORT, "BOTH": None})


def order_view(reply: OrderReply, grid: Grid) -> OrderView:
    """An order of the regular book, from a reply.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return OrderView(
        client_id=reply.client_order_id,
        venue_id=_id("orderId", reply.order_id),
        symbol=reply.symbol,
        side=_order_side(reply.side),
        position_side=_position_side(reply.position_side),
        book=OrderBook.REGULAR,
        kind=reply.type,
        status=_status(reply.status, reply.executed_qty, reply.orig_qty),
        lots=grid.lots(reply.orig_qty),
        filled_lots=grid.lots(reply.executed_qty),
        price_ticks=grid.ticks_or_none(reply.price),
        trigger_ticks=grid.ticks_or_none(reply.stop_price),
        on_mark=reply.working_type == "MARK_PRICE",
        reduce_only=reply.reduce_only,
        close_position=reply.close_position,
        child_venue_id=None,
        updated_ms=reply.update_time or reply.time,
    )


def algo_view(reply: AlgoReply, grid: Grid) -> OrderView:
    """A conditional order, from a reply.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return OrderView(
        client_id=reply.client_algo_id,
        venue_id=_id("algoId", reply.algo_id),
        symbol=reply.symbol,
        side=_order_side(reply.side),
        position_side=_position_side(reply.position_side),
        book=OrderBook.ALGO,
        kind=reply.order_type or reply.type,
        status=_status(reply.algo_status, _ZERO, _ZERO),
        lots=grid.lots(reply.quantity or _ZERO),
        filled_lots=grid.lots(_decimal(reply.actual_qty)),
        price_ticks=grid.ticks_or_none(reply.price),
        trigger_ticks=grid.ticks_or_none(reply.trigger_price),
        on_mark=reply.working_type == "MARK_PRICE",
        reduce_only=reply.reduce_only,
        close_position=reply.close_position,
        child_venue_id=_child(reply.actual_order_id),
        updated_ms=reply.update_time or reply.create_time,
    )


def order_event_view(event: OrderEvent, grid: Grid) -> OrderView:
    """An order of the regular book, from an event.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return OrderView(
        client_id=event.client_id,
        venue_id=_id("orderId", event.order_id),
        symbol=event.symbol,
        side=_order_side(event.side),
        position_side=_position_side(event.position_side),
        book=OrderBook.REGULAR,
        kind=event.type,
        status=_status(event.status, event.filled_qty, event.qty),
        lots=grid.lots(event.qty),
        filled_lots=grid.lots(event.filled_qty),
        price_ticks=grid.ticks_or_none(event.price),
        trigger_ticks=grid.ticks_or_none(event.stop_price),
        on_mark=event.working_type == "MARK_PRICE",
        reduce_only=event.reduce_only,
        close_position=event.close_position,
        child_venue_id=None,
        updated_ms=event.time,
    )


def algo_event_view(event: AlgoEvent, time_ms: int, grid: Grid) -> OrderView:
    """A conditional order, from an event.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return OrderView(
        client_id=event.client_id,
        venue_id=_id("algoId", event.algo_id),
        symbol=event.symbol,
        side=_order_side(event.side),
        position_side=_position_side(event.position_side),
        book=OrderBook.ALGO,
        kind=event.type,
        status=_status(event.status, _ZERO, _ZERO),
        lots=grid.lots(event.qty or _ZERO),
        filled_lots=grid.lots(_decimal(event.filled_qty)),
        price_ticks=grid.ticks_or_none(event.price),
        trigger_ticks=grid.ticks_or_none(event.trigger_price),
        on_mark=event.working_type == "MARK_PRICE",
        reduce_only=event.reduce_only,
        close_position=event.close_position,
        child_venue_id=_child(event.child),
        updated_ms=time_ms,
    )


def fill_of_event(event: OrderEvent, grid: Grid) -> Fill:
    """The trade inside an event that carries one.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return Fill(
        symbol=event.symbol,
        trade_id=event.trade_id,
        venue_order_id=_id("orderId", event.order_id),
        client_id=event.client_id,
        side=_order_side(event.side),
        position_side=_position_side(event.position_side),
        lots=_traded_lots(event.last_qty, grid),
        price_ticks=grid.ticks(event.last_price),
        fee=_text("fee", event.fee or _ZERO),
        fee_asset=event.fee_asset or "",
        realized_pnl=_text("realized_pnl", event.realized_pnl or _ZERO),
        maker=event.maker,
        ts_ms=event.time,
        dust=grid.dust_text(event.last_qty),
    )


def fill_of_reply(reply: TradeReply, grid: Grid) -> Fill:
    """A trade, from the account's list.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    return Fill(
        symbol=reply.symbol,
        trade_id=_id("id", reply.id),
        venue_order_id=_id("orderId", reply.order_id),
        client_id=None,
        side=_order_side(reply.side),
        position_side=_position_side(reply.position_side),
        lots=_traded_lots(reply.qty, grid),
        price_ticks=grid.ticks(reply.price),
        fee=_text("fee", reply.commission),
        fee_asset=reply.commission_asset,
        realized_pnl=_text("realized_pnl", reply.realized_pnl),
        maker=reply.maker,
        ts_ms=reply.time,
        dust=grid.dust_text(reply.qty),
    )


def trade_of_income(reply: IncomeReply, _: Grid) -> tuple[str, int]:
    """Symbol and number of the trade that an entry is of.

    Raises:
        InvalidInputError: The number makes no sense.
    """
    if _NUMBER.fullmatch(str(reply.trade_id)) is None:
        raise InvalidInputError("tradeId", repr(reply.trade_id), "expected a whole number")
    return reply.symbol, _id("tradeId", int(reply.trade_id))


def open_position(reply: PositionReply, grid: Grid) -> VenuePosition | None:
    """A position, from a reply; None where nothing is open, not even dust.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    lots = grid.lots(abs(reply.position_amt))
    # A row that makes no sense is no proof that nothing is open.
    side = _position_side(reply.position_side)
    if reply.position_amt == 0:
        return None
    liquidation = reply.liquidation_price
    return VenuePosition(
        symbol=reply.symbol,
        side=_direction(reply.position_amt) if side is None else side,
        hedge=side is not None,
        lots=lots,
        entry_price=_text("entry_price", reply.entry_price),
        mark_price=None if reply.mark_price is None else _text("mark_price", reply.mark_price),
        liquidation_price=_text("liquidation_price", liquidation) if liquidation else None,
        leverage=reply.leverage,
        updated_ms=reply.update_time,
        dust=grid.dust_text(abs(reply.position_amt)),
    )


def positions_of_event(event: PositionEvent, time_ms: int, grid: Grid) -> tuple[VenuePosition, ...]:
    """What a row of an event says about positions.

    In one-way mode one row speaks of both directions: what is long now is not short any more, and
    a flat row does not tell which direction it was.

    Raises:
        InvalidInputError: A word or a number of it makes no sense.
    """
    lots = grid.lots(abs(event.amount))
    entry_price = _text("entry_price", event.entry_price)
    hedged = _position_side(event.position_side)
    held = _direction(event.amount) if hedged is None else hedged
    sides = (held,) if hedged is not None else (held, _opposite(held))
    return tuple(
        VenuePosition(
            symbol=event.symbol,
            side=side,
            hedge=hedged is not None,
            lots=lots if side is held else 0,
            entry_price=entry_price if side is held and lots else "0",
            mark_price=None,
            liquidation_price=None,
            leverage=None,
            updated_ms=time_ms,
            dust=grid.dust_text(abs(event.amount)) if side is held else "0",
        )
        for side in sides
    )


def _id(field: str, number: int) -> int:
    """A number of the venue. Text such as `1e-400` is 0 when it is read, and no number is."""
    if number == 0:
        raise InvalidInputError(field, number, "expected a number above 0")
    return number


def _order_side(word: str) -> OrderSide:
    try:
        return OrderSide(word)
    except ValueError:
        raise InvalidInputError("side", repr(word), "expected BUY or SELL") from None


def _position_side(word: str) -> Side | None:
    if word not in _SIDES:
        raise InvalidInputError("positionSide", repr(word), "expected BOTH, LONG or SHORT")
    return _SIDES[word]


def _status(word: str, filled: Decimal, qty: Decimal) -> OrderStatus:
    if word in _VENUE_MADE:
        return OrderStatus.FILLED if 0 < qty <= filled else OrderStatus.NEW
    if word not in _STATUSES:
        allowed = f"expected one of {', '.join((*_STATUSES, *sorted(_VENUE_MADE)))}"
        raise InvalidInputError("status", repr(word), allowed)
    return _STATUSES[word]


def _direction(amount: Decimal) -> Side:
    return Side.SHORT if amount < 0 else Side.LONG


def _opposite(side: Side) -> Side:
    return Side.SHORT if side is Side.LONG else Side.LONG


def _traded_lots(qty: Decimal, grid: Grid) -> int:
    """Lots of a trade; what they leave out was on a finer grid, and none is finer than `_GRAIN`."""
    lots = grid.lots(qty)
    if qty == 0 or qty % _GRAIN:
        raise InvalidInputError("quantity", qty, f"expected a multiple of {_GRAIN} above 0")
    return lots


def _child(number: str | int | None) -> int | None:
    if number in (None, "", 0, "0"):
        return None
    try:
        return int(str(number))
    except ValueError:
        raise InvalidInputError("actualOrderId", repr(number), "expected a number") from None


def _decimal(value: str | float | None) -> Decimal:
    if value in (None, ""):
        return _ZERO
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise InvalidInputError("actualQty", repr(value), "expected a decimal number") from None


def _text(field: str, value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidInputError(field, value, "expected a finite decimal number")
    return format(value, "f")
