from quantum_exit.adapters.paper.faults.operator import SilenceStreams
from quantum_exit.adapters.paper.faults.spec import FaultSpec, TimedAction
from tests.paper_world import PaperWorld

SEEDS = range(24)


def test_f40_loses_doubles_delays_and_reorders_user_events() -> None:
    counts, latest_ms, orders = set(), 0, set()
    for seed in SEEDS:
        made = PaperWorld(FaultSpec(seed=seed, rates={"F40": 1.0}))
        made.listen()
        made.buy()
        told = len(["TRADE_LITE", "NEW", "ACCOUNT_UPDATE", "TRADE"])
        made.advance(60_001)
        heard = made.heard()
        counts.add(len(heard) - told)
        latest_ms = max([latest_ms, *(at_ms for at_ms, _ in heard)])
        orders.add(tuple(message["e"] for _, message in heard))
        assert made.hits == {"F40": told}

    assert min(counts) < 0 < max(counts)
    assert 500 < latest_ms <= 60_000
    assert len(orders) > 10


def test_market_data_is_left_alone_by_f40() -> None:
    made = PaperWorld(FaultSpec(rates={"F40": 1.0}))
    line = made.exchange.open("/market/ws/btcusdt@aggTrade")
    assert line is not None
    made.move(600_100)
    made.move(600_200)

    assert [message["p"] for _, message in made.heard("aggTrade")] == ["60010.0", "60020.0"]


def test_f42_ends_the_listen_key_without_a_word() -> None:
    made = PaperWorld(FaultSpec(rates={"F42": 1.0}, period_ms=1_000))
    made.listen()
    made.advance(1_000)
    made.buy()
    made.advance(1)

    assert made.heard() == []
    assert made.closed == 0
    assert made.hits["F42"] == 1
    reply = made.exchange.desk.listen_keys.of_account(0)
    assert reply is None


def test_f43_closes_the_streams_or_leaves_them_open_and_silent() -> None:
    ends = set()
    for seed in SEEDS:
        made = PaperWorld(FaultSpec(seed=seed, rates={"F43": 1.0}, period_ms=1_000))
        made.listen()
        made.advance(1_000)
        made.buy()
        made.advance(1)
        ends.add((made.closed, len(made.heard())))
        assert made.hits == {"F43": 1}

    assert ends == {(1, 0), (0, 0)}


def test_the_streams_speak_again_after_a_silence() -> None:
    silence = TimedAction(at_ms=0, action=SilenceStreams(length_ms=5_000))
    made = PaperWorld(FaultSpec(actions=(silence,)))
    made.listen()
    made.advance(0)
    made.buy()
    made.advance(5_000)
    made.buy()

    assert {at_ms for at_ms, _ in made.heard()} == {5_000}
