"""The exit brain; numbers from facts/exits.md 6.2 ("planner static"), or 6.1 where said."""

from decimal import Decimal

import pytest

from quantum_exit import PlanRefusedError
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.position import Side
from quantum_exit.domain.risk import RiskMode
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.context import Advice, ExitContext
from quantum_exit.planning.exit_brain import ExitBrain
from quantum_exit.planning.exit_brain_config import ExitBrainConfig
from quantum_exit.planning.planned import PlannedExit, PlanStrategy
from tests.unit.planning.worlds import context

R = MarketRegime


def plan(given: ExitContext, *, use_profiles: bool = True) -> PlannedExit:
    config = ExitBrainConfig(use_profiles=use_profiles)
    return ExitBrain(ProfileBook.default(), config).build_exit_plan(given)


def targets(planned: PlannedExit) -> list[float]:
    """Distances of the legs as fractions of the entry price, from the prices of the core."""
    entry = planned.plan.entry_price
    return [round(abs(price - entry) / entry, 9) for _, price, _, _ in planned.plan.levels]


@pytest.mark.parametrize("side", [Side.LONG, Side.SHORT])
@pytest.mark.parametrize(
    ("regime", "risk_mode", "stop_frac", "legs"),
    [
        (R.TREND, RiskMode.NORMAL, 0.02, [(0.15, 0.01), (0.20, 0.02), (0.30, 0.04)]),
        (R.NORMAL, RiskMode.NORMAL, 0.025, [(0.25, 0.0125), (0.25, 0.025), (0.50, 0.05)]),
        (R.VOLATILE, RiskMode.NORMAL, 0.0375, [(0.25, 0.015), (0.35, 0.03), (0.40, 0.05625)]),
        # "Seed R's would give RANGE .009/.018/.030, CHOP .00625/.0125/.01875"
        (R.RANGE, RiskMode.NORMAL, 0.03, [(0.30, 0.009), (0.40, 0.018), (0.30, 0.030)]),
        (R.CHOP, RiskMode.NORMAL, 0.025, [(0.40, 0.00625), (0.40, 0.0125), (0.20, 0.01875)]),
        (
            R.NORMAL,
            RiskMode.CONSERVATIVE,
            0.0175,
            [(0.25, 0.00875), (0.25, 0.0175), (0.50, 0.035)],
        ),
        (R.NORMAL, RiskMode.CRITICAL, 0.0125, [(0.25, 0.00625), (0.25, 0.0125), (0.50, 0.025)]),
    ],
)
def test_the_ladder_of_each_regime_and_risk_mode(
    side: Side,
    regime: MarketRegime,
    risk_mode: RiskMode,
    stop_frac: float,
    legs: list[tuple[float, float]],
) -> None:
    planned = plan(context(regime, risk_mode=risk_mode, side=side))

    assert planned.strategy is PlanStrategy.STANDARD_LADDER
    assert planned.stop_frac == stop_frac
    assert planned.plan.stop_price == 50_000 - side.sign * 50_000 * stop_frac
    assert [leg.size_fraction for leg in planned.legs] == [fraction for fraction, _ in legs]
    assert targets(planned) == [distance for _, distance in legs]
    assert [leg.profile_leg_index for leg in planned.legs] == [0, 1, 2]
    assert planned.profile_name == f"{regime}_DEFAULT"


def test_one_r_the_legs_are_measured_from_the_stop_that_is_set() -> None:
    """The risk floor moves the stop from 2.5 % to 1 % (leverage 10); the legs move with it.

    An earlier implementation set the stop at 1 % and its targets by an R of 2.5 %.
    """
    planned = plan(context(leverage=10.0))

    assert planned.plan.stop_price == 49_500
    assert planned.plan.r_price == 500
    assert [price for _, price, _, _ in planned.plan.levels] == [50_250, 50_500, 51_000]


def test_trailing_of_trend_guards_the_remainder_and_starts_at_the_profiles_activation() -> None:
    """Activation is 1.5 R, not half the first target (contradicts 6.1 to_trailing_config)."""
    planned = plan(context(R.TREND))

    assert planned.plan.trail_scope == "LEG"
    assert planned.plan.remainder == 0.35
    assert planned.plan.activation_price == 51_500


@pytest.mark.parametrize("regime", [R.NORMAL, R.VOLATILE])
def test_trailing_without_a_remainder_guards_all_that_is_open(regime: MarketRegime) -> None:
    """Fractions that sum to 1 left these profiles a trailing stop over nothing."""
    planned = plan(context(regime))

    assert planned.plan.remainder == 0
    assert planned.plan.trail_scope == "REMAINING"


def test_fractions_are_of_the_initial_quantity() -> None:
    """25/25/50 of 10 is 2.5/2.5/5; of what remains it was 2.5/1.875/2.81 and 2.81 had no target."""
    planned = plan(context(quantity=Decimal(10)))

    assert [lots for _, _, lots, _ in planned.plan.levels] == [2.5, 2.5, 5.0]


@pytest.mark.parametrize(
    ("leverage", "side", "stop"),
    [  # "risk floor e=100": scaled to 50 000; leverage 1 is bound by the 5 % clamp before the floor
        (5.0, Side.LONG, 0.02),
        (10.0, Side.LONG, 0.01),
        (20.0, Side.LONG, 0.005),
        (50.0, Side.LONG, 0.002),
        (5.0, Side.SHORT, 0.02),
        (50.0, Side.SHORT, 0.002),
    ],
)
def test_the_risk_floor_bounds_the_loss_of_margin(leverage: float, side: Side, stop: float) -> None:
    planned = plan(context(leverage=leverage, side=side))

    assert planned.stop_frac == stop


def test_a_leverage_too_high_to_protect_is_refused_with_the_reason() -> None:
    with pytest.raises(PlanRefusedError, match="leverage too high to protect") as error:
        plan(context(leverage=51.0))

    assert error.value.symbol == "BTCUSDT"


def test_the_stop_keeps_its_distance_from_the_liquidation_price() -> None:
    planned = plan(context(leverage=2.0, liquidation_price=Decimal(49_000)))

    assert planned.stop_frac == 0.01
    assert planned.plan.stop_price == 49_500


def test_a_liquidation_price_too_near_is_refused() -> None:
    with pytest.raises(PlanRefusedError, match="liquidation at 49450"):
        plan(context(leverage=2.0, liquidation_price=Decimal(49_450)))


@pytest.mark.parametrize(
    ("confidence", "stop_frac"), [(None, 0.025), (0.49, 0.025), (0.5, 0.03), (0.9, 0.03)]
)
def test_a_stop_hint_counts_from_its_confidence_on(
    confidence: float | None, stop_frac: float
) -> None:
    """Both hints have the same gate; the stop hint used to pass at any confidence."""
    advice = Advice(rl_sl_hint=0.03, rl_confidence=confidence)

    assert plan(context(advice=advice)).stop_frac == stop_frac


@pytest.mark.parametrize(("hint", "stop_frac"), [(0.001, 0.01), (0.4, 0.05)])
def test_a_stop_hint_is_clamped(hint: float, stop_frac: float) -> None:
    assert plan(context(advice=Advice(rl_sl_hint=hint, rl_confidence=1.0))).stop_frac == stop_frac


def test_the_target_zone_moves_the_legs_and_not_the_trailing_stop() -> None:
    planned = plan(context(R.TREND, advice=Advice(tp_zone_multiplier=0.8)))

    assert [leg.r_multiple for leg in planned.legs] == [0.4, 0.8, 1.6]
    assert planned.plan.activation_price == 51_500


def test_emergency_closes_now_and_keeps_a_hard_stop() -> None:
    """6.1 ess_active: one leg of size 1; here the order to close is not a leg of the plan."""
    planned = plan(context(risk_mode=RiskMode.ESS_ACTIVE))

    assert planned.strategy is PlanStrategy.EMERGENCY_EXIT
    assert planned.close_now == "the emergency stop of the account is active"
    assert planned.legs == ()
    # 0.025 * 0.3 is below the closest stop allowed.
    assert planned.plan.stop_price == 49_500


def test_emergency_is_planned_even_where_the_leverage_leaves_no_room() -> None:
    planned = plan(context(risk_mode=RiskMode.ESS_ACTIVE, leverage=200.0))

    assert planned.close_now is not None
    assert planned.stop_frac == 0.002


@pytest.mark.parametrize(
    ("side", "price", "lock", "target"),
    [
        (Side.LONG, 51_000, 50_100, 51_500),
        (Side.SHORT, 49_000, 49_900, 48_500),
    ],
)
def test_profit_lock_of_an_adopted_position(side: Side, price: int, lock: int, target: int) -> None:
    """2 % at leverage 10 is 20 % of margin; 6.1 profit_lock asks for a stop in profit below 1 %.

    The lock was taken for a stop 0.2 % on the wrong side, and the target for +2700 %.
    """
    planned = plan(context(side=side, leverage=10.0, adopted=True, current_price=Decimal(price)))

    assert planned.strategy is PlanStrategy.PROFIT_LOCK
    assert planned.tighten_to == lock
    assert [(at, lots) for _, at, lots, _ in planned.plan.levels] == [(target, 1.0)]


@pytest.mark.parametrize(
    ("leverage", "price", "adopted"),
    [
        (5.0, 51_000, True),  # exactly 10 % of margin
        (10.0, 49_000, True),  # in a loss
        (10.0, 51_000, False),  # our own position: its plan is in force
    ],
)
def test_no_profit_lock(leverage: float, price: int, adopted: bool) -> None:
    given = context(leverage=leverage, adopted=adopted, current_price=Decimal(price))

    assert plan(given).strategy is PlanStrategy.STANDARD_LADDER


def test_a_profit_lock_is_never_nearer_to_the_price_than_one_callback() -> None:
    """At leverage 20 a move of 0.6 % is 12 % of margin; +0.2 % would lie within the callback."""
    given = context(
        leverage=20.0,
        adopted=True,
        current_price=Decimal(50_300),
        advice=Advice(trail_hint=0.008),
    )

    planned = plan(given)

    assert planned.strategy is PlanStrategy.PROFIT_LOCK
    assert planned.tighten_to == Decimal("49897.6")  # 50 300 * 0.992, below +0.2 %


def test_a_price_at_or_through_the_stop_is_closed_now() -> None:
    """A stop through the market is not moved away from it: the position is closed."""
    planned = plan(context(adopted=True, current_price=Decimal(48_000)))

    assert planned.close_now == "the price 48000 is at or through the stop 48750.0"


def test_a_live_stop_that_is_tighter_is_kept() -> None:
    planned = plan(context(current_price=Decimal(50_500), stop_price=Decimal(50_040)))

    assert planned.plan.stop_price == 48_750
    assert planned.tighten_to == 50_040
    assert planned.protective_stop == 50_040


@pytest.mark.parametrize(
    ("regime", "targets_frac", "trailing"),
    [
        (R.NORMAL, [0.015, 0.03], True),
        (R.TREND, [0.0225, 0.045], True),
        (R.CHOP, [0.012, 0.024], True),
        (R.VOLATILE, [0.0195, 0.039, 0.078], False),
        (R.RANGE, [0.012, 0.024, 0.048], False),
    ],
)
def test_the_legacy_ladder(regime: MarketRegime, targets_frac: list[float], trailing: bool) -> None:
    """6.1 normal_regime: 25 %, 25 % and a trailing half; elsewhere a third leg."""
    planned = plan(context(regime), use_profiles=False)

    assert planned.strategy is PlanStrategy.LEGACY_LADDER
    assert planned.profile_name is None
    assert targets(planned) == targets_frac
    assert (planned.rules.trailing is not None) is trailing
    assert planned.plan.remainder == (0.5 if trailing else 0.0)


@pytest.mark.parametrize(
    ("confidence", "first"), [(0.85, 0.025), (0.5, 0.025), (0.49, 0.015), (None, 0.015)]
)
def test_a_target_hint_counts_from_its_confidence_on(
    confidence: float | None, first: float
) -> None:
    """6.1 with_rl_hints: SHORT, target hint 0.05 at confidence 0.85 -> first target 0.025."""
    advice = Advice(rl_tp_hint=0.05, rl_sl_hint=0.02, rl_confidence=confidence)

    planned = plan(context(side=Side.SHORT, advice=advice), use_profiles=False)

    assert targets(planned)[0] == first


def test_a_critical_account_has_nearer_stop_and_targets() -> None:
    """6.1 critical_risk_mode."""
    normal = plan(context(), use_profiles=False)
    critical = plan(context(risk_mode=RiskMode.CRITICAL), use_profiles=False)

    assert critical.stop_frac < normal.stop_frac
    assert critical.plan.levels[0][1] < normal.plan.levels[0][1]


def test_explain_lists_every_factor_in_the_order_applied() -> None:
    advice = Advice(rl_sl_hint=0.03, rl_confidence=0.8, tp_zone_multiplier=1.2)
    planned = plan(context(R.TREND, risk_mode=RiskMode.CONSERVATIVE, advice=advice, leverage=3.0))

    names = [step.name for step in planned.why]

    assert names == [
        "rl_sl_hint",
        "risk mode",
        "regime",
        "risk floor",
        "one R",
        "profile",
        "tp_zone_multiplier",
    ]
    text = planned.explain()
    assert "BTCUSDT LONG 1 at 50000: STANDARD_LADDER by exit-brain" in text
    assert "policy, confidence 0.8" in text
    assert "book version 1, level 5 (*, *, TREND)" in text


def test_the_result_names_book_profile_and_level() -> None:
    book = ProfileBook.default().with_scale("RL_V3", "BTCUSDT", 0.9)

    planned = ExitBrain(book).build_exit_plan(context(R.TREND))

    assert planned.selection is not None
    assert (planned.selection.level, planned.selection.scale) == (5, 0.9)
    assert (planned.book_version, planned.book_hash) == (2, book.content_hash)
    assert [leg.r_multiple for leg in planned.legs] == [0.45, 0.9, 1.8]
