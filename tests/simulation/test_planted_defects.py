"""A simulation that finds nothing must be able to find something."""

import pytest

from tests.simulation.planted import DEFECTS, Defect, find, run_planted
from tests.simulation.schedule import Story, schedule_of

MOST_SEEDS = 200


@pytest.mark.slow
@pytest.mark.parametrize("defect", DEFECTS, ids=[defect.name for defect in DEFECTS])
def test_a_planted_defect_is_found(defect: Defect) -> None:
    found = find(defect, range(MOST_SEEDS))
    assert found is not None, f"{defect.name} was not found in {MOST_SEEDS} schedules"


def trailing_seeds() -> list[int]:
    return [seed for seed in range(MOST_SEEDS) if schedule_of(seed).story is Story.TRAIL]


def test_cancel_before_place_leaves_a_position_naked_during_a_trailing_replacement() -> None:
    caught = []
    for seed in trailing_seeds():
        schedule = schedule_of(seed)
        ours = run_planted("none", schedule)
        assert not [one for one in ours.broken if one.promise in ("P1b", "P1c", "P4")]
        theirs = run_planted("cancel first", schedule)
        caught += [one for one in theirs.broken if one.promise in ("P1b", "P1c", "P4")]
    assert caught
