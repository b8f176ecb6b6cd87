"""Job J by hand in numba: the baseline of the rows S2 and S3.

The same prices and the same checksum as `benches/common/market.rs`, `job.rs` and `tally.rs`, so that
a faster replay that found other events would be seen.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

OPEN, LEG_FILLED, TRAIL_ACTIVATED, CALLBACK_TIGHTENED = 0, 1, 2, 3
STOP_MOVED, STOPPED, TRAILED, CLOSED = 4, 5, 6, 8
PPM = 1_000_000


@njit(cache=False)
def mix(word: np.uint64) -> np.uint64:
    """The finaliser of splitmix64."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(cache=False)
def walk(seed: int, ticks: int) -> NDArray[np.float64]:
    """Prices of a geometric random walk on a grid of 0.1, sigma 0.2 bp a tick, from 43251.1."""
    scale = 0.2e-4 * np.sqrt(3.0) / 65536.0
    growth = 1.0
    prices = np.empty(ticks)
    low = np.uint64(0xFFFF)
    for at in range(ticks):
        word = mix(np.uint64(seed) + np.uint64(at + 1) * np.uint64(0x9E3779B97F4A7C15))
        uniforms = (
            (word & low)
            + ((word >> np.uint64(16)) & low)
            + ((word >> np.uint64(32)) & low)
            + (word >> np.uint64(48))
        )
        growth *= 1.0 + (np.float64(np.int64(uniforms)) - 131070.0) * scale
        price = np.int64(np.floor(43251.1 * growth * 10.0 + 0.5))
        prices[at] = np.float64(max(price, np.int64(1))) / 10.0
    return prices


@njit(cache=False)
def tell(tick: int, position: int, kind: int) -> np.uint64:
    """What one event adds to the checksum."""
    return mix(
        (np.uint64(tick) << np.uint64(28)) ^ (np.uint64(position) << np.uint64(4)) ^ np.uint64(kind)
    )


@njit(cache=False)
def job(
    prices: NDArray[np.float64], r_ppm: int, callback: int, second: int, third: int
) -> tuple[int, np.uint64, int]:
    """Number of events, checksum and number of positions of a job through all of `prices`.

    Prices on a grid of 0.1 are compared as floats: a level in ticks over ten is the same float.
    """
    events, checksum, position, at = 0, np.uint64(0), 0, 0
    count = len(prices)
    while at < count:
        entry = np.int64(np.round(prices[at] * 10.0))
        stop_ticks = -((-entry * (PPM - r_ppm)) // PPM)
        r = entry - stop_ticks
        break_even = -((-entry * (PPM + 500)) // PPM)
        stop = stop_ticks / 10.0
        level_ticks = entry + r
        level = level_ticks / 10.0
        activation = (entry + 3 * r // 2) / 10.0
        tighten_second = (entry + 5 * r // 2) / 10.0
        tighten_third = (entry + 7 * r // 2) / 10.0
        active = False
        watermark = np.inf
        trail = -np.inf
        ppm = callback
        legs = 0
        checksum += tell(at, position, OPEN)
        events += 1
        while at < count:
            price = prices[at]
            if trail > stop and price <= trail:
                checksum += tell(at, position, TRAILED) + tell(at, position, CLOSED)
                events += 2
                break
            if price <= stop:
                checksum += tell(at, position, STOPPED) + tell(at, position, CLOSED)
                events += 2
                break
            if price >= level:
                moved = False
                while legs < 4 and price >= level:
                    checksum += tell(at, position, LEG_FILLED)
                    events += 1
                    legs += 1
                    if legs == 1:
                        behind = np.int64(np.round(price * 10.0)) - 1
                        raised = min(break_even, behind) / 10.0
                        moved = bool(raised > stop)
                        stop = max(stop, raised)
                    level_ticks += r
                    level = level_ticks / 10.0
                if legs == 4:
                    checksum += tell(at, position, CLOSED)
                    events += 1
                    break
                if moved:
                    checksum += tell(at, position, STOP_MOVED)
                    events += 1
            if not active and price >= activation:
                active = True
                watermark = -np.inf
                checksum += tell(at, position, TRAIL_ACTIVATED)
                events += 1
            if price > watermark:
                watermark = price
                before = ppm
                if price >= tighten_third:
                    ppm = third
                elif price >= tighten_second:
                    ppm = second
                if ppm < before:
                    checksum += tell(at, position, CALLBACK_TIGHTENED)
                    events += 1
                ticks = np.int64(np.round(price * 10.0))
                trail = max(trail, (ticks - ticks * ppm // PPM) / 10.0)
            at += 1
        at += 1
        position += 1
    return events, checksum, position
