"""A slice of the schedules; the command in `__main__` runs as many as one likes."""

import pytest

from tests.simulation.runner import run_seed
from tests.simulation.schedule import Deed, schedule_of
from tests.simulation.table import Table

SLICES = 8
SLICE = 25


@pytest.mark.parametrize("part", range(SLICES))
def test_every_promise_is_kept(part: int) -> None:
    table = Table()
    for seed in range(part * SLICE, (part + 1) * SLICE):
        table.add(run_seed(seed))
    assert table.failures == []


@pytest.mark.parametrize("seed", [3, 57, 126, 878])
def test_equal_seeds_give_equal_traces(seed: int) -> None:
    assert run_seed(seed) == run_seed(seed)


def test_a_schedule_begins_with_an_entry() -> None:
    for seed in range(50):
        assert schedule_of(seed).acts[0].deed is Deed.ENTER


def test_thousands_of_trades_that_were_missed_are_booked() -> None:
    # A take-profit was filled lot by lot while the service was down.
    assert run_seed(21_421).broken == ()


def test_a_stop_stays_too_large_while_the_venue_has_no_room_for_the_next() -> None:
    # Two conditional orders fit, floor and working stop, when a target is filled.
    assert run_seed(15_187).broken == ()


def test_an_order_that_ended_before_its_next_try_is_not_made_anew() -> None:
    # The venue made a stop and told that it had not; somebody cancelled it in between.
    assert run_seed(58_837).broken == ()


def test_a_rest_that_a_coarser_grid_makes_dust_is_neither_naked_nor_to_be_closed() -> None:
    # The venue refuses all orders until its step is above what a forced close has left.
    assert run_seed(78_193).broken == ()
