"""What makes no sense decides nothing, and no promise breaks while it arrives."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from quantum_exit.adapters.binance.events import MarketEvents
from quantum_exit.adapters.binance.grids import Grids
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.execution.watch import Decision, Watch, WatchConfig
from tests.simulation.bad_bodies import PRICES
from tests.simulation.promises.base import Broken
from tests.simulation.runner import run_schedule
from tests.simulation.schedule import STEP_MS, Schedule, Story, prices_of, schedule_of
from tests.simulation.sim_world import START_MS, SimWorld
from tests.unit.execution.test_watch import BTC, PLAN

STORIES = (Story.LADDER, Story.TRAIL, Story.STOP, Story.GAP, Story.COMMAND, Story.HAND)


def quiet(story: Story) -> Schedule:
    """A life in which nothing else goes wrong."""
    seed = next(seed for seed in range(1_000) if schedule_of(seed).story is story)
    found = schedule_of(seed)
    return replace(found, rates={}, crashes=(), drift_ppm=0, bad_frac=0.0)


def lived(schedule: Schedule) -> tuple[SimWorld, Sequence[Broken]]:
    worlds: list[SimWorld] = []

    def make(given: Schedule) -> SimWorld:
        worlds.append(SimWorld(given))
        return worlds[0]

    result = run_schedule(schedule, make)
    return worlds[0], result.broken


def trades(story: Story) -> Iterator[dict[str, object]]:
    for step, price in enumerate(prices_of(1, story, 20_000, 30_000, sign=1)):
        time_ms = START_MS + step * STEP_MS
        yield {"e": "aggTrade", "E": time_ms, "s": "BTCUSDT", "p": str(price), "T": time_ms}


def decided(story: Story, *, spoilt: bool) -> tuple[list[Decision], int]:
    """What the core decides on the prices of a story, and how many frames were refused."""
    grids, quarantine, watch = Grids(), Quarantine(), Watch(WatchConfig())
    grids.take([BTC], ())
    watch.open(replace(PLAN, opened_ns=START_MS * 1_000_000))
    events = MarketEvents(grids, quarantine, frozenset({"BTCUSDT"}))
    decisions: list[Decision] = []
    for count, trade in enumerate(trades(story)):
        time_ms = START_MS + count * STEP_MS
        makers = PRICES.values() if spoilt else ()
        frames = [make(trade, Occasion(count, "frame", 0)) for make in makers]
        for frame in (*frames, json.dumps(trade)):
            assert frame is not None
            for price in events.read(frame.encode("utf-8", "surrogateescape")):
                decisions += watch.on_price(price, now_ms=time_ms, now_ns=time_ms * 1_000_000)
    return decisions, sum(quarantine.counts.values())


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_prices_that_make_no_sense_decide_nothing(story: Story) -> None:
    decisions, refused = decided(story, spoilt=True)
    without, none = decided(story, spoilt=False)
    assert decisions == without
    assert len(without) > 0
    assert (refused, none) == (len(PRICES) * len(list(trades(story))), 0)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_whatever_makes_no_sense_breaks_no_promise(story: Story) -> None:
    spoilt, broken = lived(replace(quiet(story), bad_frac=0.3))
    assert sum(spoilt.faults.hits.values()) > 5, spoilt.faults.hits
    assert broken == ()
    assert "P9" in spoilt.checker.sight.findings.checked
