"""Reads the account and what is no account's: positions, orders, trades, rules, clock."""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Final, Protocol, TypeVar

import anyio

from quantum_exit.adapters.binance.calls import Calls, VenueRefusedError
from quantum_exit.adapters.binance.endpoints import (
    EXCHANGE_INFO,
    INCOME,
    OPEN_ALGOS,
    OPEN_ORDERS,
    POSITION_MODE,
    POSITIONS,
    READ_ALGO,
    READ_ORDER,
    SERVER_TIME,
    SYMBOL_CONFIG,
    USER_TRADES,
)
from quantum_exit.adapters.binance.grids import Grid, Grids
from quantum_exit.adapters.binance.rest_messages import (
    AlgoReply,
    ExchangeInfoReply,
    IncomeReply,
    OrderReply,
    PositionModeReply,
    PositionReply,
    ServerTimeReply,
    SymbolConfigReply,
    SymbolReply,
    TradeReply,
)
from quantum_exit.adapters.binance.rules import rate_limit, symbol_rules
from quantum_exit.adapters.binance.views import (
    algo_view,
    fill_of_reply,
    open_position,
    order_view,
    trade_of_income,
)
from quantum_exit.domain.facts import OrderBook, OrderView, TradedSymbol, VenuePosition
from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.ports import RulesRead, SymbolRules, TradedPage, TradesPage

_PAGE: Final = 1_000
_NO_SUCH_ORDER: Final = frozenset({-2013, -2011})
_NO_TRADE: Final = frozenset({"", "0", 0})
_T = TypeVar("_T")


class _OfSymbol(Protocol):
    @property
    def symbol(self) -> str: ...


_R = TypeVar("_R", bound=_OfSymbol)


class AccountReader:
    """Every read of the REST interface; it owns the grids that all decoders look at.

    A list in which one element makes no sense is refused as a whole: an order or a position that
    is left out would look as if it were gone. Elements of symbols that the venue's own rules do
    not list are counted and left out; nothing could be done about them.

    Args:
        calls: Makes the calls.
        grids: Filled by `rules`.
    """

    def __init__(self, calls: Calls, grids: Grids) -> None:
        self._calls = calls
        self._grids = grids
        self._loading = anyio.Lock()
        self._loaded = False
        self._counted: dict[str, SymbolRules] = {}
        self._limits: tuple[tuple[str, int, int], ...] = ()
        self._watchers: list[Callable[[str, int, int], None]] = []

    def watch_limits(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with the name, window in ms and units of each limit, as they are read."""
        self._watchers.append(tell)
        for limit in self._limits:
            tell(*limit)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Every position that is not flat.

        Raises:
            VenueReadError: They could not be read.
        """
        await self.load()
        replies = await self._calls.read("positions", POSITIONS, {}, list[PositionReply])
        positions = self._converted("positions", replies, open_position)
        return tuple(each for each in positions if each is not None)

    async def open_orders(self, symbol: str | None) -> tuple[OrderView, ...]:
        """Open orders of both books.

        Conditional ones are read first: one that triggers between the two reads is then seen
        twice, as itself and as its child, where the other order would miss it altogether.

        Raises:
            VenueReadError: They could not be read.
        """
        await self._load_with(symbol)
        params = {} if symbol is None else {"symbol": symbol}
        algos = await self._calls.read("algo orders", OPEN_ALGOS, params, list[AlgoReply])
        if symbol is not None:
            self._check_symbol("algo orders", algos, symbol)
        # What makes no sense in the first list is refused whether or not the second one comes.
        views = self._converted("algo orders", algos, algo_view)
        orders = await self._calls.read("open orders", OPEN_ORDERS, params, list[OrderReply])
        if symbol is not None:
            self._check_symbol("open orders", orders, symbol)
        return (*views, *self._converted("open orders", orders, order_view))

    async def trades(self, symbol: str, from_trade_id: int | None) -> TradesPage:
        """The first 1000 of the account's trades from an id on; the last 1000 where it is None.

        Raises:
            VenueReadError: They could not be read.
        """
        await self._load_with(symbol)
        page = await self._trade_page(symbol, from_trade_id)
        fills = tuple(self._converted("trades", page, fill_of_reply))
        if from_trade_id is None or len(page) < _PAGE:
            return TradesPage(fills)
        if page[-1].id < from_trade_id:
            raise self._calls.senseless("trades", "the list does not advance")
        return TradesPage(fills, next_id=page[-1].id + 1)

    async def traded(self, since_ms: int) -> TradedPage:
        """In which symbols the account has traded since then, by what the trades earned and cost.

        It answers without a symbol, as the list of trades does not, and goes back three months. A
        trade without fee that realises nothing is not in it.

        Raises:
            VenueReadError: They could not be read.
        """
        await self.load()
        params = {"startTime": str(since_ms), "limit": str(_PAGE)}
        replies = await self._calls.read("incomes", INCOME, params, list[IncomeReply])
        # Where the venue cuts the list, it shows the oldest.
        next_ms = max(one.time for one in replies) if len(replies) >= _PAGE else None
        of_trades = [one for one in replies if one.symbol and one.trade_id not in _NO_TRADE]
        found: dict[str, list[int]] = {}
        for symbol, number in self._converted("incomes", of_trades, trade_of_income):
            found.setdefault(symbol, []).append(number)
        symbols = (
            TradedSymbol(symbol=symbol, first_id=min(ids), last_id=max(ids))
            for symbol, ids in sorted(found.items())
        )
        return TradedPage(tuple(symbols), next_ms)

    async def find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView | None:
        """The order with this id; None = the venue says that it knows none (weak evidence).

        Raises:
            VenueReadError: It could not be read.
        """
        await self.load()
        try:
            view = await self._find(symbol, client_id, book)
        except VenueRefusedError as error:
            if error.code in _NO_SUCH_ORDER:
                return None
            raise
        if view.client_id != client_id or view.symbol != symbol:
            raise self._calls.senseless("order", "the reply is of another order")
        return view

    async def rules(self, symbols: Sequence[str]) -> dict[str, RulesRead]:
        """Rules of these symbols, read anew; a symbol that the venue does not list is left out.

        Raises:
            VenueReadError: They could not be read.
        """
        info = await self._calls.read("rules", EXCHANGE_INFO, {}, ExchangeInfoReply)
        known = {each.symbol: rules for each in info.symbols if (rules := self._rules(each))}
        if not known:
            raise VenueReadError("rules", "no symbol of the reply makes sense")
        self._grids.take((each.instrument for each in known.values()), symbols)
        self._loaded = True
        self._limits = tuple(filter(None, map(rate_limit, info.rate_limits)))
        for tell, limit in product(self._watchers, self._limits):
            tell(*limit)
        found = {symbol: self._read(known[symbol]) for symbol in symbols if symbol in known}
        self._counted = known | self._counted | {name: one.rules for name, one in found.items()}
        return found

    def _read(self, rules: SymbolRules) -> RulesRead:
        former = self._counted.get(rules.instrument.symbol)
        is_same = former is None or former.steps == rules.steps
        return RulesRead(rules=rules, former=None if is_same else former)

    async def leverages(self) -> dict[str, int]:
        """The leverage that is set for each symbol.

        Raises:
            VenueReadError: They could not be read.
        """
        await self.load()
        replies = await self._calls.read(
            "symbol settings", SYMBOL_CONFIG, {}, list[SymbolConfigReply]
        )
        found = self._converted("symbol settings", replies, _leverage)
        return dict(found)

    async def server_time_ms(self) -> int:
        """The venue's clock, ms since the UNIX epoch.

        Raises:
            VenueReadError: It could not be read.
        """
        reply = await self._calls.read("server time", SERVER_TIME, {}, ServerTimeReply)
        return reply.server_time

    async def hedge_mode(self) -> bool:
        """Whether the account holds long and short positions of a symbol side by side.

        Raises:
            VenueReadError: It could not be read.
        """
        reply = await self._calls.read("position mode", POSITION_MODE, {}, PositionModeReply)
        return reply.dual_side_position

    async def load(self) -> None:
        """Reads the rules if that was not done yet.

        Raises:
            VenueReadError: They could not be read.
        """
        async with self._loading:
            if not self._loaded:
                await self.rules(())

    async def _load_with(self, symbol: str | None) -> None:
        await self.load()
        if symbol is not None and self._grids.get(symbol) is None:
            raise VenueReadError("rules", f"unknown symbol {symbol!r}")

    async def _find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView:
        if book is OrderBook.ALGO:
            algo = await self._calls.read(
                "algo order", READ_ALGO, {"clientAlgoId": client_id}, AlgoReply
            )
            return self._one("algo order", algo, algo_view)
        params = {"symbol": symbol, "origClientOrderId": client_id}
        order = await self._calls.read("order", READ_ORDER, params, OrderReply)
        return self._one("order", order, order_view)

    async def _trade_page(self, symbol: str, from_id: int | None) -> list[TradeReply]:
        params = {"symbol": symbol, "limit": str(_PAGE)}
        if from_id is not None:
            params["fromId"] = str(from_id)
        replies = await self._calls.read("trades", USER_TRADES, params, list[TradeReply])
        self._check_symbol("trades", replies, symbol)
        return sorted(replies, key=lambda reply: reply.id)

    def _rules(self, reply: SymbolReply) -> SymbolRules | None:
        try:
            return symbol_rules(reply)
        except InvalidInputError as error:
            self._calls.refuse("rules", str(error), reply.symbol.encode())
            return None

    def _converted(
        self, what: str, replies: Iterable[_R], convert: Callable[[_R, Grid], _T]
    ) -> list[_T]:
        found: list[_T] = []
        for reply in replies:
            grid = self._grids.get(reply.symbol)
            if grid is None:
                self._calls.refuse(what, "unknown symbol", reply.symbol.encode())
                continue
            found.append(self._sensible(what, reply, grid, convert))
        return found

    def _one(self, what: str, reply: _R, convert: Callable[[_R, Grid], _T]) -> _T:
        grid = self._grids.get(reply.symbol)
        if grid is None:
            raise self._calls.senseless(what, f"unknown symbol {reply.symbol!r}")
        return self._sensible(what, reply, grid, convert)

    def _sensible(self, what: str, reply: _R, grid: Grid, convert: Callable[[_R, Grid], _T]) -> _T:
        try:
            return convert(reply, grid)
        except InvalidInputError as error:
            raise self._calls.senseless(what, str(error)) from error

    def _check_symbol(self, what: str, replies: Iterable[_OfSymbol], symbol: str) -> None:
        for reply in replies:
            if reply.symbol != symbol:
                why = f"the reply is of another symbol: {reply.symbol!r}"
                raise self._calls.senseless(what, why)


def _leverage(reply: SymbolConfigReply, _: Grid) -> tuple[str, int]:
    if reply.leverage == 0:
        raise InvalidInputError("leverage", reply.leverage, "expected a whole number above 0")
    return reply.symbol, reply.leverage
