import anyio
import pytest

from quantum_exit.execution.budget import Access, Cost, Limit, RateBudget
from quantum_exit.execution.purse import Purse
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual

# 20 of 100 units a minute are kept for protection, 10 of those for closes.
LIMIT = Limit(name="weight", most=100, window_ms=60_000)


def purse(used: int = 0, catch_up: int = 0) -> Purse:
    clock = VirtualClock(1_000_000)
    budget = RateBudget((LIMIT,), 0.2)
    budget.spend(Cost(weight=used), clock.monotonic_ns())
    return Purse(budget, clock, stale_ms=10_000, catch_up=catch_up)


@pytest.mark.parametrize(
    ("used", "seen", "whole", "paid_at"),
    [
        (40, True, True, 0.0),
        (50, True, True, 10.0),
        (50, False, True, 0.0),
        (50, True, False, 0.0),
        (60, True, True, 60.0),
        (60, False, True, 0.0),
        (70, False, True, 60.0),
    ],
)
def test_a_reading_of_the_account_that_is_due_waits_for_less_room(
    used: int, seen: bool, whole: bool, paid_at: float
) -> None:
    async def main() -> float:
        one = purse(used)
        if seen:
            one.note_all()
        await one.pay_to_look(40, whole=whole)
        return anyio.current_time()

    assert run_virtual(main) == paid_at


@pytest.mark.parametrize(
    ("used", "access", "paid_at"),
    [
        (40, Access.PLAIN, 0.0),
        (50, Access.PLAIN, 10.0),
        (50, Access.PROTECTIVE, 0.0),
        (60, Access.PROTECTIVE, 60.0),
        (60, Access.VITAL, 0.0),
    ],
)
def test_a_question_that_has_waited_long_becomes_urgent(
    used: int, access: Access, paid_at: float
) -> None:
    async def main() -> float:
        await purse(used).pay(40, access)
        return anyio.current_time()

    assert run_virtual(main) == paid_at


def test_only_the_first_questions_about_trades_are_urgent() -> None:
    async def main() -> list[Access]:
        one = purse(catch_up=2)
        return [one.to_catch_up() for _ in range(4)]

    assert run_virtual(main) == [Access.PROTECTIVE] * 2 + [Access.PLAIN] * 2
