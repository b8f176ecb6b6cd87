"""Only what no order can express is excused from cover, and only once the service was told."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.simulation.schedule import schedule_of
from tests.simulation.seen import Asked
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld
from tests.simulation.told_grid import ToldGrid

STOP = "x1TB40001000002000000KT6"
HELD = "0.037"


def told(step: str, *, arrives: bool = True) -> Asked:
    filters = [
        {"filterType": "LOT_SIZE", "stepSize": step},
        {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
    ]
    asked = Asked(
        method="GET", path="/fapi/v1/exchangeInfo", params={}, at_ms=START_MS, life=1, status=200
    )
    asked.body = {"symbols": [{"symbol": SYMBOL, "filters": filters}]}
    asked.answered_ms = START_MS if arrives else None
    return asked


def wrong_sizes(stop_qty: str, reply: Asked) -> list[str]:
    """Promises about sizes that a stop of `stop_qty` for a position of `HELD` breaks."""
    world = SimWorld(replace(schedule_of(0), rates={}))
    sight = world.checker.sight
    sight.available.begin_life()
    sight.available.ready()
    world.checker.listening()
    world.checker.replied(reply)
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": HELD}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    stop = {
        "symbol": SYMBOL,
        "side": "SELL",
        "algoType": "CONDITIONAL",
        "type": "STOP_MARKET",
        "quantity": stop_qty,
        "triggerPrice": "90000",
        "reduceOnly": "true",
        "clientAlgoId": STOP,
    }
    world.exchange.act(0, "POST", "/fapi/v1/algoOrder", urlencode(stop))
    world.exchange.advance(START_MS + 10_000)
    return sorted({one.promise for one in sight.findings.broken} & {"P1a", "P1d"})


@pytest.mark.parametrize(
    ("step", "lots", "whole"),
    [("0.001", 37, 37), ("0.005", 37, 35), ("0.005", -37, -35), ("0.01", 9, 0), ("0.01", -9, 0)],
)
def test_lots_are_rounded_toward_zero_to_the_step_that_was_told(
    step: str, lots: int, whole: int
) -> None:
    grid = ToldGrid()
    grid.replied(told(step))

    assert grid.whole(SYMBOL, lots) == whole


def uncovered(*replies: Asked) -> list[str]:
    """Promises about cover that a naked position of `HELD` breaks, told so while it is open."""
    world = SimWorld(replace(schedule_of(0), rates={}))
    sight = world.checker.sight
    sight.available.begin_life()
    sight.available.ready()
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": HELD}
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    for reply in replies:
        world.checker.replied(reply)
    world.exchange.advance(START_MS + 20_000)
    return sorted({one.promise for one in sight.findings.broken} & {"P1a", "P1c"})


@pytest.mark.parametrize(("step", "broken"), [("0.05", []), ("0.005", ["P1a"])])
def test_what_a_coarser_step_has_made_dust_needs_no_cover_any_more(
    step: str, broken: list[str]
) -> None:
    assert uncovered(told(step)) == broken
    assert uncovered() == ["P1a"]


def test_the_rest_that_a_coarser_step_cannot_express_needs_no_stop() -> None:
    assert wrong_sizes("0.035", told("0.005")) == []


def test_a_stop_that_is_one_step_too_small_is_found_on_a_coarser_grid() -> None:
    assert wrong_sizes("0.030", told("0.005")) == ["P1a", "P1d"]


def test_a_step_that_did_not_reach_the_service_excuses_nothing() -> None:
    assert wrong_sizes("0.035", told("0.005", arrives=False)) == ["P1a", "P1d"]


def test_nothing_is_excused_on_the_grid_of_the_listing() -> None:
    assert wrong_sizes("0.036", told("0.001")) == ["P1a", "P1d"]
    assert wrong_sizes("0.037", told("0.001")) == []


@pytest.mark.parametrize(("told_ms", "broken"), [(300, []), (700, ["P1a"])])
def test_what_a_coarser_step_makes_dust_in_time_needs_no_stop(
    told_ms: int, broken: list[str]
) -> None:
    world = SimWorld(replace(schedule_of(0), rates={}))
    sight = world.checker.sight
    sight.available.begin_life()
    sight.available.ready()
    world.checker.listening()
    world.checker.replied(told("0.001"))
    order = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.007"}
    # What follows a start has more time.
    world.exchange.advance(START_MS + 6_000)
    world.exchange.act(0, "POST", "/fapi/v1/order", urlencode(order))
    world.exchange.advance(START_MS + 6_000 + told_ms)
    world.checker.replied(told("0.01"))
    world.exchange.advance(START_MS + 16_000)

    assert sorted({one.promise for one in sight.findings.broken} & {"P1a"}) == broken
