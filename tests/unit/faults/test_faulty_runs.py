"""Whatever happens to requests, messages and the venue, the ledger adds up, and twice the same."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.paper.faults.catalogue import FAULTS
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.faults.spells import SPELLS
from quantum_exit.adapters.paper.faults.swarm import swarm
from tests.paper_world import ALGO, ORDER, PaperWorld, limit_params, stop_params


@dataclass(frozen=True)
class Outcome:
    ledger_hash: str
    hits: dict[str, int]
    messages: int
    balanced: bool


def run(spec: FaultSpec, steps: int) -> Outcome:
    """A client that trades at random for `steps` seconds of exchange time."""
    made = PaperWorld(spec)
    made.venue.place(0, "BTCUSDT", "BUY", "MARKET", 100)
    made.listen_if_let()
    for step in range(steps):
        chance = Occasion(spec.seed, "client", step)
        price = 600_000 + chance.whole("price", -6_000, 6_000)
        made.move(price)
        act(made, chance, step, price)
        made.advance(chance.spread("pause", 1, 4_000))
    return Outcome(
        ledger_hash=made.venue.ledger_hash(),
        hits=made.hits,
        messages=len(made.heard()),
        balanced=is_balanced(made),
    )


def act(made: PaperWorld, chance: Occasion, step: int, price: int) -> None:
    stop = stop_params(f"{(price - 3_000) / 10:.1f}", f"x1F{step}")
    if chance.unit("quantity") < 0.5:
        del stop["closePosition"]
        stop |= {"quantity": "0.010", "reduceOnly": "true"}
    limit = limit_params(f"{(price + 2_000) / 10:.1f}", f"x1L{step}")
    market: dict[str, object] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "MARKET",
        "quantity": "0.020",
    }
    requests: list[tuple[str, str, dict[str, object]]] = [
        ("POST", ALGO, stop),
        ("POST", ORDER, limit),
        ("POST", ORDER, market),
        ("POST", ORDER, {**market, "side": "SELL", "reduceOnly": "true"}),
        ("DELETE", ALGO, {"clientAlgoId": f"x1F{step - 2}"}),
        ("DELETE", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": f"x1L{step - 2}"}),
        ("GET", "/fapi/v1/openAlgoOrders", {}),
        ("GET", "/fapi/v1/openOrders", {}),
        ("POST", "/fapi/v1/listenKey", {}),
    ]
    method, path, params = chance.one_of("what", requests)
    made.send(method, path, **params)


def is_balanced(made: PaperWorld) -> bool:
    """Positions are the sum of their fills, the wallet is the sum of its incomes."""
    fills = made.venue.fills(0, "BTCUSDT", from_trade_id=1, limit=1_000)
    held = sum(fill.lots if fill.side == "BUY" else -fill.lots for fill in fills)
    lots = sum(holding.lots for holding in made.venue.holdings(0, "BTCUSDT"))
    cash = sum(income.amount_e8 for income in made.venue.incomes(0, from_income_id=1, limit=10_000))
    once = len({fill.trade_id for fill in fills}) == len(fills)
    return held == lots and cash == made.venue.balance(0).wallet_e8 and once


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 32))
def test_no_plan_of_faults_unbalances_the_ledger(seed: int) -> None:
    assert run(swarm(seed), 60).balanced


def test_all_faults_at_once_do_not_unbalance_the_ledger_and_each_is_met() -> None:
    # What lasts for hours, or ends the symbol, is rare, so that the others are met at all.
    rare = dict.fromkeys([*SPELLS, "F26"], 0.002)
    rates = {**dict.fromkeys(FAULTS, 0.06), **rare}
    met: set[str] = set()
    for seed in range(16):
        outcome = run(FaultSpec(seed=seed, rates=rates, period_ms=2_000), 250)
        assert outcome.balanced
        met |= set(outcome.hits)

    # This client sends no batches, and seldom as many stops as the lowered limit allows.
    assert met >= set(FAULTS) - {"F12", "F23"}


def test_equal_plans_do_the_same_to_equal_requests() -> None:
    for seed in range(6):
        assert run(swarm(seed), 80) == run(swarm(seed), 80)


def test_another_seed_does_something_else() -> None:
    hashes = {run(swarm(seed), 40).ledger_hash for seed in range(6)}

    assert len(hashes) == 6
