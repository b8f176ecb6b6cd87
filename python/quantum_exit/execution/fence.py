"""The fence at our own egress: a venue cannot check a lease, so nothing leaves without one."""

from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.ports import Clock

_NS_PER_MS = 1_000_000


class Fence:
    """Says whether a request may leave now.

    A request lives at the venue for at most the receive window after it left. So nothing leaves in
    the last stretch of a lease: whoever takes over afterwards meets no request of ours.

    Args:
        clock: Its monotonic time counts the lease.
        margin_ms: Receive window and the longest way to the venue, ms, above 0.
    """

    def __init__(self, clock: Clock, margin_ms: int) -> None:
        if margin_ms <= 0:
            raise InvalidInputError("margin_ms", margin_ms, "expected a whole number above 0")
        self._clock = clock
        self._margin_ns = margin_ms * _NS_PER_MS
        self._epoch = 0
        self._until_ns = 0
        self._lost = False

    @property
    def epoch(self) -> int:
        """Newest epoch that was granted; 0 = none yet."""
        return self._epoch

    def grant(self, epoch: int, asked_ns: int, ttl_ms: int) -> None:
        """A lease was won or renewed.

        Args:
            epoch: Its epoch; one that is older than the newest seen is refused.
            asked_ns: Monotonic time at which it was asked for, ns: the store's answer took a while.
            ttl_ms: How long it lasts.

        Raises:
            InvalidInputError: The epoch is older than one that was granted before.
        """
        if epoch < self._epoch or (self._lost and epoch == self._epoch):
            allowed = f"expected an epoch after {self._epoch}"
            raise InvalidInputError("epoch", epoch, allowed)
        self._epoch = epoch
        self._lost = False
        self._until_ns = asked_ns + ttl_ms * _NS_PER_MS

    def lose(self) -> None:
        """Somebody else took over: nothing leaves any more under this epoch."""
        self._lost = True

    def left_ms(self) -> int:
        """How long requests may still leave, ms; 0 = they may not."""
        if self._lost or self._epoch == 0:
            return 0
        left_ns = self._until_ns - self._margin_ns - self._clock.monotonic_ns()
        return max(left_ns // _NS_PER_MS, 0)

    @property
    def is_open(self) -> bool:
        """Whether a request may leave now."""
        return self.left_ms() > 0
