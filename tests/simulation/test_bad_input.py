"""What makes no sense decides nothing: with and without it the same orders leave."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from quantum_exit.adapters.paper.faults.occasion import Occasion
from tests.simulation.bad_input import BadInput
from tests.simulation.promises.base import Broken
from tests.simulation.runner import run_schedule
from tests.simulation.schedule import Schedule, Story, schedule_of
from tests.simulation.sim_world import SimWorld

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


def orders(world: SimWorld) -> list[str]:
    """Orders and cancels; those of one moment may leave in any order."""
    asked = [line.split() for line in world.checker.log if not line.startswith(" ")]
    return sorted(" ".join(words[1:]) for words in asked if words[1] != "GET" and len(words) > 3)


class OnlyPrices(BadInput):
    """Leaves alone what is told of the account: what is lost of it is read again, later."""

    def _chance(self, what: str) -> Occasion | None:
        return super()._chance(what) if what == "price" else None


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_prices_that_make_no_sense_decide_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = quiet(story)
    without, _ = lived(schedule)
    monkeypatch.setattr("tests.simulation.sim_world.BadInput", OnlyPrices)
    spoilt, broken = lived(replace(schedule, bad_frac=0.5))
    assert sum(spoilt.faults.hits.values()) > 5, spoilt.faults.hits
    assert broken == ()
    assert orders(spoilt) == orders(without)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_whatever_makes_no_sense_breaks_no_promise(story: Story) -> None:
    spoilt, broken = lived(replace(quiet(story), bad_frac=0.3))
    assert sum(spoilt.faults.hits.values()) > 5, spoilt.faults.hits
    assert broken == ()
    assert "P9" in spoilt.checker.sight.findings.checked
