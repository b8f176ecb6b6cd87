"""When a connection may be opened: back-off with jitter, and the venue's limit of attempts."""

from collections import deque
from collections.abc import Callable
from typing import Final

import anyio

from quantum_exit.execution.ports import Clock

_WINDOW_NS: Final = 300 * 1_000_000_000
_NS_PER_S: Final = 1_000_000_000


class Pacing:
    """Spaces the attempts of all streams; the venue allows 300 in 5 minutes and address.

    Args:
        clock: Measures the five minutes.
        jitter: Numbers in [0, 1), from a seeded source.
        first_s: Longest wait before the second attempt in a row, seconds, above 0.
        longest_s: Longest wait between attempts, seconds.
        attempts: Most attempts in 5 minutes; fewer than the venue allows, since others may share
            the address.
    """

    def __init__(
        self,
        clock: Clock,
        jitter: Callable[[], float],
        *,
        first_s: float = 0.25,
        longest_s: float = 30.0,
        attempts: int = 150,
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._first_s = first_s
        self._longest_s = longest_s
        self._attempts = attempts
        self._recent: deque[int] = deque()

    async def before_attempt(self, failures: int) -> None:
        """Waits until the next attempt may be made.

        Args:
            failures: Attempts in a row that failed, 0 or more. The first attempt after a loss
                waits only for the limit.
        """
        if failures > 0:
            await anyio.sleep(self._wait_s(failures))
        wait_s = self._until_allowed_s()
        while wait_s > 0:
            await anyio.sleep(wait_s)
            wait_s = self._until_allowed_s()
        self._recent.append(self._clock.monotonic_ns())

    def _wait_s(self, failures: int) -> float:
        # At least half of the full wait, so that attempts spread but never bunch at zero.
        full_s = min(self._first_s * 2.0 ** min(failures - 1, 30), self._longest_s)
        return full_s * (0.5 + 0.5 * self._jitter())

    def _until_allowed_s(self) -> float:
        now_ns = self._clock.monotonic_ns()
        while self._recent and now_ns - self._recent[0] >= _WINDOW_NS:
            self._recent.popleft()
        if len(self._recent) < self._attempts:
            return 0.0
        return (self._recent[0] + _WINDOW_NS - now_ns) / _NS_PER_S
