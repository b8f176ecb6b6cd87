"""An event loop that does not wait: where nothing can happen before the next timer, it is due."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_NS_PER_S = 1_000_000_000


class VirtualSeconds:
    """The time of a loop, which only waiting moves."""

    def __init__(self) -> None:
        self.now_s = 0.0


class VirtualClock:
    """The clock port on virtual time.

    Args:
        start_ms: Wall time at its beginning, ms since the UNIX epoch.
    """

    def __init__(self, start_ms: int) -> None:
        self.seconds = VirtualSeconds()
        self._start_ms = start_ms
        self._offset_ms = 0

    def now_ms(self) -> int:
        """Time of the venue, ms since the UNIX epoch."""
        return self._start_ms + self.monotonic_ns() // 1_000_000 + self._offset_ms

    def monotonic_ns(self) -> int:
        """Virtual time since the beginning, ns."""
        return round(self.seconds.now_s * _NS_PER_S)

    def set_offset(self, offset_ms: int) -> None:
        """Corrects `now_ms` from now on."""
        self._offset_ms = offset_ms

    @property
    def offset_ms(self) -> int:
        """The correction in force, ms."""
        return self._offset_ms


class _Selector(selectors.DefaultSelector):
    """Looks at sockets and signals, and moves the time in place of waiting for them."""

    def __init__(self, seconds: VirtualSeconds) -> None:
        super().__init__()
        self._seconds = seconds

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self._seconds.now_s += timeout
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, seconds: VirtualSeconds) -> None:
        super().__init__(_Selector(seconds))
        self._seconds = seconds

    def time(self) -> float:
        return self._seconds.now_s


def run_virtual(main: Callable[[], Coroutine[Any, Any, T]], clock: VirtualClock) -> T:
    """Runs `main` on a loop whose time is that of `clock`: a day of it takes what its events take.

    Threads and sockets work, but time does not wait for them.
    """
    with asyncio.Runner(loop_factory=lambda: _VirtualLoop(clock.seconds)) as runner:
        return runner.run(main())
