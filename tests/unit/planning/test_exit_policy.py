"""Exit policy and ATR regimes; numbers from seed 004 (2.5 : 1) and facts/exits.md 3.5, 6.1.

Not used: the engine's modes of 5.1, whose targets (1.33 : 1, 1 : 1) contradict 2.5 : 1, and its
1 % / 2 % levels for an invalid ATR.
"""

import pytest

from quantum_exit import InvalidInputError
from quantum_exit.planning.atr_regimes import (
    DEFAULT_ROWS,
    AtrRegimeRow,
    atr_regime_plan,
    atr_regimes_from_env,
    atr_row,
)
from quantum_exit.planning.exit_policy import HOUR_NS, ExitPolicyEngine
from tests.unit.planning.worlds import context


@pytest.mark.parametrize(
    ("side", "stop", "legs", "break_even", "half_r"),
    [
        ("LONG", 48_500, [(53_000, 0.5), (53_750, 0.5)], (51_500, 50_050), 50_750),
        ("SHORT", 51_500, [(47_000, 0.5), (46_250, 0.5)], (48_500, 49_950), 49_250),
    ],
)
def test_the_policy_is_two_and_a_half_to_one(
    side: str,
    stop: int,
    legs: list[tuple[int, float]],
    break_even: tuple[int, int],
    half_r: int,
) -> None:
    planned = ExitPolicyEngine().build_exit_plan(context(side=side, atr=1_000.0))

    assert planned.plan.stop_price == stop
    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == legs
    assert planned.plan.activation_price == legs[0][0]
    assert planned.rules.trailing is not None
    assert planned.rules.trailing.callback_pct == 0.02  # 1 ATR
    assert planned.plan.break_even_at_price == break_even[0]
    assert planned.plan.break_even_price == break_even[1]
    assert planned.plan.time_stop == (24 * HOUR_NS, half_r)


def test_an_unknown_atr_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(InvalidInputError, match=r"market\.atr"):
        ExitPolicyEngine().build_exit_plan(context())


@pytest.mark.parametrize("atr", [0.0, -1.0, float("nan"), float("inf")])
def test_an_atr_that_is_none_is_refused(atr: float) -> None:
    with pytest.raises(InvalidInputError, match=r"market\.atr"):
        context(atr=atr)


def test_the_risk_floor_binds_the_policy_too() -> None:
    """1.5 ATR would be 3 %; at leverage 20 the stop may lie 0.5 % away, and the legs follow it."""
    planned = ExitPolicyEngine().build_exit_plan(context(atr=1_000.0, leverage=20.0))

    assert planned.plan.stop_price == 49_750
    assert [price for _, price, _, _ in planned.plan.levels] == [50_500, 50_625]


@pytest.mark.parametrize(
    ("regime", "ratio"),
    [
        ("LOW_VOL", 2.9167),
        ("NORMAL_VOL", 2.0),
        ("HIGH_VOL", 2.0),
        ("EXTREME_VOL", 2.0),
        ("TRENDING", 2.5),
        ("RANGING", 2.0),
    ],
)
def test_reward_to_risk_of_each_regime(regime: str, ratio: float) -> None:
    assert atr_row(regime).reward_to_risk == pytest.approx(ratio, abs=1e-4)


def test_levels_of_normal_volatility() -> None:
    """6.1: NORMAL_VOL, entry 50 000, ATR 1000 -> stop 48 500, target 53 000."""
    planned = atr_regime_plan(context(atr=1_000.0), "NORMAL_VOL")

    assert planned.plan.stop_price == 48_500
    assert [(price, lots) for _, price, lots, _ in planned.plan.levels] == [(53_000, 1.0)]
    assert planned.plan.max_hold_ns == 36 * HOUR_NS
    assert planned.plan.time_stop is None
    assert planned.plan.break_even_at_price == 50_750  # 0.5 R
    assert planned.plan.activation_price == 50_750  # break-even of the row


def test_an_unknown_regime_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="SIDEWAYS"):
        atr_row("SIDEWAYS")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"k1_sl": -1.0}, "k1_sl"),
        ({"k1_sl": 2.0, "k2_tp": 1.5}, "too low"),
        ({"breakeven_r": 2.1}, "breakeven_r"),
        ({"trailing_mult": 0.4}, "trailing_mult"),
        ({"max_duration_hours": 0.0}, "max_duration_hours"),
        ({"max_duration_hours": 169.0}, "max_duration_hours"),
    ],
)
def test_a_row_out_of_range_is_refused(changes: dict[str, float], field: str) -> None:
    row = DEFAULT_ROWS[1]
    values = {
        "k1_sl": row.k1_sl,
        "k2_tp": row.k2_tp,
        "breakeven_r": row.breakeven_r,
        "trailing_mult": row.trailing_mult,
        "max_duration_hours": row.max_duration_hours,
    }

    with pytest.raises(InvalidInputError, match=field):
        AtrRegimeRow(regime=row.regime, **(values | changes))


def test_the_environment_overrides_single_numbers() -> None:
    env = {
        "EXIT_REGIME_NORMAL_VOL_K1_SL": "2.5",
        "EXIT_REGIME_NORMAL_VOL_K2_TP": "5.0",
        "EXIT_REGIME_RANGING_MAX_DURATION_HOURS": "18",
        "PATH": "not read",
    }

    rows = atr_regimes_from_env(env)

    normal = atr_row("NORMAL_VOL", rows)
    assert (normal.k1_sl, normal.k2_tp, normal.breakeven_r) == (2.5, 5.0, 0.5)
    assert atr_row("RANGING", rows).max_duration_hours == 18
    assert atr_row("LOW_VOL", rows) == atr_row("LOW_VOL")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXIT_REGIME_NORMAL_VOL_K3", "1"),
        ("EXIT_REGIME_SIDEWAYS_K1_SL", "1"),
        ("EXIT_REGIME_NORMAL_VOL_K1_SL", "wide"),
        ("EXIT_REGIME_NORMAL_VOL_K1_SL", "9"),
        ("EXIT_REGIME_NORMAL_VOL_K1_SL", "nan"),
    ],
)
def test_a_bad_override_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError):
        atr_regimes_from_env({name: value})
