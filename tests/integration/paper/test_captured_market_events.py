"""Messages of market streams against those that were captured on the real exchange."""

from typing import Any

import pytest

from tests.integration.paper.shapes import differences, lines
from tests.integration.paper.world import World
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

# Told since 2026: kind of contract, pair, quantity without RPI orders, average of the mark price.
NEW = frozenset({"data.st", "data.ps", "data.nq", "data.ap"})
STREAMS = {
    "aggTrade": "btcusdt@aggTrade",
    "trade": "btcusdt@trade",
    "bookTicker": "btcusdt@bookTicker",
    "depthUpdate": "btcusdt@depth@100ms",
    "kline": "btcusdt@kline_1m",
    "markPriceUpdate": "btcusdt@markPrice@1s",
    "24hrTicker": "btcusdt@ticker",
}


@pytest.fixture(scope="module")
def captures() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in lines(recorded("fixtures") / "binance_usdm_market_events.jsonl"):
        found.setdefault(line["event"], []).append(line["raw"])
    return found


def quiet_keys(event: str) -> frozenset[str]:
    """A kind of order that some captures of trades tell."""
    return frozenset({"data.X"}) if event == "trade" else frozenset()


@pytest.mark.parametrize("event", STREAMS)
def test_market_events_have_the_keys_and_types_of_the_captures(
    captures: dict[str, list[Any]], event: str
) -> None:
    world = World()
    world.mark("60001.5")
    connection = world.exchange.open("/stream", f"streams={STREAMS[event]}")
    world.advance(1_000)
    world.trade("60010.5")
    world.advance(5_000)

    heard = world.heard(connection)

    assert heard
    wrong = [differences(m, captures[event], new=NEW, gone=quiet_keys(event)) for m in heard]
    assert [found for found in wrong if found] == []


def test_a_liquidation_has_the_keys_and_types_of_the_capture(
    captures: dict[str, list[Any]],
) -> None:
    world = World()
    connection = world.exchange.open("/stream", "streams=btcusdt@forceOrder")
    world.market("BUY", "0.002")
    world.exchange.desk.venue.liquidate(0, "BTCUSDT", "BOTH")
    world.exchange.settle()

    heard = world.heard(connection)

    assert heard
    wrong = [differences(m, captures["forceOrder"], new=NEW) for m in heard]
    assert [found for found in wrong if found] == []


def test_a_book_snapshot_has_the_keys_and_types_of_the_capture(
    captures: dict[str, list[Any]],
) -> None:
    book = World().call("GET", "/fapi/v1/depth", symbol="BTCUSDT")

    assert differences(book, captures["depthSnapshotREST"]) == []


def test_a_book_kept_from_changes_is_the_book() -> None:
    world = World()
    connection = world.exchange.open("/public/ws/btcusdt@depth@100ms")
    world.advance(100)
    snapshot = world.call("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    book = {side: dict(snapshot[side]) for side in ("bids", "asks")}
    last_id = snapshot["lastUpdateId"]
    for price in ("60000.5", "59990.1", "60100"):
        world.trade(price)
        world.limit("BUY", "0.010", "59000")
        world.advance(100)

    for message in world.heard(connection):
        if message["u"] < last_id:
            continue
        for side, key in (("bids", "b"), ("asks", "a")):
            book[side].update(dict(message[key]))

    final = world.call("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    kept = {
        side: {price: qty for price, qty in levels.items() if float(qty)}
        for side, levels in book.items()
    }
    assert kept == {side: dict(final[side]) for side in ("bids", "asks")}
