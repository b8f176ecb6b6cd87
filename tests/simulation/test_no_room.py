"""A stop of the wrong size is excused only while the venue has no room for another one."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.simulation.schedule import schedule_of
from tests.simulation.seen import Asked
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld

STOP = {
    "symbol": SYMBOL,
    "side": "SELL",
    "algoType": "CONDITIONAL",
    "type": "STOP_MARKET",
    "quantity": "0.037",
    "triggerPrice": "90000",
    "reduceOnly": "true",
    "clientAlgoId": "x1TB40001000002000000KT6",
}


def trade(world: SimWorld, side: str, quantity: str) -> None:
    order = {"symbol": SYMBOL, "side": side, "type": "MARKET", "quantity": quantity}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))


@pytest.mark.parametrize(("later_ms", "broken"), [(12_900, []), (13_100, ["P1d", "P15"])])
def test_a_refusal_that_comes_after_the_change_of_size_counts(
    later_ms: int, broken: list[str]
) -> None:
    world = SimWorld(replace(schedule_of(0), rates={}))
    sight = world.checker.sight
    sight.available.begin_life()
    sight.available.ready()
    world.checker.listening()
    trade(world, "BUY", "0.037")
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(STOP))
    trade(world, "SELL", "0.010")
    full = Asked(
        method="POST", path="/fapi/v1/algoOrder", params=STOP, at_ms=START_MS, life=1, status=400
    )
    full.body = {"code": -4045}
    sight.available.healed = True

    world.checker.replied(full)
    world.exchange.advance(START_MS + later_ms)

    assert [one.promise for one in sight.findings.broken] == broken
