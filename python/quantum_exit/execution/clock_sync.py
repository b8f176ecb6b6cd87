"""Follows the venue's clock."""

from typing import Protocol

from quantum_exit.errors import VenueReadError
from quantum_exit.execution.ports import Clock

_NS_PER_MS = 1_000_000


class SteeredClock(Clock, Protocol):
    """A clock whose wall time can be corrected."""

    @property
    def offset_ms(self) -> int:
        """The correction in force, ms."""

    def set_offset(self, offset_ms: int) -> None:
        """Corrects the wall time from now on."""


class TimeSource(Protocol):
    """Tells the venue's time."""

    async def server_time_ms(self) -> int:
        """The venue's clock, ms since the UNIX epoch."""


async def follow(clock: SteeredClock, source: TimeSource, readings: int = 3) -> int:
    """Corrects `clock` by the venue's, from the reading with the shortest round trip.

    Args:
        clock: What to correct.
        source: The venue.
        readings: How often to ask, 1 or more.

    Returns:
        Half the shortest round trip in ms, rounded up: the most by which the clock may be off.

    Raises:
        VenueReadError: Not one reading came back.
    """
    best: tuple[int, int] | None = None
    lost: VenueReadError | None = None
    for _ in range(readings):
        sent_ns = clock.monotonic_ns()
        try:
            venue_ms = await source.server_time_ms()
        except VenueReadError as error:
            lost = error
            continue
        half_ns = (clock.monotonic_ns() - sent_ns) // 2
        ahead_ms = venue_ms + half_ns // _NS_PER_MS - clock.now_ms()
        if best is None or half_ns < best[0]:
            best = (half_ns, clock.offset_ms + ahead_ms)
    if best is None:
        raise lost or VenueReadError("server time", "no reading")
    half_ns, offset_ms = best
    clock.set_offset(offset_ms)
    return -(-half_ns // _NS_PER_MS)
