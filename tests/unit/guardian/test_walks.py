"""Seeded lives of one account; a seed that once failed stays in the list."""

import pytest

from quantum_exit.execution.guardian.effects import Effect
from quantum_exit.execution.guardian.facts import Fact
from quantum_exit.execution.guardian.guardian import Guardian
from tests.unit.guardian.walk import Walk

ONCE_FAILED = (
    24686,
    31695,
    35765,
    22510,
    3982,
    4171,
    8573,
    5,
    28,
    118,
    344,
    700,
    710,
    753,
    1053,
    1185,
    1758,
    1869,
    2588,
)


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_promises_hold_through_chaos_and_after_healing(first: int) -> None:
    for seed in range(first, first + 50):
        Walk(seed).run()


@pytest.mark.parametrize("seed", ONCE_FAILED)
def test_a_life_that_once_broke_a_promise_breaks_none(seed: int) -> None:
    Walk(seed).run()


def test_the_same_seed_gives_the_same_life() -> None:
    one, other = Walk(11).run(), Walk(11).run()

    assert one.guardian.state_hash() == other.guardian.state_hash()
    assert one.effects == other.effects


@pytest.mark.parametrize("seed", [0, 11, 35])
def test_no_timer_is_lost_on_the_way(seed: int) -> None:
    walk = Walk(seed)
    feed = walk.world.feed

    def noted(fact: Fact) -> tuple[Effect, ...]:
        effects = feed(fact)
        guardian = walk.world.guardian
        again = Guardian.restore(guardian.config, guardian.account, guardian.snapshot())
        assert guardian.next_timer_ms() == again.next_timer_ms(), fact
        return effects

    walk.world.feed = noted  # type: ignore[method-assign]
    walk.run()
