import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit import InputFileError, InvalidInputError
from quantum_exit.domain.market import MarketRegime
from quantum_exit.planning.book import ANY, ANY_REGIME, ProfileBook
from quantum_exit.planning.book_diff import diff_books
from quantum_exit.planning.book_toml import book_from_toml, book_to_toml
from quantum_exit.planning.profiles import TPProfile, TPProfileLeg
from tests.unit.planning.worlds import STRATEGIES, SYMBOLS, books

TREND, NORMAL = MarketRegime.TREND, MarketRegime.NORMAL


def profile(name: str, r: float = 1.0) -> TPProfile:
    return TPProfile(name=name, tp_legs=(TPProfileLeg(r, 1.0),))


LADDER = (
    ("BTCUSDT", "RL_V3", TREND),
    ("BTCUSDT", "RL_V3", ANY_REGIME),
    ("BTCUSDT", ANY, TREND),
    (ANY, "RL_V3", TREND),
    (ANY, ANY, TREND),
    (ANY, ANY, NORMAL),
)


@pytest.mark.parametrize("level", range(1, 7))
def test_each_of_the_six_levels_is_reached_when_the_more_specific_are_absent(level: int) -> None:
    book = ProfileBook.default().without_profile(regime=TREND)
    for symbol, strategy_id, regime in LADDER[level - 1 : 5]:
        named = profile(f"{symbol}.{strategy_id}.{regime}")
        book = book.with_profile(named, symbol=symbol, strategy_id=strategy_id, regime=regime)

    selection = book.lookup("BTCUSDT", "RL_V3", TREND)

    assert (selection.level, selection.key) == (level, LADDER[level - 1])


def test_a_profile_for_any_regime_is_not_one_for_normal() -> None:
    """NORMAL as a wildcard made every NORMAL registration match every regime."""
    book = ProfileBook.default()
    for_any = book.with_profile(
        profile("ANY"), symbol="BTCUSDT", strategy_id="RL_V3", regime=ANY_REGIME
    )
    for_normal = book.with_profile(
        profile("CALM"), symbol="BTCUSDT", strategy_id="RL_V3", regime=NORMAL
    )

    assert for_any.lookup("BTCUSDT", "RL_V3", TREND).profile.name == "ANY"
    assert for_normal.lookup("BTCUSDT", "RL_V3", TREND).profile.name == "TREND_DEFAULT"


@given(
    books(),
    st.sampled_from(SYMBOLS),
    st.sampled_from(STRATEGIES),
    st.sampled_from([*MarketRegime]),
)
def test_fallback_picks_the_most_specific_of_any_book(
    book: ProfileBook, symbol: str, strategy_id: str, regime: MarketRegime
) -> None:
    def score(key: tuple[str, str, str]) -> int:
        # The order of the six levels, read off the key: symbol, then strategy, then regime.
        return 100 * (key[0] != ANY) + 10 * (key[1] != ANY) + (key[2] != ANY_REGIME)

    matching = [
        entry
        for entry in book.entries
        if entry.key.symbol in {symbol, ANY}
        and entry.key.strategy_id in {strategy_id, ANY}
        and entry.key.regime in {regime, ANY_REGIME}
    ]
    best = max(matching, key=lambda entry: score(entry.key), default=None)

    selection = book.lookup(symbol, strategy_id, regime)

    if best is None:
        assert (selection.level, selection.key) == (6, (ANY, ANY, NORMAL))
    else:
        assert (selection.key, selection.profile) == (best.key, best.profile)


@given(
    books(),
    st.sampled_from(SYMBOLS),
    st.sampled_from(STRATEGIES),
    st.sampled_from([*MarketRegime]),
    st.integers(500, 2_000).map(lambda n: n / 1_000),
)
def test_scaling_then_looking_up_is_looking_up_then_scaling(
    book: ProfileBook, symbol: str, strategy_id: str, regime: MarketRegime, factor: float
) -> None:
    plain = book.lookup(symbol, strategy_id, regime)

    scaled = book.with_scale(strategy_id, symbol, factor).lookup(symbol, strategy_id, regime)

    assert scaled.profile == plain.profile.scaled(factor)
    assert (scaled.level, scaled.key, scaled.scale) == (plain.level, plain.key, factor)


def test_a_scale_moves_distances_and_leaves_fractions_kinds_and_callbacks() -> None:
    book = ProfileBook.default().with_scale("RL_V3", "BTCUSDT", 0.9)

    scaled = book.lookup("BTCUSDT", "RL_V3", TREND).profile

    assert [leg.r_multiple for leg in scaled.tp_legs] == [0.45, 0.9, 1.8]
    assert [leg.size_fraction for leg in scaled.tp_legs] == [0.15, 0.2, 0.3]
    assert [leg.kind for leg in scaled.tp_legs] == ["SOFT", "HARD", "HARD"]
    assert scaled.trailing is not None
    assert scaled.trailing.callback_pct == 0.02
    assert scaled.trailing.activation_r == 1.35
    assert scaled.trailing.tightening_curve == ((2.7, 0.015), (4.5, 0.01))


def test_a_scale_holds_for_its_pair_only_and_is_replaced_rather_than_compounded() -> None:
    book = ProfileBook.default().with_scale("RL_V3", "BTCUSDT", 0.95)

    again = book.with_scale("RL_V3", "BTCUSDT", 0.95)

    assert again.scale("RL_V3", "BTCUSDT") == 0.95
    assert again.scale("RL_V3", "ETHUSDT") == 1.0
    assert again.scale("SCALP_V2", "BTCUSDT") == 1.0
    assert again.with_scale("RL_V3", "BTCUSDT", 1.0).scales == ()


def test_a_symbol_without_a_scale_of_its_own_has_that_of_its_strategy() -> None:
    book = ProfileBook.default().with_scale("RL_V3", ANY, 0.9).with_scale("RL_V3", "BTCUSDT", 1.0)

    assert book.scale("RL_V3", "ETHUSDT") == 0.9
    assert book.scale("RL_V3", "BTCUSDT") == 1.0


@pytest.mark.parametrize(
    ("symbol", "strategy_id", "regime"),
    [("BTCUSDT", ANY, ANY_REGIME), (ANY, "RL_V3", ANY_REGIME), (ANY, ANY, ANY_REGIME)],
)
def test_a_key_that_no_position_asks_for_is_refused(
    symbol: str, strategy_id: str, regime: str
) -> None:
    with pytest.raises(InvalidInputError, match="no position asks for another"):
        ProfileBook.default().with_profile(
            profile("LOST"), symbol=symbol, strategy_id=strategy_id, regime=regime
        )


def test_the_global_default_cannot_be_taken_away() -> None:
    with pytest.raises(InvalidInputError, match="global default"):
        ProfileBook.default().without_profile(regime=NORMAL)


def test_two_profiles_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="choose a name of its own"):
        ProfileBook.default().with_profile(profile("TREND_DEFAULT"), symbol="BTCUSDT", regime=TREND)


def test_a_change_gives_the_next_version_and_leaves_the_book_as_it_was() -> None:
    book = ProfileBook.default()
    before = book.content_hash

    changed = book.with_profile(profile("MINE"), symbol="BTCUSDT", regime=TREND)

    assert (book.version, book.content_hash) == (1, before)
    assert changed.version == 2
    assert changed.content_hash != before


def test_the_hash_is_of_the_content_and_the_same_in_every_process() -> None:
    book = ProfileBook.default().with_scale("RL_V3", "BTCUSDT", 0.9)
    back = book.with_scale("RL_V3", "BTCUSDT", 1.0)
    script = (
        "from quantum_exit import ProfileBook;"
        "print(ProfileBook.default().with_scale('RL_V3', 'BTCUSDT', 0.9).content_hash)"
    )

    elsewhere = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert elsewhere.stdout.strip() == book.content_hash
    assert back.version == 3
    assert back.content_hash == ProfileBook.default().content_hash


@given(books(), st.sampled_from(STRATEGIES), st.sampled_from((*SYMBOLS, ANY)))
def test_toml_and_pickle_give_back_an_equal_book(
    book: ProfileBook, strategy_id: str, symbol: str
) -> None:
    book = book.with_scale(strategy_id, symbol, 1.25)

    assert book_from_toml(book_to_toml(book), "book.toml") == book
    assert pickle.loads(pickle.dumps(book)) == book


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("version = 1", "version = 0", "version"),
        ("version = 1", "version = 1\ncolour = 3", "colour"),
        ("r_multiple = 0.25", "r_multiple = -0.25", "profiles[0].tp_legs[0].r_multiple"),
        ('regime = "CHOP"', 'regime = "SIDEWAYS"', "entries[0].regime"),
        ('profile = "CHOP_DEFAULT"', 'profile = "NOBODY"', "entries[0].profile"),
        ('name = "CHOP_DEFAULT"', 'name = "RANGE_DEFAULT"', "profiles[2].name"),
        ('regime = "CHOP"', 'regime = "ANY"', "entries[0].key"),
    ],
)
def test_a_bad_book_is_refused_naming_file_and_key(before: str, after: str, place: str) -> None:
    text = book_to_toml(ProfileBook.default())
    assert before in text

    with pytest.raises(InputFileError) as error:
        book_from_toml(text.replace(before, after, 1), "book.toml")

    assert (error.value.path, error.value.place) == ("book.toml", place)


def test_a_diff_names_every_value_that_differs_and_nothing_else() -> None:
    old = ProfileBook.default()
    new = old.with_profile(
        old.lookup("X", "Y", TREND).profile.scaled(1.1), regime=TREND
    ).with_scale("RL_V3", "BTCUSDT", 0.9)

    changes = {change.place: (change.before, change.after) for change in diff_books(old, new)}

    assert changes == {
        "(*, *, TREND) tp_legs[0].r_multiple": ("0.5", "0.55"),
        "(*, *, TREND) tp_legs[1].r_multiple": ("1", "1.1"),
        "(*, *, TREND) tp_legs[2].r_multiple": ("2", "2.2"),
        "(*, *, TREND) trailing.activation_r": ("1.5", "1.65"),
        "(*, *, TREND) trailing.tightening_curve[0]": ("3 R: 0.015", "3.3 R: 0.015"),
        "(*, *, TREND) trailing.tightening_curve[1]": ("5 R: 0.01", "5.5 R: 0.01"),
        "scale (RL_V3, BTCUSDT)": (None, "0.9"),
    }
    assert diff_books(old, old.with_scale("RL_V3", "BTCUSDT", 1.0)) == ()
