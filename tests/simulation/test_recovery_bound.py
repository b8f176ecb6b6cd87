"""How long a restart may take that finds the price past its stop and a close without an outcome."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.simulation.schedule import schedule_of
from tests.simulation.seen import Asked
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld

CLOSE = "x1CB40001000002V000003T0"


def refused(code: int) -> Asked:
    asked = Asked(
        method="POST",
        path="/fapi/v1/algoOrder",
        params={"symbol": SYMBOL, "clientAlgoId": "x1TB40001000002000000KT6"},
        at_ms=START_MS,
        life=2,
        status=400,
    )
    asked.body = {"code": code, "msg": ""}
    asked.answered_ms = START_MS
    return asked


@pytest.mark.parametrize(
    ("code", "outcome", "after_ms", "broken"),
    [
        (-2021, False, 15_000, []),
        (-2021, False, 25_000, ["P6"]),
        (-2021, True, 15_000, ["P6"]),
        (-4045, False, 15_000, ["P6"]),
    ],
)
def test_a_close_of_the_life_before_is_proven_absent_first(
    code: int, after_ms: int, broken: list[str], *, outcome: bool
) -> None:
    world = SimWorld(replace(schedule_of(0), rates={}))
    sight = world.checker.sight
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.037"}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    sight.journal.placed[CLOSE] = {"t": "MarketClose", "key": ["main", SYMBOL, "LONG", 2]}
    if outcome:
        sight.journal.answered.add(CLOSE)
    sight.life = 2
    sight.available.begin_life()
    sight.available.ready()
    world.checker.listening()
    world.exchange.advance(START_MS + 1)

    world.checker.replied(refused(code))
    world.exchange.advance(START_MS + after_ms)

    recovery = [one for one in sight.findings.broken if "not ready and covered" in one.text]
    assert [one.promise for one in recovery] == broken
