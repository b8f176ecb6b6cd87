"""Planning in one call, its switches, and what holds for plans of every planner."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import quantum_exit
from quantum_exit import InvalidInputError, PlanRefusedError
from quantum_exit.domain.market import MarketContext, MarketRegime
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.api import plan_context, plan_exit
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig, config_from_env
from quantum_exit.planning.context import Advice, ExitContext
from quantum_exit.planning.dynamic_plan import dynamic_plan
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy
from tests.unit.planning.worlds import books, contexts, position

CONFIG = PlanningConfig()
PLANNERS = st.sampled_from([*Planner])
CARE = (RiskMode.NORMAL, RiskMode.CONSERVATIVE, RiskMode.CRITICAL)


def test_it_is_exported_and_needs_a_position_only() -> None:
    planned = quantum_exit.plan_exit(position())

    assert isinstance(planned, quantum_exit.PlannedExit)
    assert planned.profile_name == "NORMAL_DEFAULT"


@pytest.mark.parametrize(
    ("planner", "strategy"),
    [
        (Planner.EXIT_BRAIN, PlanStrategy.STANDARD_LADDER),
        (Planner.LEGACY, PlanStrategy.LEGACY_LADDER),
        (Planner.DYNAMIC, PlanStrategy.DYNAMIC_TPSL),
        (Planner.HYBRID, PlanStrategy.HYBRID_TPSL),
        (Planner.POLICY, PlanStrategy.EXIT_POLICY),
    ],
)
def test_every_planner_can_be_asked_by_name(planner: Planner, strategy: PlanStrategy) -> None:
    market = MarketContext(regime=MarketRegime.TREND, atr=500.0)
    advice = Advice(signal_confidence=0.7)

    planned = plan_exit(position(), market, advice=advice, planner=planner)

    assert (planned.planner, planned.strategy) == (planner, strategy)


def test_in_an_emergency_every_planner_closes() -> None:
    for planner in Planner:
        planned = plan_exit(position(), planner=planner, risk_mode=RiskMode.ESS_ACTIVE)
        assert planned.strategy is PlanStrategy.EMERGENCY_EXIT


@pytest.mark.parametrize(
    ("env", "planner"),
    [
        ({}, Planner.EXIT_BRAIN),
        ({"EXIT_BRAIN_V3_ENABLED": "false"}, Planner.DYNAMIC),
        ({"QUANTUM_EXIT_EXIT_BRAIN__ENABLED": "0"}, Planner.DYNAMIC),
        ({"QUANTUM_EXIT_EXIT_BRAIN__USE_PROFILES": "no"}, Planner.LEGACY),
        (
            {"EXIT_BRAIN_V3_ENABLED": "off", "QT_AI_DYNAMIC_TPSL_ENABLED": "false"},
            Planner.POLICY,
        ),
        (
            {"EXIT_BRAIN_V3_ENABLED": "off", "QT_AI_DYNAMIC_TPSL_OVERRIDE": "False"},
            Planner.POLICY,
        ),
        (
            {
                "EXIT_BRAIN_V3_ENABLED": "off",
                "QUANTUM_EXIT_EXIT_BRAIN__ENABLED": "false",
                "QUANTUM_EXIT_DYNAMIC_TPSL__OVERRIDE_LEGACY": "no",
            },
            Planner.POLICY,
        ),
        ({"QT_AI_DYNAMIC_TPSL_ENABLED": "false"}, Planner.EXIT_BRAIN),
    ],
)
def test_the_switches_choose_the_planner(env: dict[str, str], planner: Planner) -> None:
    assert config_from_env(env).planner is planner


@pytest.mark.parametrize(
    "env",
    [
        {"EXIT_BRAIN_V3_ENABLED": "maybe"},
        {"EXIT_BRAIN_V3_ENABLED": "on", "QUANTUM_EXIT_EXIT_BRAIN__ENABLED": "off"},
    ],
)
def test_a_switch_that_says_nothing_clear_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="EXIT_BRAIN"):
        config_from_env(env)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"side": "long"}, "side"),
        ({"entry_price": "NaN"}, "entry_price"),
        ({"quantity": 0}, "quantity"),
        ({"leverage": 0.5}, "leverage"),
        ({"leverage": float("nan")}, "leverage"),
        ({"strategy_id": "*"}, "strategy_id"),
        ({"liquidation_price": 51_000}, "liquidation_price"),
        ({"adopted": True}, "current_price"),
    ],
)
def test_a_bad_position_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        position(**changes)

    assert error.value.field == field


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rl_sl_hint": 0.0}, "rl_sl_hint"),
        ({"rl_tp_hint": 5.0}, "rl_tp_hint"),
        ({"rl_confidence": float("nan")}, "rl_confidence"),
        ({"tp_zone_multiplier": 1.6}, "tp_zone_multiplier"),
        ({"trail_hint": 0.5}, "trail_hint"),
        ({"signal_confidence": True}, "signal_confidence"),
    ],
)
def test_bad_advice_is_refused_by_name(values: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        Advice(**values)

    assert error.value.field == field


def test_a_quantity_off_the_lot_grid_is_refused_by_the_core() -> None:
    with pytest.raises(InvalidInputError, match="quantity"):
        plan_exit(position(quantity="0.0005"))


def planned_or_none(
    given_context: ExitContext, book: ProfileBook, planner: Planner
) -> PlannedExit | None:
    try:
        return plan_context(given_context, book, CONFIG, planner)
    except PlanRefusedError:
        return None


@given(contexts(), books(), PLANNERS)
def test_any_plan_is_accepted_by_the_core_and_sums_to_the_quantity(
    given_context: ExitContext, book: ProfileBook, planner: Planner
) -> None:
    planned = planned_or_none(given_context, book, planner)
    assume(planned is not None)
    assert planned is not None
    plan, held = planned.plan, given_context.position

    parts = [*(lots for _, _, lots, _ in plan.levels), plan.remainder]

    assert sum(Decimal(repr(part)) for part in parts) == held.quantity
    prices = [price for _, price, _, _ in plan.levels]
    assert prices == sorted(prices, reverse=held.side == "SHORT")
    assert planned.explain()


@given(contexts(), books(), PLANNERS)
def test_no_plan_loosens_the_live_stop_or_passes_the_risk_floor(
    given_context: ExitContext, book: ProfileBook, planner: Planner
) -> None:
    planned = planned_or_none(given_context, book, planner)
    assume(planned is not None)
    assert planned is not None
    held = given_context.position
    sign = held.side.sign

    floor = max(0.10 / held.leverage, 0.002)

    assert planned.stop_frac <= floor + 1e-9
    assert planned.plan.r_price <= floor * float(held.entry_price) * (1 + 1e-9)
    if held.stop_price is not None:
        assert sign * planned.protective_stop >= sign * float(held.stop_price)
    assert planned.size_factor <= 1.0


@given(contexts(), books(), st.sampled_from([Planner.EXIT_BRAIN, Planner.LEGACY]))
def test_a_more_careful_mode_never_widens_the_stop(
    given_context: ExitContext, book: ProfileBook, planner: Planner
) -> None:
    planned = [
        planned_or_none(replace(given_context, risk_mode=mode), book, planner) for mode in CARE
    ]
    stops = [one.protective_stop for one in planned if one is not None]
    sign = given_context.position.side.sign

    assert [sign * stop for stop in stops] == sorted(sign * stop for stop in stops)


@given(contexts(), st.floats(1.0, 2.5), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_risk_never_widens_a_live_stop_nor_adds_money_at_risk(
    given_context: ExitContext, ess: float, systemic: float, correlation: float
) -> None:
    calm = RiskContext(as_of_ns=0, ess_factor=1.0, systemic_risk_level=0.0, correlation_risk=0.0)
    stressed = RiskContext(
        as_of_ns=0,
        ess_factor=ess,
        systemic_risk_level=systemic,
        correlation_risk=correlation,
    )
    given_context = replace(given_context, risk_mode=RiskMode.NORMAL)
    before, after = (dynamic_plan(replace(given_context, risk=risk)) for risk in (calm, stressed))

    assert after.stop_frac * after.size_factor <= before.stop_frac + 1e-6
    if not given_context.position.at_entry:
        assert after.plan.stop_price == before.plan.stop_price
        assert after.size_factor == 1.0


@given(contexts(), books(), PLANNERS)
def test_planning_twice_gives_the_same_plan(
    given_context: ExitContext, book: ProfileBook, planner: Planner
) -> None:
    one, two = (planned_or_none(given_context, book, planner) for _ in range(2))

    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.explain() == two.explain()


def test_a_stop_nearer_than_a_tick_is_refused_with_the_reason() -> None:
    coarse = quantum_exit.Instrument("LUMPUSDT", "1000", "1")

    with pytest.raises(PlanRefusedError, match="cannot be set on ticks of 1000"):
        plan_exit(position(instrument=coarse, quantity=Decimal(3), leverage=20.0))
