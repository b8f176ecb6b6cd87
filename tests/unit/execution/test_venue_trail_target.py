from quantum_exit._core import ExitPlan, Instrument, Leg, Trailing
from quantum_exit.execution.guardian.facts import TrailStep, TrailTarget
from quantum_exit.execution.venue_trail import trail_target

BTC = Instrument("BTCUSDT", "0.1", "0.001", "0.001", "100", None)


def target(trailing: Trailing | None, *legs: Leg, side: str = "LONG") -> TrailTarget | None:
    plan = ExitPlan(
        BTC,
        side=side,
        entry_price=100_000,
        quantity=1,
        stop_price=99_000 if side == "LONG" else 101_000,
        legs=legs or [Leg(2, 1)],
        trailing=trailing,
    )
    return trail_target(plan, trailing, BTC)


def test_a_callback_is_rounded_up_to_a_tenth_of_a_percent() -> None:
    found = target(Trailing("0.0151", 1, [(2, "0.0101"), (3, "0.0004")]))

    assert found == TrailTarget(
        lots=None,
        activation_ticks=1_010_000,
        callback_tenths=16,
        steps=(
            TrailStep(best_ticks=1_020_000, callback_tenths=11),
            TrailStep(best_ticks=1_030_000, callback_tenths=1),
        ),
    )


def test_steps_that_differ_by_less_than_a_tenth_are_one() -> None:
    found = target(Trailing("0.0151", 0, [(1, "0.0150"), (2, "0.0149")]), side="SHORT")

    assert found is not None
    assert found.activation_ticks is None
    assert found.steps == (TrailStep(best_ticks=990_000, callback_tenths=15),)


def test_the_rearm_rule_is_a_step_like_any_other() -> None:
    found = target(Trailing("0.02", 1, rearm=True))

    assert found is not None
    assert [step.callback_tenths for step in found.steps] == [15, 10]


def test_a_trailing_stop_of_the_remainder_guards_just_that() -> None:
    found = target(Trailing("0.02", 1), Leg(1, "0.75"))

    assert found is not None
    assert found.lots == 250


def test_what_is_wider_than_the_venue_takes_is_left_to_the_core() -> None:
    assert target(Trailing("0.11", 1)) is None
    assert target(None) is None
