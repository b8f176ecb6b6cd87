"""Trades in symbols of which nothing is known: named by the venue, read, and told of once."""

from quantum_exit.domain.facts import Fill, OrderSide, TradedSymbol
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import (
    Alarm,
    AlarmKind,
    Booked,
    Effect,
    ReadTradedSymbols,
    ReadTrades,
)
from quantum_exit.execution.guardian.facts import (
    Audit,
    LeaseEpoch,
    StreamBack,
    TradedSymbolsRead,
    TradesRead,
)
from quantum_exit.execution.guardian.guardian import Guardian

START_MS = 1_760_000_000_000
HOUR_MS = 3_600_000


class Account:
    """A guardian of an account in which nothing is open."""

    def __init__(self, watched_ms: int | None = None) -> None:
        self.guardian = Guardian(GuardianConfig(), "main")
        self.now_ms = START_MS
        self.start(watched_ms)

    def start(self, watched_ms: int | None = None) -> None:
        self.guardian.step(LeaseEpoch(epoch=1, watched_ms=watched_ms), self.now_ms)

    def pass_ms(self, by_ms: int) -> None:
        self.now_ms += by_ms

    def audit(self, *, complete: bool = True, symbol: str | None = None) -> tuple[Effect, ...]:
        read = Audit(
            symbol=symbol,
            positions=(),
            open_orders=(),
            taken_at_ms=self.now_ms,
            complete=complete,
        )
        return self.guardian.step(read, self.now_ms)

    def asks(self) -> list[int]:
        return [one.since_ms for one in self.audit() if isinstance(one, ReadTradedSymbols)]

    def come_back(self) -> None:
        self.guardian.step(StreamBack(stream="user"), self.now_ms)

    def told(
        self,
        *symbols: TradedSymbol,
        since_ms: int = START_MS,
        next_ms: int | None = None,
        asked_ms: int | None = None,
    ) -> tuple[Effect, ...]:
        read = TradedSymbolsRead(
            since_ms=since_ms,
            symbols=symbols,
            next_ms=next_ms,
            asked_ms=self.now_ms if asked_ms is None else asked_ms,
        )
        return self.guardian.step(read, self.now_ms)

    def trades(self, *ids: int) -> tuple[Effect, ...]:
        read = TradesRead(
            symbol="BTCUSDT",
            from_id=ids[0] if ids else None,
            fills=tuple(trade(one) for one in ids),
            asked_ms=self.now_ms,
        )
        return self.guardian.step(read, self.now_ms)


def trade(number: int) -> Fill:
    return Fill(
        symbol="BTCUSDT",
        trade_id=number,
        venue_order_id=number,
        client_id=None,
        side=OrderSide.SELL,
        position_side=None,
        lots=1,
        price_ticks=1_000_000,
        fee="0",
        fee_asset="USDT",
        realized_pnl="0",
        maker=False,
        ts_ms=START_MS,
    )


def btc(first: int, last: int) -> TradedSymbol:
    return TradedSymbol(symbol="BTCUSDT", first_id=first, last_id=last)


def test_trades_of_a_symbol_that_nobody_knew_are_read_from_the_first_one_on_and_booked() -> None:
    account = Account()
    assert account.asks() == [START_MS]

    assert account.told(btc(7, 9)) == (ReadTrades(symbol="BTCUSDT", from_id=7),)
    booked = [one.fill.trade_id for one in account.trades(7, 8, 9) if isinstance(one, Booked)]

    assert booked == [7, 8, 9]
    account.pass_ms(2_000)
    assert account.told(btc(7, 9)) == ()
    assert account.told(btc(9, 10)) == (ReadTrades(symbol="BTCUSDT", from_id=10),)


def test_nothing_is_asked_before_the_account_was_read() -> None:
    account = Account()

    effects = (*account.audit(complete=False), *account.audit(symbol="BTCUSDT"))

    assert not any(isinstance(one, ReadTradedSymbols) for one in effects)


def test_an_account_is_watched_since_its_journal_began() -> None:
    assert Account(watched_ms=START_MS - HOUR_MS).asks() == [START_MS - HOUR_MS]
    assert Account(watched_ms=START_MS + HOUR_MS).asks() == [START_MS]


def test_the_next_life_asks_for_what_came_after_the_last_answer() -> None:
    account = Account(watched_ms=START_MS - HOUR_MS)
    account.pass_ms(HOUR_MS)
    answered_ms = account.now_ms
    account.told()
    account.pass_ms(2 * HOUR_MS)

    account.start()

    (since_ms,) = account.asks()
    assert answered_ms - 120_000 < since_ms < answered_ms


def test_a_question_without_an_answer_is_asked_again_and_a_person_is_told_once() -> None:
    account = Account()
    alarms = []

    for _ in range(20):
        effects = account.audit()
        assert sum(isinstance(one, ReadTradedSymbols) for one in effects) == 1
        alarms += [one.kind for one in effects if isinstance(one, Alarm)]
    account.told()

    assert alarms == [AlarmKind.TRADES_UNREAD]
    assert account.asks() == []


def test_a_list_that_was_cut_is_read_on() -> None:
    account = Account()
    account.pass_ms(HOUR_MS)
    cut_ms = START_MS + 1_000

    assert account.told(next_ms=cut_ms) == (ReadTradedSymbols(since_ms=cut_ms),)
    assert account.asks() == [cut_ms]
    assert account.told(since_ms=cut_ms, next_ms=cut_ms) == (
        ReadTradedSymbols(since_ms=cut_ms + 1),
    )
    assert account.told(since_ms=cut_ms + 1) == ()
    assert account.asks() == []


def test_it_is_asked_again_after_a_gap_and_now_and_then() -> None:
    account = Account()
    account.told()
    account.pass_ms(20_000)
    account.come_back()
    assert len(account.asks()) == 1

    account.told()
    assert account.asks() == []
    account.pass_ms(HOUR_MS)
    assert len(account.asks()) == 1


def test_gaps_in_a_row_cost_one_question_in_ten_seconds() -> None:
    account = Account()
    account.told()

    account.come_back()
    assert account.asks() == []
    account.pass_ms(9_999)
    account.come_back()
    assert account.asks() == []
    account.pass_ms(1)
    assert len(account.asks()) == 1


def test_an_answer_does_not_stand_for_a_gap_that_came_after_its_question() -> None:
    account = Account()
    asked_ms = account.now_ms
    account.pass_ms(1)
    account.come_back()

    account.told(asked_ms=asked_ms)
    account.pass_ms(10_000)

    assert len(account.asks()) == 1


def test_trades_whose_reading_failed_are_asked_for_at_the_next_audit() -> None:
    account = Account()
    account.told(btc(7, 9))
    account.pass_ms(10_000)

    assert ReadTrades(symbol="BTCUSDT", from_id=7) in account.audit()
