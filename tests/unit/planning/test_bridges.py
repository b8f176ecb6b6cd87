"""The bridges; vectors from facts/exits.md 6.1 (test_exit_integration_v3).

Not used: `to_trailing_config` with activation at half the first target, which contradicts the
profile's `activation_r`; and the default callback of 1.5 % for a plan that does not trail.
"""

from decimal import Decimal

import pytest

from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.rules import ExitRules, Leg, Trailing
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.bridges import (
    to_dynamic_tpsl,
    to_partial_exit_config,
    to_trailing_config,
)
from quantum_exit.planning.exit_brain import ExitBrain
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy, assemble
from tests.unit.planning.worlds import context


def planned(rules: ExitRules) -> PlannedExit:
    """A plan under `rules` with a stop 2.5 % away."""
    given = context()
    ruler = Ruler.at_frac(given.position, 0.025)
    return assemble(
        given,
        ruler,
        rules,
        [],
        planner=Planner.EXIT_BRAIN,
        strategy=PlanStrategy.STANDARD_LADDER,
        stop_frac=0.025,
    )


LADDER = planned(ExitRules(legs=(Leg(0.6, 0.25), Leg(1.2, 0.25)), trailing=Trailing("0.02", "1.5")))
TARGETS = planned(ExitRules(legs=(Leg(0.4, 0.3), Leg(1, 0.3), Leg(2, 0.4))))


def test_to_dynamic_tpsl_gives_the_first_target_and_the_stop() -> None:
    view = to_dynamic_tpsl(LADDER)

    assert view["tp_percent"] == pytest.approx(0.015)
    assert view["sl_percent"] == pytest.approx(0.025)
    assert view["trail_percent"] == 0.02
    assert view["partial_tp"] is True


def test_a_plan_that_does_not_trail_has_no_callback() -> None:
    assert to_dynamic_tpsl(TARGETS)["trail_percent"] is None
    assert to_trailing_config(TARGETS) is None


def test_a_locked_profit_is_a_negative_distance_and_not_a_loss() -> None:
    locked = ExitBrain(ProfileBook.default()).build_exit_plan(
        context(leverage=10.0, adopted=True, current_price=Decimal(51_000))
    )

    assert to_dynamic_tpsl(locked)["sl_percent"] == pytest.approx(-0.002)


def test_to_trailing_config_has_exactly_its_four_keys() -> None:
    config = to_trailing_config(LADDER)

    assert config == {
        "enabled": True,
        "callback_pct": 0.02,
        "activation_pct": pytest.approx(1.5 * 0.025),
        "size_pct": 0.5,
    }


def test_to_trailing_config_of_a_normal_plan_guards_everything() -> None:
    """A NORMAL profile once had a trailing stop of size 0, which was never created."""
    normal = ExitBrain(ProfileBook.default()).build_exit_plan(context(MarketRegime.NORMAL))

    config = to_trailing_config(normal)

    assert config is not None
    assert config["size_pct"] == 1.0


def test_to_partial_exit_config_is_sorted_by_distance() -> None:
    steps = to_partial_exit_config(TARGETS)

    assert [step["trigger_pct"] for step in steps] == pytest.approx([0.01, 0.025, 0.05])
    assert [step["size_pct"] for step in steps] == [0.3, 0.3, 0.4]
    assert {step["kind"] for step in steps} == {"TP"}


def test_to_partial_exit_config_holds_the_trailing_step() -> None:
    steps = to_partial_exit_config(LADDER)

    assert [(step["kind"], step["size_pct"]) for step in steps] == [
        ("TP", 0.25),
        ("TP", 0.25),
        ("TRAIL", 0.5),
    ]
    assert steps[-1]["trail_callback"] == 0.02
