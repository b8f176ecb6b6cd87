"""What execution needs of the outside, as small protocols that adapters implement.

Every method may raise `VenueReadError` where it reads; what sends never raises for an answer of
the venue or a lost one: it returns an `Outcome`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderView,
    Price,
    TradedSymbol,
    VenueFact,
    VenuePosition,
)
from quantum_exit.domain.rejections import Rejected
from quantum_exit.execution.orders import ExitOrder
from quantum_exit.execution.outcomes import Outcome


class Steps(NamedTuple):
    """The grid in whose ticks and lots something is said, as decimal text.

    Attributes:
        tick_size: Price step in quote currency.
        lot_step: Quantity step in base currency.
    """

    tick_size: str
    lot_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRules:
    """What a venue says about one symbol.

    Attributes:
        instrument: Grid and minimums.
        trading: Whether orders are taken now.
        max_algo_orders: Most open conditional orders, or None where the venue sets no limit.
        max_orders: Most open orders, or None.
        market_max_lots: Largest market order in lots, or None.
        trigger_band_frac: How far from the mark price a trigger may lie, a fraction, or None.
    """

    instrument: Instrument
    trading: bool
    max_algo_orders: int | None
    max_orders: int | None
    market_max_lots: int | None
    trigger_band_frac: float | None

    @property
    def steps(self) -> Steps:
        """Its grid."""
        return Steps(self.instrument.tick_size, self.instrument.lot_step)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRead:
    """What a venue has answered about one symbol.

    Attributes:
        rules: What holds from now on.
        former: What holds for everything that it has told of the symbol so far, where that was
            counted in other steps, else None.
    """

    rules: SymbolRules
    former: SymbolRules | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a venue can do; the engine asks these flags, never the venue's name.

    Attributes:
        amend_stop: A stop can be changed in place.
        native_oco: Stop and take-profit can be one order.
        auto_resize: A position's stop follows its size.
        auto_cancel_on_close: Conditional orders end with the position.
        client_id_on_trailing: A trailing order takes a client id.
        trail_unit: "percent" or "price".
        close_position_singleton: Just one close-position stop a side may exist.
        max_conditional_orders: Cap a symbol, or None where it is told per symbol.
    """

    amend_stop: bool
    native_oco: bool
    auto_resize: bool
    auto_cancel_on_close: bool
    client_id_on_trailing: bool
    trail_unit: str
    close_position_singleton: bool
    max_conditional_orders: int | None


class TradesPage(NamedTuple):
    """Trades of the account in one symbol, as far as one answer tells.

    Attributes:
        fills: The trades, oldest first.
        next_id: Id from which on there may be more, or None = that was all.
    """

    fills: tuple[Fill, ...]
    next_id: int | None = None


class TradedPage(NamedTuple):
    """In which symbols the account has traded, as far as one answer tells.

    Attributes:
        symbols: The symbols, by name.
        next_ms: The venue's time from which on it has more to tell, or None = that was all.
    """

    symbols: tuple[TradedSymbol, ...]
    next_ms: int | None


class OrderPort(Protocol):
    """Sends and finds our orders."""

    async def send(
        self, order: ExitOrder, client_id: str, steps: Steps | None, *, asked_ms: int
    ) -> Outcome:
        """Places one order under our id; the venue must refuse it a receive window after `asked_ms`.

        Where the venue has another grid by now than `steps`, in which the order was decided, it is
        refused unsent; None = the grid was not known.

        However long the request takes to leave, it cannot outlive the lease that let it pass.
        """

    async def cancel(
        self, symbol: str, client_id: str, book: OrderBook, *, asked_ms: int
    ) -> Outcome:
        """Cancels one order of ours, under the same time stamp rule."""

    async def find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView | None:
        """The order with this id; None = the venue says that it knows none (weak evidence)."""


class AccountPort(Protocol):
    """Reads the account."""

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Every position that is not flat."""

    async def open_orders(self, symbol: str | None) -> tuple[OrderView, ...]:
        """Open orders of both books; of every symbol where it is None (costly)."""

    async def trades(self, symbol: str, from_trade_id: int | None) -> TradesPage:
        """The first of the account's trades from an id on; the latest ones where it is None."""

    async def traded(self, since_ms: int) -> TradedPage:
        """In which symbols it has traded since then, from the oldest trade on."""


class SettingsPort(Protocol):
    """Reads how the account is set up."""

    async def leverages(self) -> Mapping[str, int]:
        """The leverage that is set for each symbol."""


class MarketPort(Protocol):
    """Reads what is no account's."""

    async def rules(self, symbols: Sequence[str]) -> dict[str, RulesRead]:
        """Rules of these symbols."""

    async def server_time_ms(self) -> int:
        """The venue's clock, ms since the UNIX epoch."""


class StreamPort(Protocol):
    """Delivers facts as they happen."""

    def facts(
        self, symbols: Sequence[str], at_once: Callable[[Price], bool] | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[VenueFact]]:
        """Fills, order and position updates and prices; a `StreamGap` whenever some may be missing.

        Reconnects by itself. Leaving the context closes the connections.

        Args:
            symbols: Symbols whose prices are wanted.
            at_once: Sees a price in the task that read it, before anything else runs, and says
                whether it took it; one that it did not take comes as a fact, with those after it.
        """


class RejectionPort(Protocol):
    """Tells what came in and made no sense."""

    def listen(self, tell: Callable[[Rejected], None]) -> None:
        """Calls `tell` with each refused message from now on; `tell` never waits."""


class UsagePort(Protocol):
    """Tells the venue's rate limits, and how much of them it has counted, whoever used it up."""

    def watch_limits(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with each limit that is known, and with each that is read from now on.

        `tell` never waits.

        Args:
            tell: Takes the name of the limit, its window in ms, and the units that fit in it.
        """

    def watch_usage(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with each count from now on; `tell` never waits.

        Args:
            tell: Takes the name of the limit, its window in ms, and the units used in it.
        """


class Venue(OrderPort, AccountPort, SettingsPort, MarketPort, StreamPort, Protocol):
    """All of a venue; what needs less asks for less."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""


class Clock(Protocol):
    """The one source of time."""

    def now_ms(self) -> int:
        """Wall time corrected to the venue's clock, ms since the UNIX epoch."""

    def monotonic_ns(self) -> int:
        """Time that never steps, ns from an arbitrary start; every timer uses it."""
