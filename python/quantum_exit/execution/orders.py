"""The orders that can leave: each can only reduce the position that it is made for.

An order has no side and no reduce-only flag of its own. Its side is the one that closes its
position, and how it is kept from adding is a property of its type, so an exit order that adds
exposure cannot be written.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from quantum_exit.domain.checks import in_range
from quantum_exit.domain.facts import OrderBook, OrderSide
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError

MIN_CALLBACK_TENTHS = 1
MAX_CALLBACK_TENTHS = 100


class Role(StrEnum):
    """What an order is for."""

    FLOOR = "FLOOR"
    """The resident stop that covers any size; survives our death."""
    WORKING = "WORKING"
    """The resident stop that follows the internal one."""
    TAKE_PROFIT = "TAKE_PROFIT"
    TRAIL = "TRAIL"
    """The venue's trailing order."""
    CLOSE = "CLOSE"
    """An exit that the plan or a person decided."""
    EMERGENCY = "EMERGENCY"
    """An exit because the position cannot be protected."""


def closing_side(side: Side) -> OrderSide:
    """The side of every order that reduces a position of this side."""
    return OrderSide.SELL if side is Side.LONG else OrderSide.BUY


class OrderGrid(NamedTuple):
    """What one tick and one lot of an order are.

    An order that waits while the grid of its symbol changes still means the prices and quantities
    for which it was made.

    Attributes:
        tick_size: Price step in quote currency, decimal text.
        lot_step: Quantity step in base currency, decimal text.
    """

    tick_size: str
    lot_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorStop:
    """T0: resident close-position stop on the mark price; the catastrophe net.

    Attributes:
        key: The position.
        trigger_ticks: Mark price in ticks at which the venue closes all that is open, above 0.
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    trigger_ticks: int
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("trigger_ticks", self.trigger_ticks)

    @property
    def role(self) -> Role:
        """FLOOR."""
        return Role.FLOOR

    @property
    def book(self) -> OrderBook:
        """Conditional."""
        return OrderBook.ALGO


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingStop:
    """T1, and the stand-in while the floor is moved: resident reduce-only stop with a quantity.

    Attributes:
        key: The position.
        lots: Lots that it closes, above 0.
        trigger_ticks: Trigger price in ticks, above 0.
        on_mark: Whether it listens to the mark price; otherwise to trades.
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    lots: int
    trigger_ticks: int
    on_mark: bool
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("lots", self.lots)
        _positive("trigger_ticks", self.trigger_ticks)

    @property
    def role(self) -> Role:
        """WORKING."""
        return Role.WORKING

    @property
    def book(self) -> OrderBook:
        """Conditional."""
        return OrderBook.ALGO


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeProfitLimit:
    """A SOFT leg: resting reduce-only limit.

    Attributes:
        key: The position.
        leg: 0-based leg of the profile.
        lots: Lots that it closes, above 0.
        price_ticks: Limit price in ticks, above 0.
        post_only: Refuse to take liquidity (GTX).
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    leg: int
    lots: int
    price_ticks: int
    post_only: bool = False
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("lots", self.lots)
        _positive("price_ticks", self.price_ticks)

    @property
    def role(self) -> Role:
        """TAKE_PROFIT."""
        return Role.TAKE_PROFIT

    @property
    def book(self) -> OrderBook:
        """Regular."""
        return OrderBook.REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeProfitMarket:
    """A HARD leg that is resident: reduce-only market order at a trigger.

    Attributes:
        key: The position.
        leg: 0-based leg of the profile.
        lots: Lots that it closes, above 0.
        trigger_ticks: Trigger price in ticks, above 0.
        on_mark: Whether it listens to the mark price; otherwise to trades.
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    leg: int
    lots: int
    trigger_ticks: int
    on_mark: bool
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("lots", self.lots)
        _positive("trigger_ticks", self.trigger_ticks)

    @property
    def role(self) -> Role:
        """TAKE_PROFIT."""
        return Role.TAKE_PROFIT

    @property
    def book(self) -> OrderBook:
        """Conditional."""
        return OrderBook.ALGO


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTrail:
    """The venue's own trailing order, reduce-only.

    Attributes:
        key: The position.
        lots: Lots that it closes, above 0.
        activation_ticks: Price in ticks from which it follows, or None = at once.
        callback_tenths: Distance from the best price in tenths of a percent, 1 to 100.
        on_mark: Whether it listens to the mark price; otherwise to trades.
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    lots: int
    activation_ticks: int | None
    callback_tenths: int
    on_mark: bool
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("lots", self.lots)
        if self.activation_ticks is not None:
            _positive("activation_ticks", self.activation_ticks)
        in_range("callback_tenths", self.callback_tenths, MIN_CALLBACK_TENTHS, MAX_CALLBACK_TENTHS)

    @property
    def role(self) -> Role:
        """TRAIL."""
        return Role.TRAIL

    @property
    def book(self) -> OrderBook:
        """Conditional."""
        return OrderBook.ALGO


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketClose:
    """Reduce-only market order.

    Attributes:
        key: The position.
        lots: Lots that it closes, above 0.
        emergency: Whether it is sent because the position cannot be protected.
        leg: 0-based leg of the profile that it carries out, or None.
        grid: Its tick and its lot, or None = those that its symbol has when it is sent.
    """

    key: PositionKey
    lots: int
    emergency: bool = False
    leg: int | None = None
    grid: OrderGrid | None = None

    def __post_init__(self) -> None:
        _positive("lots", self.lots)

    @property
    def role(self) -> Role:
        """CLOSE or EMERGENCY."""
        return Role.EMERGENCY if self.emergency else Role.CLOSE

    @property
    def book(self) -> OrderBook:
        """Regular."""
        return OrderBook.REGULAR


ExitOrder: TypeAlias = (
    FloorStop | WorkingStop | TakeProfitLimit | TakeProfitMarket | VenueTrail | MarketClose
)


def _positive(field: str, value: int) -> None:
    if value <= 0:
        raise InvalidInputError(field, value, "expected a whole number above 0")
