from dataclasses import replace

from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.watch import Watch, WatchConfig
from quantum_exit.execution.watch_log import WatchLog
from tests.unit.execution.test_watch import KEY, PLAN

OTHER = PositionKey("main", "BTCUSDT", Side.LONG, 2)


def price(ticks: int, second: int) -> Price:
    return Price(symbol="BTCUSDT", ticks=ticks, mark=False, ts_ns=second * 1_000_000_000)


def rising(seconds: int) -> WatchLog:
    """Two positions whose prices rise in turns."""
    log = WatchLog.empty()
    log.opened(PLAN)
    log.opened(replace(PLAN, key=OTHER))
    for key in (KEY, OTHER):
        log.saw(key, price(1_000_000, 1), watermark=False)
    for second in range(2, seconds):
        for key in (KEY, OTHER):
            log.saw(key, price(1_010_000 + 100 * second, second), watermark=True)
    return log


def test_positions_that_follow_their_prices_in_turns_keep_one_watermark_each() -> None:
    assert len(rising(1_000).as_json()) == len(rising(3).as_json()) == 6


def test_what_is_kept_rebuilds_the_stop() -> None:
    before, after = Watch(WatchConfig()), Watch(WatchConfig())
    rising(50).tell(before)
    WatchLog.from_json(rising(50).as_json()).tell(after)

    assert before.stop_ticks(KEY) == after.stop_ticks(KEY) == before.stop_ticks(OTHER)
    assert WatchLog.from_json(rising(50).as_json()).as_json() == rising(50).as_json()


def test_a_position_that_is_gone_leaves_nothing() -> None:
    log = rising(10)
    log.closed(KEY)

    assert list(log.plans()) == [OTHER]
    assert len(log.as_json()) == 3
