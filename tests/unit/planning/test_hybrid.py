"""Hybrid levels; numbers from facts/exits.md 6.2 ("hybrid") and 3.2.

A vector that contradicts the core, and is therefore not used: quantity .003 as .001 + .002. The
core splits by largest remainder with ties to the earlier leg, which gives .002 + .001.
"""

import pytest

from quantum_exit import InvalidInputError
from quantum_exit.planning.context import Advice
from quantum_exit.planning.hybrid import HybridMode, calculate_hybrid_levels, hybrid_plan
from tests.unit.planning.worlds import context


@pytest.mark.parametrize(
    ("confidence", "ai_tp", "ai_trail", "expected"),
    [
        (None, 0.08, 0.02, (0.025, 0.05, 0.0, "base")),
        (0.15, 0.08, 0.02, (0.025, 0.05, 0.0, "base")),
        (0.20, 0.08, 0.02, (0.025, 0.05, 0.01, "trailing")),
        (0.79, 0.08, 0.02, (0.025, 0.05, 0.01, "trailing")),
        (0.50, 0.08, None, (0.025, 0.05, 0.0, "base")),
        (0.80, 0.08, 0.02, (0.0225, 0.08, 0.02, "hybrid")),
        (0.85, 0.08, None, (0.0225, 0.08, 0.0, "ai-extended")),
        (0.85, 0.04, 0.02, (0.0225, 0.05, 0.02, "hybrid")),
        (0.85, 0.04, None, (0.0225, 0.05, 0.0, "base")),
    ],
)
def test_levels_by_confidence(
    confidence: float | None,
    ai_tp: float,
    ai_trail: float | None,
    expected: tuple[float, float, float, str],
) -> None:
    levels = calculate_hybrid_levels(50_000, "LONG", 0.025, 0.05, ai_tp, ai_trail, confidence)

    assert levels[:3] == pytest.approx(expected[:3])
    assert levels.mode == expected[3]


@pytest.mark.parametrize("confidence", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_stop_is_never_further_than_the_risk_managers(confidence: float) -> None:
    levels = calculate_hybrid_levels(50_000, "SHORT", 0.025, 0.05, 0.5, 0.4, confidence)

    assert levels.final_sl_percent <= 0.025


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("entry_price", 0),
        ("side", "UP"),
        ("risk_sl_percent", -0.01),
        ("base_tp_percent", 0.0),
        ("confidence", float("nan")),
    ],
)
def test_an_argument_out_of_range_is_refused(argument: str, value: object) -> None:
    arguments: dict[str, object] = {
        "entry_price": 50_000,
        "side": "LONG",
        "risk_sl_percent": 0.025,
        "base_tp_percent": 0.05,
    }

    with pytest.raises(InvalidInputError, match=argument):
        calculate_hybrid_levels(**(arguments | {argument: value}))  # type: ignore[arg-type]


SURE = Advice(signal_confidence=0.85, rl_tp_hint=0.08, trail_hint=0.02)


@pytest.mark.parametrize(
    ("side", "stop", "legs", "activation"),
    [
        ("LONG", 48_875.0, [(52_500.0, 0.005), (54_000.0, 0.005)], 52_000.0),
        ("SHORT", 51_125.0, [(47_500.0, 0.005), (46_000.0, 0.005)], 48_000.0),
    ],
)
def test_the_orders_of_a_confident_model(
    side: str, stop: float, legs: list[tuple[float, float]], activation: float
) -> None:
    planned = hybrid_plan(context(side=side, quantity="0.010", advice=SURE))

    assert planned.plan.stop_price == stop
    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == legs
    assert planned.plan.activation_price == activation
    # Trailing guards what is open, so no order is for more than the position.
    assert planned.plan.trail_scope == "REMAINING"
    assert planned.rules.trailing is not None
    assert (planned.rules.trailing.callback_pct, planned.rules.trailing.rearm) == (0.02, True)


def test_one_lot_goes_to_the_base_target() -> None:
    planned = hybrid_plan(context(quantity="0.001", advice=SURE))

    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == [(52_500.0, 0.001)]


def test_a_model_that_is_not_sure_closes_all_at_the_base_target() -> None:
    advice = Advice(signal_confidence=0.5, rl_tp_hint=0.08, trail_hint=0.0005)

    planned = hybrid_plan(context(advice=advice))

    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == [(52_500.0, 1.0)]
    assert planned.plan.activation_price == 50_100.0  # never nearer than 0.002


def test_without_a_model_the_base_levels_hold() -> None:
    planned = hybrid_plan(context())

    assert planned.why[0].result is HybridMode.BASE
    assert planned.rules.trailing is None
