"""Operations of the simulated venue through Python: `pytest benches/bench_exchange.py`.

Half market trades, half what a busy exit engine sends, in rounds of twenty calls, the last of which
takes the events. The ledger is compared with that of a second venue and the cash with its incomes
before anything is timed. The same mix without Python is in `benches/paths.rs`.
"""

from typing import Protocol

from quantum_exit._core import Venue

SYMBOL = "BTCUSDT"
PRICE_TICKS = 1_000_000
OPERATIONS_IN_A_ROUND = 20


class Benchmark(Protocol):
    """The fixture of pytest-benchmark, as far as it is used here."""

    extra_info: dict[str, object]

    def __call__(self, function: object, *args: object) -> object:
        """Calls `function` many times and returns its result."""


def new_venue() -> tuple[Venue, int]:
    venue = Venue()
    venue.add_symbol(SYMBOL, tick_e8=10_000_000, lot_e8=100_000)
    account = venue.add_account()
    venue.transfer(account, 1_000_000 * 10**8)
    venue.set_depth(SYMBOL, lots_per_level=50)
    venue.trade(SYMBOL, PRICE_TICKS, 1)
    return venue, account


def play_round(venue: Venue, account: int, at: int) -> int:
    """Twenty calls; gives the number of events that they made."""
    drift = PRICE_TICKS + at % 7
    for step in range(4):
        venue.trade(SYMBOL, drift + step, 30, step % 2 == 0)
    venue.place(account, SYMBOL, "BUY", "MARKET", 5)
    floor = venue.place_algo(
        account,
        SYMBOL,
        "SELL",
        "STOP_MARKET",
        trigger_ticks=PRICE_TICKS - 9_000,
        close_position=True,
        working_type="MARK_PRICE",
    )
    for distance in (500, 600):
        order = venue.place(account, SYMBOL, "BUY", "LIMIT", 1, PRICE_TICKS - distance)
        venue.cancel(account, SYMBOL, order_id=order.order_id)
    venue.place(account, SYMBOL, "SELL", "LIMIT", 2, PRICE_TICKS + 20, reduce_only=True)
    for step in range(20, 26):
        venue.trade(SYMBOL, drift + step, 30, step % 2 == 0)
    venue.cancel_algo(account, algo_id=floor.algo_id)
    venue.place(account, SYMBOL, "SELL", "MARKET", 5, reduce_only=True)
    return len(venue.drain())


def test_round_of_operations(benchmark: Benchmark) -> None:
    (one, account), (other, _) = new_venue(), new_venue()
    for venue in (one, other):
        assert all(play_round(venue, account, at) > 0 for at in range(500))
    assert one.ledger_hash() == other.ledger_hash()
    incomes = one.incomes(account, from_income_id=1, limit=10**6)
    assert one.balance(account).wallet_e8 == sum(income.amount_e8 for income in incomes)
    assert one.holdings(account, SYMBOL)[0].lots == 0

    benchmark.extra_info["operations"] = OPERATIONS_IN_A_ROUND
    rounds = iter(range(10**9))
    benchmark(lambda: play_round(one, account, next(rounds)))
