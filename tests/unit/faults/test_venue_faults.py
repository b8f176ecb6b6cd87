import pytest

from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.rules import VenueRules
from tests.paper_world import ALGO, PaperWorld, stop_params

SEEDS = range(24)
PERIOD_MS = 10_000


def world(fault: str, seed: int = 0, rules: VenueRules | None = None) -> PaperWorld:
    """A long position under a stop and a limit order, to which `fault` happens every 10 s."""
    made = PaperWorld(FaultSpec(seed=seed, rates={fault: 1.0}, period_ms=PERIOD_MS), rules)
    made.buy()
    made.stop()
    made.limit()
    made.listen()
    return made


def position(made: PaperWorld) -> int:
    return made.venue.holdings(0, "BTCUSDT")[0].lots


def algo_states(made: PaperWorld) -> list[str]:
    return [algo.status for algo in made.venue.all_algos(0, "BTCUSDT")]


@pytest.mark.parametrize(("fault", "longest_ms"), [("F14", 2_000), ("F19", 60_000)])
def test_f14_and_f19_let_a_stop_take_its_time_and_not_be_cancelled_meanwhile(
    fault: str, longest_ms: int
) -> None:
    made = world(fault)
    made.advance(PERIOD_MS)
    assert made.hits == {fault: 1}

    made.move(580_000)
    refused = made.call("DELETE", ALGO, clientAlgoId="x1F-stop")

    assert isinstance(refused.body, dict)
    assert refused.body["code"] == -4117
    assert position(made) == 100
    made.advance(longest_ms)
    assert position(made) == 0


def test_f16_changes_the_grid_of_new_orders_and_tells_it_in_exchange_info() -> None:
    made = world("F16")
    usual = made.exchange.desk.info.symbols.get("BTCUSDT").tick_size
    made.advance(PERIOD_MS)

    reply = made.call("GET", "/fapi/v1/exchangeInfo")

    assert isinstance(reply.body, dict)
    ticks = {
        entry["symbol"]: one["tickSize"]
        for entry in reply.body["symbols"]
        for one in entry["filters"]
        if one["filterType"] == "PRICE_FILTER"
    }
    assert float(ticks["BTCUSDT"]) > float(usual)
    assert [order.price_ticks for order in made.venue.open_orders(0)] == [610_000]
    assert made.hits["F16"] == 1


def test_f17_refuses_the_stop_when_it_triggers() -> None:
    made = world("F17")
    made.advance(PERIOD_MS)

    made.move(580_000)
    made.advance(1)

    assert algo_states(made) == ["REJECTED"]
    assert position(made) == 100
    assert made.heard("ALGO_UPDATE")[-1][1]["o"]["rm"] == "Margin is insufficient."
    assert made.hits["F17"] == 1


def test_f18_expires_the_stop() -> None:
    made = world("F18")
    made.advance(PERIOD_MS)

    assert algo_states(made) == ["EXPIRED"]
    assert made.heard("ALGO_UPDATE")[-1][1]["o"]["X"] == "EXPIRED"
    assert made.hits == {"F18": 1}


def test_f20_leaves_the_market_order_of_a_stop_half_filled() -> None:
    made = world("F20")
    made.advance(PERIOD_MS)
    made.venue.place(0, "BTCUSDT", "SELL", "MARKET", 100)

    assert 0 < position(made) < 100
    assert made.hits == {"F20": 1}


def test_f26_settles_the_symbol_and_closes_the_position() -> None:
    ends = set()
    for seed in SEEDS:
        made = world("F26", seed)
        made.advance(PERIOD_MS)
        status = made.exchange.desk.info.symbols.get("BTCUSDT").document["status"]
        ends.add((status, position(made)))
        assert made.hits == {"F26": 1}

    assert ends == {("SETTLING", 100), ("CLOSE", 0)}


def test_f27_liquidates_the_position_under_an_id_of_its_own() -> None:
    made = world("F27")
    made.advance(PERIOD_MS)

    fills = made.venue.fills(0, "BTCUSDT")
    assert position(made) == 0
    assert fills[-1].client_id.startswith("autoclose-")
    assert made.hits == {"F27": 1}


def test_f28_takes_a_part_of_the_position_or_all_of_it() -> None:
    left = set()
    for seed in SEEDS:
        made = world("F28", seed)
        made.advance(PERIOD_MS)
        assert made.venue.fills(0, "BTCUSDT")[-1].client_id.startswith("adl_autoclose")
        left.add(position(made))

    assert len(left) > 5
    assert all(0 <= lots < 100 for lots in left)


def test_f29_changes_leverage_or_margin_type_by_hand() -> None:
    seen = set()
    for seed in SEEDS:
        made = PaperWorld(FaultSpec(seed=seed, rates={"F29": 1.0}, period_ms=PERIOD_MS))
        before = made.venue.settings(0, "BTCUSDT")
        made.advance(PERIOD_MS)
        after = made.venue.settings(0, "BTCUSDT")
        changed = (before.leverage != after.leverage, before.margin_type != after.margin_type)
        seen.add(changed)
        assert made.hits == {"F29": 1}

    assert {(True, False), (False, True)} <= seen


def test_f30_reduces_adds_flips_and_closes_by_hand() -> None:
    ends = set()
    for seed in SEEDS:
        made = world("F30", seed)
        made.advance(PERIOD_MS)
        ends.add(position(made))
        assert made.hits == {"F30": 1}

    assert ends == {50, 150, -100, 0}


def test_f31_cancels_the_stop_or_adds_one_of_the_user() -> None:
    ends = set()
    for seed in SEEDS:
        rules = VenueRules()
        made = PaperWorld(FaultSpec(seed=seed, rates={"F31": 1.0}, period_ms=PERIOD_MS), rules)
        made.buy()
        params = stop_params("59000.0", "x1W")
        del params["closePosition"]
        made.call("POST", ALGO, **params, quantity="0.100", reduceOnly="true")
        made.advance(PERIOD_MS)
        ends.add(tuple(algo.client_id == "x1W" for algo in made.venue.open_algos(0)))
        assert made.hits == {"F31": 1}

    assert ends == {(), (True, False)}


def test_f32_rests_orders_under_ids_that_are_not_ours() -> None:
    made = world("F32")
    made.advance(3 * PERIOD_MS)

    foreign = [o for o in made.venue.open_orders(0) if o.client_id.startswith("web_")]
    assert len(foreign) == made.hits["F32"] == 3


def test_f33_charges_funding_or_other_fees() -> None:
    seen = set()
    for seed in SEEDS:
        made = world("F33", seed)
        made.advance(PERIOD_MS)
        funded = any(income.type == "FUNDING_FEE" for income in made.venue.incomes(0))
        other_fees = made.exchange.desk.fees_ppm[0] != (200, 500)
        seen.add((funded, other_fees))
        assert made.hits == {"F33": 1}

    assert {(True, False), (False, True)} <= seen


def test_f34_splits_fills_into_trades_of_a_few_lots() -> None:
    made = world("F34")
    made.advance(PERIOD_MS)
    made.venue.place(0, "BTCUSDT", "SELL", "MARKET", 40)

    sold = [fill.lots for fill in made.venue.fills(0, "BTCUSDT") if fill.side == "SELL"]
    assert sum(sold) == 40
    assert max(sold) <= 3
    assert made.hits == {"F34": 1}


def test_f35_reaches_take_profit_and_stop_in_one_instant() -> None:
    made = world("F35")
    made.advance(PERIOD_MS)

    sold = {f.client_id: f.ts_ms for f in made.venue.fills(0, "BTCUSDT") if f.side == "SELL"}
    assert set(sold) == {"x1L-limit", "x1F-stop"}
    assert len(set(sold.values())) == 1
    assert position(made) == 0
    assert made.hits == {"F35": 1}


def test_what_a_fault_changed_is_as_before_once_it_is_over() -> None:
    made = PaperWorld(FaultSpec(seed=1, rates={"F16": 0.5}, period_ms=PERIOD_MS))
    sizes = []
    for _ in range(40):
        made.advance(PERIOD_MS)
        sizes.append(made.exchange.desk.info.symbols.get("BTCUSDT").tick_size)

    assert float(sizes[0]) == 0.1 or 0.1 in {float(size) for size in sizes}
    assert any(float(size) > 0.1 for size in sizes)


@pytest.mark.parametrize("fault", ["F17", "F18", "F27", "F28", "F30", "F35"])
def test_what_finds_nothing_to_happen_to_has_no_mark(fault: str) -> None:
    made = PaperWorld(FaultSpec(rates={fault: 1.0}, period_ms=PERIOD_MS))

    made.advance(5 * PERIOD_MS)

    assert made.hits == {}
