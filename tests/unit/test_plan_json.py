import json

import pytest

import quantum_exit as qe
from quantum_exit.planning.plan_json import plan_from_json

FULL = {
    "legs": [
        {"r_multiple": 0.5, "size_fraction": "0.25", "kind": "SOFT"},
        {"r_multiple": "2", "size_fraction": 0.5},
    ],
    "trailing": {
        "callback_pct": 0.02,
        "activation_r": 1,
        "tightening_curve": [[3, "0.01"]],
        "rearm": True,
    },
    "ratchet": {
        "break_even_after": None,
        "break_even_offset_frac": 0.001,
        "follow_legs": False,
        "break_even_at_r": "1.5",
    },
    "max_hold_ns": 3_600_000_000_000,
    "time_stop": {"after_ns": 1_800_000_000_000, "under_r": 0.5},
    "stop_frac": 0.015,
}


def test_a_plan_file_says_everything_but_the_position() -> None:
    plan = plan_from_json(json.dumps(FULL), "plan.json")

    rules = plan.rules
    assert rules.legs == (qe.Leg("0.5", "0.25", "SOFT"), qe.Leg(2, "0.5", "HARD"))
    assert rules.trailing == qe.Trailing("0.02", 1, [(3, "0.01")], rearm=True)
    assert rules.ratchet == qe.Ratchet(None, "0.001", follow_legs=False, break_even_at_r="1.5")
    assert rules.max_hold_ns == 3_600_000_000_000
    assert rules.time_stop == qe.TimeStop(1_800_000_000_000, "0.5")
    assert str(plan.stop_frac) == "0.015"


def test_everything_in_a_plan_file_is_optional() -> None:
    plan = plan_from_json("{}", "plan.json")

    assert plan.rules == qe.ExitRules()
    assert plan.stop_frac is None


def test_an_absent_ratchet_key_keeps_its_default() -> None:
    plan = plan_from_json('{"ratchet": {"follow_legs": false}}', "plan.json")

    assert plan.rules.ratchet == qe.Ratchet(follow_legs=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"leg": []},
            "leg: unknown key; expected one of legs, trailing, ratchet, max_hold_ns, time_stop, stop_frac",
        ),
        ({"legs": [{"r_multiple": 1}]}, "legs[0].size_fraction: missing; expected a number"),
        (
            {"legs": [{"r_multiple": 1, "size_fraction": 1, "kind": "SOLID"}]},
            'legs[0].kind: "SOLID" is not allowed; one of HARD, SOFT',
        ),
        ({"trailing": {}}, "trailing.callback_pct: missing; expected a number"),
        (
            {"trailing": {"callback_pct": 0.7}},
            "trailing.callback_pct: 0.7 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            {"trailing": {"callback_pct": 0.1, "rearm": 1}},
            "trailing.rearm: expected true or false, not 1",
        ),
        (
            {"ratchet": {"break_even_after": 0}},
            "ratchet.break_even_after: 0 is not allowed; expected 1 or more, or null",
        ),
        (
            {"ratchet": {"break_even_offset_frac": 0.2}},
            "ratchet.break_even_offset_frac: 0.2 is not allowed; 0 or more, below 0.1",
        ),
        ({"max_hold_ns": 0}, "max_hold_ns: 0 is not allowed; expected ns above 0"),
        ({"max_hold_ns": 1.5}, "max_hold_ns: expected a whole number, not 1.5"),
        (
            {"ratchet": {"break_even_at_r": 0}},
            "ratchet.break_even_at_r: 0 is not allowed; above 0, at most 10000 R",
        ),
        ({"time_stop": {"after_ns": 1}}, "time_stop.under_r: missing; expected a number"),
        (
            {"time_stop": {"after_ns": 1 << 63, "under_r": 0}},
            "time_stop.after_ns: 9223372036854775808 is not allowed; expected ns above 0",
        ),
        (
            {"time_stop": {"after_ns": 1, "under_r": -1}},
            "time_stop.under_r: -1 is not allowed; 0 or more, at most 10000 R",
        ),
        ({"stop_frac": 1}, "stop_frac: 1 is not allowed; expected a fraction in (0, 1)"),
    ],
)
def test_a_bad_plan_file_is_refused_by_file_and_key(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(qe.InputFileError) as refused:
        plan_from_json(json.dumps({**FULL, **change}), "plan.json")

    assert str(refused.value) == f"plan.json: {message}"
