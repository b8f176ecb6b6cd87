import json

import pytest

from quantum_exit.adapters.paper.faults.script_file import faults_from_text
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.faults.swarm import swarm
from quantum_exit.errors import InputFileError, InvalidInputError
from tests.paper_world import ALGO, ORDER, START_MS, PaperWorld, limit_params, stop_params

THIRD_ALGO_ORDER = """
[[requests]]
kind = "POST /fapi/v1/algoOrder"
nth = 3
code = -1007
reply_after_ms = 10_000
events_after_ms = 3_000
"""


def spec(text: str) -> FaultSpec:
    return faults_from_text(text, "faults.toml")


def test_the_third_algo_order_is_carried_out_answered_late_and_its_event_is_late() -> None:
    made = PaperWorld(spec(THIRD_ALGO_ORDER))
    made.buy()
    made.listen()
    replies = []
    for number in range(4):
        params = stop_params(f"{59_000 - number}.0", f"x1W{number}")
        del params["closePosition"]
        delivery = made.send("POST", ALGO, **params, quantity="0.01", reduceOnly="true")
        assert delivery.reply is not None
        replies.append((delivery.reply.status, (delivery.reply_at_ms or 0) - START_MS))
    made.advance(10_000)

    assert replies == [(200, 0), (200, 0), (408, 10_000), (200, 0)]
    assert [(at, m["o"]["caid"]) for at, m in made.heard("ALGO_UPDATE")] == [
        (0, "x1W0"),
        (0, "x1W1"),
        (0, "x1W3"),
        (3_000, "x1W2"),
    ]
    assert len(made.venue.open_algos(0)) == 4
    assert made.hits == {"script": 2}


def test_a_rule_is_for_some_symbol_role_and_time_only() -> None:
    made = PaperWorld(
        spec(
            """
            [[requests]]
            kind = "POST /fapi/v1/order"
            symbol = "BTCUSDT"
            client_id = "x1L"
            from_ms = 1_000
            to_ms = 2_000
            code = -1008
            execute = false
            mark = "throttled"
            """
        )
    )
    made.buy()

    def status(client_id: str) -> int:
        return made.limit(client_id=client_id).status

    # Their sum uses up the position, so that a fourth would be refused for its budget.
    early = status("x1La")
    made.advance(1_000)
    in_time, other_role = status("x1Lb"), status("x1Ca")
    made.advance(1_000)
    late = made.call("POST", ORDER, **limit_params("61000.0", "x1Lc") | {"reduceOnly": "false"})

    assert (early, in_time, other_role, late.status) == (200, 503, 200, 200)
    assert made.hits == {"throttled": 1}


def test_a_rule_may_take_the_usual_course_of_a_fault() -> None:
    made = PaperWorld(
        spec('[[requests]]\nkind = "POST /fapi/v1/algoOrder"\nnth = 1\nfault = "F02"\n')
    )
    made.buy()

    assert made.stop().status == 408
    assert len(made.venue.open_algos(0)) == 1
    assert made.hits == {"F02": 1}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('reply = "never"', (True, False, None)),
        ('reply = "drop"', (False, True, None)),
        ("code = -2021", (False, False, 400)),
        ('status = 502\nbody = "<html></html>"', (False, False, 502)),
        (
            "code = -1003\nstatus = 418\nmessage = 'banned'\nretry_after_s = 120",
            (False, False, 418),
        ),
    ],
)
def test_a_rule_says_how_it_is_answered(
    answer: str, expected: tuple[bool, bool, int | None]
) -> None:
    made = PaperWorld(spec(f'[[requests]]\nkind = "POST {ORDER}"\n{answer}\n'))
    made.buy()

    delivery = made.send("POST", ORDER, **limit_params("61000.0", "x1L"))

    never, dropped, status = expected
    assert (delivery.reply_at_ms is None) == never
    assert delivery.drop_connection == dropped
    if status is not None:
        assert delivery.reply is not None
        assert delivery.reply.status == status
    if status == 418:
        assert delivery.reply is not None
        assert delivery.reply.headers["Retry-After"] == "120"


def test_messages_are_lost_doubled_and_late_by_rule() -> None:
    made = PaperWorld(
        spec(
            """
            [[events]]
            event = "TRADE_LITE"
            delays_ms = []

            [[events]]
            event = "ORDER_TRADE_UPDATE"
            nth = 2
            delays_ms = [500, 900]
            mark = "twice"
            """
        )
    )
    made.listen()
    made.buy()
    made.advance(1_000)

    assert [(at, m["e"], m.get("o", {}).get("x")) for at, m in made.heard()] == [
        (0, "ORDER_TRADE_UPDATE", "NEW"),
        (0, "ACCOUNT_UPDATE", None),
        (500, "ORDER_TRADE_UPDATE", "TRADE"),
        (900, "ORDER_TRADE_UPDATE", "TRADE"),
    ]
    assert made.hits == {"script": 1, "twice": 1}


def test_actions_happen_at_their_time_and_say_where_they_could_not() -> None:
    made = PaperWorld(
        spec(
            """
            [[actions]]
            at_ms = 2_000
            action = "user_position"
            symbol = "BTCUSDT"
            change = "reduce"
            mark = "F30"

            [[actions]]
            at_ms = 1_000
            action = "liquidate"
            symbol = "ETHUSDT"
            mark = "F27"
            """
        )
    )
    made.buy()
    made.advance(1_999)
    before = made.venue.holdings(0, "BTCUSDT")[0].lots
    made.advance(1)

    assert (before, made.venue.holdings(0, "BTCUSDT")[0].lots) == (100, 50)
    assert made.hits == {"F30": 1}
    assert dict(made.plan.misses) == {"F27": 1}


def test_json_says_the_same_as_toml() -> None:
    rule = {
        "kind": "POST /fapi/v1/algoOrder",
        "nth": 3,
        "code": -1007,
        "reply_after_ms": 10_000,
        "events_after_ms": 3_000,
    }
    as_json = faults_from_text(json.dumps({"requests": [rule]}), "faults.json")
    as_toml = spec(THIRD_ALGO_ORDER)

    assert as_json.requests[0].match == as_toml.requests[0].match
    assert as_json.requests[0].events_after_ms == as_toml.requests[0].events_after_ms


def test_rates_are_drawn_by_seed_and_can_be_set() -> None:
    drawn = faults_from_text("swarm = true\nseed = 5\n[rates]\nF01 = 0.25\n", "faults.toml")

    assert drawn.rates == {**swarm(5).rates, "F01": 0.25}
    assert drawn.bundles == swarm(5).bundles
    assert faults_from_text("swarm = true\n", "faults.toml", seed=7).rates == swarm(7).rates


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("speed = 1", "speed", "unknown key; expected one of seed, swarm"),
        ("[rates]\nF99 = 0.1", "rates.F99", "unknown key; expected one of F01, F02"),
        ("[rates]\nF01 = 1.5", "rates.F01", "1.5 is not allowed; expected 0 to 1"),
        ("[rates]\nF01 = 'often'", "rates.F01", "expected a number, not the text 'often'"),
        ("seed = -1", "seed", "-1 is not allowed; expected 0 or more"),
        ("period_ms = 0", "period_ms", "0 is not allowed; expected 1 or more"),
        ("bundles = ['rain']", "bundles", "rain is not allowed; expected one of crash, overload"),
        ("[[requests]]\nnth = 1", "requests[0].kind", "missing; expected text"),
        ("[[requests]]\nkind = 'x'\nnth = 0", "requests[0].nth", "0 is not allowed; expected 1"),
        ("[[requests]]\nkind = 'x'\nfault = 'F40'", "requests[0].fault", "'F40' is not allowed"),
        (
            "[[requests]]\nkind = 'x'\nfault = 'F02'\ncode = -1007",
            "requests[0].code",
            "not together with fault",
        ),
        (
            "[[requests]]\nkind = 'x'\nreply = 'no'",
            "requests[0].reply",
            "expected one of true, error",
        ),
        ("[[requests]]\nkind = 'x'\ncode = -9", "requests[0].message", "expected the text of -9"),
        ("[[requests]]\nkind = 'x'\nstatus = 99", "requests[0].status", "99 is not allowed"),
        (
            "[[events]]\nevent = 'x'\ndelays_ms = [-1]",
            "events[0].delays_ms[0]",
            "-1 is not allowed",
        ),
        ("[[actions]]\nat_ms = 0\naction = 'rain'", "actions[0].action", "'rain' is not allowed"),
        (
            "[[actions]]\nat_ms = 0\naction = 'mark'\nsymbol = 'A'\nprice_ticks = 0",
            "actions[0].price_ticks",
            "0 is not allowed; expected 1 or more",
        ),
        (
            "[[actions]]\nat_ms = 0\naction = 'fund'\nsymbol = 'A'\nlots = 1\nrate_e8 = 1",
            "actions[0].lots",
            "fund has no such key; expected one of symbol, rate_e8",
        ),
        (
            "[[actions]]\nat_ms = 0\naction = 'user_order'\nsymbol = 'A'\nside = 'UP'\nlots = 1",
            "actions[0].side",
            "'UP' is not allowed; expected one of BUY, SELL",
        ),
        ("[[actions]]\naction = 'drop_streams'", "actions[0].at_ms", "missing"),
        ("seed =", "", "not TOML"),
    ],
)
def test_a_bad_file_is_refused_by_file_key_and_what_is_allowed(
    text: str, place: str, said: str
) -> None:
    with pytest.raises(InputFileError) as refused:
        spec(text)

    assert refused.value.path == "faults.toml"
    assert (refused.value.place or "") == place
    assert said in refused.value.message


def test_a_rate_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"rates\.F01: nan is not allowed; expected 0 to 1"):
        FaultSpec(rates={"F01": float("nan")})
