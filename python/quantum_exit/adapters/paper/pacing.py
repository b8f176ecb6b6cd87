"""The time of the exchange, and when the next price is due by it."""

from collections.abc import Callable, Iterator

from quantum_exit.adapters.paper.prices import Move
from quantum_exit.errors import InvalidInputError


class ExchangeClock:
    """Time of the exchange: that of a clock, moved by what was skipped; or it moves by hand only.

    Args:
        source: Gives ms since the UNIX epoch.
        manual: Stand still at the time of the first look.
    """

    def __init__(self, source: Callable[[], int], *, manual: bool = False) -> None:
        self._source = source
        self._fixed_ms = source() if manual else None
        self._skipped_ms = 0

    def now_ms(self) -> int:
        """The time, ms since the UNIX epoch."""
        base_ms = self._source() if self._fixed_ms is None else self._fixed_ms
        return base_ms + self._skipped_ms

    def skip(self, ms: int) -> None:
        """Moves the time forward.

        Raises:
            InvalidInputError: `ms` is negative.
        """
        if ms < 0:
            raise InvalidInputError("ms", ms, "expected 0 or more")
        self._skipped_ms += ms


class Pacer:
    """Hands out prices at the pace of the exchange's time.

    The first one is due at once, whatever its own time is; the others follow it at the distance
    that they have in their source, divided by the speed.

    Args:
        moves: The prices, by time.
        speed: How many ms of the source pass in one ms; `None` is as fast as they are taken.
        burst: Most prices that are taken at once.

    Raises:
        InvalidInputError: `speed` is not above 0.
    """

    def __init__(
        self, moves: Iterator[Move], *, speed: float | None = 1.0, burst: int = 5_000
    ) -> None:
        if speed is not None and speed <= 0:
            raise InvalidInputError("speed", speed, "expected above 0")
        self._moves = moves
        self._speed = speed
        self._burst = burst
        self._next = next(moves, None)
        self._first_ms = 0 if self._next is None else self._next.ts_ms
        self._start_ms: int | None = None

    @property
    def ended(self) -> bool:
        """`True` where the source has no further price."""
        return self._next is None

    def due(self, now_ms: int) -> Iterator[tuple[int, Move]]:
        """Takes what is due by `now_ms`, each with the time at which it was due."""
        if self._start_ms is None:
            self._start_ms = now_ms
        for _ in range(self._burst):
            move = self._next
            if move is None:
                return
            at_ms = self._at_ms(move, now_ms)
            if at_ms > now_ms:
                return
            self._next = next(self._moves, None)
            yield at_ms, move

    def next_due_ms(self, now_ms: int) -> int | None:
        """When the next price is due, or `None` where there is none."""
        return None if self._next is None else self._at_ms(self._next, now_ms)

    def _at_ms(self, move: Move, now_ms: int) -> int:
        if self._speed is None or self._start_ms is None:
            return now_ms
        return self._start_ms + int((move.ts_ms - self._first_ms) / self._speed)
