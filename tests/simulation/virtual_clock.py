"""The clock port on the time of the virtual loop."""

import asyncio
from typing import cast

from tests.simulation.virtual_loop import VirtualLoop


class VirtualClock:
    """Time of the running virtual loop as wall time and as monotonic time.

    Args:
        start_ms: Wall time at the loop's second 0, ms since the UNIX epoch.
    """

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms
        self._offset_ms = 0

    def now_ms(self) -> int:
        return self.true_ms() + self._offset_ms

    def true_ms(self) -> int:
        """Wall time without the correction."""
        return self._start_ms + self.monotonic_ns() // 1_000_000

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * 1e9)

    def set_offset(self, offset_ms: int) -> None:
        self._offset_ms = offset_ms

    @property
    def offset_ms(self) -> int:
        return self._offset_ms

    def pass_ms(self, ms: int) -> None:
        """Lets time pass without letting any task run."""
        self._loop.pass_time(ms / 1_000)

    @property
    def _loop(self) -> VirtualLoop:
        return cast("VirtualLoop", asyncio.get_running_loop())
