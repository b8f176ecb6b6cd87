"""Time as a venue counts it: steered by its clock, carried by a clock that never steps."""

import time

from quantum_exit.errors import InvalidInputError

_NS_PER_MS = 1_000_000
_MAX_OFFSET_MS = 10 * 365 * 86_400_000


class SystemClock:
    """The clock of this machine; the only place that reads it.

    The wall clock is read once, when the object is made. From then on `now_ms` is that reading,
    corrected by `set_offset`, plus the monotonic time that has passed: setting the machine's clock
    moves no timer. Where the system has a monotonic clock that counts while the machine sleeps, it
    is used, so that a lease is seen to be over after a suspension.
    """

    def __init__(self) -> None:
        self._wall_ns = time.time_ns()
        self._start_ns = _monotonic_ns()
        self._offset_ms = 0

    def now_ms(self) -> int:
        """Time of the venue as far as it is known, ms since the UNIX epoch."""
        elapsed_ns = _monotonic_ns() - self._start_ns
        return (self._wall_ns + elapsed_ns) // _NS_PER_MS + self._offset_ms

    def monotonic_ns(self) -> int:
        """Time that never steps, ns from an arbitrary start."""
        return _monotonic_ns()

    def set_offset(self, offset_ms: int) -> None:
        """Corrects `now_ms` from now on.

        Args:
            offset_ms: The venue's clock minus this machine's as it was read, in ms.

        Raises:
            InvalidInputError: The two clocks are ten years apart: one of them is no clock.
        """
        if abs(offset_ms) > _MAX_OFFSET_MS:
            raise InvalidInputError("offset_ms", offset_ms, "expected less than ten years")
        self._offset_ms = offset_ms

    @property
    def offset_ms(self) -> int:
        """The correction in force, ms."""
        return self._offset_ms


def _monotonic_ns() -> int:
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)
