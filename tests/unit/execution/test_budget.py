from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.execution.budget import Access, Cost, Limit, RateBudget

SECOND = 1_000_000_000
ORDERS = Limit(name="orders", most=10, window_ms=1_000)
ORDER = Cost(weight=0, orders=1)


def test_the_reserve_is_kept_for_protection() -> None:
    budget = RateBudget((ORDERS,), 0.2)
    for _ in range(8):
        assert budget.wait_ns(ORDER, 0, Access.PLAIN) == 0
        budget.spend(ORDER, 0)

    assert budget.wait_ns(ORDER, 0, Access.PLAIN) == SECOND
    assert budget.wait_ns(ORDER, 0, Access.VITAL) == 0
    assert budget.wait_ns(ORDER, 0, Access.PROTECTIVE) == 0
    assert not budget.reserve_is_used(0)
    budget.spend(ORDER, 0)
    assert budget.reserve_is_used(0)
    assert budget.wait_ns(ORDER, 0, Access.PROTECTIVE) == SECOND
    assert budget.wait_ns(ORDER, 0, Access.VITAL) == 0


def test_a_request_waits_until_enough_of_what_was_spent_is_forgotten() -> None:
    budget = RateBudget((ORDERS,))
    for at in (0, 100, 200):
        budget.spend(Cost(weight=0, orders=3), at)

    assert budget.wait_ns(Cost(weight=0, orders=2), 300, Access.VITAL) == SECOND - 300
    assert budget.wait_ns(Cost(weight=0, orders=5), 300, Access.VITAL) == SECOND - 200
    assert budget.left(SECOND + 100) == {"orders_per_1s": 7}


def test_what_the_venue_counted_beyond_us_counts() -> None:
    budget = RateBudget((ORDERS,))
    budget.spend(ORDER, 0)
    budget.observe("orders", 1_000, 7, 0)
    budget.observe("orders", 1_000, 3, 0)
    budget.observe("orders", 60_000, 9, 0)

    assert budget.left(0) == {"orders_per_1s": 3}


def test_a_limit_that_the_venue_tells_is_kept_and_what_was_spent_stays_spent() -> None:
    budget = RateBudget((ORDERS,), 0.2)
    budget.spend(ORDER, 0)
    budget.adopt("orders", 1_000, 100)
    budget.adopt("orders", 60_000, 5)
    budget.adopt("weight", 1_000, 5)

    assert budget.left(0) == {"orders_per_1s": 99}
    assert budget.wait_ns(Cost(weight=0, orders=79), 0, Access.PLAIN) == 0
    assert budget.wait_ns(Cost(weight=0, orders=80), 0, Access.PLAIN) > 0


def test_nothing_leaves_before_the_time_that_the_venue_named() -> None:
    budget = RateBudget((ORDERS,))
    budget.close(3_000, 0)
    budget.close(1_000, 0)

    assert budget.wait_ns(ORDER, SECOND, Access.VITAL) == 2 * SECOND
    assert budget.wait_ns(ORDER, 3 * SECOND, Access.PLAIN) == 0


@given(st.lists(st.tuples(st.integers(0, 400_000_000), st.sampled_from(Access)), max_size=60))
def test_no_window_ever_holds_more_than_its_limit(gaps: list[tuple[int, Access]]) -> None:
    budget = RateBudget((ORDERS,))
    sent: list[int] = []
    now = 0
    for gap, access in gaps:
        now += gap
        now += budget.wait_ns(ORDER, now, access)
        assert budget.wait_ns(ORDER, now, access) == 0
        budget.spend(ORDER, now)
        sent.append(now)
    for at in sent:
        assert sum(1 for other in sent if at - SECOND < other <= at) <= ORDERS.most


def test_what_never_fits_waits_until_everything_is_forgotten() -> None:
    budget = RateBudget((ORDERS,))
    budget.spend(ORDER, 0)
    budget.spend(ORDER, 300)

    assert budget.wait_ns(Cost(weight=0, orders=11), 300, Access.VITAL) == SECOND
