"""Events of the streams, as far as the adapter reads them; one-letter names are the venue's."""

from decimal import Decimal
from typing import Any

from msgspec import Raw, Struct, field

from quantum_exit.adapters.binance.rest_messages import Natural

NO_DATA = Raw()
"""Stands where a frame has no `data`."""

_ZERO = Decimal(0)


class Envelope(Struct, gc=False):
    """What every frame is at first sight: an event, or an event inside a combined stream."""

    e: str | None = None
    data: Raw = NO_DATA
    id: Any = None


class OrderEvent(Struct, gc=False):
    """`o` of ORDER_TRADE_UPDATE."""

    symbol: str = field(name="s")
    client_id: str = field(name="c")
    side: str = field(name="S")
    type: str = field(name="o")
    qty: Decimal = field(name="q")
    execution: str = field(name="x")
    status: str = field(name="X")
    order_id: Natural = field(name="i")
    time: Natural = field(name="T")
    filled_qty: Decimal = field(name="z")
    last_qty: Decimal = field(name="l", default=_ZERO)
    last_price: Decimal = field(name="L", default=_ZERO)
    price: Decimal | None = field(name="p", default=None)
    stop_price: Decimal | None = field(name="sp", default=None)
    fee: Decimal | None = field(name="n", default=None)
    fee_asset: str | None = field(name="N", default=None)
    trade_id: Natural = field(name="t", default=0)
    maker: bool = field(name="m", default=False)
    reduce_only: bool = field(name="R", default=False)
    working_type: str | None = field(name="wt", default=None)
    position_side: str = field(name="ps", default="BOTH")
    close_position: bool = field(name="cp", default=False)
    realized_pnl: Decimal | None = field(name="rp", default=None)


class OrderTradeUpdate(Struct, gc=False):
    """ORDER_TRADE_UPDATE: an order of the regular book changed, often with a trade."""

    order: OrderEvent = field(name="o")


class AlgoEvent(Struct, gc=False):
    """`o` of ALGO_UPDATE."""

    client_id: str = field(name="caid")
    algo_id: Natural = field(name="aid")
    type: str = field(name="o")
    symbol: str = field(name="s")
    side: str = field(name="S")
    status: str = field(name="X")
    position_side: str = field(name="ps", default="BOTH")
    qty: Decimal | None = field(name="q", default=None)
    child: str | Natural | None = field(name="ai", default=None)
    filled_qty: str | float | None = field(name="aq", default=None)
    trigger_price: Decimal | None = field(name="tp", default=None)
    price: Decimal | None = field(name="p", default=None)
    working_type: str | None = field(name="wt", default=None)
    close_position: bool = field(name="cp", default=False)
    reduce_only: bool = field(name="R", default=False)


class AlgoUpdate(Struct, gc=False):
    """ALGO_UPDATE: a conditional order changed."""

    time: Natural = field(name="T")
    order: AlgoEvent = field(name="o")


class PositionEvent(Struct, gc=False):
    """A row of `P` in ACCOUNT_UPDATE."""

    symbol: str = field(name="s")
    amount: Decimal = field(name="pa")
    entry_price: Decimal = field(name="ep")
    position_side: str = field(name="ps")


class AccountChange(Struct, gc=False):
    """`a` of ACCOUNT_UPDATE."""

    positions: list[PositionEvent] = field(name="P", default_factory=list)


class AccountUpdate(Struct, gc=False):
    """ACCOUNT_UPDATE: balances or positions changed."""

    time: Natural = field(name="T")
    change: AccountChange = field(name="a")


class TradeLite(Struct, gc=False):
    """TRADE_LITE: a fill, earlier than ORDER_TRADE_UPDATE but without fee and position side."""

    symbol: str = field(name="s")
    client_id: str = field(name="c")
    order_id: Natural = field(name="i")
    trade_id: Natural = field(name="t")
    last_qty: Decimal = field(name="l")
    last_price: Decimal = field(name="L")


class AggTrade(Struct, gc=False):
    """aggTrade: trades of one taker order at one price."""

    symbol: str = field(name="s")
    price: Decimal = field(name="p")
    time: Natural = field(name="T")


class MarkPriceUpdate(Struct, gc=False):
    """markPriceUpdate."""

    symbol: str = field(name="s")
    price: Decimal = field(name="p")
    event_time: Natural = field(name="E")


class BookTicker(Struct, gc=False):
    """bookTicker: best bid and ask."""

    symbol: str = field(name="s")
    bid: Decimal = field(name="b")
    ask: Decimal = field(name="a")
