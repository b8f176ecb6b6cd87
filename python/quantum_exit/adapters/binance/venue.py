"""Binance USD-M as the ports of execution see a venue."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from quantum_exit.adapters.binance.account import AccountReader
from quantum_exit.adapters.binance.calls import Calls, Usage
from quantum_exit.adapters.binance.capabilities import BINANCE_USDM
from quantum_exit.adapters.binance.endpoints import CANCEL_ALGO, CANCEL_ORDER
from quantum_exit.adapters.binance.grids import Grid, Grids
from quantum_exit.adapters.binance.orders import (
    checked_client_id,
    place_endpoint,
    place_params,
)
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.binance.rest_messages import AlgoReply, CancelReply, OrderReply
from quantum_exit.adapters.binance.sockets import Connector
from quantum_exit.adapters.binance.streams import StreamLimits, Streams
from quantum_exit.adapters.binance.transport import Transport
from quantum_exit.adapters.binance.views import algo_view, order_view
from quantum_exit.domain.facts import OrderBook, OrderView, Price, VenueFact, VenuePosition
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.orders import ExitOrder, MarketClose, TakeProfitLimit
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.ports import (
    Capabilities,
    Clock,
    RulesRead,
    Steps,
    TradedPage,
    TradesPage,
)

NOT_SENT: Final = 0
"""Code of a `NotDone` for a request that never left."""

# -1106: the reduce-only flag of one-way mode is refused in hedge mode.
_MODE_CODES: Final = frozenset({-1106, -4060, -4061})


class BinanceVenue:
    """The venue over any transport: HTTP to the real one, in-process to a simulated one.

    Args:
        transport: Carries requests.
        connector: Opens stream connections.
        clock: The one source of time.
        pacing: When a lost connection may be opened again.
        limits: Time limits and bounds of the streams.
    """

    def __init__(
        self,
        transport: Transport,
        connector: Connector,
        *,
        clock: Clock,
        pacing: Pacing,
        limits: StreamLimits | None = None,
    ) -> None:
        self._quarantine = Quarantine()
        self._grids = Grids()
        self._calls = Calls(transport, clock, self._quarantine)
        self._account = AccountReader(self._calls, self._grids)
        self._streams = Streams(
            self._calls,
            connector,
            clock=clock,
            grids=self._grids,
            quarantine=self._quarantine,
            pacing=pacing,
            limits=StreamLimits() if limits is None else limits,
        )
        self._hedge: bool | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return BINANCE_USDM

    @property
    def calls(self) -> Calls:
        """Makes further calls, such as those of the start-up checks."""
        return self._calls

    @property
    def usage(self) -> Usage:
        """What the venue has counted against the rate limits."""
        return self._calls.usage

    def watch_limits(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with the name, window in ms and units of each limit, as they are read."""
        self._account.watch_limits(tell)

    def watch_usage(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with the name, window in ms and units used of each limit that is told."""
        self._calls.watch_usage(tell)

    @property
    def quarantine(self) -> Quarantine:
        """What came in and made no sense."""
        return self._quarantine

    async def prepare(self) -> None:
        """Reads what the first order would otherwise have to wait for: rules and position mode.

        Raises:
            VenueReadError: They could not be read.
        """
        await self._prepared("")

    async def send(
        self,
        order: ExitOrder,
        client_id: str,
        steps: Steps | None = None,
        *,
        asked_ms: int | None = None,
    ) -> Outcome:
        """Places one order under our id; raises nothing for an answer or a lost one.

        Args:
            order: What to place.
            client_id: Our id.
            steps: The grid in which it was decided: on another one, its ticks and lots would be
                another price and quantity, so it is refused unsent. None = the present one.
            asked_ms: Time stamp of the request, ms since the UNIX epoch; None = when it is signed.

        Raises:
            InvalidInputError: The venue would not take the id.
        """
        checked_client_id(client_id)
        try:
            grid, hedge = await self._prepared(order.key.symbol)
        except VenueReadError as error:
            reaction = Reaction.RESEND if error.retry_after_ms is None else Reaction.WAIT
            return _not_sent(str(error), reaction, error.retry_after_ms)
        if grid is None:
            return _not_sent(f"unknown symbol {order.key.symbol!r}", Reaction.ALARM)
        if steps is not None and not grid.has(steps):
            return _not_sent(f"decided in steps of {steps}", Reaction.REQUANTISE)
        outcome, answer = await self._calls.act(
            place_endpoint(order),
            place_params(order, client_id, grid, hedge=hedge),
            asked_ms=asked_ms,
            may_trade=_may_trade(order),
        )
        self._learn(outcome)
        if not isinstance(outcome, Done) or answer is None:
            return outcome
        return self._placed(answer.body, order, client_id, grid)

    async def cancel(
        self, symbol: str, client_id: str, book: OrderBook, *, asked_ms: int | None = None
    ) -> Outcome:
        """Cancels one order of ours; raises nothing for an answer or a lost one.

        Args:
            symbol: Its symbol.
            client_id: Its id.
            book: Where it rests.
            asked_ms: Time stamp of the request, ms since the UNIX epoch; None = when it is signed.

        Raises:
            InvalidInputError: The id is none that the venue takes.
        """
        checked_client_id(client_id)
        if book is OrderBook.ALGO:
            endpoint, params = CANCEL_ALGO, {"clientAlgoId": client_id}
        else:
            endpoint, params = CANCEL_ORDER, {"symbol": symbol, "origClientOrderId": client_id}
        outcome, answer = await self._calls.act(endpoint, params, asked_ms=asked_ms)
        if not isinstance(outcome, Done) or answer is None:
            return outcome
        return self._cancelled(answer.body, symbol, client_id, book)

    async def find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView | None:
        """The order with this id; None = the venue says that it knows none (weak evidence).

        Raises:
            VenueReadError: It could not be read.
        """
        return await self._account.find(symbol, checked_client_id(client_id), book)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Every position that is not flat.

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.positions()

    async def open_orders(self, symbol: str | None) -> tuple[OrderView, ...]:
        """Open orders of both books; of every symbol where it is None (costly).

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.open_orders(symbol)

    async def trades(self, symbol: str, from_trade_id: int | None) -> TradesPage:
        """The first 1000 of the account's trades from an id on; the last 1000 where it is None.

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.trades(symbol, from_trade_id)

    async def traded(self, since_ms: int) -> TradedPage:
        """In which symbols the account has traded since then, from the oldest trade on.

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.traded(since_ms)

    async def rules(self, symbols: Sequence[str]) -> dict[str, RulesRead]:
        """Rules of these symbols, read anew; a symbol that the venue does not list is left out.

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.rules(symbols)

    async def leverages(self) -> dict[str, int]:
        """The leverage that is set for each symbol.

        Raises:
            VenueReadError: They could not be read.
        """
        return await self._account.leverages()

    async def server_time_ms(self) -> int:
        """The venue's clock, ms since the UNIX epoch.

        Raises:
            VenueReadError: It could not be read.
        """
        return await self._account.server_time_ms()

    def facts(
        self, symbols: Sequence[str], at_once: Callable[[Price], bool] | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[VenueFact]]:
        """Facts as they happen; a `StreamGap` whenever some may have been missed.

        Each connection that stands, the first one included, is announced by a `StreamGap`: from
        then on nothing is missed, and what was before has to be read. What the first order would
        have to wait for is read before: a position that the stream tells of is covered sooner.

        Args:
            symbols: Symbols whose prices are wanted.
            at_once: Sees each price as soon as it is read; one that it does not take waits.

        Raises:
            VenueReadError: On entering: the rules or the position mode could not be read.
        """
        return self._streams.facts(symbols, self.prepare, at_once)

    async def hedge_mode(self) -> bool:
        """Whether the account holds long and short positions of a symbol side by side.

        Raises:
            VenueReadError: It could not be read.
        """
        if self._hedge is None:
            self._hedge = await self._account.hedge_mode()
        return self._hedge

    async def _prepared(self, symbol: str) -> tuple[Grid | None, bool]:
        await self._account.load()
        hedge = await self.hedge_mode()
        return self._grids.get(symbol), hedge

    def _learn(self, outcome: Outcome) -> None:
        # Someone may have switched the mode, which the venue tells by either code: it is read again
        # before the next order.
        if isinstance(outcome, NotDone) and outcome.code in _MODE_CODES:
            self._hedge = None

    def _placed(self, body: bytes, order: ExitOrder, client_id: str, grid: Grid) -> Outcome:
        view = self._view(body, order.book, grid)
        if view is None:
            return Unknown(why="the reply could not be read")
        if view.client_id != client_id or view.symbol != order.key.symbol:
            self._calls.refuse("placed", "the reply is of another order", body)
            return Unknown(why="the reply is of another order")
        return Done(order=view)

    def _cancelled(self, body: bytes, symbol: str, client_id: str, book: OrderBook) -> Outcome:
        reply = self._calls.decode("cancel", body, CancelReply)
        if reply is None:
            return Unknown(why="the reply could not be read")
        named = reply.client_algo_id if book is OrderBook.ALGO else reply.client_order_id
        if named != client_id:
            self._calls.refuse("cancel", "the reply is of another order", body)
            return Unknown(why="the reply is of another order")
        grid = self._grids.get(symbol)
        whole = reply.status is not None or reply.algo_status is not None
        view = self._view(body, book, grid) if whole and grid is not None else None
        if view is not None and view.symbol != symbol:
            self._calls.refuse("cancel", "the reply is of another symbol", body)
            return Unknown(why="the reply is of another symbol")
        return Done(order=view)

    def _view(self, body: bytes, book: OrderBook, grid: Grid) -> OrderView | None:
        try:
            if book is OrderBook.ALGO:
                algo = self._calls.decode("placed", body, AlgoReply)
                return None if algo is None else algo_view(algo, grid)
            order = self._calls.decode("placed", body, OrderReply)
            return None if order is None else order_view(order, grid)
        except InvalidInputError as error:
            self._calls.refuse("placed", str(error), body)
            return None


def _may_trade(order: ExitOrder) -> bool:
    return isinstance(order, MarketClose) or (
        isinstance(order, TakeProfitLimit) and not order.post_only
    )


def _not_sent(why: str, reaction: Reaction, retry_after_ms: int | None = None) -> NotDone:
    return NotDone(
        code=NOT_SENT,
        message=f"not sent: {why}",
        reaction=reaction,
        retry_after_ms=retry_after_ms,
    )
