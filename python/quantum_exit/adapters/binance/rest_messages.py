"""Replies of the REST interface, as far as the adapter reads them."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field

Natural: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
"""A whole number that a store can hold."""

_ZERO = Decimal(0)


class OrderReply(Struct, rename="camel", gc=False):
    """An order of the regular book."""

    symbol: str
    order_id: Natural
    client_order_id: str
    status: str
    side: str
    type: str
    orig_qty: Decimal
    executed_qty: Decimal = _ZERO
    price: Decimal = _ZERO
    stop_price: Decimal | None = None
    position_side: str = "BOTH"
    reduce_only: bool = False
    close_position: bool = False
    working_type: str = "CONTRACT_PRICE"
    time: Natural = 0
    update_time: Natural = 0


class AlgoReply(Struct, rename="camel", gc=False):
    """A conditional order; older replies call the type `type`, newer ones `orderType`."""

    symbol: str
    algo_id: Natural
    client_algo_id: str
    algo_status: str
    side: str
    order_type: str = ""
    type: str = ""
    quantity: Decimal | None = None
    trigger_price: Decimal | None = None
    price: Decimal | None = None
    position_side: str = "BOTH"
    reduce_only: bool = False
    close_position: bool = False
    working_type: str = "CONTRACT_PRICE"
    actual_order_id: str | Natural | None = None
    actual_qty: str | float | None = None
    create_time: Natural = 0
    update_time: Natural = 0


class PositionReply(Struct, rename="camel", gc=False):
    """A position; version 3 of the endpoint leaves leverage out."""

    symbol: str
    position_amt: Decimal
    entry_price: Decimal
    position_side: str
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: Natural | None = None
    update_time: Natural = 0


class TradeReply(Struct, rename="camel", gc=False):
    """A trade of the account."""

    symbol: str
    id: Natural
    order_id: Natural
    side: str
    price: Decimal
    qty: Decimal
    commission: Decimal
    commission_asset: str
    realized_pnl: Decimal
    time: Natural
    maker: bool
    position_side: str = "BOTH"


class IncomeReply(Struct, rename="camel", gc=False):
    """Something that the account earned or paid; a transfer has no symbol, funding has no trade."""

    time: Natural
    symbol: str = ""
    trade_id: str | Natural = ""


class FilterReply(Struct, rename="camel", gc=False):
    """A filter of a symbol; which fields it has depends on its type."""

    filter_type: str
    tick_size: Decimal | None = None
    step_size: Decimal | None = None
    min_qty: Decimal | None = None
    max_qty: Decimal | None = None
    notional: Decimal | None = None
    limit: Natural | None = None


class SymbolReply(Struct, rename="camel", gc=False):
    """A symbol of `exchangeInfo`."""

    symbol: str
    status: str
    filters: list[FilterReply] = field(default_factory=list)


class RateLimitReply(Struct, rename="camel", gc=False):
    """How much may be asked in a while."""

    rate_limit_type: str = ""
    interval: str = ""
    interval_num: int = 0
    limit: int = 0


class ExchangeInfoReply(Struct, rename="camel", gc=False):
    """What `exchangeInfo` tells."""

    symbols: list[SymbolReply]
    rate_limits: list[RateLimitReply] = []


class ServerTimeReply(Struct, rename="camel", gc=False):
    """The venue's clock."""

    server_time: Natural


class PositionModeReply(Struct, rename="camel", gc=False):
    """Whether the account is in hedge mode."""

    dual_side_position: bool


class ListenKeyReply(Struct, rename="camel", gc=False):
    """The name of the account's stream; empty in the reply to a keep-alive."""

    listen_key: str = ""


class KeyRightsReply(Struct, rename="camel", gc=False):
    """What a key may do."""

    ip_restrict: bool
    enable_withdrawals: bool
    enable_futures: bool
    enable_internal_transfer: bool = False
    permits_universal_transfer: bool = False


class SymbolConfigReply(Struct, rename="camel", gc=False):
    """Leverage and margin type of a symbol."""

    symbol: str
    margin_type: str
    leverage: Natural


class CancelReply(Struct, rename="camel", gc=False):
    """What every reply to a cancel has: whose it is. Some show the whole order, some do not."""

    client_order_id: str | None = None
    client_algo_id: str | None = None
    status: str | None = None
    algo_status: str | None = None
