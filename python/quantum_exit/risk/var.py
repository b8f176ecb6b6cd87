"""Value at risk and expected shortfall, as money that a holding loses over one stretch of time."""

from math import exp, pi, sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from quantum_exit.errors import InvalidInputError

Z = MappingProxyType({0.90: 1.282, 0.95: 1.645, 0.975: 1.960, 0.99: 2.326})
"""Normal quantiles by level, to the three places that the original uses."""

MIN_VAR_SAMPLES = 5
MIN_ES_SAMPLES = 10


def historical_var(returns: NDArray[np.float64], level: float, value: float = 1.0) -> float | None:
    """The loss that a share `level` of the returns seen does not exceed.

    The percentile of the losses, linear between neighbours.

    Args:
        returns: Simple returns over the stretch of time that the loss is wanted for.
        level: Confidence, above 0 and below 1, such as 0.95.
        value: What is held, quote currency.

    Returns:
        A loss in quote currency, 0 where even that return is a profit; None below 5 returns.
    """
    _check_level(level)
    if returns.size < MIN_VAR_SAMPLES:
        return None
    return max(float(np.quantile(-returns, level)), 0.0) * value


def historical_es(returns: NDArray[np.float64], level: float, value: float = 1.0) -> float | None:
    """The mean of the losses at or beyond the historical value at risk; arguments as there.

    Returns:
        A loss in quote currency, at least the value at risk; None below 10 returns.
    """
    _check_level(level)
    if returns.size < MIN_ES_SAMPLES:
        return None
    losses = -returns
    tail = losses[losses >= np.quantile(losses, level)]
    # Rounding can lift the quantile above the largest loss, and then nothing lies beyond it.
    mean = float(tail.mean()) if tail.size else float(losses.max())
    return max(mean, 0.0) * value


def delta_normal_var(
    returns: NDArray[np.float64], level: float, value: float = 1.0, horizon: float = 1.0
) -> float | None:
    """The loss not exceeded with probability `level`, were returns normal.

    z sigma sqrt(h) - mean h, with the standard deviation of the sample.

    Args:
        returns: Simple returns.
        level: 0.90, 0.95, 0.975 or 0.99.
        value: What is held, quote currency.
        horizon: Stretches of time that the loss is wanted for, above 0.

    Returns:
        A loss in quote currency, 0 or more; None below 5 returns.
    """
    if level not in Z:
        raise InvalidInputError("level", level, f"expected one of {', '.join(map(str, Z))}")
    if returns.size < MIN_VAR_SAMPLES:
        return None
    sigma = float(returns.std(ddof=1)) * sqrt(horizon)
    return max(Z[level] * sigma - float(returns.mean()) * horizon, 0.0) * value


def delta_normal_es(
    returns: NDArray[np.float64], level: float, value: float = 1.0, horizon: float = 1.0
) -> float | None:
    """The mean loss beyond the delta-normal value at risk: sigma phi(z) / (1 - level) - mean.

    Arguments as there.

    Returns:
        A loss in quote currency, 0 or more; None below 10 returns.
    """
    if level not in Z:
        raise InvalidInputError("level", level, f"expected one of {', '.join(map(str, Z))}")
    if returns.size < MIN_ES_SAMPLES:
        return None
    sigma = float(returns.std(ddof=1)) * sqrt(horizon)
    density = exp(-(Z[level] ** 2) / 2.0) / sqrt(2.0 * pi)
    return max(sigma * density / (1.0 - level) - float(returns.mean()) * horizon, 0.0) * value


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise InvalidInputError("level", level, "expected a number above 0 and below 1")
