"""When the clock of the deadlines stands still, and what makes it go on."""

import pytest

from tests.simulation.available import AvailableTime
from tests.simulation.seen import Asked

START_MS = 1_000
PATH = "/fapi/v1/algoOrder"


def asked(method: str, at_ms: int) -> Asked:
    return Asked(method=method, path=PATH, params={"clientAlgoId": "x1T"}, at_ms=at_ms, life=1)


@pytest.mark.parametrize(("question_ms", "counted_ms"), [(0, 0), (1, 1_000)])
def test_an_answer_that_is_older_than_a_request_proves_nothing_about_it(
    question_ms: int, counted_ms: int
) -> None:
    available = AvailableTime(START_MS)
    available.begin_life()
    cancel, question = asked("DELETE", START_MS), asked("GET", START_MS + question_ms)
    cancel.harmed = True
    available.harmed(cancel)
    question.status = 200
    available.replied(question)

    available.passed(START_MS + 1_000)

    assert available.now_ms == counted_ms
