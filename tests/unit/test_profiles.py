from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantum_exit as qe
from quantum_exit.planning.defaults import DEFAULT_PROFILES
from quantum_exit.planning.profile_toml import profile_from_toml, profile_to_toml

HARD, SOFT = qe.TPKind.HARD, qe.TPKind.SOFT

# name: legs (R, fraction, kind), trailing (callback, activation, curve)
TABLE = {
    "TREND_DEFAULT": (
        ((0.5, 0.15, SOFT), (1.0, 0.20, HARD), (2.0, 0.30, HARD)),
        (0.020, 1.5, ((3.0, 0.015), (5.0, 0.010))),
    ),
    "RANGE_DEFAULT": (((0.3, 0.30, SOFT), (0.6, 0.40, HARD), (1.0, 0.30, HARD)), None),
    "VOLATILE_DEFAULT": (
        ((0.4, 0.25, SOFT), (0.8, 0.35, HARD), (1.5, 0.40, HARD)),
        (0.025, 1.0, ()),
    ),
    "CHOP_DEFAULT": (((0.25, 0.40, SOFT), (0.5, 0.40, HARD), (0.75, 0.20, HARD)), None),
    "NORMAL_DEFAULT": (
        ((0.5, 0.25, SOFT), (1.0, 0.25, HARD), (2.0, 0.50, HARD)),
        (0.015, 1.0, ((3.0, 0.010),)),
    ),
}
ONE_LEG = "[[tp_legs]]\nr_multiple = 1\nsize_fraction = 1\n"


@pytest.mark.parametrize("name", TABLE)
def test_default_profile_is_that_of_the_specification(name: str) -> None:
    legs, trailing = TABLE[name]

    profile = qe.load_profile(name)

    assert profile.name == name
    assert profile.tp_legs == tuple(qe.TPProfileLeg(*leg) for leg in legs)
    assert profile.trailing == (None if trailing is None else qe.TrailingProfile(*trailing))


def test_there_is_one_default_profile_for_each_regime() -> None:
    assert {profile.name for profile in DEFAULT_PROFILES} == {
        f"{regime}_DEFAULT" for regime in qe.MarketRegime
    }


def plan_of(profile: qe.TPProfile) -> qe.ExitPlan:
    return profile.rules().plan(
        qe.load_instrument("BTCUSDT"),
        side="LONG",
        entry_price=100_000,
        quantity=10,
        stop_price=98_000,
    )


@pytest.mark.parametrize(
    ("name", "remainder", "scope"),
    [
        ("TREND_DEFAULT", 3.5, "LEG"),
        ("RANGE_DEFAULT", 0.0, None),
        ("VOLATILE_DEFAULT", 0.0, "REMAINING"),
        ("CHOP_DEFAULT", 0.0, None),
        ("NORMAL_DEFAULT", 0.0, "REMAINING"),
    ],
)
def test_trailing_guards_the_remainder_or_all_that_is_open(
    name: str, remainder: float, scope: str | None
) -> None:
    plan = plan_of(qe.load_profile(name))

    assert (plan.remainder, plan.trail_scope) == (remainder, scope)


def test_levels_of_a_plan_are_the_legs_in_r() -> None:
    plan = plan_of(qe.load_profile("TREND_DEFAULT"))

    assert plan.levels == [
        (0, 101_000.0, 1.5, "SOFT"),
        (1, 102_000.0, 2.0, "HARD"),
        (2, 104_000.0, 3.0, "HARD"),
    ]


def test_scaling_moves_distances_and_nothing_else() -> None:
    scaled = qe.load_profile("TREND_DEFAULT").scaled("1.1")

    assert [leg.r_multiple for leg in scaled.tp_legs] == [0.55, 1.1, 2.2]
    assert [leg.size_fraction for leg in scaled.tp_legs] == [0.15, 0.2, 0.3]
    assert scaled.trailing == qe.TrailingProfile(0.02, 1.65, ((3.3, 0.015), (5.5, 0.01)))


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (0, "factor: 0 is not allowed; expected a number above 0"),
        ("x", "factor: 'x' is not allowed; expected a decimal number"),
        ("nan", "factor: 'nan' is not allowed; expected a finite decimal number"),
        (True, "factor: True is not allowed; expected a finite decimal number"),
    ],
)
def test_scaling_by_no_factor_is_refused(factor: str | int, message: str) -> None:
    with pytest.raises(qe.InvalidInputError) as refused:
        qe.load_profile("TREND_DEFAULT").scaled(factor)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: qe.TPProfileLeg(0, 0.5), "r_multiple: 0 is not allowed; above 0, at most 10000 R"),
        (
            lambda: qe.TPProfileLeg(1, 1.5),
            "size_fraction: 1.5 is not allowed; a fraction of the initial quantity, above 0 and at most 1",
        ),
        (
            lambda: qe.TrailingProfile(0.5),
            "trailing.callback_pct: 0.5 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            lambda: qe.TrailingProfile(0.02, 1.0, ((3, 0.01), (2, 0.005))),
            "trailing.tightening_curve[1].r: 2 is not allowed; points must be sorted by r, each above the one before",
        ),
        (
            lambda: qe.TPProfile(name=" ", tp_legs=(qe.TPProfileLeg(1, 1),)),
            "name: ' ' is not allowed; expected a name",
        ),
        (
            lambda: qe.TPProfile(name="X", tp_legs=()),
            "tp_legs: 0 legs is not allowed; expected 1 to 16",
        ),
        (
            lambda: qe.TPProfile(
                name="X", tp_legs=(qe.TPProfileLeg(1, 0.7), qe.TPProfileLeg(2, 0.7))
            ),
            "tp_legs: 1.4 is not allowed; the fractions of all legs sum to at most 1",
        ),
        (
            lambda: qe.TPProfile(
                name="X", tp_legs=(qe.TPProfileLeg(2, 0.5), qe.TPProfileLeg(1, 0.5))
            ),
            "tp_legs[1].r_multiple: 1.0 is not allowed; at least 2, that of the leg before",
        ),
    ],
)
def test_a_bad_profile_is_refused_by_name(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(qe.InvalidInputError) as refused:
        make()

    assert str(refused.value) == message


def test_ten_legs_of_a_tenth_are_a_whole() -> None:
    legs = tuple(qe.TPProfileLeg(r, 0.1) for r in range(1, 11))

    assert qe.TPProfile(name="TENTHS", tp_legs=legs).total_tp_size == 1


ppm = st.integers(1, 1_000_000).map(lambda n: n / 1_000_000)


@st.composite
def profiles(draw: st.DrawFn) -> qe.TPProfile:
    rs = sorted(draw(st.lists(ppm.map(lambda r: r * 8), min_size=1, max_size=16)))
    most = Decimal(1) / len(rs)
    fractions = [draw(st.integers(1, int(most * 1_000_000))) / 1_000_000 for _ in rs]
    kinds = draw(st.lists(st.sampled_from(qe.TPKind), min_size=len(rs), max_size=len(rs)))
    callbacks = st.integers(1, 499_999).map(lambda n: n / 1_000_000)
    trailing = draw(st.none() | st.builds(qe.TrailingProfile, callbacks, ppm))
    return qe.TPProfile(
        name=draw(st.text(min_size=1).filter(str.strip)),
        tp_legs=tuple(map(qe.TPProfileLeg, (round(r, 6) for r in rs), fractions, kinds)),
        trailing=trailing,
        description=draw(st.text()),
    )


@given(profiles())
def test_a_profile_survives_its_file(profile: qe.TPProfile) -> None:
    assert profile_from_toml(profile_to_toml(profile), "p.toml") == profile


def test_a_saved_profile_is_loaded_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    profile = qe.load_profile("NORMAL_DEFAULT").scaled(2)

    qe.save_profile(profile, path)

    assert qe.load_profile(path) == profile
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 3", "name: expected text, not 3"),
        (ONE_LEG, "name: missing; expected text"),
        (
            'name = "A"\nlegs = []',
            "legs: unknown key; expected one of name, description, tp_legs, trailing",
        ),
        ('name = "A"', "tp_legs: 0 legs is not allowed; expected 1 to 16"),
        ('name = "A"\ntp_legs = 3', "tp_legs: expected a list, not 3"),
        ('name = "A"\ntp_legs = [3]', "tp_legs[0]: expected a table, not 3"),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = nan\nsize_fraction = 1',
            "tp_legs[0].r_multiple: NaN is not allowed; expected a finite number",
        ),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = "1"\nsize_fraction = 1',
            "tp_legs[0].r_multiple: expected a number, not the text '1'",
        ),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = true\nsize_fraction = 1',
            "tp_legs[0].r_multiple: expected a number, not true",
        ),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = -1\nsize_fraction = 1',
            "tp_legs[0].r_multiple: -1 is not allowed; above 0, at most 10000 R",
        ),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = 1\nsize_fraction = 0.1234567',
            "tp_legs[0].size_fraction: 0.1234567 is not allowed; a decimal with at most six digits after the point",
        ),
        (
            'name = "A"\n[[tp_legs]]\nr_multiple = 1\nsize_fraction = 1\nkind = "SOLID"',
            "tp_legs[0].kind: 'SOLID' is not allowed; expected one of HARD, SOFT",
        ),
        (
            f'name = "A"\n{ONE_LEG}[trailing]\ncallback_pct = 0.6',
            "trailing.callback_pct: 0.6 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            f'name = "A"\n{ONE_LEG}[trailing]\ncallback_pct = 0.1\ntightening_curve = [[3]]',
            "trailing.tightening_curve[0]: expected a pair of numbers, such as [3, 0.015]",
        ),
        (
            f'name = "A"\n{ONE_LEG}[trailing]\ncallback_pct = 0.1\ntightening_curve = [[3, 0.2]]',
            "trailing.tightening_curve[0].callback: 0.2 is not allowed; a callback never grows: at most 0.1, the one before",
        ),
        ("name =", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_bad_profile_file_is_refused_by_file_and_key(text: str, message: str) -> None:
    with pytest.raises(qe.InputFileError) as refused:
        profile_from_toml(text, "p.toml")

    assert str(refused.value) == f"p.toml: {message}"


def test_an_unknown_profile_is_refused_with_the_names_of_the_known() -> None:
    with pytest.raises(
        qe.InvalidInputError, match=r"^profile: 'X' is not allowed; .*TREND_DEFAULT"
    ):
        qe.load_profile("X")
