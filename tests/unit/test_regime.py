import itertools
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quantum_exit.domain.market import MarketRegime
from quantum_exit.errors import InvalidInputError
from quantum_exit.intelligence.bars import BarSeries, bars_from_bars, bars_from_ticks
from quantum_exit.intelligence.regime import (
    NO_REGIME,
    RegimeReading,
    detect_regime,
    regime_series,
    with_hysteresis,
)
from quantum_exit.intelligence.regime_detector import RegimeDetector
from quantum_exit.intelligence.regime_rules import REGIMES, RegimeConfig, RegimeFeatures
from quantum_exit.intelligence.spells import occurrences, spells

MINUTE_NS = 60_000_000_000
QUARTER_NS = 15 * MINUTE_NS
DAY = 96

Columns = tuple[
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]


def quarter_hours(closes: Sequence[float], spread: float = 0.0) -> BarSeries:
    close = np.array(closes, np.float64)
    open_ = np.concatenate((close[:1], close[:-1]))
    return bars_from_bars(
        QUARTER_NS * np.arange(len(closes), dtype=np.int64),
        open_,
        np.maximum(open_, close) * (1 + spread),
        np.minimum(open_, close) * (1 - spread),
        close,
        bar_ns=QUARTER_NS,
        interval_ns=QUARTER_NS,
    )


def minutes(seed: int, count: int, sigma: float = 0.001, missing: float = 0.0) -> Columns:
    """A random walk of one-minute bars, some of them left out."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(sigma * rng.standard_normal(count)))
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(open_, close) * (1 + 0.3 * sigma * rng.random(count))
    low = np.minimum(open_, close) * (1 - 0.3 * sigma * rng.random(count))
    there = rng.random(count) >= missing
    there[0] = True
    open_ns = MINUTE_NS * (7 + np.arange(count, dtype=np.int64))
    return (open_ns[there], open_[there], high[there], low[there], close[there])


def read_minutes(columns: Columns, as_of_ns: int | None = None) -> RegimeReading:
    bars = bars_from_bars(*columns, bar_ns=MINUTE_NS, interval_ns=QUARTER_NS, as_of_ns=as_of_ns)
    return detect_regime(bars)


@pytest.mark.parametrize(
    ("features", "regime"),
    [
        (RegimeFeatures(volatility=0.041, trend_strength=0.9), MarketRegime.VOLATILE),
        (RegimeFeatures(volatility=0.04, trend_strength=0.0), MarketRegime.NORMAL),
        (RegimeFeatures(volatility=0.02, trend_strength=0.61), MarketRegime.TREND),
        (RegimeFeatures(volatility=0.02, trend_strength=-0.61), MarketRegime.TREND),
        (RegimeFeatures(volatility=0.02, trend_strength=0.6), MarketRegime.NORMAL),
        (RegimeFeatures(volatility=0.014, trend_strength=0.1), MarketRegime.RANGE),
        (RegimeFeatures(volatility=0.014, trend_strength=0.4), MarketRegime.NORMAL),
        (RegimeFeatures(volatility=0.015, trend_strength=0.0), MarketRegime.NORMAL),
        (RegimeFeatures(volatility=0.014, trend_strength=0.1, choppiness=90), MarketRegime.RANGE),
        (RegimeFeatures(volatility=0.02, trend_strength=0.1, choppiness=61.9), MarketRegime.CHOP),
        (RegimeFeatures(volatility=0.02, trend_strength=0.1, choppiness=61.8), MarketRegime.NORMAL),
    ],
)
def test_thresholds_tell_regimes_apart(features: RegimeFeatures, regime: MarketRegime) -> None:
    assert detect_regime(features).regime is regime


@given(
    volatility=st.floats(0, 0.2),
    trend=st.floats(-1, 1),
    chop=st.none() | st.floats(0, 100),
)
def test_a_reading_of_features_is_at_least_even(
    volatility: float, trend: float, chop: float | None
) -> None:
    features = RegimeFeatures(volatility=volatility, trend_strength=trend, choppiness=chop)

    assert 0.5 <= detect_regime(features).confidence <= 1.0


def test_confidence_is_even_on_a_threshold_and_grows_away_from_it() -> None:
    near = detect_regime(RegimeFeatures(volatility=0.0400001, trend_strength=0))
    far = detect_regime(RegimeFeatures(volatility=0.08, trend_strength=0))

    assert near.confidence == pytest.approx(0.5, abs=1e-5)
    assert far.confidence == 1.0


def test_a_steady_rise_is_a_trend_up_and_its_mirror_one_down() -> None:
    up = detect_regime(quarter_hours([100 * 1.001**i for i in range(40)]))
    down = detect_regime(quarter_hours([100 / 1.001**i for i in range(40)]))

    assert (up.regime, down.regime) == (MarketRegime.TREND, MarketRegime.TREND)
    assert up.trend_strength == pytest.approx(1.0)
    assert down.trend_strength == pytest.approx(-1.0)


def test_a_price_that_does_not_move_is_a_range_without_choppiness_or_true_range() -> None:
    reading = detect_regime(quarter_hours([100.0] * 40))

    assert reading.regime is MarketRegime.RANGE
    assert (reading.volatility, reading.trend_strength) == (0.0, 0.0)
    assert (reading.choppiness, reading.atr) == (None, None)


def test_going_to_and_fro_is_chop() -> None:
    reading = detect_regime(quarter_hours([100.0 + 0.2 * (i % 2) for i in range(40)]))

    assert reading.regime is MarketRegime.CHOP


def test_wide_swings_are_volatile() -> None:
    reading = detect_regime(quarter_hours([100.0 + 2 * (i % 2) for i in range(40)]))

    assert reading.regime is MarketRegime.VOLATILE


def test_volatility_is_stated_for_a_day() -> None:
    # Every quarter hour moves by 0.4 %, so a day does by 0.4 % times the square root of 96.
    closes = [100.0]
    for i in range(40):
        closes.append(closes[-1] * (1.004 if i % 2 else 0.996))

    reading = detect_regime(quarter_hours(closes))

    assert reading.volatility == pytest.approx(0.004 * DAY**0.5, rel=1e-12)


def test_atr_is_the_mean_true_range_and_a_gap_counts() -> None:
    bars = quarter_hours([100.0] * 40, spread=0.01)

    assert detect_regime(bars).atr == pytest.approx(2.0)


@pytest.mark.parametrize("count", [0, 1, 14])
def test_too_few_bars_are_said_to_be_too_few(count: int) -> None:
    reading = detect_regime(quarter_hours([100.0 * 1.01**i for i in range(count)]))

    assert reading.regime is MarketRegime.NORMAL
    assert reading.confidence == 0.0
    assert reading.source == "insufficient_data"
    assert (reading.volatility, reading.trend_strength, reading.atr) == (None, None, None)
    assert reading.context().insufficient


def test_the_fewest_bars_are_enough_and_lower_the_confidence() -> None:
    full = detect_regime(quarter_hours([100 * 1.001**i for i in range(20)]))
    fewest = detect_regime(quarter_hours([100 * 1.001**i for i in range(15)]))

    assert fewest.regime is full.regime is MarketRegime.TREND
    assert fewest.confidence == pytest.approx(full.confidence * 15 / 20, rel=1e-3)


def test_a_market_that_stopped_trading_is_insufficient_data() -> None:
    columns = minutes(1, 600)
    end_ns = int(columns[0][-1]) + MINUTE_NS

    assert not read_minutes(columns, end_ns).insufficient
    assert not read_minutes(columns, end_ns + 5 * QUARTER_NS).insufficient
    assert read_minutes(columns, end_ns + 7 * QUARTER_NS).insufficient


def test_a_series_asked_long_after_its_end_knows_too_little() -> None:
    series = regime_series(quarter_hours([100.0 * 1.001**i for i in range(40)]))
    end_ns = 40 * QUARTER_NS

    assert series.at(end_ns - 1).as_of_ns == end_ns - QUARTER_NS
    assert series.at(end_ns).as_of_ns == end_ns
    assert series.at(end_ns + 5 * QUARTER_NS).regime is MarketRegime.TREND
    assert series.at(end_ns + 6 * QUARTER_NS).insufficient
    assert series.at(0).insufficient


def run_lengths(codes: str, confirm: int, known: str = "") -> str:
    """Codes with hysteresis, one digit each; `.` where the data are too few."""
    sufficient = np.array([flag != "." for flag in known or codes])
    raw = np.array([int(code) if code != "." else 0 for code in codes], np.int8)
    found = with_hysteresis(raw, sufficient, confirm)
    return "".join("." if code == NO_REGIME else str(code) for code in found)


@pytest.mark.parametrize(
    ("raw", "held"),
    [
        ("00011000", "00001100"),
        ("00010001", "00000000"),
        ("01201200", "00000000"),
        ("0112233", "0011223"),
        ("00111", "00011"),
        ("..0.1", "..0.1"),
        ("...1222", "...1122"),
        ("0.00", "0.00"),
        ("11.0110", "11.0011"),
    ],
)
def test_a_change_needs_two_readings_in_a_row(raw: str, held: str) -> None:
    assert run_lengths(raw, 2) == held


def test_the_length_of_the_confirmation_can_be_chosen() -> None:
    assert run_lengths("0010110111", 1) == "0010110111"
    assert run_lengths("0010110111", 3) == "0000000001"


def test_a_change_that_waits_for_its_confirmation_is_unsure() -> None:
    calm = [100.0 + 0.01 * (i % 2) for i in range(40)]
    series = regime_series(quarter_hours([*calm, 110.0, 110.0]))

    assert series.reading(-3).regime is MarketRegime.RANGE
    assert series.reading(-2).regime is MarketRegime.RANGE
    assert series.reading(-2).confidence < 0.5
    assert series.reading(-1).regime is MarketRegime.VOLATILE


@pytest.mark.parametrize("seed", range(4))
def test_no_reading_uses_a_bar_of_its_future(seed: int) -> None:
    columns = minutes(seed, 900, sigma=0.002, missing=0.2)
    whole = regime_series(bars_from_bars(*columns, bar_ns=MINUTE_NS, interval_ns=QUARTER_NS))

    for index in range(len(whole)):
        as_of_ns = int(whole.as_of_ns[index])
        known = columns[0] + MINUTE_NS <= as_of_ns
        past = tuple(column[known] for column in columns)
        assert read_minutes(past, as_of_ns) == whole.reading(index)  # type: ignore[arg-type]


@given(seed=st.integers(0, 1000), cut=st.integers(1, 700), wild=st.floats(0.01, 50))
def test_whatever_comes_later_changes_no_earlier_reading(seed: int, cut: int, wild: float) -> None:
    columns = minutes(seed, 700, sigma=0.002)
    as_of_ns = int(columns[0][min(cut, 699)])
    other = [column.copy() for column in columns]
    for prices in other[1:]:
        prices[columns[0] + MINUTE_NS > as_of_ns] *= wild

    assert read_minutes(columns, as_of_ns) == read_minutes(tuple(other), as_of_ns)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", [0.0, 0.5, 0.97])
def test_stream_and_series_of_bars_agree_to_the_last_bit(missing: float) -> None:
    columns = minutes(5, 1500, sigma=0.002, missing=missing)
    series = regime_series(bars_from_bars(*columns, bar_ns=MINUTE_NS, interval_ns=QUARTER_NS))
    detector = RegimeDetector()
    streamed: dict[int, RegimeReading] = {}

    for open_ns, *prices in zip(*columns, strict=True):
        reading = detector.on_bar(int(open_ns), *map(float, prices), bar_ns=MINUTE_NS)
        if reading.as_of_ns is not None:
            streamed[reading.as_of_ns] = reading

    assert streamed
    by_time = {reading.as_of_ns: reading for reading in series}
    assert {at: by_time[at] for at in streamed} == streamed


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 3 * QUARTER_NS), st.floats(-0.02, 0.02)), min_size=1, max_size=120
    ),
    pause=st.integers(0, 100),
)
def test_stream_and_series_of_ticks_agree_across_pauses(
    steps: list[tuple[int, float]], pause: int
) -> None:
    times = np.cumsum([step for step, _ in steps])
    times[len(steps) // 2 :] += pause * QUARTER_NS
    price = np.array(
        [100 * prod([1 + move for _, move in steps[: i + 1]]) for i in range(len(steps))]
    )
    detector = RegimeDetector()
    for ts_ns, one in zip(times, price, strict=True):
        detector.on_tick(int(ts_ns), float(one))
    as_of_ns = int(times[-1]) + QUARTER_NS

    streamed = detector.advance(as_of_ns)
    bars = bars_from_ticks(times, price, interval_ns=QUARTER_NS, as_of_ns=as_of_ns)

    assert streamed == regime_series(bars).reading(-1)


def test_a_bar_that_is_not_complete_is_not_used() -> None:
    columns = minutes(3, 600)
    half = int(columns[0][-1]) // QUARTER_NS * QUARTER_NS
    later = [column.copy() for column in columns]
    for prices in later[1:]:
        prices[columns[0] >= half] *= 3

    assert read_minutes(tuple(later)) == read_minutes(columns)  # type: ignore[arg-type]


def test_bars_without_a_trade_are_flat_and_say_so() -> None:
    ts_ns = np.array([0, QUARTER_NS // 2, 3 * QUARTER_NS, 5 * QUARTER_NS])
    bars = bars_from_ticks(ts_ns, np.array([1.0, 2.0, 3.0, 9.0]), interval_ns=QUARTER_NS)

    assert bars.traded.tolist() == [True, False, False, True, False]
    assert bars.close.tolist() == [2.0, 2.0, 2.0, 3.0, 3.0]
    assert bars.high.tolist() == [2.0, 2.0, 2.0, 3.0, 3.0]
    assert bars.low.tolist() == [1.0, 2.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("price[1]", {"price": np.array([1.0, np.nan])}),
        ("price[0]", {"price": np.array([0.0, 1.0])}),
        ("price", {"price": np.array([1.0])}),
        ("ts_ns[1]", {"ts_ns": np.array([5, 4])}),
        ("interval_ns", {"interval_ns": 0}),
        ("interval_ns", {"ts_ns": np.array([0, 10**18]), "interval_ns": 1}),
    ],
)
def test_bad_ticks_are_refused_by_name(field: str, change: dict[str, Any]) -> None:
    given_: dict[str, Any] = {
        "ts_ns": np.array([0, 1]),
        "price": np.array([1.0, 1.0]),
        "interval_ns": QUARTER_NS,
    }

    with pytest.raises(InvalidInputError) as caught:
        bars_from_ticks(**given_ | change)

    assert caught.value.field == field


def test_a_stream_refuses_the_past_and_prices_that_are_none() -> None:
    detector = RegimeDetector()
    detector.on_tick(10, 1.0)

    with pytest.raises(InvalidInputError, match="ts_ns"):
        detector.on_tick(9, 1.0)
    with pytest.raises(InvalidInputError, match="price"):
        detector.on_tick(11, float("nan"))
    with pytest.raises(InvalidInputError, match="bar_ns"):
        detector.on_bar(11, 1.0, 1.0, 1.0, 1.0, bar_ns=7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 1},
        {"min_bars": 21},
        {"chop_period": 16},
        {"trend_window": 21},
        {"confirm": 0},
        {"quiet_below": 0.05},
        {"flat_below": 0.7},
        {"chop_above": 101.0},
        {"interval_ns": 0},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        RegimeConfig(**wrong)

    assert caught.value.field == next(iter(wrong)) or "chop_period" in wrong


def test_spells_cover_the_series_without_a_hole() -> None:
    columns = minutes(9, 5000, sigma=0.001)
    series = regime_series(bars_from_bars(*columns, bar_ns=MINUTE_NS, interval_ns=QUARTER_NS))

    found = spells(series)
    rows = occurrences(found)

    assert all(one.end_ns == two.start_ns for one, two in itertools.pairwise(found))
    assert all(one.regime is not two.regime for one, two in itertools.pairwise(found))
    assert sum(row.share for row in rows) == pytest.approx(1.0)
    assert sum(row.spells for row in rows) == len(found)
    for row in rows:
        code = NO_REGIME if row.regime is None else REGIMES.index(row.regime)
        assert row.share == pytest.approx(float((series.codes == code).mean()))
    assert [one.cut for one in found] == [False] * (len(found) - 1) + [True]
