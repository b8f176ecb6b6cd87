"""What is asked out of turn counts against the rate limits all the same."""

from collections.abc import Sequence

import anyio
import pytest

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderSide,
    OrderView,
    TradedSymbol,
    VenuePosition,
)
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.budget import Cost, Limit, RateBudget
from quantum_exit.execution.guardian.effects import Find, ReadAccount, ReadTradedSymbols, ReadTrades
from quantum_exit.execution.guardian.facts import Audit, Fact, TradedSymbolsRead, TradesRead
from quantum_exit.execution.ids import OrderIdentity, client_id
from quantum_exit.execution.orders import ExitOrder, Role
from quantum_exit.execution.outcomes import Done, Outcome
from quantum_exit.execution.ports import RulesRead, Steps, SymbolRules, TradedPage, TradesPage
from quantum_exit.execution.reads import ReadConfig, Reader
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual

RULES = SymbolRules(
    instrument=Instrument("BTCUSDT", "0.1", "0.001", "0.001", "5"),
    trading=True,
    max_algo_orders=None,
    max_orders=None,
    market_max_lots=None,
    trigger_band_frac=None,
)


TRADE = Fill(
    symbol="BTCUSDT",
    trade_id=7,
    venue_order_id=1,
    client_id=None,
    side=OrderSide.BUY,
    position_side=None,
    lots=1,
    price_ticks=1,
    fee="0",
    fee_asset="USDT",
    realized_pnl="0",
    maker=False,
    ts_ms=1,
)


class Venue:
    """Knows one symbol and one trade at most, holds nothing, and is asked how often it refuses."""

    def __init__(
        self, refusals: list[VenueReadError] | None = None, trade: Fill | None = None
    ) -> None:
        self.trade = trade
        self.asked_at: list[float] = []
        self.refusals = refusals or []
        self.heard: list[bool] = []

    async def positions(self) -> tuple[VenuePosition, ...]:
        self._note()
        return ()

    async def leverages(self) -> dict[str, int]:
        self._note()
        return {"BTCUSDT": 20}

    async def rules(self, symbols: Sequence[str]) -> dict[str, RulesRead]:
        self._note()
        return {symbol: RulesRead(rules=RULES) for symbol in symbols if symbol == "BTCUSDT"}

    async def open_orders(self, symbol: str | None) -> tuple[OrderView, ...]:
        return ()

    async def trades(self, symbol: str, from_trade_id: int | None) -> TradesPage:
        self._note()
        if self.trade is None or from_trade_id != self.trade.trade_id:
            return TradesPage(())
        return TradesPage((self.trade,), next_id=self.trade.trade_id + 1)

    async def traded(self, since_ms: int) -> TradedPage:
        self._note()
        one = TradedSymbol(symbol="BTCUSDT", first_id=7, last_id=9)
        return TradedPage((one,), next_ms=since_ms + 5)

    async def server_time_ms(self) -> int:
        return 0

    async def send(
        self, order: ExitOrder, client_id: str, steps: Steps | None, *, asked_ms: int
    ) -> Outcome:
        return Done(order=None)

    async def cancel(
        self, symbol: str, client_id: str, book: OrderBook, *, asked_ms: int
    ) -> Outcome:
        return Done(order=None)

    async def find(self, symbol: str, client_id: str, book: OrderBook) -> OrderView | None:
        return None

    def _note(self) -> None:
        self.asked_at.append(anyio.current_time())
        if self.refusals:
            raise self.refusals.pop()


def reader_of(
    venue: Venue,
    most: int,
    *,
    window_ms: int = 1_000,
    used: int = 0,
    reports: list[Fact] | None = None,
) -> Reader:
    async def report(fact: Fact) -> None:
        assert reports is not None
        reports.append(fact)

    clock = VirtualClock(1_000_000)
    budget = RateBudget((Limit(name="weight", most=most, window_ms=window_ms),))
    budget.spend(Cost(weight=used), clock.monotonic_ns())
    return Reader(
        venue=venue,
        clock=clock,
        budget=budget,
        config=ReadConfig(deadline_ms=3_000),
        report=report,
        heard=venue.heard.append,
    )


def test_positions_that_are_needed_now_may_spend_the_reserve_and_no_more() -> None:
    async def main() -> None:
        venue = Venue()
        # One question costs 5 of 5, of which 1 is reserved for protection.
        reader = reader_of(venue, 5)
        await reader.positions()
        await reader.positions()

        assert venue.asked_at == [0.0, 1.0]

    run_virtual(main)


def test_only_the_first_reading_of_the_whole_account_may_spend_the_reserve() -> None:
    async def main() -> None:
        venue = Venue()
        # One reading costs 85 of 200, of which 20 are left to closes and 20 more to protection.
        reader = reader_of(venue, 200, used=90, reports=[])
        await reader.answered(ReadAccount(symbol=None))
        assert anyio.current_time() == 0.0

        await reader.answered(ReadAccount(symbol=None))
        assert anyio.current_time() == 1.0

    run_virtual(main)


def test_many_who_need_the_positions_share_what_was_asked_after_them() -> None:
    async def main() -> None:
        venue = Venue()
        reader = reader_of(venue, 10)
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(reader.positions)

        assert venue.asked_at == [0.0, 0.0]

    run_virtual(main)


def test_rules_that_are_needed_now_count_against_the_same_limit() -> None:
    async def main() -> None:
        venue = Venue()
        reader = reader_of(venue, 1)

        assert await reader.rules_of("BTCUSDT") == RulesRead(rules=RULES)
        assert await reader.rules_of("ETHUSDT") is None
        assert venue.asked_at == [0.0, 1.0]

    run_virtual(main)


def test_who_waits_for_the_rate_limit_waits_no_longer_than_for_the_answer() -> None:
    async def main() -> None:
        venue = Venue()
        reader = reader_of(venue, 5, window_ms=60_000)
        await reader.positions()
        with pytest.raises(VenueReadError, match="no room in the rate limits in time"):
            await reader.positions()

        # It was not asked, which tells nothing of whether it answers.
        assert venue.asked_at == [0.0]
        assert venue.heard == [True]
        assert anyio.current_time() == 3.0

    run_virtual(main)


def test_silence_that_the_venue_asks_for_holds_for_the_next_question() -> None:
    async def main() -> None:
        venue = Venue([VenueReadError("positions", "too many", retry_after_ms=2_000)])
        reader = reader_of(venue, 100)
        with pytest.raises(VenueReadError):
            await reader.positions()
        await reader.positions()

        assert venue.asked_at == [0.0, 2.0]

    run_virtual(main)


class SlowVenue(Venue):
    """Takes 50 ms to tell its positions."""

    async def positions(self) -> tuple[VenuePosition, ...]:
        self.asked_at.append(anyio.current_time())
        await anyio.sleep(0.05)
        return ()


def test_an_account_that_is_asked_for_while_it_is_read_is_read_once_more() -> None:
    async def main() -> None:
        venue, taken = SlowVenue(), list[Fact]()

        async def report(fact: Fact) -> None:
            taken.append(fact)

        reader = Reader(
            venue=venue,
            clock=VirtualClock(1_000_000),
            budget=RateBudget((Limit(name="weight", most=1_000, window_ms=1_000),)),
            config=ReadConfig(),
            report=report,
            heard=venue.heard.append,
        )
        whole = ReadAccount(symbol=None)
        async with anyio.create_task_group() as group:
            group.start_soon(reader.answered, whole)
            await anyio.sleep(0.02)
            # The position may have been opened after its reading began.
            reader.ask(whole, group)
            reader.ask(whole, group)

        assert venue.asked_at == [0.0, 0.05]
        assert len(taken) == 2

    run_virtual(main)


def test_while_the_account_cannot_be_read_only_the_first_question_is_paid_for() -> None:
    async def main() -> None:
        venue = Venue([VenueReadError("positions", "down")] * 10)
        reports: list[Fact] = []
        reader = reader_of(venue, 100, window_ms=60_000, reports=reports)
        for _ in range(10):
            assert not await reader.answered(ReadAccount(symbol=None))

        assert venue.asked_at == [0.0] * 10
        assert [one.complete for one in reports if isinstance(one, Audit)] == [False] * 10

    run_virtual(main)


def test_the_first_questions_about_trades_may_spend_part_of_the_reserve() -> None:
    async def main() -> None:
        venue = Venue()
        # One question costs 5 of 200, of which 20 are left to closes and 20 more to protection.
        reader = reader_of(venue, 200, used=160, reports=[])
        answered_at = []
        for _ in range(5):
            await reader.answered(ReadTrades(symbol="BTCUSDT", from_id=None))
            answered_at.append(anyio.current_time())

        assert answered_at == [0.0] * 4 + [1.0]

    run_virtual(main)


def test_the_last_page_of_trades_is_not_paid_for_twice() -> None:
    async def main() -> None:
        venue, reports = Venue(), list[Fact]()
        reader = reader_of(venue, 100, reports=reports)
        await reader.answered(ReadTrades(symbol="BTCUSDT", from_id=7))

        assert venue.asked_at == [0.0]
        assert reports == [TradesRead(symbol="BTCUSDT", from_id=7, fills=(), asked_ms=1_000_000)]

    run_virtual(main)


@pytest.mark.parametrize("fails", [False, True])
def test_a_page_of_trades_does_not_wait_for_the_answer_that_there_is_no_more(
    *, fails: bool
) -> None:
    async def main() -> None:
        venue, reports = Venue(trade=TRADE), list[Fact]()
        # One page costs 5 of 9, of which 2 are reserved.
        reader = reader_of(venue, 9, reports=reports)
        async with anyio.create_task_group() as group:
            reader.ask(ReadTrades(symbol="BTCUSDT", from_id=7), group)
            await anyio.sleep(0.5)
            if fails:
                venue.refusals.append(VenueReadError("trades", "refused"))

        first, *rest = reports
        assert venue.asked_at == [0.0, 1.0]
        assert first == TradesRead(
            symbol="BTCUSDT", from_id=7, fills=(TRADE,), asked_ms=1_000_000, more=True
        )
        last = TradesRead(symbol="BTCUSDT", from_id=8, fills=(), asked_ms=1_000_000)
        assert rest == ([] if fails else [last])

    run_virtual(main)


def test_trades_that_a_proof_waits_for_may_spend_part_of_the_reserve() -> None:
    async def main() -> None:
        reader = reader_of(Venue(), 200, used=140, reports=[])
        for _ in range(8):
            await reader.answered(ReadTrades(symbol="BTCUSDT", from_id=None, needed=True))
        assert anyio.current_time() == 0.0

        await reader.answered(ReadTrades(symbol="BTCUSDT", from_id=None, needed=True))
        assert anyio.current_time() == 1.0

    run_virtual(main)


@pytest.mark.parametrize(("role", "waits_s"), [(Role.FLOOR, 0.0), (Role.TAKE_PROFIT, 1.0)])
def test_whether_there_is_a_floor_may_spend_all_of_the_reserve(role: Role, waits_s: float) -> None:
    async def main() -> None:
        reader = reader_of(Venue(), 200, used=180, reports=[])
        identity = OrderIdentity(
            role=role,
            account_tag="AA",
            lease_epoch=1,
            position_epoch=1,
            rung=0,
            revision=0,
            attempt=0,
        )
        await reader.answered(
            Find(symbol="BTCUSDT", client_id=client_id(identity), book=OrderBook.ALGO)
        )
        assert anyio.current_time() == waits_s

    run_virtual(main)


def test_symbols_that_were_traded_in_are_asked_for_as_the_budget_allows() -> None:
    async def main() -> None:
        venue, reports = Venue(), list[Fact]()
        # One question costs 30 of 50.
        reader = reader_of(venue, 50, reports=reports)
        await reader.answered(ReadTradedSymbols(since_ms=5))
        await reader.answered(ReadTradedSymbols(since_ms=10))

        assert venue.asked_at == [0.0, 1.0]
        first = TradedSymbolsRead(
            since_ms=5,
            symbols=(TradedSymbol(symbol="BTCUSDT", first_id=7, last_id=9),),
            next_ms=10,
            asked_ms=1_000_000,
        )
        assert reports[0] == first

    run_virtual(main)


def test_symbols_that_could_not_be_read_are_no_answer() -> None:
    async def main() -> None:
        venue, reports = Venue([VenueReadError("incomes", "refused")]), list[Fact]()
        reader = reader_of(venue, 500, reports=reports)

        assert not await reader.answered(ReadTradedSymbols(since_ms=5))
        assert (reports, venue.heard) == ([], [False])

    run_virtual(main)
