import pytest

from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.limits import Cost, LimitRules, RateLimits
from quantum_exit.errors import InvalidInputError

ADDRESS = "127.0.0.1"
MINUTE_MS = 1_700_000_040_000  # a whole minute
ORDER = Cost(orders_10s=1, orders_1m=1)


def refused_weight(limits: RateLimits, now_ms: int) -> VenueRefusal:
    with pytest.raises(VenueRefusal) as caught:
        limits.charge_weight(ADDRESS, 1, now_ms)
    return caught.value


def test_weight_adds_up_and_starts_anew_with_the_minute() -> None:
    limits = RateLimits(LimitRules())

    used = [
        limits.charge_weight(ADDRESS, 5, MINUTE_MS)["X-MBX-USED-WEIGHT-1M"],
        limits.charge_weight(ADDRESS, 40, MINUTE_MS + 59_999)["X-MBX-USED-WEIGHT-1M"],
        limits.charge_weight(ADDRESS, 1, MINUTE_MS + 60_000)["X-MBX-USED-WEIGHT-1M"],
    ]

    assert used == ["5", "45", "1"]


def test_every_address_has_its_own_weight() -> None:
    limits = RateLimits(LimitRules(weight_1m=1))
    limits.charge_weight("10.0.0.1", 1, MINUTE_MS)

    assert limits.charge_weight("10.0.0.2", 1, MINUTE_MS) == {"X-MBX-USED-WEIGHT-1M": "1"}


def test_weight_over_the_limit_is_a_429_that_says_when_to_come_back() -> None:
    limits = RateLimits(LimitRules(weight_1m=10))
    limits.charge_weight(ADDRESS, 10, MINUTE_MS)

    error = refused_weight(limits, MINUTE_MS + 20_001)

    assert (error.code, error.status, error.headers) == (-1003, 429, {"Retry-After": "40"})


def test_who_does_not_back_off_is_banned_for_ever_longer_times() -> None:
    limits = RateLimits(LimitRules(weight_1m=1, refusals_before_ban=2, ban_ms=120_000))
    limits.charge_weight(ADDRESS, 1, MINUTE_MS)

    statuses = [refused_weight(limits, MINUTE_MS).status for _ in range(3)]
    banned = refused_weight(limits, MINUTE_MS + 119_999)
    limits.charge_weight(ADDRESS, 1, MINUTE_MS + 120_000)
    again = [refused_weight(limits, MINUTE_MS + 120_000) for _ in range(3)][-1]

    assert statuses == [429, 429, 418]
    assert (banned.status, banned.headers) == (418, {"Retry-After": "1"})
    assert f"IP banned until {MINUTE_MS + 120_000}." in banned.message
    assert again.headers == {"Retry-After": "240"}


def test_orders_are_counted_by_account_in_both_windows() -> None:
    limits = RateLimits(LimitRules())
    limits.charge_orders(1, ORDER, MINUTE_MS)
    limits.charge_orders(2, ORDER, MINUTE_MS)

    later = limits.charge_orders(1, Cost(orders_10s=5, orders_1m=1), MINUTE_MS + 10_000)

    assert later == {"X-MBX-ORDER-COUNT-10S": "5", "X-MBX-ORDER-COUNT-1M": "2"}


@pytest.mark.parametrize(
    ("rules", "interval", "retry_s"),
    [
        (LimitRules(orders_10s=1), "1 orders per TEN_SECONDS", "10"),
        (LimitRules(orders_1m=1), "1 orders per MINUTE", "60"),
    ],
)
def test_orders_over_a_limit_are_refused_and_not_counted(
    rules: LimitRules, interval: str, retry_s: str
) -> None:
    limits = RateLimits(rules)
    limits.charge_orders(1, ORDER, MINUTE_MS)

    with pytest.raises(VenueRefusal) as caught:
        limits.charge_orders(1, ORDER, MINUTE_MS)

    assert (caught.value.code, caught.value.status) == (-1015, 429)
    assert interval in caught.value.message
    assert caught.value.headers == {"Retry-After": retry_s}
    assert [count["count"] for count in limits.counts(ADDRESS, 1, MINUTE_MS)] == [0, 1, 1]


def test_a_limit_below_one_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match="orders_10s"):
        LimitRules(orders_10s=0)
