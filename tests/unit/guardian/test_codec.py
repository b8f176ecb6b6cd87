import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import StreamGap, VenuePosition
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.codec import Codec, encode
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.facts import (
    Fact,
    LeaseEpoch,
    RulesChanged,
    Timer,
    TradedSymbolsRead,
    VenueState,
)
from quantum_exit.execution.guardian.guardian import Guardian
from quantum_exit.execution.ports import SymbolRules
from tests.unit.guardian.walk import Walk

FACTS = Codec(Fact)
POSITION: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": Side.LONG,
    "hedge": False,
    "lots": 1,
    "entry_price": "100000",
    "mark_price": None,
    "liquidation_price": None,
    "leverage": None,
    "updated_ms": 1,
}


def seen_facts(seed: int) -> list[Fact]:
    """Every fact of one life."""
    found: list[Fact] = []
    life = Walk(seed)
    guardian = life.world.guardian
    step = guardian.step

    def noted(fact: Fact, now_ms: int):  # type: ignore[no-untyped-def]
        found.append(fact)
        return step(fact, now_ms)

    guardian.step = noted  # type: ignore[method-assign]
    life.run()
    return found


def test_every_fact_survives_being_written_down() -> None:
    facts = [fact for seed in range(8) for fact in seen_facts(seed)]

    assert len({type(fact) for fact in facts}) >= 9
    for fact in facts:
        assert FACTS.decode(json.loads(json.dumps(encode(fact)))) == fact


def test_the_rules_of_a_symbol_survive_being_written_down() -> None:
    rules = SymbolRules(
        instrument=Instrument("BTCUSDT", "0.1", "0.001", "0.001", "5", "120"),
        trading=True,
        max_algo_orders=10,
        max_orders=None,
        market_max_lots=120_000,
        trigger_band_frac=0.05,
    )

    again = FACTS.decode(json.loads(json.dumps(encode(RulesChanged(rules=rules)))))

    assert encode(again.rules) == encode(rules)
    assert again.rules.instrument.max_qty == "120"


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    )
)
def test_what_was_not_written_by_us_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidInputError):
        FACTS.decode(value)


@pytest.mark.parametrize(
    "value",
    [
        {"t": "VenueState", "accepting": "yes"},
        {"t": "VenueState"},
        {"t": "VenueState", "accepting": True, "more": 1},
        {"t": "LeaseEpoch", "epoch": True},
        {"t": "Nothing"},
    ],
)
def test_a_fact_with_a_wrong_field_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError):
        FACTS.decode(value)


def test_a_restored_guardian_is_the_one_that_was_saved() -> None:
    for seed in range(10):
        guardian = Walk(seed).run().guardian
        saved = json.loads(json.dumps(guardian.snapshot()))

        again = Guardian.restore(guardian.config, guardian.account, saved)

        assert again.state_hash() == guardian.state_hash()
        assert again.next_timer_ms() == guardian.next_timer_ms()


def test_facts_of_the_journal_give_the_same_state_again() -> None:
    journal: list[tuple[int, str]] = []
    life = Walk(3)
    guardian = life.world.guardian
    step = guardian.step
    journal.append((life.world.now_ms, json.dumps(encode(LeaseEpoch(epoch=1)))))

    def noted(fact: Fact, now_ms: int):  # type: ignore[no-untyped-def]
        if life.world.guardian is guardian:
            journal.append((now_ms, json.dumps(encode(fact))))
        return step(fact, now_ms)

    guardian.step = noted  # type: ignore[method-assign]
    life.run()

    again = Guardian(GuardianConfig(), "main")
    for now_ms, text in journal:
        again.step(FACTS.decode(json.loads(text)), now_ms)

    assert again.state_hash() == guardian.state_hash()


def test_a_snapshot_of_something_else_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Guardian.restore(GuardianConfig(), "main", {"v": 1, "state": {"t": "Other"}})


def test_facts_that_carry_nothing_change_nothing() -> None:
    guardian = Guardian(GuardianConfig(), "main")
    before = guardian.state_hash()

    assert guardian.step(Timer(), 5) == ()
    assert guardian.state_hash() == before
    guardian.step(VenueState(accepting=False), 5)
    guardian.step(StreamGap(stream="user", why="test"), 5)
    status = guardian.status(5)
    assert (status.gaps, status.lease_epoch) == (("user",), None)


def test_what_an_earlier_build_did_not_write_has_its_default() -> None:
    body = encode(VenuePosition(**POSITION))
    del body["dust"]

    assert FACTS.decode(body) == VenuePosition(**POSITION)


@pytest.mark.parametrize("change", [{"lots": None}, {"extra": 1}])
def test_fields_that_are_missing_or_unknown_are_refused(change: dict[str, object]) -> None:
    body = {**encode(VenuePosition(**POSITION)), **change}
    if body["lots"] is None:
        del body["lots"]

    with pytest.raises(InvalidInputError):
        FACTS.decode(body)


def test_a_fact_that_was_renamed_keeps_its_name_in_the_journal() -> None:
    read = TradedSymbolsRead(since_ms=1, symbols=(), next_ms=None, asked_ms=2)
    written = {"t": "TradedRead", "since_ms": 1, "symbols": [], "next_ms": None, "asked_ms": 2}

    assert encode(read) == written
    assert FACTS.decode(written) == read
