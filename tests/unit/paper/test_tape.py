import pytest

from quantum_exit.adapters.paper.bars import check_interval, closing_ms, opening_ms
from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.tape import Tape
from quantum_exit.adapters.paper.trades import Trade, TradeRing

START_MS = 1_700_000_040_000  # 2023-11-14T22:14:00Z, a Tuesday


def tape(*rows: tuple[int, int, int]) -> Tape:
    """A tape of `(seconds after the start, ticks, lots)`; odd ticks were sold by the taker."""
    made = Tape()
    for number, (second, ticks, lots) in enumerate(rows, 1):
        made.add(Trade(number, START_MS + second * 1_000, ticks, lots, ticks % 2 == 1))
    return made


def test_trades_of_a_minute_make_one_bar() -> None:
    [bar] = tape((0, 100, 1), (10, 103, 2), (20, 97, 3), (59, 102, 4)).bars("1m", limit=5)

    assert (bar.open, bar.high, bar.low, bar.close) == (100, 103, 97, 102)
    assert (bar.lots, bar.worth, bar.trades) == (10, 100 + 206 + 291 + 408, 4)
    assert (bar.buy_lots, bar.buy_worth) == (5, 508)
    assert (bar.first_id, bar.last_id, bar.open_ms) == (1, 4, START_MS)


def test_longer_bars_join_minutes() -> None:
    made = tape((60, 100, 1), (120, 110, 1), (460, 90, 1))

    bars = made.bars("5m", limit=5)

    assert [(bar.open, bar.high, bar.low, bar.close) for bar in bars] == [
        (100, 110, 100, 110),
        (90, 90, 90, 90),
    ]
    latest = made.bar("5m")
    assert latest is not None
    assert latest.open_ms == bars[-1].open_ms


def test_bars_from_a_start_are_the_first_ones_and_without_it_the_latest() -> None:
    made = tape(*((60 * minute, 100 + minute, 1) for minute in range(5)))

    first = made.bars("1m", limit=2, start_ms=START_MS + 60_000)
    latest = made.bars("1m", limit=2)

    assert [bar.open for bar in first] == [101, 102]
    assert [bar.open for bar in latest] == [103, 104]


def test_trades_are_found_by_id_and_by_time() -> None:
    made = tape(*((second, 100, 1) for second in range(10)))

    assert [trade.trade_id for trade in made.trades(limit=3)] == [8, 9, 10]
    assert [trade.trade_id for trade in made.trades(limit=3, from_id=2)] == [2, 3, 4]
    by_time = made.trades(limit=9, start_ms=START_MS + 1_000, end_ms=START_MS + 2_000)
    assert [trade.trade_id for trade in by_time] == [2, 3]


def test_of_more_trades_than_are_kept_the_oldest_are_forgotten() -> None:
    ring = TradeRing(3)
    assert (len(ring), ring.latest(5), list(ring)) == (0, [], [])
    made = [Trade(number, START_MS, -number, 2**40, number % 2 == 0) for number in range(5)]
    for trade in made:
        ring.add(trade)

    assert list(ring) == made[2:]
    assert ring.latest(2) == made[3:]
    assert ring.latest(9) == made[2:]


def test_the_day_forgets_what_is_older() -> None:
    made = tape((0, 500, 1), (120, 100, 1), (180, 110, 1))

    day = made.day(START_MS + 86_400_000 + 60_000)

    assert day is not None
    assert (day.open, day.close, day.trades) == (100, 110, 2)
    assert Tape().day(START_MS) is None


@pytest.mark.parametrize(
    ("interval", "open_ms", "close_ms"),
    [
        ("1m", 1_700_000_040_000, 1_700_000_099_999),
        ("1h", 1_699_999_200_000, 1_700_002_799_999),
        ("1d", 1_699_920_000_000, 1_700_006_399_999),
        ("1w", 1_699_833_600_000, 1_700_438_399_999),  # Monday 2023-11-13
        ("1M", 1_698_796_800_000, 1_701_388_799_999),  # November
    ],
)
def test_bars_open_and_close_on_the_calendar(interval: str, open_ms: int, close_ms: int) -> None:
    assert opening_ms(interval, START_MS + 5_000) == open_ms
    assert closing_ms(interval, open_ms) == close_ms


def test_an_interval_that_is_none_has_its_own_code() -> None:
    with pytest.raises(VenueRefusal, match="-1120"):
        check_interval("7m")


def test_the_latest_long_bars_are_whole_although_minutes_are_missing() -> None:
    made = tape(*((60 * minute, 100 + minute, 1) for minute in (1, 2, 4, 5, 6, 8, 14, 16, 17)))

    assert [bar.open for bar in made.bars("5m", limit=2)] == [114, 116]
    assert [(bar.open, bar.trades) for bar in made.bars("5m", limit=9)] == [
        (101, 4),
        (106, 2),
        (114, 1),
        (116, 2),
    ]
