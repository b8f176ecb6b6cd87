"""The market of a schedule goes on after a fault."""

from dataclasses import replace

from quantum_exit.adapters.paper.prices import Mark
from tests.simulation.schedule import schedule_of
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld


def test_a_mark_price_that_a_fault_has_set_follows_the_market_again() -> None:
    world = SimWorld(replace(schedule_of(0), rates={}))
    prices = world.exchange.desk.venue.prices
    world.exchange.feed(Mark(ts_ms=START_MS, symbol=SYMBOL, mark_e8=prices(SYMBOL).mark_e8 // 2))

    world._price()  # noqa: SLF001 - what the schedule does at each step

    assert prices(SYMBOL).mark_e8 == prices(SYMBOL).last_ticks * 10**7
