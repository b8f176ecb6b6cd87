import numpy as np
import pytest

from quantum_exit.intelligence.bars import BarSeries, bars_from_ticks
from quantum_exit.intelligence.regime import regime_series
from quantum_exit.intelligence.volatility import DAY_NS
from quantum_exit.intelligence.volatility_state import volatility_state

QUARTER_NS = 900_000_000_000


def bars(days: int, seed: int = 1, later: float = 1.0) -> BarSeries:
    """One tick a quarter hour; from day 20 on it moves `later` times as much."""
    moves = 0.002 * np.random.default_rng(seed).standard_normal(96 * days)
    moves[96 * 20 :] *= later
    times = QUARTER_NS * np.arange(moves.size, dtype=np.int64)
    price = np.exp(np.cumsum(moves)).astype(np.float64)
    return bars_from_ticks(times, price, interval_ns=QUARTER_NS)


def test_the_baseline_is_the_median_of_thirty_days() -> None:
    series = regime_series(bars(60))
    as_of_ns = 50 * DAY_NS
    known = (series.as_of_ns <= as_of_ns) & (series.as_of_ns > 20 * DAY_NS)

    state = volatility_state(series, as_of_ns)

    assert state is not None
    assert state.median_30d == pytest.approx(float(np.median(series.measures.volatility[known])))
    assert state.current == series.at(as_of_ns).volatility


@pytest.mark.parametrize("as_of_days", [16, 20, 25])
def test_no_volatility_of_the_future_is_used(as_of_days: int) -> None:
    whole = regime_series(bars(40, later=5.0))
    past = regime_series(bars(as_of_days, later=5.0))
    as_of_ns = as_of_days * DAY_NS - QUARTER_NS

    assert volatility_state(past, as_of_ns) == volatility_state(whole, as_of_ns)


def test_a_jump_shows_against_the_baseline() -> None:
    state = volatility_state(regime_series(bars(22, later=4.0)), 22 * DAY_NS - QUARTER_NS)

    assert state is not None
    assert state.ratio > 2.0


def test_too_short_or_too_old_a_history_has_no_baseline() -> None:
    series = regime_series(bars(16))

    assert volatility_state(series, 14 * DAY_NS) is None
    assert volatility_state(series, 16 * DAY_NS - QUARTER_NS) is not None
    assert volatility_state(series, 17 * DAY_NS) is None


def test_a_market_that_never_moved_has_no_baseline() -> None:
    times = QUARTER_NS * np.arange(96 * 20, dtype=np.int64)
    still = bars_from_ticks(times, np.ones(times.size), interval_ns=QUARTER_NS)

    assert volatility_state(regime_series(still), 19 * DAY_NS) is None
