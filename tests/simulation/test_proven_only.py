"""What the checker takes for a close of unknown outcome: the next try of it needs proof."""

import pytest

from tests.simulation.checker import Checker
from tests.simulation.promises.exits import ProvenOnly
from tests.simulation.seen import Asked

START_MS = 1_760_000_000_000
PATIENCE_MS = 2_000
LATENCY_MS = 40
FIRST, SECOND = "x1CB40001000002V000003T0", "x1CB40001000002V00001FPM"
REFUSED = {"code": -4118}
TIMEOUT = {"code": -1007}


def close(client_id: str, at_ms: int) -> Asked:
    params = {"newClientOrderId": client_id}
    return Asked(method="POST", path="/fapi/v1/order", params=params, at_ms=at_ms, life=1)


def second_try(answered_ms: int | None, status: int, body: dict[str, int]) -> list[str]:
    """Promises that a second try breaks after this answer to the first one."""
    checker = Checker.of(START_MS, hedge=False, latency_ms=LATENCY_MS)
    proven = ProvenOnly(checker.sight)
    first = close(FIRST, START_MS)
    proven.arrived(first)
    first.harmed, first.status, first.body = True, status, body
    first.answered_ms = None if answered_ms is None else START_MS + answered_ms
    proven.replied(first)
    proven.arrived(close(SECOND, START_MS + PATIENCE_MS))
    return [one.promise for one in checker.sight.findings.broken]


@pytest.mark.parametrize("answered_ms", [0, 1_300, PATIENCE_MS - 2 * LATENCY_MS])
def test_a_refusal_that_the_service_still_waited_for_is_proof(answered_ms: int) -> None:
    assert second_try(answered_ms, 400, REFUSED) == []


@pytest.mark.parametrize("answered_ms", [PATIENCE_MS - 2 * LATENCY_MS + 1, None])
def test_a_refusal_that_the_service_did_not_hear_is_none(answered_ms: int | None) -> None:
    assert second_try(answered_ms, 400, REFUSED) == ["P12"]


def test_a_timeout_at_the_venue_is_none_however_soon_it_is_told() -> None:
    assert second_try(1_000, 408, TIMEOUT) == ["P12"]
