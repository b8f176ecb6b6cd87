from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.domain.position import Side
from quantum_exit.domain.risk import RiskReading
from quantum_exit.errors import InvalidInputError
from quantum_exit.risk.context import RiskConfig, assess_risk, build_risk_context
from quantum_exit.risk.inputs import INPUTS, Account, RiskInputs, VolatilityState
from quantum_exit.risk.stress import AccountLimits
from tests.unit.risk_account import NOW_NS, SECOND_NS, calm_inputs, holding, table, walk


def test_a_calm_account_is_calm_and_nothing_is_missing() -> None:
    report = assess_risk(calm_inputs(), NOW_NS)
    context = report.context

    assert context.missing == ()
    assert context.ess_factor == pytest.approx(1 + 1.5 * (0.06 + 0 + 0.1 + 0.5) / 4)
    assert context.systemic_risk_level == 0.0
    assert context.correlation_risk is not None
    assert context.correlation_risk < 0.3
    assert context.portfolio_heat == pytest.approx(0.1)
    assert context.var_95 is not None
    assert context.es_975 is not None
    assert 0 < context.var_95 < context.es_975
    assert report.signals == ()
    assert RiskReading.of(context, NOW_NS).unknown == ()


def test_var_is_that_of_the_signed_holdings() -> None:
    returns = walk(1)
    hedged = (holding("BTCUSDT", 1000), holding("ETHUSDT", 1000, side=Side.SHORT))

    context = build_risk_context(
        calm_inputs(holdings=hedged, returns=table(returns, returns + 1e-6 * walk(2))), NOW_NS
    )

    assert context.var_95 == pytest.approx(0.0, abs=0.01)
    assert context.correlation_risk is not None
    assert context.correlation_risk > 0.9


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("account", {"ess_factor", "portfolio_heat"}),
        (
            "holdings",
            {"ess_factor", "systemic_risk_level", "correlation_risk", "portfolio_heat", "var_95"},
        ),
        ("returns", {"systemic_risk_level", "correlation_risk", "var_95", "es_975"}),
        ("volatility", {"ess_factor", "systemic_risk_level"}),
        ("liquidity_score", {"systemic_risk_level"}),
        ("correlation_history", {"systemic_risk_level"}),
    ],
)
@pytest.mark.parametrize("how", ["absent", "stale", "future", "undated"])
def test_what_is_not_known_is_named_and_its_numbers_are_the_conservative_ones(
    name: str, numbers: set[str], how: str
) -> None:
    times = dict.fromkeys(INPUTS, NOW_NS)
    if how == "stale":
        times[name] = NOW_NS - 61 * SECOND_NS
    elif how == "future":
        times[name] = NOW_NS + 1
    elif how == "undated":
        del times[name]
    change = {name: None} if how == "absent" else {}

    context = build_risk_context(calm_inputs(known_at_ns=times, **change), NOW_NS)

    assert name in context.missing
    assert numbers <= set(context.missing)
    reading = RiskReading.of(context, NOW_NS)
    if "ess_factor" in numbers:
        assert reading.ess_factor == 1.6
    if "systemic_risk_level" in numbers:
        assert reading.systemic_risk_level == 0.75
    if "correlation_risk" in numbers:
        assert reading.correlation_risk == 0.85


def test_an_input_of_sixty_seconds_is_fresh() -> None:
    times = dict.fromkeys(INPUTS, NOW_NS - 60 * SECOND_NS)

    context = build_risk_context(calm_inputs(known_at_ns=times), NOW_NS)

    assert context.missing == ()
    assert context.as_of_ns == NOW_NS - 60 * SECOND_NS


def test_nothing_known_is_all_missing() -> None:
    context = build_risk_context(RiskInputs(), NOW_NS)

    assert set(INPUTS) <= set(context.missing)
    assert RiskReading.of(context, NOW_NS).ess_factor == 1.6


def test_what_is_known_to_be_bad_outweighs_the_conservative_number() -> None:
    ruined = Account(equity=50, peak_equity=100, margin_used_frac=1.0)
    inputs = calm_inputs(account=ruined, holdings=(holding(notional=500),), volatility=None)

    reading = RiskReading.of(build_risk_context(inputs, NOW_NS), NOW_NS)

    assert reading.ess_factor == pytest.approx(1 + 1.5 * 3 / 4)
    assert reading.systemic_risk_level == 1.0


def test_a_symbol_without_returns_and_a_position_without_a_stop_are_named() -> None:
    inputs = calm_inputs(holdings=(holding("BTCUSDT"), holding("XRPUSDT", loss_at_stop=1.0)))

    context = build_risk_context(inputs, NOW_NS)

    assert "returns[XRPUSDT]" in context.missing
    assert "stop[BTCUSDT]" in context.missing
    assert context.correlation_risk is None
    assert context.portfolio_heat is None


def test_one_position_goes_with_no_other() -> None:
    context = build_risk_context(calm_inputs(holdings=(holding(loss_at_stop=1.0),)), NOW_NS)

    assert context.correlation_risk == 0.0
    assert "correlation_risk" not in context.missing


MORE_RISK = st.fixed_dictionaries(
    {
        "drawdown": st.floats(0, 0.5),
        "margin": st.floats(0, 2),
        "notional": st.floats(1, 1e5),
        "volatility": st.floats(0, 1),
        "liquidity": st.floats(0, 1),
    }
)


@given(risk=MORE_RISK, worse=MORE_RISK)
def test_more_risk_never_lowers_stress_or_systemic_level(
    risk: dict[str, float], worse: dict[str, float]
) -> None:
    higher = {
        name: min(risk[name], worse[name]) if name == "liquidity" else max(risk[name], worse[name])
        for name in risk
    }

    def context(of: dict[str, float]) -> tuple[float, float]:
        equity = 10_000 * (1 - of["drawdown"])
        inputs = calm_inputs(
            account=Account(equity=equity, peak_equity=10_000, margin_used_frac=of["margin"]),
            holdings=(holding(notional=of["notional"]),),
            volatility=VolatilityState(current=of["volatility"], median_30d=0.02),
            liquidity_score=of["liquidity"],
        )
        found = build_risk_context(inputs, NOW_NS)
        assert found.ess_factor is not None
        assert found.systemic_risk_level is not None
        return found.ess_factor, found.systemic_risk_level

    less, more = context(risk), context(higher)

    assert 1.0 <= less[0] <= more[0] + 1e-12 <= 2.5 + 2e-12
    assert 0.0 <= less[1] <= more[1] <= 1.0


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("holding.notional", lambda: holding(notional=0.0)),
        ("holding.leverage", lambda: holding(leverage=0.5)),
        ("holding.side", lambda: holding(side="UP")),
        ("holding.symbol", lambda: holding("")),
        ("account.equity", lambda: Account(equity=0, peak_equity=1, margin_used_frac=0)),
        ("account.peak_equity", lambda: Account(equity=2, peak_equity=1, margin_used_frac=0)),
        ("liquidity_score", lambda: RiskInputs(liquidity_score=1.5)),
        ("known_at_ns", lambda: RiskInputs(known_at_ns={"weather": 1})),
        ("correlation_history[1]", lambda: RiskInputs(correlation_history=(0.1, 2.0))),
        ("max_age_ns", lambda: RiskConfig(max_age_ns=-1)),
        ("max_gross_leverage", lambda: AccountLimits(max_gross_leverage=0)),
        ("returns.symbols", lambda: table(walk(1), walk(2), symbols=("A", "A"))),
        ("returns.values", lambda: table(np.array([np.nan] * 3))),
    ],
)
def test_bad_inputs_are_refused_by_name(field: str, make: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make()

    assert caught.value.field == field
