"""Faults that come together, as they did on bad days; most bugs live here."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from quantum_exit.adapters.paper.faults.occasion import Occasion

BUNDLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "crash": ("F06", "F07", "F28", "F40"),
        "overload": ("F02", "F21", "F40", "F43"),
        "restart": ("F30", "F43"),
        "split": ("F04",),
        "disk": ("F02",),
    }
)
"""The members that the exchange itself has a part in, by the name of the bundle."""

RATE_FRAC = 0.3
"""Rate of a member while its bundle lasts."""

_MINUTE_MS = 60_000
_FREQUENCY_FRAC = 0.2


def raised(seed: int, bundles: tuple[str, ...], now_ms: int) -> Iterator[str]:
    """The faults that come more often in the minute of `now_ms`: all of a bundle, or none.

    Args:
        seed: Of the run.
        bundles: Names of the run's bundles.
        now_ms: Exchange time, ms since the UNIX epoch.
    """
    for name in bundles:
        if Occasion(seed, f"bundle {name}", now_ms // _MINUTE_MS).happens(_FREQUENCY_FRAC):
            yield from BUNDLES[name]
