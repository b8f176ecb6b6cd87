"""A clock for tests over real sockets."""

import time


class RealClock:
    """Wall time with an offset; monotonic time of this machine."""

    def __init__(self, offset_ms: int = 0) -> None:
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset_ms

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()
