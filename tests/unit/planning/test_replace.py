from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit import Engine, InvalidInputError
from quantum_exit.domain.market import MarketContext, MarketRegime
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.exit_brain import ExitBrain
from quantum_exit.planning.replace import LivePlan, ReplaceDecision, TPReplacer
from tests.unit.planning.worlds import BTC, CALM, context, position

SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS
BOOK = ProfileBook.default()
ENTRY = replace(context(MarketRegime.TREND), as_of_ns=START_NS)
LIVE = LivePlan(
    planned=ExitBrain(BOOK).build_exit_plan(ENTRY),
    context=ENTRY,
    since_ns=START_NS,
    initial_quantity=Decimal(1),
)


def calm(at_ns: int) -> RiskContext:
    return replace(CALM, as_of_ns=at_ns)


def later(seconds: int = 60, **changes: object) -> ExitContext:
    at_ns = START_NS + seconds * SECOND_NS
    values: dict[str, object] = {"as_of_ns": at_ns, "risk": calm(at_ns)}
    return replace(ENTRY, **(values | changes))  # type: ignore[arg-type]


def at_price(price: int, **changes: object) -> Position:
    return position(current_price=Decimal(price), stop_price=Decimal(49_000), **changes)


def decide(now: ExitContext, live: LivePlan = LIVE, book: ProfileBook = BOOK) -> ReplaceDecision:
    live = replace(live, context=replace(live.context, risk=calm(START_NS)))
    return TPReplacer(ExitBrain(book).build_exit_plan, book.content_hash).decide(live, now)


def test_nothing_changed_keeps_the_plan() -> None:
    decision = decide(later())

    assert decision.replacement is None
    assert decision.kept_because == "nothing has changed"


def test_another_regime_is_a_reason_and_gives_one_new_plan() -> None:
    decision = decide(later(market=MarketContext(regime=MarketRegime.RANGE)))

    assert decision.reasons == ("regime TREND to RANGE",)
    assert decision.kept_because is None
    assert decision.replacement is not None
    assert decision.replacement.profile_name == "RANGE_DEFAULT"
    assert decision.changes


def test_a_move_that_leaves_the_levels_where_they_are_keeps_the_plan() -> None:
    """The price moved 0.6 R, but the profile and R are what they were: nothing to hand over."""
    decision = decide(later(position=at_price(50_600, quantity="0.85")))

    assert decision.reasons == ("price moved 0.60 R since planning",)
    assert decision.kept_because == "no level differs enough"


def test_a_move_of_half_an_r_is_not_more_than_half_an_r() -> None:
    assert decide(later(position=at_price(50_500))).kept_because == "nothing has changed"


def test_levels_that_differ_by_a_tenth_of_r_or_less_keep_the_plan() -> None:
    """0.05 * 2 R is not more than 0.1 R; 0.06 * 2 R is."""
    little, enough = (BOOK.with_scale("RL_V3", "BTCUSDT", factor) for factor in (1.05, 1.06))

    assert decide(later(), book=little).kept_because == "no level differs enough"
    changed = decide(later(), book=enough)
    assert changed.reasons == ("profile book changed",)
    # Both fixed targets beyond 1.67 R differ enough; the trailing stop starts at 1.59 R.
    assert changed.changes == ("leg 1 from the last: 52000 to 52120",)


def test_a_second_replacement_waits_for_thirty_seconds() -> None:
    ranging = MarketContext(regime=MarketRegime.RANGE)

    assert decide(later(29, market=ranging)).kept_because == "replaced 29.0 s ago"
    assert decide(later(30, market=ranging)).replacement is not None


def test_a_worse_risk_mode_does_not_wait() -> None:
    decision = decide(later(1, risk_mode=RiskMode.CRITICAL))

    assert decision.replacement is not None
    assert decision.replacement.plan.stop_price == 49_500


def test_a_better_risk_mode_waits() -> None:
    live = replace(LIVE, context=replace(ENTRY, risk_mode=RiskMode.CRITICAL))

    assert decide(later(1), live).kept_because == "replaced 1.0 s ago"


def test_risk_counts_as_changed_when_it_crosses_a_threshold() -> None:
    at_ns = START_NS + 60 * SECOND_NS
    wandering = replace(calm(at_ns), ess_factor=1.4)
    crossing = replace(calm(at_ns), ess_factor=1.6)

    assert decide(later(risk=wandering)).reasons == ()
    assert decide(later(risk=crossing)).reasons == ("risk of the account crossed a threshold",)


def test_the_replacement_is_for_what_is_left() -> None:
    """After TP1 (15 %) the other legs keep their sizes in BTC: 0.2 and 0.3 of 1, 0.35 trailing."""
    rest = at_price(50_600, quantity=Decimal("0.85"))
    decision = decide(later(position=rest), book=book_scaled())

    assert decision.replacement is not None
    plan = decision.replacement.plan
    assert [(price, lots) for _, price, lots, _ in plan.levels] == [
        (51_100.0, 0.2),
        (52_200.0, 0.3),
    ]
    assert plan.remainder == pytest.approx(0.35)


def test_a_leg_of_which_only_rounding_is_left_counts_as_taken() -> None:
    """15 % of 7 lots is 1 lot; the 0.05 lots that TP1 is short of are no leg of their own."""
    rest = at_price(50_600, quantity=Decimal("0.006"))
    live = replace(LIVE, initial_quantity=Decimal("0.007"))

    decision = decide(later(position=rest), live, book_scaled())

    assert decision.replacement is not None
    assert [leg.r_multiple for leg in decision.replacement.legs] == [1.1, 2.2]


def book_scaled() -> ProfileBook:
    return BOOK.with_scale("RL_V3", "BTCUSDT", 1.1)


def test_no_leg_of_a_replacement_lies_behind_the_market() -> None:
    """RANGE takes profit at 0.3 R, and the price is at 0.45 R already."""
    now = later(position=at_price(50_450), market=MarketContext(regime=MarketRegime.RANGE))

    decision = decide(now)

    assert decision.replacement is not None
    prices = [price for _, price, _, _ in decision.replacement.plan.levels]
    assert prices == [50_450.1, 50_900.0, 51_500.0]


def test_a_stop_that_the_core_has_raised_is_no_difference() -> None:
    moved = position(
        current_price=Decimal(50_900), stop_price=Decimal(50_040), quantity=Decimal("0.85")
    )

    decision = decide(later(position=moved))

    assert decision.kept_because == "no level differs enough"


def test_a_decision_needs_its_time_and_its_own_side() -> None:
    with pytest.raises(InvalidInputError, match="as_of_ns"):
        decide(replace(later(), as_of_ns=None))
    with pytest.raises(InvalidInputError, match="side"):
        decide(later(position=position(side="SHORT")))


@given(
    regime=st.sampled_from([*MarketRegime]),
    risk_mode=st.sampled_from([mode for mode in RiskMode if mode is not RiskMode.ESS_ACTIVE]),
    price=st.integers(49_100, 52_500),
    leverage=st.sampled_from((1.0, 10.0, 20.0)),
)
def test_a_replacement_never_loosens_the_stop_of_the_core(
    regime: MarketRegime, risk_mode: RiskMode, price: int, leverage: float
) -> None:
    """Applied as execution does: `replace_plan`, then `tighten_stop` where it is asked for."""
    engine = Engine()
    symbol = engine.add_symbol(BTC)
    held = engine.open(symbol, LIVE.planned.plan, START_NS)
    engine.on_price(symbol, 50_000.0, START_NS)
    engine.on_price(symbol, float(price), START_NS + 1)
    before = engine.snapshot(held)
    now = position(
        current_price=Decimal(price),
        stop_price=Decimal(repr(before.stop)),
        quantity=Decimal(repr(before.remaining)),
        leverage=leverage,
    )

    decision = decide(later(position=now, risk_mode=risk_mode, market=MarketContext(regime=regime)))

    if decision.replacement is None or decision.replacement.close_now is not None:
        return
    engine.replace_plan(held, decision.replacement.plan, START_NS + 2)
    tighten_to = decision.replacement.tighten_to
    # A plan that does not trail takes the trailing stop over, which may be tighter still.
    if tighten_to is not None and float(tighten_to) > engine.snapshot(held).stop:
        engine.tighten_stop(held, tighten_to, START_NS + 2)
    after = engine.snapshot(held)
    assert after.stop >= before.stop
    assert after.remaining == before.remaining
