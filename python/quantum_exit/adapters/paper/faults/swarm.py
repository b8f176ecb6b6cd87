"""Rates by seed: each run has a few faults, some of them often, so that no fault hides another."""

from quantum_exit.adapters.paper.faults.bundles import BUNDLES
from quantum_exit.adapters.paper.faults.catalogue import FAULTS
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.spec import FaultSpec

_ABSENT_FRAC = 0.5
_PPM = 1_000_000
_RAREST_PPM = 1_000
_OFTENEST_PPM = 300_000
_MAX_BUNDLES = 2


def swarm(seed: int) -> FaultSpec:
    """A run of faults whose rates are drawn from `seed`.

    Each fault is absent with a probability of one half, else its rate is log-uniform between 0.1 %
    and 30 %; up to two bundles come with it.

    Args:
        seed: 0 or more.
    """
    return FaultSpec(seed=seed, rates=swarm_rates(seed), bundles=_bundles(seed))


def swarm_rates(seed: int) -> dict[str, float]:
    """The rates of `swarm(seed)`; faults that are absent are not in it."""
    rates = {}
    for fault in FAULTS:
        occasion = Occasion(seed, f"rate {fault}", 0)
        if not occasion.happens(_ABSENT_FRAC):
            rates[fault] = occasion.spread("rate", _RAREST_PPM, _OFTENEST_PPM) / _PPM
    return rates


def _bundles(seed: int) -> tuple[str, ...]:
    occasion = Occasion(seed, "bundles", 0)
    number = occasion.whole("number", 0, _MAX_BUNDLES)
    names = sorted(BUNDLES, key=occasion.unit)
    return tuple(names[:number])
