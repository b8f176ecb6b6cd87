"""Messages of the user-data stream against those that were captured on the real exchange."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.paper.shapes import differences, lines
from tests.integration.paper.world import World
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

# Told since 2026: why an order expired.
NEW = {"ORDER_TRADE_UPDATE": frozenset({"o.er"})}
# Told of conditional orders in some messages only.
SOMETIMES = frozenset({"o.ap", "o.aq", "o.act", "o.rm"})


@pytest.fixture(scope="module")
def captures() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in lines(recorded("fixtures") / "binance_usdm_user_data_captured.jsonl"):
        found.setdefault(line["event"], []).append(line["raw"])
    return found


def open_and_close(world: World) -> None:
    world.market("BUY", "0.002")
    world.market("SELL", "0.002", reduceOnly="true")


def rest_and_cancel(world: World) -> None:
    placed = world.limit("BUY", "0.010", "50000")
    world.call("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=placed["orderId"])


def stop_out(world: World) -> None:
    world.market("BUY", "0.002")
    world.stop("SELL", "59000")
    world.trade("58900")


def place_and_cancel_stop(world: World) -> None:
    placed = world.stop("BUY", "61000", quantity="0.002")
    world.call("DELETE", "/fapi/v1/algoOrder", algoId=placed["algoId"])


@pytest.mark.parametrize(
    ("act", "events"),
    [
        (open_and_close, {"TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}),
        (rest_and_cancel, {"ORDER_TRADE_UPDATE"}),
        (stop_out, {"TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE"}),
        (place_and_cancel_stop, {"ALGO_UPDATE"}),
    ],
)
def test_user_events_have_the_keys_and_types_of_the_captures(
    captures: dict[str, list[Any]], act: Callable[[World], None], events: set[str]
) -> None:
    world = World()
    stream = world.user_stream()
    act(world)
    heard = world.heard(stream)

    wrong = {
        message["e"]: found
        for message in heard
        if (
            found := differences(
                message,
                captures[message["e"]],
                new=NEW.get(message["e"], frozenset()) | SOMETIMES,
            )
        )
    }

    assert wrong == {}
    assert {message["e"] for message in heard} == events


def test_one_fill_is_told_in_the_captured_order_with_one_time() -> None:
    world = World()
    stream = world.user_stream()
    world.market("BUY", "0.002")

    heard = world.heard(stream)

    told = [(message["e"], message.get("o", {}).get("x")) for message in heard]
    assert told == [
        ("TRADE_LITE", None),
        ("ORDER_TRADE_UPDATE", "NEW"),
        ("ACCOUNT_UPDATE", None),
        ("ORDER_TRADE_UPDATE", "TRADE"),
    ]
    assert {message["T"] for message in heard} == {world.now_ms}


def test_a_triggered_stop_is_told_in_the_order_of_the_documentation() -> None:
    world = World()
    stream = world.user_stream()
    world.market("BUY", "0.002")
    world.stop("SELL", "59000", clientAlgoId="floor-1")
    world.heard(stream)

    world.trade("58900")

    heard = world.heard(stream)
    told = [
        message["o"]["X"] if message["e"] == "ALGO_UPDATE" else message["e"] for message in heard
    ]
    assert told == [
        "TRIGGERING",
        "TRIGGERED",
        "TRADE_LITE",
        "ORDER_TRADE_UPDATE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
        "FINISHED",
    ]
    final = heard[-2]["o"]
    assert (final["c"], final["o"], final["ot"], final["sp"]) == (
        "floor-1",
        "MARKET",
        "STOP_MARKET",
        "59000.0",
    )
    assert heard[-1]["o"]["ai"] == str(final["i"])
