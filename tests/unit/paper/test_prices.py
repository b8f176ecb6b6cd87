from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from quantum_exit.adapters.paper.drivers import (
    WalkSettings,
    file_trades,
    merged,
    random_walk,
    scripted,
)
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.pacing import ExchangeClock, Pacer
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.errors import InvalidInputError

BTC = built_in_info(["BTCUSDT"]).symbols.get("BTCUSDT")


def at(*times_ms: int, symbol: str = "BTCUSDT") -> list[Move]:
    return [Print(ts_ms=time, symbol=symbol, ticks=1, lots=1) for time in times_ms]


def test_the_same_seed_walks_the_same_way() -> None:
    settings = WalkSettings(start_price=Decimal(60_000), seed=3)
    other = WalkSettings(start_price=Decimal(60_000), seed=4)

    walks = [list(islice(random_walk(BTC, s, 0), 1_000)) for s in (settings, settings, other)]

    assert walks[0] == walks[1] != walks[2]
    assert [move.ts_ms for move in walks[0][:3]] == [0, 100, 200]


def test_trades_of_a_file_lie_on_the_grid(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text(
        "timestamp_ms,price\n1700000000000,60000.04\n1700000000500,60000.06\n1700000001000,59999\n"
    )

    moves = [move for move in file_trades(path, BTC, lots=5) if isinstance(move, Print)]

    assert [(m.ts_ms, m.ticks, m.lots, m.buyer_is_maker) for m in moves] == [
        (1_700_000_000_000, 600_000, 5, False),
        (1_700_000_000_500, 600_001, 5, False),
        (1_700_000_001_000, 599_990, 5, True),
    ]


def test_a_script_is_taken_exactly() -> None:
    [move] = scripted(BTC, [(5, "60000.1", "0.002")])

    assert move == Print(ts_ms=5, symbol="BTCUSDT", ticks=600_001, lots=2)


def test_sources_are_merged_by_time_and_then_by_place() -> None:
    one, two = at(1, 3, 5), at(1, 2, 5, symbol="ETHUSDT")

    order = [(m.ts_ms, m.symbol[:3]) for m in merged([iter(one), iter(two)])]

    assert order == [(1, "BTC"), (1, "ETH"), (2, "ETH"), (3, "BTC"), (5, "BTC"), (5, "ETH")]


@pytest.mark.parametrize(("speed", "taken"), [(1.0, [1]), (10.0, [1, 2]), (None, [1, 2, 3])])
def test_prices_come_at_the_speed_asked_for(speed: float | None, taken: list[int]) -> None:
    pacer = Pacer(iter(at(5_000, 5_400, 7_000)), speed=speed)
    start = [move for _, move in pacer.due(1_000_000)]
    later = [move for _, move in pacer.due(1_000_100)]

    assert len(start + later) == len(taken)


def test_a_price_knows_when_it_was_due() -> None:
    pacer = Pacer(iter(at(5_000, 5_400)), speed=2.0)
    list(pacer.due(100))

    assert pacer.next_due_ms(100) == 300
    assert [time for time, _ in pacer.due(1_000)] == [300]
    assert pacer.ended


def test_a_clock_can_be_moved_on_but_not_back() -> None:
    times = iter([10, 20, 30])
    clock = ExchangeClock(lambda: next(times))

    clock.skip(5)

    assert [clock.now_ms(), clock.now_ms()] == [15, 25]
    with pytest.raises(InvalidInputError, match="ms"):
        clock.skip(-1)


def test_a_manual_clock_stands_still() -> None:
    times = iter([10, 20])
    clock = ExchangeClock(lambda: next(times), manual=True)

    assert [clock.now_ms(), clock.now_ms()] == [10, 10]
