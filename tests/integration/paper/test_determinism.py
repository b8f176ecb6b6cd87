"""The same seed and the same requests give the same exchange, to the last byte it says."""

import json
from random import Random
from typing import Any

from tests.integration.paper.world import World

STEPS = 400


def live(seed: int) -> tuple[str, list[Any]]:
    """What one exchange says in the course of random traffic, and its ledger at the end."""
    random = Random(seed)
    world = World()
    stream = world.user_stream()
    world.exchange.open("/stream", "streams=btcusdt@aggTrade/btcusdt@depth@100ms/!ticker@arr")
    said: list[Any] = []
    price = 600_000
    for _ in range(STEPS):
        price += random.randint(-200, 200)
        said.append(act(world, random, price))
        said.extend(world.heard())
    assert stream is not None
    return world.exchange.desk.venue.ledger_hash(), said


def act(world: World, random: Random, price: int) -> Any:
    kind = random.randrange(6)
    side = random.choice(["BUY", "SELL"])
    near = f"{(price + random.randint(-300, 300)) / 10:.1f}"
    qty = f"{random.randint(2, 50) / 1_000:.3f}"
    order = {"symbol": "BTCUSDT", "side": side, "quantity": qty}
    match kind:
        case 0:
            return world.ask("POST", "/fapi/v1/order", {**order, "type": "MARKET"})
        case 1:
            limit = {**order, "type": "LIMIT", "timeInForce": "GTC", "price": near}
            return world.ask("POST", "/fapi/v1/order", limit)
        case 2:
            stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": near}
            return world.ask("POST", "/fapi/v1/algoOrder", {**order, **stop})
        case 3:
            return world.ask("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
        case 4:
            world.advance(random.randint(1, 5_000))
            return world.ask("GET", "/fapi/v3/account", {})
        case _:
            world.trade(f"{price / 10:.1f}")
            return world.ask("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})


def test_two_runs_of_one_seed_say_the_same() -> None:
    (hash_one, said_one), (hash_two, said_two) = live(5), live(5)

    assert hash_one == hash_two
    assert json.dumps(said_one) == json.dumps(said_two)
    assert live(6)[0] != hash_one


def test_random_traffic_finds_orders_fills_and_refusals() -> None:
    _, said = live(5)

    events = {message["e"] for message in said if isinstance(message, dict) and "e" in message}
    statuses = {entry[0] for entry in said if isinstance(entry, tuple)}

    assert {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE"} <= events
    assert {200, 400} <= statuses
