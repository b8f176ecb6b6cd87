"""A slice of all crash points; the command below enumerates them."""

import pytest

from tests.simulation.crash_points import STORIES, count, kill
from tests.simulation.schedule import Story

POINTS = 6


@pytest.mark.parametrize("story", STORIES)
def test_whatever_the_service_was_doing_when_it_was_killed(story: Story) -> None:
    steps = count(story)
    for part in range(POINTS):
        point = kill(story, part * steps // POINTS + part)
        assert point.broken == ()


@pytest.mark.parametrize("story", STORIES)
def test_a_second_death_during_the_recovery(story: Story) -> None:
    steps = count(story)
    for part in range(1, 4):
        point = kill(story, part * steps // 4, again=40 * part)
        assert point.broken == ()
