import math

from quantum_exit.adapters.paper.faults.bundles import BUNDLES, raised
from quantum_exit.adapters.paper.faults.catalogue import FAULTS
from quantum_exit.adapters.paper.faults.confusion import Mixup
from quantum_exit.adapters.paper.faults.happenings import HAPPENINGS
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.request_faults import request_faults
from quantum_exit.adapters.paper.faults.spells import SPELLS
from quantum_exit.adapters.paper.faults.swarm import swarm


def test_equal_occasions_give_equal_numbers_and_others_independent_ones() -> None:
    units = {Occasion(7, "F02", count).unit("delay") for count in range(1_000)}

    assert Occasion(7, "F02", 3).unit("delay") == Occasion(7, "F02", 3).unit("delay")
    assert len(units) == 1_000
    assert abs(sum(units) / 1_000 - 0.5) < 0.05


def test_what_happens_at_a_rate_happens_at_every_higher_one() -> None:
    occasions = [Occasion(1, "F01", count) for count in range(1_000)]
    rare = {o.count for o in occasions if o.happens(0.05)}
    often = {o.count for o in occasions if o.happens(0.2)}

    assert rare < often
    assert 0.02 < len(rare) / 1_000 < 0.08
    assert 0.15 < len(often) / 1_000 < 0.25


def test_numbers_keep_within_their_bounds() -> None:
    occasions = [Occasion(3, "x", count) for count in range(2_000)]

    assert {o.whole("n", 2, 5) for o in occasions} == {2, 3, 4, 5}
    spread = [o.spread("n", 1_000, 3_600_000) for o in occasions]
    assert min(spread) >= 1_000
    assert max(spread) <= 3_600_000
    median = sorted(spread)[1_000]
    assert abs(math.log(median) - (math.log(1_000) + math.log(3_600_000)) / 2) < 0.5


def test_each_fault_is_absent_from_half_the_seeds_and_never_above_its_highest_rate() -> None:
    runs = [swarm(seed) for seed in range(200)]

    for fault in FAULTS:
        rates = [run.rates[fault] for run in runs if fault in run.rates]
        assert 60 < len(rates) < 140
        assert min(rates) >= 0.001
        assert max(rates) <= 0.3
    assert {len(run.bundles) for run in runs} == {0, 1, 2}


def test_every_fault_has_an_injector() -> None:
    requests = request_faults(Mixup())

    assert set(FAULTS) == {*requests, *HAPPENINGS, *SPELLS, "F40"}
    assert {fault for members in BUNDLES.values() for fault in members} <= set(FAULTS)


def test_the_members_of_a_bundle_come_in_the_same_minutes() -> None:
    minutes = [tuple(raised(9, ("overload",), minute * 60_000)) for minute in range(500)]

    assert set(minutes) == {(), BUNDLES["overload"]}
    assert 0.1 < minutes.count(BUNDLES["overload"]) / 500 < 0.3
