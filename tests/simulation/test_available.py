"""Available time stands still while a request that a fault has taken hold of is waited for."""

from tests.simulation.available import AvailableTime
from tests.simulation.seen import Asked

STOP = "x1TB40001000002000000KT6"


def asked(method: str, at_ms: int, status: int | None = None) -> Asked:
    return Asked(
        method=method,
        path="/fapi/v1/algoOrder",
        params={"clientAlgoId": STOP},
        at_ms=at_ms,
        life=1,
        status=status,
    )


def waiting() -> AvailableTime:
    """The service is up, and its cancel of an order was lost at 1000 ms."""
    time = AvailableTime(0)
    time.begin_life()
    time.passed(1_000)
    time.harmed(asked("DELETE", 1_000))
    return time


def test_news_of_an_order_is_no_answer_to_its_cancel() -> None:
    time = waiting()
    time.replied(asked("GET", 1_010, 200))

    time.passed(3_300)
    waited_ms = time.now_ms
    time.passed(3_400)

    assert (waited_ms, time.now_ms) == (1_000, 1_100)


def test_what_failed_is_not_waited_for_any_longer() -> None:
    time = waiting()
    failed = asked("DELETE", 1_000, 408)
    failed.harmed, failed.answered_ms = True, 1_200
    time.replied(failed)
    time.replied(asked("GET", 1_250, 200))

    time.passed(1_500)

    assert time.now_ms == 1_300


def test_the_answer_to_the_cancel_ends_the_wait() -> None:
    time = waiting()
    time.replied(asked("DELETE", 1_100, 200))

    time.passed(1_500)

    assert time.now_ms == 1_500
