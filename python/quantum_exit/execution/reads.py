"""Questions to the venue: each asked once at a time, each answered by a fact or not at all."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias, TypeVar

import anyio
from anyio.abc import TaskGroup

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.domain.facts import OrderView, VenuePosition
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.budget import Access, RateBudget
from quantum_exit.execution.guardian.effects import (
    Find,
    ReadAccount,
    ReadRules,
    ReadTradedSymbols,
    ReadTrades,
)
from quantum_exit.execution.guardian.facts import (
    Audit,
    Fact,
    Found,
    RulesChanged,
    TradedSymbolsRead,
)
from quantum_exit.execution.ids import identity_of
from quantum_exit.execution.orders import Role
from quantum_exit.execution.ports import (
    AccountPort,
    Clock,
    MarketPort,
    OrderPort,
    RulesRead,
    SettingsPort,
    TradesPage,
)
from quantum_exit.execution.purse import Purse
from quantum_exit.execution.trade_pieces import pieces_of

Question: TypeAlias = Find | ReadTrades | ReadTradedSymbols | ReadAccount | ReadRules
_VITAL = (Role.FLOOR, Role.CLOSE, Role.EMERGENCY)
_T = TypeVar("_T")


class Readable(OrderPort, AccountPort, SettingsPort, MarketPort, Protocol):
    """What can be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConfig:
    """Deadlines and weights of questions; the weights are those of Binance USD-M.

    Attributes:
        deadline_ms: Longest wait for one answer.
        at_once: Questions under way at once, 1 or more.
        stale_ms: Age of the last reading of the whole account at which the next one may spend part
            of the reserve.
        catch_up: Questions about trades in a new life that may spend part of the reserve.
        find_weight: Weight of asking for one order.
        trades_weight: Weight of a page of trades.
        traded_weight: Weight of a page of what the account earned and paid.
        positions_weight: Weight of all positions.
        orders_weight: Weight of open orders of one symbol.
        all_orders_weight: Weight of open orders of all symbols.
        rules_weight: Weight of the rules of symbols.
        settings_weight: Weight of the settings of all symbols.
    """

    deadline_ms: int = 5_000
    at_once: int = 8
    stale_ms: int = 10_000
    catch_up: int = 4
    find_weight: int = 1
    trades_weight: int = 5
    traded_weight: int = 30
    positions_weight: int = 5
    orders_weight: int = 2
    all_orders_weight: int = 80
    rules_weight: int = 1
    settings_weight: int = 5

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "deadline_ms", "at_once")
        whole_numbers(self, 0, "find_weight", "trades_weight", "positions_weight")
        whole_numbers(self, 0, "orders_weight", "all_orders_weight", "rules_weight")
        whole_numbers(self, 0, "stale_ms", "settings_weight", "traded_weight", "catch_up")


@dataclass(slots=True)
class _Asking:
    done: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    answered: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    positions: tuple[VenuePosition, ...] = ()
    error: VenueReadError | None = None


class Reader:
    """Asks and reports.

    A question that is under way already is not asked again, and one that fails is dropped: who
    needs the answer asks anew.

    Args:
        venue: Whom to ask.
        clock: Time.
        budget: The venue's rate limits.
        config: Deadlines and weights.
        report: Takes each answer.
        heard: Told of each question whether the venue answered.
    """

    def __init__(
        self,
        *,
        venue: Readable,
        clock: Clock,
        budget: RateBudget,
        config: ReadConfig,
        report: Callable[[Fact], Awaitable[None]],
        heard: Callable[[bool], None],
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._budget = budget
        self._config = config
        self._report = report
        self._heard = heard
        self._under_way: dict[Question, _Asking] = {}
        self._room = anyio.Semaphore(config.at_once)
        self._listing = anyio.Lock()
        self._listed: _Listed | None = None
        self._lists = 0
        self._purse = Purse(budget, clock, stale_ms=config.stale_ms, catch_up=config.catch_up)

    def ask(self, question: Question, group: TaskGroup) -> None:
        """Asks, in a task of `group`.

        The account and its trades are read once more where a reading is under way: it may have
        begun before whatever makes it necessary.
        """
        asking = self._under_way.get(question)
        if asking is None:
            group.start_soon(self._ask, question)
        elif isinstance(question, ReadAccount | ReadTrades):
            asking.again = True

    async def _ask(self, question: Question) -> None:
        while (await self._asked(question)).again:
            pass

    async def answered(self, question: Question) -> bool:
        """Asks and waits until the answer is reported; False where it failed."""
        asking = await self._asked(question)
        if asking.again:
            asking = await self._asked(question)
        return asking.answered

    async def _asked(self, question: Question) -> _Asking:
        """A question that has had its answer, or none."""
        asking = self._under_way.get(question)
        if asking is not None:
            await asking.done.wait()
            return asking
        asking = self._under_way[question] = _Asking()
        try:
            fact: Fact | None = None
            with asking.scope:
                async with self._room:
                    fact = await self._read(question)
            if fact is not None:
                await self._report(fact)
                asking.answered = not isinstance(fact, Audit) or fact.complete
        finally:
            if self._under_way.get(question) is asking:
                del self._under_way[question]
            asking.done.set()
        return asking

    def abandon(self) -> None:
        """Waits no longer for what was asked in an outage: it may be asked again at once."""
        under_way, self._under_way = self._under_way, {}
        for asking in under_way.values():
            asking.scope.cancel()

    async def ping(self) -> None:
        """Asks for the venue's clock, to hear whether it answers.

        Raises:
            VenueReadError: It does not.
        """
        await self._purse.pay(self._config.rules_weight, Access.PLAIN)
        await self._venue.server_time_ms()

    async def rules_of(self, symbol: str) -> RulesRead | None:
        """Rules of a symbol, for who cannot go on without; None = the venue does not list it.

        Raises:
            VenueReadError: They could not be read in time, the wait for the rate limit included.
        """
        weight = self._config.rules_weight
        found = await self._now("rules", weight, lambda: self._venue.rules([symbol]), Access.VITAL)
        return found.get(symbol)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Every position that is not flat, for who cannot go on without.

        Who asks while an older reading is under way shares the next one: many positions that are
        found at once cost two readings.

        Raises:
            VenueReadError: They could not be read in time, the wait for the rate limit included.
        """
        wanted = self._lists + 1
        async with self._listing:
            if self._listed is None or self._lists < wanted:
                self._lists += 1
                self._listed = await self._list()
            if self._listed.error is not None:
                raise self._listed.error
            return self._listed.positions

    async def _list(self) -> _Listed:
        try:
            positions = await self._now(
                "positions", self._config.positions_weight, self._venue.positions, Access.VITAL
            )
        except VenueReadError as error:
            return _Listed(error=error)
        return _Listed(positions=positions)

    async def leverages(self) -> Mapping[str, int]:
        """The leverage that is set for each symbol; its reading leaves the reserve alone.

        Raises:
            VenueReadError: They could not be read in time, the wait for the rate limit included.
        """
        weight = self._config.settings_weight
        return await self._now("symbol settings", weight, self._venue.leverages, Access.PLAIN)

    async def _now(
        self,
        what: str,
        weight: int,
        ask: Callable[[], Coroutine[Any, Any, _T]],
        access: Access,
    ) -> _T:
        paid = False
        try:
            with anyio.fail_after(self._config.deadline_ms / 1000):
                await self._purse.pay(weight, access)
                paid = True
                found = await ask()
        except TimeoutError as error:
            if not paid:
                # The venue has not been asked: that tells nothing of whether it answers.
                raise VenueReadError(what, "no room in the rate limits in time") from error
            self._take_failure(error)
            raise VenueReadError(what, "no answer in time") from error
        except VenueReadError as error:
            self._take_failure(error)
            raise
        self._heard(True)
        return found

    async def _read(self, question: Question) -> Fact | None:
        match question:
            case Find():
                return await self._find(question)
            case ReadTrades():
                return await self._trades(question)
            case ReadTradedSymbols():
                return await self._traded(question)
            case ReadAccount():
                return await self._account(question)
            case ReadRules():
                return await self._rules(question)

    async def _find(self, question: Find) -> Fact | None:
        await self._purse.pay(self._config.find_weight, _access_to_find(question.client_id))
        asked_ms = self._clock.now_ms()
        symbol, client_id, book = question.symbol, question.client_id, question.book
        try:
            with anyio.fail_after(self._config.deadline_ms / 1000):
                order = await self._venue.find(symbol, client_id, book)
        except (VenueReadError, TimeoutError) as error:
            self._take_failure(error)
            return None
        self._heard(True)
        return Found(symbol=symbol, client_id=client_id, book=book, order=order, asked_ms=asked_ms)

    async def _trades(self, question: ReadTrades) -> Fact | None:
        """Each page is reported as it comes: the next one may have to wait for room, or fail."""
        asked_ms, from_id = self._clock.now_ms(), question.from_id
        try:
            page = await self._page(question, from_id)
            while page.next_id is not None:
                for piece in pieces_of(question.symbol, from_id, page.fills, asked_ms):
                    await self._report(replace(piece, more=True))
                from_id = page.next_id
                page = await self._page(question, from_id)
        except (VenueReadError, TimeoutError) as error:
            self._take_failure(error)
            return None
        self._heard(True)
        *pieces, last = pieces_of(question.symbol, from_id, page.fills, asked_ms)
        for piece in pieces:
            await self._report(piece)
        return last

    async def _traded(self, question: ReadTradedSymbols) -> Fact | None:
        await self._purse.pay(self._config.traded_weight, self._purse.to_catch_up())
        asked_ms = self._clock.now_ms()
        try:
            with anyio.fail_after(self._config.deadline_ms / 1000):
                page = await self._venue.traded(question.since_ms)
        except (VenueReadError, TimeoutError) as error:
            self._take_failure(error)
            return None
        self._heard(True)
        return TradedSymbolsRead(
            since_ms=question.since_ms,
            symbols=page.symbols,
            next_ms=page.next_ms,
            asked_ms=asked_ms,
        )

    async def _page(self, question: ReadTrades, from_id: int | None) -> TradesPage:
        access = Access.PROTECTIVE if question.needed else self._purse.to_catch_up()
        await self._purse.pay(self._config.trades_weight, access)
        with anyio.fail_after(self._config.deadline_ms / 1000):
            return await self._venue.trades(question.symbol, from_id)

    async def _account(self, question: ReadAccount) -> Fact | None:
        """What could be read, marked as incomplete where one of the two failed."""
        whole = question.symbol is None
        config = self._config
        orders_weight = config.all_orders_weight if whole else config.orders_weight
        # The dear part is paid for when it is asked: a venue that refuses everything would
        # otherwise use up the budget with which the account is read once it answers again.
        await self._purse.pay_to_look(config.positions_weight, whole=whole)
        taken_at_ms = self._clock.now_ms()
        positions: tuple[VenuePosition, ...] = ()
        orders: tuple[OrderView, ...] = ()
        complete = False
        try:
            with anyio.fail_after(self._config.deadline_ms / 1000):
                positions = await self._venue.positions()
            await self._purse.pay_to_look(orders_weight, whole=whole)
            with anyio.fail_after(self._config.deadline_ms / 1000):
                orders = await self._venue.open_orders(question.symbol)
            complete = True
            if whole:
                self._purse.note_all()
            self._heard(True)
        except (VenueReadError, TimeoutError) as error:
            self._take_failure(error)
        return Audit(
            symbol=question.symbol,
            positions=tuple(one for one in positions if whole or one.symbol == question.symbol),
            open_orders=orders,
            taken_at_ms=taken_at_ms,
            complete=complete,
        )

    async def _rules(self, question: ReadRules) -> Fact | None:
        await self._purse.pay(self._config.rules_weight, Access.PROTECTIVE)
        try:
            with anyio.fail_after(self._config.deadline_ms / 1000):
                found = await self._venue.rules([question.symbol])
        except (VenueReadError, TimeoutError) as error:
            self._take_failure(error)
            return None
        self._heard(True)
        read = found.get(question.symbol)
        if read is None:
            return None
        if read.former is not None:
            await self._report(RulesChanged(rules=read.former))
        return RulesChanged(rules=read.rules)

    def _take_failure(self, error: VenueReadError | TimeoutError) -> None:
        """Nothing leaves before the venue wants to be asked again."""
        retry_ms = error.retry_after_ms if isinstance(error, VenueReadError) else None
        if retry_ms is None:
            self._heard(False)
        else:
            # A limit is an answer, and its silence is kept.
            self._budget.close(retry_ms, self._clock.monotonic_ns())


def _access_to_find(client_id: str) -> Access:
    """Whether there is a floor, or a close, is as urgent as it is itself: another waits for that."""
    identity = identity_of(client_id)
    is_vital = identity is not None and identity.role in _VITAL
    return Access.VITAL if is_vital else Access.PROTECTIVE
