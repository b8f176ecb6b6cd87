import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.risk.correlation import aligned_returns, shrunk_correlations
from quantum_exit.risk.exposure import exposure_of
from quantum_exit.risk.inputs import Account, VolatilityState
from quantum_exit.risk.stress import AccountLimits, portfolio_heat, stress_of
from quantum_exit.risk.systemic import (
    SignalKind,
    SignalLevel,
    SystemicLimits,
    cascade_signal,
    concentration_signal,
    correlation_spike_signal,
    imbalance_signal,
    liquidity_signal,
    volatility_signal,
)
from quantum_exit.risk.var import delta_normal_es, delta_normal_var, historical_es, historical_var
from tests.unit.risk_account import HOUR_NS, SECOND_NS, holding, table, walk

# The vectors of the risk v3 tests of the original, with the values that are right for them.
RETURNS = np.array([0.02, -0.01, 0.03, -0.02, 0.01, -0.015, 0.025, -0.01, 0.02, -0.005])


@pytest.mark.parametrize(
    ("level", "delta_normal", "historical"),
    [(0.95, 258.94, 177.50), (0.975, 317.14, 188.75), (0.99, 384.77, 195.50)],
)
def test_value_at_risk_of_the_original_vectors(
    level: float, delta_normal: float, historical: float
) -> None:
    assert delta_normal_var(RETURNS, level, 10_000) == pytest.approx(delta_normal, abs=0.005)
    assert historical_var(RETURNS, level, 10_000) == pytest.approx(historical, abs=0.005)
    assert historical_es(RETURNS, level, 10_000) == pytest.approx(200.00)


def test_value_at_risk_says_nothing_of_too_few_returns() -> None:
    assert historical_var(RETURNS[:4], 0.95) is None
    assert delta_normal_var(RETURNS[:4], 0.95) is None
    assert historical_var(RETURNS[:5], 0.95) is not None
    assert historical_es(RETURNS[:9], 0.95) is None
    assert delta_normal_es(RETURNS[:9], 0.95) is None


def test_value_at_risk_refuses_levels_that_it_has_no_quantile_for() -> None:
    with pytest.raises(InvalidInputError, match="level"):
        delta_normal_var(RETURNS, 0.96)
    with pytest.raises(InvalidInputError, match="level"):
        historical_var(RETURNS, 1.0)


def test_delta_normal_grows_with_the_square_root_of_time_and_the_mean_with_time() -> None:
    sigma, mean = float(RETURNS.std(ddof=1)), float(RETURNS.mean())

    four = delta_normal_var(RETURNS, 0.95, horizon=4.0)

    assert four == pytest.approx(1.645 * sigma * 2 - 4 * mean)


@given(
    returns=st.lists(st.floats(-0.5, 0.5), min_size=10, max_size=80),
    levels=st.tuples(st.sampled_from((0.90, 0.95, 0.975, 0.99)), st.floats(0.01, 0.99)),
    value=st.floats(1, 1e6),
)
def test_shortfall_is_never_below_value_at_risk_nor_either_below_zero(
    returns: list[float], levels: tuple[float, float], value: float
) -> None:
    seen = np.array(returns)
    normal_level, level = levels
    var, shortfall = historical_var(seen, level, value), historical_es(seen, level, value)
    normal_var = delta_normal_var(seen, normal_level, value)
    normal_es = delta_normal_es(seen, normal_level, value)
    assert None not in {var, shortfall, normal_var, normal_es}

    assert 0.0 <= var <= shortfall * (1 + 1e-12)  # type: ignore[operator]
    assert 0.0 <= normal_var <= normal_es  # type: ignore[operator]


def test_shares_sum_to_one_and_hotspots_come_largest_first() -> None:
    # Exposure vectors of the original: 15000, 10000, 5000; binance 25000, okx 5000.
    exposure = exposure_of(
        [
            holding("ETHUSDT", 10_000, exchange="binance"),
            holding("BTCUSDT", 15_000, exchange="binance"),
            holding("SOLUSDT", 5_000, exchange="okx", side=Side.SHORT),
        ]
    )

    assert list(exposure.by_symbol.shares) == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert exposure.by_symbol.shares["BTCUSDT"] == pytest.approx(0.5)
    assert exposure.by_symbol.hotspots == ("BTCUSDT", "ETHUSDT")
    assert dict(exposure.notional_by_exchange) == {"binance": 25_000, "okx": 5_000}
    assert exposure.by_symbol.hhi == pytest.approx(0.25 + 1 / 9 + 1 / 36)
    assert (exposure.gross_notional, exposure.net_notional) == (30_000, 20_000)


def test_leverage_and_count_raise_the_risk_of_symbol_and_exchange() -> None:
    exposure = exposure_of([holding("BTCUSDT", 600, leverage=3), holding("ETHUSDT", 400)])

    assert exposure.symbol_risk["BTCUSDT"] == pytest.approx(0.6 * 1.4)
    assert exposure.symbol_risk["ETHUSDT"] == pytest.approx(0.4)
    assert exposure.exchange_risk["default"] == 1.0


def test_nothing_held_has_no_concentration() -> None:
    exposure = exposure_of([])

    assert exposure.by_symbol.hhi is None
    assert exposure.by_symbol.largest == 0.0
    assert concentration_signal(exposure, SystemicLimits()) is None


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.floats(0.01, 1e6)), min_size=1, max_size=20))
def test_hhi_lies_between_even_and_all_in_one(parts: list[tuple[str, float]]) -> None:
    axis = exposure_of([holding(symbol, notional) for symbol, notional in parts]).by_symbol

    assert sum(axis.shares.values()) == pytest.approx(1.0)
    assert 1 / len(axis.shares) - 1e-12 <= (axis.hhi or 0.0) <= 1.0 + 1e-12
    assert list(axis.shares.values()) == sorted(axis.shares.values(), reverse=True)


def ledoit_wolf_by_hand(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The formula of the paper, observation by observation."""
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    count, width = standard.shape
    sample = sum(np.outer(row, row) for row in standard) / count
    distance = ((sample - np.eye(width)) ** 2).sum()
    error = sum(((np.outer(row, row) - sample) ** 2).sum() for row in standard) / count**2
    shrinkage = min(error, distance) / distance
    return shrinkage, (1 - shrinkage) * sample + shrinkage * np.eye(width)


@pytest.mark.parametrize("count", [30, 100, 1000])
def test_correlations_shrink_as_ledoit_and_wolf_say(count: int) -> None:
    common = walk(0, count)
    columns = [common + walk(1, count), common + walk(2, count), walk(3, count)]
    shrinkage, matrix = ledoit_wolf_by_hand(np.column_stack(columns))

    found = shrunk_correlations(table(*columns), ("BTCUSDT", "ETHUSDT", "SOLUSDT"))

    assert found is not None
    assert found.shrinkage == pytest.approx(shrinkage)
    assert np.allclose(found.matrix, matrix)


def test_more_data_shrink_less() -> None:
    def shrinkage(count: int) -> float:
        common = walk(0, count)
        found = shrunk_correlations(
            table(common + walk(1, count), common + walk(2, count)), ("BTCUSDT", "ETHUSDT")
        )
        assert found is not None
        return found.shrinkage

    assert shrinkage(2000) < shrinkage(30)


@given(st.integers(0, 500), st.integers(30, 90), st.floats(-1, 1))
def test_shrunk_correlations_never_exceed_those_of_the_sample(
    seed: int, count: int, common: float
) -> None:
    shared = common * walk(seed, count)
    columns = [shared + walk(seed + k, count) for k in (1, 2, 3)]
    sample = np.corrcoef(np.column_stack(columns), rowvar=False)

    found = shrunk_correlations(table(*columns), ("BTCUSDT", "ETHUSDT", "SOLUSDT"))

    assert found is not None
    assert (np.abs(found.matrix) <= np.abs(sample) + 1e-12).all()
    assert 0.0 <= found.mean_absolute <= found.max_absolute <= 1.0
    assert np.linalg.eigvalsh(found.matrix).min() > 0.0


def test_correlations_need_thirty_returns_that_move() -> None:
    both = ("BTCUSDT", "ETHUSDT")

    assert shrunk_correlations(table(walk(1, 29), walk(2, 29)), both) is None
    assert shrunk_correlations(table(walk(1), np.zeros(60)), both) is None
    assert shrunk_correlations(table(walk(1)), both) is None


def prices(seed: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    known_ns = np.cumsum(np.random.default_rng(seed).integers(60, 1200, count)) * SECOND_NS
    return known_ns.astype(np.int64), 100 * np.exp(np.cumsum(walk(seed, count)))


def test_returns_are_of_the_same_stretches_and_of_prices_known_at_their_ends() -> None:
    known_ns = np.array([0, 10, 25, 31, 40])
    found = aligned_returns(
        {"A": (known_ns, np.array([1.0, 2.0, 4.0, 8.0, 16.0]))},
        interval_ns=10,
        samples=3,
        as_of_ns=39,
    )

    assert found is not None
    assert found.end_ns.tolist() == [10, 20, 30]
    assert found.values[:, 0].tolist() == [1.0, 0.0, 1.0]


@given(seed=st.integers(0, 200), as_of_h=st.integers(8, 60))
def test_risk_uses_no_price_of_its_future(seed: int, as_of_h: int) -> None:
    whole = {"BTCUSDT": prices(seed, 400), "ETHUSDT": prices(seed + 1, 400)}
    as_of_ns = as_of_h * HOUR_NS
    past = {
        symbol: (known_ns[known_ns <= as_of_ns], price[known_ns <= as_of_ns])
        for symbol, (known_ns, price) in whole.items()
    }

    full, cut = (
        aligned_returns(series, interval_ns=HOUR_NS, samples=40, as_of_ns=as_of_ns)
        for series in (whole, past)
    )

    assert (full is None) == (cut is None)
    if full is not None and cut is not None:
        assert np.array_equal(full.values, cut.values)
        assert np.array_equal(full.end_ns, cut.end_ns)


def test_a_price_that_has_gone_stale_gives_no_returns() -> None:
    fresh, stale = prices(1, 400), prices(2, 100)
    as_of_ns = int(fresh[0][-1])

    assert aligned_returns({"A": fresh}, interval_ns=HOUR_NS, samples=40, as_of_ns=as_of_ns)
    assert (
        aligned_returns(
            {"A": fresh, "B": stale}, interval_ns=HOUR_NS, samples=40, as_of_ns=as_of_ns
        )
        is None
    )


@pytest.mark.parametrize(
    ("account", "notional", "volatility", "factor"),
    [
        (Account(equity=100, peak_equity=100, margin_used_frac=0), 0.0, 0.0, 1.0),
        (Account(equity=95, peak_equity=100, margin_used_frac=1), 475.0, 2.0, 2.5),
        (Account(equity=50, peak_equity=100, margin_used_frac=3), 9999.0, 9.0, 2.5),
        (Account(equity=100, peak_equity=100, margin_used_frac=0.5), 250.0, 1.0, 1.5625),
    ],
)
def test_stress_runs_from_calm_to_all_at_their_limits(
    account: Account, notional: float, volatility: float, factor: float
) -> None:
    holdings = (holding(notional=notional),) if notional else ()
    state = VolatilityState(current=volatility, median_30d=1.0)

    stress = stress_of(account, holdings, state, AccountLimits())

    assert stress.complete
    assert stress.factor == pytest.approx(factor)


def test_heat_is_what_all_stops_cost_and_unknown_without_a_stop() -> None:
    account = Account(equity=1000, peak_equity=1000, margin_used_frac=0)
    held = (holding(loss_at_stop=20.0), holding(loss_at_stop=10.0))

    assert portfolio_heat(account, held, AccountLimits()) == pytest.approx(0.5)
    assert portfolio_heat(account, (*held, holding()), AccountLimits()) is None
    assert portfolio_heat(None, held, AccountLimits()) is None


LIMITS = SystemicLimits()


@pytest.mark.parametrize(
    ("parts", "severity"),
    [
        ((40, 30, 30), None),
        ((50, 30, 20), None),
        ((55, 30, 15), 0.83),
        ((61, 20, 19), 0.8964),
        ((90, 5, 5), 1.0),
    ],
)
def test_concentration(parts: tuple[float, ...], severity: float | None) -> None:
    limits = SystemicLimits(exchange_share=None)
    exposure = exposure_of([holding(f"S{i}", part) for i, part in enumerate(parts)])

    signal = concentration_signal(exposure, limits)

    if severity is None:
        assert signal is None
        return
    assert signal is not None
    assert signal.severity == pytest.approx(severity)


def test_one_venue_is_a_concentration_unless_the_account_has_one_by_design() -> None:
    exposure = exposure_of([holding(f"S{i}", 1) for i in range(10)])

    signal = concentration_signal(exposure, LIMITS)

    assert signal is not None
    assert (signal.level, signal.severity) == (SignalLevel.CRITICAL, 1.0)
    assert concentration_signal(exposure, SystemicLimits(exchange_share=None)) is None


@pytest.mark.parametrize(
    ("now", "history", "severity"),
    [
        (0.65, (0.4,) * 11, 0.25 / 0.3),
        (0.60, (0.4,) * 11, 0.2 / 0.3),
        (0.59, (0.4,) * 11, None),
        (0.9, (0.4,) * 11, 1.0),
        (0.9, (0.4,) * 10, None),
        (0.65, (0.9,) * 10 + (0.4,) * 30, 0.25 / 0.3),
    ],
)
def test_correlation_spike(now: float, history: tuple[float, ...], severity: float | None) -> None:
    signal = correlation_spike_signal(now + 1e-12, history, LIMITS)

    assert (signal and signal.severity) == (severity and pytest.approx(severity))


def test_liquidity_volatility_and_imbalance() -> None:
    thin = liquidity_signal(0.1, LIMITS)
    jump = volatility_signal(VolatilityState(current=0.05, median_30d=0.02), LIMITS)
    apart = imbalance_signal(
        exposure_of([holding(notional=80, exchange="a"), holding(notional=20, exchange="b")]),
        LIMITS,
    )

    assert thin is not None
    assert thin.level is SignalLevel.CRITICAL
    assert thin.severity == pytest.approx(0.8)
    assert jump is not None
    assert jump.level is SignalLevel.CRITICAL
    assert jump.severity == pytest.approx(0.75)
    assert apart is not None
    assert (apart.kind, apart.level) == (SignalKind.EXCHANGE_IMBALANCE, SignalLevel.INFO)
    assert liquidity_signal(0.5, LIMITS) is None
    assert volatility_signal(VolatilityState(current=0.0399, median_30d=0.02), LIMITS) is None


def test_a_cascade_needs_two_leveraged_positions_that_move_together() -> None:
    common = walk(0, 200)
    together = shrunk_correlations(
        table(common + 0.1 * walk(1, 200), common + 0.1 * walk(2, 200)), ("BTCUSDT", "ETHUSDT")
    )
    assert together is not None
    two = [holding("BTCUSDT", leverage=4), holding("ETHUSDT", leverage=4)]

    signal = cascade_signal(together, two, LIMITS)

    assert signal is not None
    assert signal.level is SignalLevel.CRITICAL
    assert signal.severity == pytest.approx(min(together.mean_absolute * 4 / 5, 1.0))
    assert cascade_signal(together, [two[0], holding("ETHUSDT", leverage=3)], LIMITS) is None
