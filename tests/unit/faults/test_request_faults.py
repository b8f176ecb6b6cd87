from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.paper.wire import Delivery, Reply
from tests.paper_world import ALGO, ORDER, START_MS, PaperWorld, limit_params, stop_params

SEEDS = range(24)


def world(fault: str, seed: int = 0, rules: VenueRules | None = None) -> PaperWorld:
    made = PaperWorld(FaultSpec(seed=seed, rates={fault: 1.0}), rules)
    made.buy()
    return made


def code(reply: Reply | None) -> object:
    assert reply is not None
    return reply.body.get("code") if isinstance(reply.body, dict) else reply.body


def placed(made: PaperWorld) -> list[str]:
    return [algo.client_id for algo in made.venue.open_algos(0)]


def sent_stop(made: PaperWorld) -> Delivery:
    return made.send("POST", ALGO, **stop_params("59000.0", "x1F"))


def test_f01_drops_the_order_and_answers_a_timeout_within_the_patience_of_the_front() -> None:
    made = world("F01")

    delivery = sent_stop(made)

    assert code(delivery.reply) == -1007
    assert delivery.reply is not None
    assert delivery.reply.status == 408
    assert delivery.reply_at_ms is not None
    assert 1_000 <= delivery.reply_at_ms - START_MS <= 10_000
    assert placed(made) == []
    assert made.hits == {"F01": 1}


def test_f02_answers_a_timeout_of_an_order_that_rests() -> None:
    made = world("F02")

    assert code(made.stop()) == -1007

    assert placed(made) == ["x1F-stop"]
    assert made.hits == {"F02": 1}


def test_f03_carries_the_order_out_and_is_never_heard_of() -> None:
    ends = set()
    for seed in SEEDS:
        made = world("F03", seed)
        delivery = sent_stop(made)
        assert placed(made) == ["x1F"]
        assert made.hits == {"F03": 1}
        ends.add((delivery.drop_connection, delivery.reply_at_ms is None))

    assert ends == {(True, False), (False, True)}


def test_f04_carries_the_order_out_late_or_refuses_it_for_being_too_late() -> None:
    outcomes = {}
    for seed in SEEDS:
        made = world("F04", seed)
        delivery = made.send("POST", ALGO, **stop_params("59000.0", "x1F"), recvWindow=3_000)
        assert delivery.reply is None
        assert placed(made) == []
        made.advance_to(delivery.execute_at_ms)
        late_ms = delivery.execute_at_ms - START_MS
        outcomes[code(delivery.reply)] = late_ms
        assert (code(delivery.reply) == -5028) == (late_ms > 3_000)
        assert placed(made) == ([] if late_ms > 3_000 else ["x1F"])
        assert made.hits == {"F04": 1}

    assert set(outcomes) == {None, -5028}


def test_f05_answers_every_kind_of_server_error_and_says_by_its_words_what_is_known() -> None:
    executed: dict[object, set[bool]] = {}
    for seed in range(200):
        made = PaperWorld(FaultSpec(seed=seed, rates={"F05": 1.0}))
        reply = made.call(
            "POST", ORDER, **(limit_params("61000.0", "x1L") | {"reduceOnly": "false"})
        )
        said = reply.body.get("msg") if isinstance(reply.body, dict) else reply.status
        key = said if reply.status != 503 or isinstance(reply.body, dict) else reply.body
        executed.setdefault(key, set()).add(bool(made.venue.open_orders(0)))
        assert made.hits == {"F05": 1}

    assert executed == {
        "Unknown error, please check your request or try again later.": {True, False},
        500: {True, False},
        502: {True, False},
        504: {True, False},
        "Service Unavailable.": {False},
        "Internal error; unable to process your request. Please try again.": {False},
        "Server is currently overloaded with other requests. Please try again in a few minutes.": {
            False
        },
    }


def test_f05_does_not_throttle_orders_that_only_reduce() -> None:
    codes = set()
    for seed in range(100):
        codes.add(code(world("F05", seed).limit()))

    assert -1008 not in codes


def test_f06_is_an_outage_of_all_requests_that_ends() -> None:
    ways = set()
    for seed in SEEDS:
        made = PaperWorld(FaultSpec(seed=seed, rates={"F06": 1.0}))
        first = made.send("GET", "/fapi/v3/positionRisk")
        second = made.send("POST", ALGO, **stop_params("59000.0", "x1F"))
        assert placed(made) == []
        ways.add((first.drop_connection, first.reply_at_ms is None))
        assert first.drop_connection == second.drop_connection
        assert made.hits == {"F06": 2}

    assert ways == {(True, False), (False, True), (False, False)}


def test_f06_ends_after_two_hours_at_most() -> None:
    made = PaperWorld(FaultSpec(rates={"F06": 0.02}, seed=3))
    answered = []
    for _ in range(400):
        delivery = made.send("GET", "/fapi/v1/time")
        alive = delivery.reply_at_ms is not None and not delivery.drop_connection
        answered.append(alive and delivery.reply is not None and delivery.reply.status == 200)
        made.advance(60_000)

    assert True in answered[answered.index(False) :]


def test_f07_is_429_with_retry_after_and_a_ban_for_who_does_not_back_off() -> None:
    made = world("F07")
    statuses = [made.send("GET", "/fapi/v3/positionRisk").reply for _ in range(12)]

    assert [reply.status for reply in statuses if reply] == [429] * 10 + [418] * 2
    assert all(reply and int(reply.headers["Retry-After"]) > 0 for reply in statuses)
    last = statuses[-1]
    assert last is not None
    assert int(last.headers["Retry-After"]) >= 120
    assert made.hits == {"F07": 12}


def test_f08_is_the_firewall_or_a_key_that_is_revoked() -> None:
    replies = {world("F08", seed).stop().status for seed in SEEDS}

    assert replies == {403, 401}


def test_f09_moves_the_price_past_the_stop_before_it_arrives() -> None:
    made = world("F09")

    assert code(made.stop()) == -2021

    assert made.venue.prices("BTCUSDT").last_ticks <= 590_000
    assert made.hits == {"F09": 1}


def test_f10_leaves_nothing_to_reduce_or_no_budget() -> None:
    codes = set()
    for seed in SEEDS:
        made = world("F10", seed)
        codes.add(code(made.limit()))
        assert made.hits == {"F10": 1}

    assert codes == {-2022, -4118}


def test_f11_finds_a_stop_of_the_user_in_the_way() -> None:
    made = world("F11")

    assert code(made.stop()) == -4130

    assert made.hits == {"F11": 1}


def test_f12_lowers_the_limit_of_algo_orders_and_announces_it() -> None:
    made = world("F12")
    codes = [code(_quantity_stop(made, number)) for number in range(12)]

    assert codes[0] is None
    assert codes[-1] == -4045
    assert made.hits["F12"] == codes.count(-4045)
    symbol = made.exchange.desk.info.symbols.get("BTCUSDT")
    assert symbol.filters["MAX_NUM_ALGO_ORDERS"]["limit"] <= 10


def _quantity_stop(made: PaperWorld, number: int) -> Reply:
    params = stop_params(f"{59_000 + number}.0", f"x1W{number}")
    del params["closePosition"]
    return made.call("POST", ALGO, **params, quantity="0.001", reduceOnly="true")


def test_f13_brings_the_order_twice_so_that_the_reply_says_duplicate() -> None:
    made = world("F13")

    assert code(made.stop()) == -4116

    assert placed(made) == ["x1F-stop"]
    assert made.hits == {"F13": 1}


def test_f13_has_a_venue_on_which_an_id_is_never_free_again() -> None:
    strict = PaperWorld(FaultSpec(), VenueRules(client_id_reuse_after_final=False))
    strict.buy()
    strict.stop()
    strict.call("DELETE", ALGO, clientAlgoId="x1F-stop")

    assert code(strict.stop()) == -4116


def test_f15_refuses_the_order_for_a_filter_that_is_usual_again_afterwards() -> None:
    codes = set()
    for seed in range(60):
        made = PaperWorld(FaultSpec(seed=seed, rates={"F15": 1.0}))
        params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        reply = made.call("POST", ORDER, **params, quantity="0.001", price="59999.9")
        refused = code(reply)
        codes.add(refused)
        assert made.hits == ({"F15": 1} if refused else {})
        tick_size = made.exchange.desk.info.symbols.get("BTCUSDT").tick_size
        assert tick_size == "0.1" or float(tick_size) == 0.1

    assert {-4164, -4023, -4014} <= codes


def test_f21_does_not_know_yet_of_an_order_that_rests() -> None:
    made = world("F21")
    made.stop()
    made.limit()

    assert code(made.call("GET", ALGO, clientAlgoId="x1F-stop")) == -2013
    assert made.call("GET", "/fapi/v1/openAlgoOrders").body == []
    assert made.call("GET", "/fapi/v1/openOrders").body == []
    assert made.hits == {"F21": 3}

    made.advance(5_001)
    assert code(made.call("GET", ALGO, clientAlgoId="x1F-stop")) is None
    assert made.hits == {"F21": 3}


def test_f22_says_unknown_of_a_live_order_or_ok_of_a_dead_one() -> None:
    seen = set()
    for seed in SEEDS:
        made = world("F22", seed)
        made.stop()
        alive = code(made.call("DELETE", ALGO, clientAlgoId="x1F-stop"))
        still = placed(made)
        gone = code(made.call("DELETE", ALGO, clientAlgoId="x1F-nobody", algoId=99))
        seen.add((alive, bool(still), gone))

    assert (-2011, True, -2011) in seen
    assert any(alive == -2011 and still for alive, still, _ in seen)
    assert any(gone == "200" for _, _, gone in seen)


def test_f23_answers_a_batch_in_part_of_which_all_was_carried_out() -> None:
    lengths, codes = set(), set()
    for seed in SEEDS:
        made = world("F23", seed)
        batch = f"[{_json_order('x1L1')},{_json_order('x1L2')}]"
        reply = made.call("POST", "/fapi/v1/batchOrders", batchOrders=batch)
        assert isinstance(reply.body, list)
        assert len(made.venue.open_orders(0)) == 2
        lengths.add(len(reply.body))
        codes |= {result.get("code") for result in reply.body}
        assert made.hits == {"F23": 1}

    assert min(lengths) < 2
    assert codes == {None, -1007}


def _json_order(client_id: str) -> str:
    return (
        '{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":"0.010",'
        f'"price":"61000.0","reduceOnly":"true","newClientOrderId":"{client_id}"}}'
    )


def test_f24_sends_the_reply_of_the_order_before() -> None:
    made = world("F24")
    made.limit(client_id="x1L1")

    reply = made.limit("61500.0", client_id="x1L2")

    assert isinstance(reply.body, dict)
    assert reply.body["clientOrderId"] == "x1L1"
    assert len(made.venue.open_orders(0)) == 2
    assert made.hits == {"F24": 1}


def test_f25_takes_no_orders_or_only_some_of_them() -> None:
    modes = set()
    for seed in SEEDS:
        made = world("F25", seed)
        made.venue.place(0, "BTCUSDT", "SELL", "LIMIT", 10, 610_000, client_id="mine")
        market = made.call(
            "POST", ORDER, symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01"
        )
        post = _post_only(made)
        cancel = made.call("DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="mine")
        assert code(market) == -4088
        assert made.call("GET", "/fapi/v3/positionRisk").status == 200
        modes.add((code(post), code(cancel)))

    assert modes == {(-4088, -4088), (-4088, None), (None, None)}


def _post_only(made: PaperWorld) -> Reply:
    return made.call("POST", ORDER, **(limit_params("61000.0", "x1L") | {"timeInForce": "GTX"}))


def test_f41_brings_the_reply_after_the_events_or_the_events_after_the_reply() -> None:
    orders = set()
    for seed in SEEDS:
        made = world("F41", seed)
        made.listen()
        delivery = made.send("POST", ORDER, **limit_params("61000.0", "x1L"))
        made.advance(10_000)
        (event_ms, _), *_ = made.heard("ORDER_TRADE_UPDATE")
        assert delivery.reply_at_ms is not None
        reply_ms = delivery.reply_at_ms - START_MS
        assert reply_ms != event_ms
        orders.add(reply_ms < event_ms)
        assert made.hits == {"F41": 1}

    assert orders == {True, False}


def test_f42_lets_the_listen_key_not_be_kept_alive() -> None:
    made = world("F42")
    made.listen()

    assert code(made.call("PUT", "/fapi/v1/listenKey")) == -1125

    assert made.hits == {"F42": 1}


def test_requests_without_faults_are_as_they_should_be() -> None:
    made = PaperWorld(FaultSpec())
    made.buy()

    assert code(made.stop()) is None
    assert placed(made) == ["x1F-stop"]
    assert made.hits == {}
