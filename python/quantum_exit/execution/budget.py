"""The venue's rate limits as a budget, part of which only protection may spend."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from math import ceil

from quantum_exit.domain.checks import in_range
from quantum_exit.errors import InvalidInputError

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` units within any `window_ms`.

    Attributes:
        name: What is counted, such as `weight` or `orders`.
        most: Units, 1 or more.
        window_ms: Length of the window in ms, 1 or more.
    """

    name: str
    most: int
    window_ms: int

    def __post_init__(self) -> None:
        for field in ("most", "window_ms"):
            if (value := getattr(self, field)) < 1:
                raise InvalidInputError(field, value, "expected a whole number from 1")


BINANCE_USDM_LIMITS = (
    Limit(name="weight", most=2400, window_ms=60_000),
    Limit(name="orders", most=300, window_ms=10_000),
    Limit(name="orders", most=1200, window_ms=60_000),
)
"""`rateLimits` of Binance USD-M's exchangeInfo: weight by address, orders by account."""


class Access(Enum):
    """How much of each limit a request may use."""

    PLAIN = 0
    """All but the reserve: what can wait."""
    PROTECTIVE = 1
    """All but half of the reserve: what keeps cover up, and takes away what would open a position."""
    VITAL = 2
    """All of it: floors and closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request uses up.

    Attributes:
        weight: Request weight, 0 or more.
        orders: Orders that it counts as, 0 or more.
    """

    weight: int = 1
    orders: int = 0


class RateBudget:
    """Counts what was spent in sliding windows; not synchronised, one owner.

    Sliding windows are stricter than the venue's fixed ones: whatever fits here fits there.

    Args:
        limits: The venue's limits.
        reserve_frac: Share of each limit that only protective requests may use, 0.2 to 0.9; half of
            it only floors and closes.

    Raises:
        InvalidInputError: The share is out of range.
    """

    def __init__(self, limits: tuple[Limit, ...], reserve_frac: float = 0.2) -> None:
        in_range("reserve_frac", reserve_frac, 0.2, 0.9)
        self._reserve_frac = reserve_frac
        self._windows = tuple(_Window(limit, reserve_frac) for limit in limits)
        self._closed_until_ns = 0

    def wait_ns(self, cost: Cost, now_ns: int, access: Access) -> int:
        """How long to wait before such a request may leave, ns; 0 = now.

        While the venue has asked for silence everything waits, protection as well: a request during
        a ban makes the ban longer.
        """
        waits = [
            window.wait_ns(_units(window.limit, cost), now_ns, access) for window in self._windows
        ]
        return max(self._closed_until_ns - now_ns, 0, *waits)

    def spend(self, cost: Cost, now_ns: int) -> None:
        """Counts a request that leaves now."""
        for window in self._windows:
            window.spend(_units(window.limit, cost), now_ns)

    def observe(self, name: str, window_ms: int, used: int, now_ns: int) -> None:
        """Takes over the venue's own count where it is higher: others spend of the same limit."""
        for window in self._windows_of(name, window_ms):
            window.raise_to(used, now_ns)

    def adopt(self, name: str, window_ms: int, most: int) -> None:
        """Takes over a limit from the venue; what was spent of it stays spent."""
        for window in self._windows_of(name, window_ms):
            window.set_limit(Limit(name=name, most=most, window_ms=window_ms), self._reserve_frac)

    def _windows_of(self, name: str, window_ms: int) -> Iterator["_Window"]:
        of_limit = (name, window_ms)
        return (one for one in self._windows if (one.limit.name, one.limit.window_ms) == of_limit)

    def close(self, retry_after_ms: int, now_ns: int) -> None:
        """The venue asked for silence: nothing leaves before `retry_after_ms` have passed."""
        self._closed_until_ns = max(self._closed_until_ns, now_ns + retry_after_ms * _NS_PER_MS)

    def left(self, now_ns: int) -> dict[str, int]:
        """Units left of each limit, named `NAME_per_SECONDSs`."""
        return {
            f"{window.limit.name}_per_{window.limit.window_ms // 1000}s": window.left(now_ns)
            for window in self._windows
        }

    def reserve_is_used(self, now_ns: int) -> bool:
        """Whether protection has begun to spend its reserve."""
        return any(window.left(now_ns) < window.reserve for window in self._windows)


class _Window:
    def __init__(self, limit: Limit, reserve_frac: float) -> None:
        self._spent: deque[tuple[int, int]] = deque()
        self._used = 0
        self.set_limit(limit, reserve_frac)

    def set_limit(self, limit: Limit, reserve_frac: float) -> None:
        self.limit = limit
        self.reserve = ceil(limit.most * reserve_frac)

    def left(self, now_ns: int) -> int:
        self._forget(now_ns)
        return self.limit.most - self._used

    def wait_ns(self, units: int, now_ns: int, access: Access) -> int:
        """Time until enough of what was spent is forgotten."""
        if units == 0:
            return 0
        over = units - self.left(now_ns) + self._kept(access)
        wait_ns = 0
        for spent_ns, spent in self._spent:
            if over <= 0:
                break
            over -= spent
            wait_ns = spent_ns + self.limit.window_ms * _NS_PER_MS - now_ns
        return wait_ns

    def _kept(self, access: Access) -> int:
        """Units that such a request leaves to others."""
        if access is Access.VITAL:
            return 0
        return self.reserve if access is Access.PLAIN else self.reserve // 2

    def spend(self, units: int, now_ns: int) -> None:
        if units > 0:
            self._spent.append((now_ns, units))
            self._used += units

    def raise_to(self, used: int, now_ns: int) -> None:
        self._forget(now_ns)
        self.spend(used - self._used, now_ns)

    def _forget(self, now_ns: int) -> None:
        start_ns = now_ns - self.limit.window_ms * _NS_PER_MS
        while self._spent and self._spent[0][0] <= start_ns:
            self._used -= self._spent.popleft()[1]


def _units(limit: Limit, cost: Cost) -> int:
    return cost.orders if limit.name == "orders" else cost.weight
