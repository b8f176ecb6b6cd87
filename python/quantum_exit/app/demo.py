"""Ticks for a demonstration: generated, the same on every machine, nothing is downloaded."""

import numpy as np
from numpy.typing import NDArray

DEMO_SYMBOL = "BTCUSDT"
_SEED = 20260101
_FIRST_NS = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z
_TICKS_AN_HOUR = 6_000
_HOUR_NS = 3_600_000_000_000
_FIRST_PRICE = 92_000.0
_TICK_SIZE = 0.1

# (hours, drift and volatility of an hour as fractions): a market that trends, ranges, breaks down,
# panics and recovers.
_PHASES = (
    (20, 0.0006, 0.0035),
    (26, 0.0028, 0.0045),
    (22, -0.0002, 0.0030),
    (14, -0.0045, 0.0075),
    (10, 0.0010, 0.0110),
    (28, 0.0024, 0.0050),
    (24, 0.0000, 0.0028),
    (24, 0.0018, 0.0042),
)


def demo_ticks() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A week of generated BTCUSDT trades: about a million ticks (ts_ns, price) on a grid of 0.1."""
    # The stream of the legacy generator is frozen, so that the demonstration never changes.
    random = np.random.RandomState(_SEED)
    steps, gaps = [], []
    for hours, drift, volatility in _PHASES:
        count = hours * _TICKS_AN_HOUR
        noise = random.standard_normal(count)
        # Volatility comes in bursts: a slow wave over every phase.
        wave = np.exp(0.5 * np.sin(np.linspace(0, 2 * np.pi * hours / 8, count)))
        steps.append(drift / _TICKS_AN_HOUR + noise * wave * volatility / np.sqrt(_TICKS_AN_HOUR))
        gaps.append(random.exponential(_HOUR_NS / _TICKS_AN_HOUR, count))
    log_price = np.cumsum(np.concatenate(steps))
    ticks = np.rint(_FIRST_PRICE * np.exp(log_price) / _TICK_SIZE)
    # Whole milliseconds, as a venue stamps its trades.
    since_ms = np.cumsum(np.concatenate(gaps)) // 1_000_000
    ts_ns = _FIRST_NS + since_ms.astype(np.int64) * 1_000_000
    return ts_ns, ticks / round(1 / _TICK_SIZE)
