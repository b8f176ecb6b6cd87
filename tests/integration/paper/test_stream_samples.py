"""Messages for which no capture exists against the samples of the documentation."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.paper.shapes import differences, lines
from tests.integration.paper.world import World
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

LATER = frozenset({"st", "ps", "o.er", "o.ia", "o.pm", "o.gtd", "o.rm"})
# Of trailing orders of the classic endpoint, and what only messages of a trigger tell.
GONE = frozenset({"o.AP", "o.cr", "o.ap", "o.aq", "o.act", "o.rm"})


@pytest.fixture(scope="module")
def samples() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in lines(recorded("fixtures") / "binance_usdm_shaped_samples.jsonl"):
        raw = line["raw"]
        message = raw["data"] if isinstance(raw, dict) and "data" in raw else raw
        found.setdefault(line["name"], []).append(message)
    return found


def change_leverage(world: World) -> None:
    world.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=25)


def call_for_margin(world: World) -> None:
    world.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=50)
    world.market("BUY", "50")
    world.mark("58460")


def be_liquidated(world: World) -> None:
    world.market("BUY", "0.010")
    world.exchange.desk.venue.liquidate(0, "BTCUSDT", "BOTH")
    world.exchange.settle()


def be_deleveraged(world: World) -> None:
    world.market("BUY", "0.010")
    world.exchange.desk.venue.adl(0, "BTCUSDT", "BOTH", 5)
    world.exchange.settle()


def trigger(world: World) -> None:
    world.market("BUY", "0.010")
    world.stop("SELL", "59000", quantity="0.010")
    world.trade("58000")


def is_algo(status: str) -> Callable[[Any], bool]:
    return lambda message: message["e"] == "ALGO_UPDATE" and message["o"]["X"] == status


def is_event(name: str) -> Callable[[Any], bool]:
    return lambda message: message["e"] == name


def is_calculated(prefix: str) -> Callable[[Any], bool]:
    return lambda message: (
        message["e"] == "ORDER_TRADE_UPDATE"
        and message["o"]["x"] == "CALCULATED"
        and message["o"]["c"].startswith(prefix)
    )


@pytest.mark.parametrize(
    ("sample", "act", "wanted"),
    [
        ("Leverage", change_leverage, is_event("ACCOUNT_CONFIG_UPDATE")),
        ("MarginUpdate", call_for_margin, is_event("MARGIN_CALL")),
        ("ws_futures_algo_update_triggering", trigger, is_algo("TRIGGERING")),
        ("ws_futures_algo_update_triggered", trigger, is_algo("TRIGGERED")),
        ("ws_futures_algo_update_finished", trigger, is_algo("FINISHED")),
        ("order_update_calculated", be_liquidated, is_calculated("autoclose-")),
        ("order_update_adl", be_deleveraged, is_calculated("adl_autoclose")),
    ],
)
def test_user_messages_have_the_keys_and_types_of_the_samples(
    samples: dict[str, list[Any]],
    sample: str,
    act: Callable[[World], None],
    wanted: Callable[[Any], bool],
) -> None:
    world = World()
    stream = world.user_stream()
    act(world)

    told = [message for message in world.heard(stream) if wanted(message)]

    assert told
    assert differences(told[0], samples[sample], new=LATER, gone=GONE) == []


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        ("MiniTicker", "btcusdt@miniTicker"),
        ("PartialBook", "btcusdt@depth5@100ms"),
        ("mark_price_stream", "btcusdt@markPrice@1s"),
        ("ticker_stream", "btcusdt@ticker"),
        ("agg_trade_stream", "btcusdt@aggTrade"),
        ("book_ticker_stream", "btcusdt@bookTicker"),
    ],
)
def test_market_messages_have_the_keys_and_types_of_the_samples(
    samples: dict[str, list[Any]], sample: str, name: str
) -> None:
    world = World()
    stream = world.stream(f"/ws/{name}")
    world.trade("60010.5")
    world.advance(2_000)

    [first, *_] = world.heard(stream)

    assert differences(first, samples[sample], new=LATER | {"nq", "ap"}) == []


@pytest.mark.parametrize("name", ["!ticker@arr", "!miniTicker@arr", "!markPrice@arr@1s"])
def test_streams_of_all_symbols_list_those_that_have_prices(name: str) -> None:
    world = World()
    stream = world.stream(f"/ws/{name}")
    world.trade("3000", "1", "ETHUSDT")
    world.advance(1_000)

    [message] = world.heard(stream)

    assert [entry["s"] for entry in message] == ["BTCUSDT", "ETHUSDT"]
