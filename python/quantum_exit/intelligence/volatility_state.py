"""Volatility now against its own last 30 days, as the risk of an account takes it."""

import numpy as np

from quantum_exit.intelligence.regime import NO_REGIME, RegimeSeries
from quantum_exit.intelligence.volatility import DAY_NS
from quantum_exit.risk.inputs import VolatilityState

BASELINE_NS = 30 * DAY_NS
"""Time that the baseline is the median of, in ns."""

_LEAST_SHARE = 0.5


def volatility_state(series: RegimeSeries, as_of_ns: int) -> VolatilityState | None:
    """The last volatility known at `as_of_ns` and the median of those of the 30 days up to it.

    Args:
        series: Readings of the market; later ones are not looked at.
        as_of_ns: Now, ns since the UNIX epoch.

    Returns:
        None where the last reading is insufficient data or too old, where less than half of the 30
        days have a reading, or where the market did not move in them.
    """
    now = series.at(as_of_ns)
    if now.volatility is None:
        return None
    first, last = np.searchsorted(series.as_of_ns, (as_of_ns - BASELINE_NS, as_of_ns), side="right")
    found = series.measures.volatility[first:last][series.codes[first:last] != NO_REGIME]
    median = float(np.median(found))
    if found.size * series.interval_ns < _LEAST_SHARE * BASELINE_NS or median <= 0.0:
        return None
    return VolatilityState(current=now.volatility, median_30d=median)
