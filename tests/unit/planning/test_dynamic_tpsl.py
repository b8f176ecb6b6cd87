"""The dynamic calculator; numbers from facts/exits.md 6.2 ("dynamic_tpsl") and 6.1 (test_tp_v3).

Vectors that contradict a decision, and are therefore not used:
- confidence 0.85 and 0.95 at NORMAL: sl .019773 and .022500 come from widening the stop at rr > 4;
- 6.1 "CRITICAL sl > NORMAL sl": CRITICAL tightens both.
"""

import pytest

from quantum_exit import InvalidInputError
from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.context import Advice, ExitContext
from quantum_exit.planning.dynamic_plan import dynamic_plan
from quantum_exit.planning.dynamic_tpsl import DynamicTPSLCalculator, DynamicTPSLOutput
from tests.unit.planning.worlds import CALM, context, position

MINUTE_NS = 60_000_000_000


def calculate(confidence: float = 0.75, **arguments: object) -> DynamicTPSLOutput:
    return DynamicTPSLCalculator().calculate(confidence, "BUY", **arguments)  # type: ignore[arg-type]


def risk(
    *, ess_factor: float = 1.0, systemic_risk_level: float = 0.0, correlation_risk: float = 0.0
) -> RiskContext:
    return RiskContext(
        as_of_ns=0,
        ess_factor=ess_factor,
        systemic_risk_level=systemic_risk_level,
        correlation_risk=correlation_risk,
    )


@pytest.mark.parametrize(
    ("confidence", "tp", "sl", "trail", "partial"),
    [
        (0.00, 0.056250, 0.037500, 0.022500, False),
        (0.40, 0.056250, 0.037500, 0.022500, False),
        (0.50, 0.050000, 0.032955, 0.020000, False),
        (0.75, 0.068182, 0.021591, 0.027273, False),
        (0.80, 0.073636, 0.019318, 0.029455, True),
    ],
)
def test_levels_by_confidence(
    confidence: float, tp: float, sl: float, trail: float, partial: bool
) -> None:
    output = calculate(confidence)

    levels = [output.tp_percent, output.sl_percent, output.trail_percent]
    assert levels == pytest.approx([tp, sl, trail], abs=5e-7)
    assert output.partial_tp is partial


@pytest.mark.parametrize(
    ("volatility", "tp", "sl"),
    [
        (0.0, 0.054545, 0.017273),
        (0.005, 0.059091, 0.018712),
        (0.015, 0.068182, 0.021591),
        (0.02, 0.072727, 0.023030),
        (0.03, 0.081818, 0.025909),
        (0.05, 0.100000, 0.031667),
        (0.0525, 0.102273, 0.032386),
        (0.5, 0.102273, 0.032386),
    ],
)
def test_levels_by_volatility(volatility: float, tp: float, sl: float) -> None:
    output = calculate(market_conditions=MarketContext(volatility=volatility))

    assert output.tp_percent == pytest.approx(tp, abs=5e-7)
    assert output.sl_percent == pytest.approx(sl, abs=5e-7)


@pytest.mark.parametrize("confidence", [0.85, 0.95, 1.0])
def test_a_ratio_beyond_four_brings_the_target_down_and_leaves_the_stop(confidence: float) -> None:
    """Widening the stop instead would add risk because a signal is good."""
    output = calculate(confidence)
    share = min((confidence - 0.40) / 0.55, 1.0)

    assert output.sl_percent == pytest.approx(max(0.025 * (1.5 - share), 0.015))
    assert output.tp_percent == pytest.approx(4 * output.sl_percent)


def test_more_confidence_widens_the_target_and_tightens_the_stop() -> None:
    sure, unsure = calculate(0.80), calculate(0.50)

    assert sure.tp_percent > unsure.tp_percent
    assert sure.sl_percent < unsure.sl_percent


def test_risk_modes_order_the_target_and_critical_tightens_both() -> None:
    """6.1: AGGRESSIVE tp > NORMAL > CRITICAL; the stop of CRITICAL is a decision of ours."""
    normal, aggressive, critical = (
        calculate(risk_mode=mode)
        for mode in (RiskMode.NORMAL, RiskMode.AGGRESSIVE, RiskMode.CRITICAL)
    )

    assert aggressive.tp_percent > normal.tp_percent > critical.tp_percent
    assert critical.sl_percent == pytest.approx(0.7 * normal.sl_percent)


def test_conservative_is_a_mode_of_its_own() -> None:
    """It used to be unknown, and unknown meant NORMAL."""
    output = calculate(risk_mode=RiskMode.CONSERVATIVE)

    assert output.tp_percent == pytest.approx(0.068182 * 0.85, abs=1e-6)
    assert output.sl_percent == pytest.approx(0.021591 * 0.90, abs=1e-6)


@pytest.mark.parametrize("mode", ["ESS_ACTIVE", "RELAXED"])
def test_a_mode_that_is_not_planned_or_not_known_is_refused(mode: str) -> None:
    with pytest.raises(InvalidInputError, match="risk_mode"):
        calculate(risk_mode=mode)


@pytest.mark.parametrize("confidence", [float("nan"), -0.1, 1.1])
def test_a_confidence_out_of_range_is_refused(confidence: float) -> None:
    with pytest.raises(InvalidInputError, match="signal_confidence"):
        calculate(confidence)


@pytest.mark.parametrize(
    ("values", "tp", "sl"),
    [  # confidence 0.75 at volatility 0.05, so that no floor binds
        ({"ess_factor": 1.5}, 1.0, 1.0),
        ({"ess_factor": 1.51}, 0.85, 1.0),
        ({"systemic_risk_level": 0.7}, 1.0, 1.0),
        ({"systemic_risk_level": 0.71}, 0.75, 1.2),
        ({"correlation_risk": 0.8}, 1.0, 1.0),
        ({"correlation_risk": 0.81}, 0.95, 1.0),
        ({"ess_factor": 2.5, "correlation_risk": 0.9}, 0.85 * 0.95, 1.0),
    ],
)
def test_risk_of_the_account_moves_the_levels_once_and_strictly_beyond_its_threshold(
    values: dict[str, float], tp: float, sl: float
) -> None:
    market = MarketContext(volatility=0.05)
    plain = calculate(market_conditions=market)

    output = calculate(market_conditions=market, risk_v3_context=risk(**values))

    assert output.tp_percent == pytest.approx(plain.tp_percent * tp)
    assert output.sl_percent == pytest.approx(plain.sl_percent * sl)


def test_systemic_risk_widens_only_a_first_stop_and_shrinks_the_size_with_it() -> None:
    stressed = risk(systemic_risk_level=0.8)
    plain = calculate()

    entry = calculate(risk_v3_context=stressed)
    live = calculate(risk_v3_context=stressed, at_entry=False)

    assert entry.sl_percent * entry.size_factor == pytest.approx(plain.sl_percent)
    assert (live.sl_percent, live.tp_percent) == (plain.sl_percent, plain.tp_percent)
    assert live.size_factor == 1.0


@pytest.mark.parametrize(
    ("context_risk", "as_of_ns"),
    [
        (RiskContext(as_of_ns=0), 0),
        (risk(), MINUTE_NS + 1),
    ],
)
def test_a_missing_or_stale_risk_context_counts_as_conservative(
    context_risk: RiskContext, as_of_ns: int
) -> None:
    """ess 1.6 and systemic 0.75: never the neutral values."""
    market = MarketContext(volatility=0.05)

    output = calculate(market_conditions=market, risk_v3_context=context_risk, timestamp=as_of_ns)

    plain = calculate(market_conditions=market)
    assert output.sl_percent == pytest.approx(1.2 * plain.sl_percent)
    assert any(step.name == "risk context" for step in output.why)


def test_a_suggestion_of_the_policy_has_its_weight() -> None:
    output = calculate(rl_tp_suggestion=0.10)

    assert output.tp_percent == pytest.approx(0.6 * 0.0681818 + 0.4 * 0.10, abs=1e-6)


def dynamic(confidence: float | None = 0.75, **advice: float) -> ExitContext:
    return context(advice=Advice(signal_confidence=confidence, **advice))


def test_a_plan_takes_all_at_the_target_and_trails_what_is_open() -> None:
    planned = dynamic_plan(dynamic())

    assert planned.plan.stop_price == 48_920.5  # 2.1590 %, rounded toward the market
    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == [(53_409.0, 1.0)]
    assert planned.plan.trail_scope == "REMAINING"
    assert planned.rules.trailing is not None
    assert planned.rules.trailing.rearm
    assert planned.plan.activation_price == 52_727.2  # two callbacks of 2.7273 %


def test_a_plan_of_a_confident_signal_takes_half() -> None:
    planned = dynamic_plan(dynamic(0.80))

    assert [lots for _, _, lots, _ in planned.plan.levels] == [0.5]
    assert planned.plan.trail_scope == "LEG"


def test_a_hint_below_its_confidence_does_not_reach_the_plan() -> None:
    plain = dynamic_plan(dynamic())

    assert dynamic_plan(dynamic(rl_tp_hint=0.2, rl_confidence=0.4)).legs == plain.legs
    assert dynamic_plan(dynamic(rl_tp_hint=0.2, rl_confidence=0.5)).legs != plain.legs


def test_a_plan_without_the_signals_confidence_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="signal_confidence"):
        dynamic_plan(dynamic(None))


def test_an_open_position_keeps_its_stop_whatever_the_systemic_risk() -> None:
    """A live stop is never widened."""
    stressed = risk(systemic_risk_level=0.9)
    advice = Advice(signal_confidence=0.75)
    held = position(stop_price="48920.5")

    live = dynamic_plan(ExitContext(position=held, risk=stressed, advice=advice))
    calm = dynamic_plan(ExitContext(position=held, risk=CALM, advice=advice))

    assert live.plan.stop_price == calm.plan.stop_price == 48_920.5
