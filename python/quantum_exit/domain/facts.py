"""What a venue tells about orders, fills and positions: integers, frozen, without an opinion."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from quantum_exit.domain.position import Side


class OrderSide(StrEnum):
    """Direction of an order."""

    BUY = "BUY"
    SELL = "SELL"


class OrderBook(StrEnum):
    """Where an order lives at the venue: a conditional order is no order yet."""

    REGULAR = "regular"
    ALGO = "algo"


class OrderStatus(StrEnum):
    """Status of an order of either book.

    A TRIGGERED conditional order protects nothing any more: its child is an order that can itself
    be rejected or filled in part. FINISHED says that the child ended, filled or not.
    """

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FILLED = "FILLED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self in _FINAL

    @property
    def rank(self) -> int:
        """Place in the life cycle; a lower rank that arrives later is old news."""
        return _RANK[self]


_FINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.FINISHED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
    }
)
_RANK = MappingProxyType(
    {
        OrderStatus.NEW: 0,
        OrderStatus.PARTIALLY_FILLED: 1,
        OrderStatus.TRIGGERING: 1,
        OrderStatus.TRIGGERED: 2,
        **dict.fromkeys(_FINAL, 3),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as the venue showed it at one moment.

    Attributes:
        client_id: The id that its maker chose, or the venue's.
        venue_id: The venue's number: `orderId`, of an algo order `algoId`.
        symbol: Symbol.
        side: BUY or SELL.
        position_side: The side of a hedge-mode position that it is for, or None in one-way mode.
        book: Where it lives.
        kind: The venue's order type, such as STOP_MARKET or LIMIT.
        status: Status.
        lots: Quantity in lots; 0 of a close-position order, which has none.
        filled_lots: Lots filled so far, of an algo order those of its child.
        price_ticks: Limit price in ticks, or None.
        trigger_ticks: Trigger price in ticks, or None.
        on_mark: Whether the trigger listens to the mark price.
        reduce_only: Whether it can only reduce.
        close_position: Whether it closes whatever is open.
        child_venue_id: `orderId` of a triggered algo order's child, or None.
        updated_ms: The venue's time of this status, ms since the UNIX epoch.
    """

    client_id: str
    venue_id: int
    symbol: str
    side: OrderSide
    position_side: Side | None
    book: OrderBook
    kind: str
    status: OrderStatus
    lots: int
    filled_lots: int
    price_ticks: int | None
    trigger_ticks: int | None
    on_mark: bool
    reduce_only: bool
    close_position: bool
    child_venue_id: int | None
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One trade of the account; `(symbol, trade_id)` names it once and for all.

    Attributes:
        symbol: Symbol.
        trade_id: The venue's number of the trade.
        venue_order_id: `orderId` of the order that traded.
        client_id: Its client id, or None where the source does not tell (the trade list).
        side: BUY or SELL.
        position_side: The side of a hedge-mode position, or None in one-way mode.
        lots: Lots traded, 0 or more.
        price_ticks: Price in ticks.
        fee: Fee as decimal text in `fee_asset`; negative is a rebate.
        fee_asset: Asset of the fee.
        realized_pnl: Profit that the venue booked, decimal text in quote currency.
        maker: Whether the order rested.
        ts_ms: The venue's time, ms since the UNIX epoch.
        dust: Quantity traded besides the lots, in base currency, decimal text: of an order that is
            older than a coarser step of quantities.
    """

    symbol: str
    trade_id: int
    venue_order_id: int
    client_id: str | None
    side: OrderSide
    position_side: Side | None
    lots: int
    price_ticks: int
    fee: str
    fee_asset: str
    realized_pnl: str
    maker: bool
    ts_ms: int
    dust: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedSymbol:
    """A symbol in which the account has traded.

    Attributes:
        symbol: Symbol.
        first_id: Smallest number of those trades.
        last_id: Largest one.
    """

    symbol: str
    first_id: int
    last_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """A position as the venue showed it; `lots` is 0 where nothing is open that an order can close.

    Attributes:
        symbol: Symbol.
        side: Direction; of a flat one-way position the one asked about.
        hedge: Whether it is one of two hedge-mode positions.
        lots: Open lots, 0 or more.
        entry_price: Average entry price, decimal text; "0" where flat.
        mark_price: Mark price, decimal text, or None where the source does not tell.
        liquidation_price: Decimal text, or None where there is none.
        leverage: Leverage, or None where the source does not tell.
        updated_ms: The venue's time, ms since the UNIX epoch.
        dust: Quantity besides the lots that no order can express, in base currency, decimal text;
            a coarser step of quantities leaves it behind.
    """

    symbol: str
    side: Side
    hedge: bool
    lots: int
    entry_price: str
    mark_price: str | None
    liquidation_price: str | None
    leverage: int | None
    updated_ms: int
    dust: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price of one symbol.

    Attributes:
        symbol: Symbol.
        ticks: Price in ticks; a mark price is rounded to the nearest.
        mark: Whether it is the mark price; otherwise a trade.
        ts_ns: The venue's time, ns since the UNIX epoch.
        tick_size: Size of the ticks, decimal text, or None = that of whoever is shown the price.
    """

    symbol: str
    ticks: int
    mark: bool
    ts_ns: int
    tick_size: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamGap:
    """Events may have been missed: everything is to be read again.

    Attributes:
        stream: "user" or "market".
        why: What happened, such as `closed by the venue` or `listen key expired`.
    """

    stream: str
    why: str


VenueFact: TypeAlias = OrderView | Fill | VenuePosition | Price | StreamGap
