import json

import pytest

from quantum_exit.adapters.binance.classify import classify
from quantum_exit.adapters.binance.errors import BODIES, CODES, STATUSES
from quantum_exit.adapters.binance.transport import Answer
from quantum_exit.execution.outcomes import Done, NotDone, Reaction, Unknown

R = Reaction

# What each code asks for, written down a second time, so that a slip in the table shows.
EXPECTED: dict[int, Reaction | None] = {
    -1006: None,
    -1007: None,
    -1000: R.RESEND,
    -1001: R.RESEND,
    -1008: R.RESEND,
    -1003: R.WAIT,
    -1015: R.WAIT,
    -1021: R.RESYNC_CLOCK,
    -5028: R.RESYNC_CLOCK,
    -4116: R.ADOPT,
    -4130: R.ADOPT_SINGLETON,
    -2021: R.PRICE_THROUGH,
    -4142: R.PRICE_THROUGH,
    -2022: R.NOTHING_TO_REDUCE,
    -4112: R.REDUCED_BY_OTHERS,
    -4118: R.REDUCED_BY_OTHERS,
    -2025: R.FREE_SLOT,
    -4045: R.FREE_SLOT,
    -4117: R.TRIGGERING,
    -2011: R.LOOK_IN_BOTH_BOOKS,
    -2013: R.LOOK_IN_BOTH_BOOKS,
    **dict.fromkeys((-1013, -1102, -1106, -1111, -2007, -4001, -4002, -4003), R.REQUANTISE),
    **dict.fromkeys((-4004, -4006, -4007, -4013, -4014, -4023), R.REQUANTISE),
    -4005: R.SPLIT,
    **dict.fromkeys((-4137, -4138, -4139, -4164, -4210, -4211), R.REQUANTISE),
    **dict.fromkeys((-4016, -4024, -4131, -4183, -4184), R.GO_MARKET),
    **dict.fromkeys((-5021, -5022, -5024, -5025, -5026, -5027, -5041), R.GO_MARKET),
    -4060: R.SWITCH_MODE,
    -4061: R.SWITCH_MODE,
    **dict.fromkeys((-2018, -2019, -2024, -2027), R.FREE_MARGIN),
    -4120: R.REROUTE,
    **dict.fromkeys((-1002, -1022, -1121, -1125, -2014, -2015), R.ALARM),
    **dict.fromkeys((-4087, -4140, -4141, -4192, -4400, -4401), R.ALARM),
}
RETRIED_BY_ID = frozenset({-1000, -1001, -1008})


def answer(status: int, body: object, headers: dict[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers=headers or {}, body=raw)


def refused(status: int, body: object, headers: dict[str, str] | None = None) -> NotDone:
    outcome = classify(answer(status, body, headers))
    assert isinstance(outcome, NotDone)
    return outcome


def test_the_table_has_no_row_that_is_not_checked_here() -> None:
    assert set(CODES) == set(EXPECTED)


@pytest.mark.parametrize("code", EXPECTED)
def test_each_code_asks_for_its_reaction(code: int) -> None:
    outcome = classify(answer(400, {"code": code, "msg": "text of the venue"}))

    reaction = EXPECTED[code]
    if reaction is None:
        assert outcome == Unknown(why=f"{code}: text of the venue")
    else:
        assert isinstance(outcome, NotDone)
        assert (outcome.code, outcome.message) == (code, "text of the venue")
        assert outcome.reaction is reaction


@pytest.mark.parametrize("code", EXPECTED)
def test_an_order_that_may_trade_counts_as_unknown_where_the_venue_may_be_wrong(
    code: int,
) -> None:
    outcome = classify(answer(400, {"code": code, "msg": ""}), may_trade=True)

    doubtful = EXPECTED[code] is None or code in RETRIED_BY_ID
    assert isinstance(outcome, Unknown if doubtful else NotDone)


@pytest.mark.parametrize("code", [-1007, -1006])
@pytest.mark.parametrize("status", [200, 400, 408, 500, 503])
def test_an_unknown_outcome_stays_unknown_under_any_status(code: int, status: int) -> None:
    assert isinstance(classify(answer(status, {"code": code, "msg": "x"})), Unknown)


@pytest.mark.parametrize(
    ("text", "reaction"),
    [
        ("Unknown error, please check your request or try again later.", None),
        ("Service Unavailable.", R.RESEND),
        ("Internal error; unable to process your request. Please try again.", R.RESEND),
        ("something new", None),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_each_variant_of_503(text: str, reaction: Reaction | None, as_json: bool) -> None:
    body = {"msg": text} if as_json else text.encode()

    outcome = classify(answer(503, body))

    if reaction is None:
        assert isinstance(outcome, Unknown)
    else:
        assert isinstance(outcome, NotDone)
        assert outcome.reaction is reaction
        assert isinstance(classify(answer(503, body), may_trade=True), Unknown)
    assert len(BODIES) == 3


@pytest.mark.parametrize(
    ("status", "reaction"),
    [
        (401, R.ALARM),
        (403, R.ALARM),
        (404, R.REROUTE),
        (405, R.REROUTE),
        (408, None),
        (418, R.WAIT),
        (429, R.WAIT),
    ],
)
def test_each_status_whose_body_names_no_code(status: int, reaction: Reaction | None) -> None:
    outcome = classify(answer(status, b"<html>no json</html>"))

    if reaction is None:
        assert isinstance(outcome, Unknown)
    else:
        assert isinstance(outcome, NotDone)
        assert (outcome.code, outcome.reaction) == (status, reaction)
    assert status in STATUSES


@pytest.mark.parametrize("status", [400, 402, 407, 413, 451, 499])
def test_an_unlisted_refusal_alarms_and_is_not_repeated(status: int) -> None:
    assert refused(status, {"code": -9999, "msg": "new"}).reaction is R.ALARM
    assert refused(status, b"").reaction is R.ALARM


@pytest.mark.parametrize("status", [301, 302, 307, 500, 502, 504, 520, 599])
def test_what_is_neither_success_nor_refusal_is_unknown(status: int) -> None:
    assert isinstance(classify(answer(status, b"")), Unknown)
    assert isinstance(classify(answer(status, {"code": -9999, "msg": "new"})), Unknown)


def test_an_error_code_under_status_200_is_no_success() -> None:
    assert isinstance(classify(answer(200, {"code": -9999, "msg": "new"})), Unknown)
    assert refused(200, {"code": -2021, "msg": "x"}).reaction is R.PRICE_THROUGH


@pytest.mark.parametrize(
    "body", [{"orderId": 1}, [], {"code": 200, "msg": "success"}, {"code": "200"}, b"\xff{"]
)
def test_success_is_left_to_be_read(body: object) -> None:
    assert classify(answer(200, body)) == Done(order=None)


def test_retry_after_is_obeyed_and_bounded() -> None:
    assert refused(429, b"", {"retry-after": "7"}).retry_after_ms == 7_000
    assert refused(418, b"", {"retry-after": "999999999"}).retry_after_ms == 3 * 86_400_000
    assert refused(429, b"", {"retry-after": "9" * 5_000}).retry_after_ms == 60_000
    assert refused(400, {"code": -1008}, {"retry-after": "2"}).retry_after_ms == 2_000


def test_without_retry_after_the_wait_is_that_of_the_limit_that_was_broken() -> None:
    assert refused(429, {"code": -1003, "msg": "weight"}).retry_after_ms == 60_000
    assert refused(429, {"code": -1015, "msg": "orders"}).retry_after_ms == 10_000
    assert refused(418, b"").retry_after_ms == 120_000
    assert refused(400, {"code": -2021}).retry_after_ms is None


def test_a_ban_that_is_given_by_its_end_lasts_until_then() -> None:
    body = {
        "code": -1003,
        "msg": "Way too much request weight used; IP banned until 1638341192949.",
    }

    outcome = classify(answer(418, body), now_ms=1_638_341_000_000)

    assert isinstance(outcome, NotDone)
    assert outcome.retry_after_ms == 192_949
    assert refused(418, body).retry_after_ms == 120_000


def test_a_long_or_broken_body_is_cut_to_a_readable_text() -> None:
    assert len(refused(400, {"code": -1013, "msg": "x" * 10_000}).message) == 200
    assert len(refused(403, b"\xff" * 10_000).message) <= 200
