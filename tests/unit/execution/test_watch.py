import json
from dataclasses import replace

import pytest

from quantum_exit._core import Instrument, Leg, Trailing
from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.facts import CoreKind
from quantum_exit.execution.watch import Decision, Watch, WatchConfig
from quantum_exit.execution.watch_plan import WatchPlan

KEY = PositionKey("main", "BTCUSDT", Side.LONG, 1)
BTC = Instrument("BTCUSDT", "0.1", "0.001", "0.001", "100", None)
RULES = ExitRules(
    legs=(Leg(1, "0.5", "SOFT"), Leg(2, "0.25", "HARD")), trailing=Trailing("0.005", 1)
)
PLAN = WatchPlan(
    key=KEY,
    instrument=BTC,
    entry_price="100000",
    quantity="0.1",
    stop_price="99000",
    rules=RULES,
    opened_ns=1_000_000_000,
)
SECOND = 1_000_000_000


class World:
    """A watch whose prices come one second apart."""

    def __init__(self, plan: WatchPlan = PLAN) -> None:
        self.watch = Watch(WatchConfig())
        self.watch.open(plan)
        self.now_ns = SECOND
        self.ticks: list[Price] = []

    def price(self, price: float, *, mark: bool = False) -> list[Decision]:
        self.now_ns += SECOND
        shown = Price(symbol="BTCUSDT", ticks=BTC.ticks(price), mark=mark, ts_ns=self.now_ns)
        decided = self.watch.on_price(shown, now_ms=self.now_ns // 1_000_000, now_ns=self.now_ns)
        self.ticks += [one.tick for one in decided if one.tick is not None]
        return list(decided)


def told(decided: list[Decision]) -> list[tuple[str, str, int | None, int | None, int | None]]:
    events = [one.event for one in decided if one.event is not None]
    return [(event.kind, event.reason, event.leg, event.lots, event.stop_ticks) for event in events]


def test_the_first_price_tells_the_stop() -> None:
    world = World()

    assert told(world.price(100_000)) == [("STOP_MOVED", "STOP", None, None, 990_000)]
    assert told(world.price(100_100)) == []


def test_a_soft_leg_is_left_to_the_venue_and_moves_the_stop() -> None:
    world = World()
    world.price(100_000)

    assert told(world.price(101_001)) == [
        ("TRAIL_MOVED", "TRAIL", None, None, None),
        ("STOP_MOVED", "STOP", None, None, 1_000_800),
    ]


def test_a_hard_leg_is_due_with_its_lots() -> None:
    world = World()
    world.price(100_000)

    assert told(world.price(102_500))[0] == (CoreKind.LEG_DUE, "TAKE_PROFIT", 1, 25, None)


def test_the_stop_closes_everything() -> None:
    world = World()
    world.price(100_000)

    assert told(world.price(98_900)) == [("CLOSE_ALL", "STOP", None, None, None)]
    assert told(world.price(98_000)) == []


def test_the_trailing_stop_is_the_working_stop_once_it_guards_all_that_is_open() -> None:
    world = World()
    world.price(100_000)
    world.price(102_500)

    assert told(world.price(104_000)) == [("STOP_MOVED", "TRAIL", None, None, 1_034_800)]
    assert told(world.price(103_000)) == [("CLOSE_ALL", "TRAIL", None, None, None)]


def test_a_trailing_stop_of_the_remainder_leaves_the_legs_alone() -> None:
    world = World()
    world.price(100_000)
    world.price(101_800)

    assert told(world.price(101_200)) == [("PART_DUE", "TRAIL", None, 25, None)]
    assert told(world.price(102_500))[0] == (CoreKind.LEG_DUE, "TAKE_PROFIT", 1, 25, None)


def test_a_stop_that_follows_the_price_is_told_at_most_once_an_interval() -> None:
    world = World()
    world.price(100_000)
    world.price(104_000)
    at = world.now_ns
    moves = 0
    for step in range(1, 11):
        shown = Price(
            symbol="BTCUSDT", ticks=1_040_000 + step, mark=False, ts_ns=at + step * 100_000_000
        )
        decided = world.watch.on_price(shown, now_ms=shown.ts_ns // 1_000_000, now_ns=shown.ts_ns)
        moves += len(told(list(decided)))

    assert moves == 3


def test_a_leg_filled_at_the_venue_moves_the_stop_once() -> None:
    world = World()
    world.price(100_500)

    moved = world.watch.leg_filled(KEY, 0)
    assert told(list(moved)) == [("STOP_MOVED", "STOP", None, None, 1_000_800)]
    assert world.watch.leg_filled(KEY, 0) == ()
    assert told(world.price(100_900)) == []


def test_what_is_asked_before_the_first_price_is_done_with_it() -> None:
    world = World()
    world.watch.tighten(KEY, 995_000)
    world.watch.resize(KEY, 40)
    world.watch.leg_filled(KEY, 7)

    assert told(world.price(100_000)) == [("STOP_MOVED", "STOP", None, None, 995_000)]
    assert world.watch.stop_ticks(KEY) == 995_000


def test_what_the_core_cannot_set_is_left_to_the_venue() -> None:
    world = World()
    world.price(100_000)
    world.watch.tighten(KEY, 980_000)
    world.watch.tighten(KEY, 1_000_000)

    assert world.watch.stop_ticks(KEY) == 990_000


def test_a_stop_behind_a_price_that_is_still_held_back_is_left_to_the_venue() -> None:
    world = World()
    world.price(100_000)
    world.price(140_000)
    world.watch.tighten(KEY, 1_200_000)


def test_a_stop_between_the_last_trade_and_a_newer_mark_price_is_left_to_the_venue() -> None:
    world = World()
    world.price(100_000)
    world.price(100_500, mark=True)
    world.watch.tighten(KEY, 1_002_000)

    assert world.watch.stop_ticks(KEY) == 990_000


def test_a_stop_that_was_through_the_market_is_set_once_it_is_not() -> None:
    world = World()
    world.price(100_000)
    # The journal has the prices that decided something: by the last of them it is through.
    world.watch.tighten(KEY, 1_002_000)

    assert told(world.price(100_100)) == []
    assert told(world.price(100_500)) == [("STOP_MOVED", "STOP", None, None, 1_002_000)]
    assert told(world.price(100_150)) == [("CLOSE_ALL", "EXTERNAL", None, None, None)]


@pytest.mark.parametrize("now_ms", [13_001, 86_400_000, 7_999])
def test_a_price_of_another_time_decides_nothing(now_ms: int) -> None:
    world = World()
    untimely = Price(symbol="BTCUSDT", ticks=900_000, mark=False, ts_ns=10 * SECOND)

    assert world.watch.on_price(untimely, now_ms=now_ms, now_ns=SECOND) == ()
    assert world.watch.refused_by_time == 1


def test_a_price_of_tomorrow_holds_no_later_one_back() -> None:
    world = World()
    world.price(100_000)
    tomorrow = Price(symbol="BTCUSDT", ticks=1_000_000, mark=False, ts_ns=86_400 * SECOND)
    world.watch.on_price(tomorrow, now_ms=3_000, now_ns=SECOND)

    assert told(world.price(98_000))[0][0] == "CLOSE_ALL"


def test_a_symbol_without_prices_is_stale() -> None:
    world = World()
    # Before the first price, its age counts from the first look.
    assert world.watch.stale(world.now_ns) == ()
    assert world.watch.stale(world.now_ns + 2 * SECOND + 1) == ("BTCUSDT",)
    world.price(100_000)

    assert world.watch.stale(world.now_ns + 2 * SECOND) == ()
    assert world.watch.stale(world.now_ns + 2 * SECOND + 1) == ("BTCUSDT",)


@pytest.mark.parametrize(
    "path", [[100_000, 101_001, 103_000, 104_000, 103_990], [100_000, 104_000]]
)
def test_decisive_prices_bring_the_core_back_where_it_was(path: list[int]) -> None:
    world = World()
    for price in path:
        world.price(price)
    again = Watch(WatchConfig())
    again.open(WatchPlan.from_json(json.loads(json.dumps(PLAN.as_json()))))
    for tick in world.ticks:
        again.replay(tick)

    assert again.stop_ticks(KEY) == world.watch.stop_ticks(KEY)


def test_another_grid_starts_afresh() -> None:
    world = World()
    world.price(100_000)
    other = Instrument("BTCUSDT", "0.5", "0.001", "0.001", "100", None)
    again = PositionKey("main", "BTCUSDT", Side.LONG, 2)
    world.watch.open(
        WatchPlan(
            key=again,
            instrument=other,
            entry_price="100000",
            quantity="0.1",
            stop_price="99000",
            rules=RULES,
            opened_ns=1,
        )
    )

    assert world.watch.stop_ticks(KEY) is None
    world.watch.close(again)
    assert world.watch.symbols == ()


def test_what_is_no_watch_plan_is_refused() -> None:
    body = PLAN.as_json()
    del body["rules"]

    with pytest.raises(InvalidInputError, match="rules"):
        WatchPlan.from_json(body)


def test_prices_in_ticks_of_another_size_decide_nothing() -> None:
    world = World()
    world.price(100_000)
    # The venue made its ticks ten times as large, and the plan is of the former ones.
    for second in range(10, 20):
        price = Price(
            symbol="BTCUSDT",
            ticks=100_000,
            mark=False,
            ts_ns=world.now_ns + second * SECOND,
            tick_size="1",
        )
        now_ms = price.ts_ns // 1_000_000
        assert world.watch.on_price(price, now_ms=now_ms, now_ns=price.ts_ns) == ()

    assert world.watch.refused_by_grid == 10
    assert world.watch.price_of("BTCUSDT", "1") is None
    last = world.watch.price_of("BTCUSDT", "0.1")
    assert last is not None
    assert last.ticks == 1_000_000
    # A symbol without a price that counts is stale: nothing is tightened meanwhile.
    assert world.watch.stale(world.now_ns + 20 * SECOND) == ("BTCUSDT",)


def test_a_plan_on_the_new_ticks_is_watched_by_its_own_prices() -> None:
    world = World()
    world.price(100_000)
    coarse = Instrument("BTCUSDT", "1", "0.001", "0.001", "100", None)
    world.watch.open(replace(PLAN, instrument=coarse))
    later_ns = world.now_ns + SECOND
    shown = Price(
        symbol="BTCUSDT", ticks=100_000, mark=False, ts_ns=later_ns, tick_size=coarse.tick_size
    )

    decided = world.watch.on_price(shown, now_ms=later_ns // 1_000_000, now_ns=later_ns)

    assert told(list(decided)) == [("STOP_MOVED", "STOP", None, None, 99_000)]
