"""Who may change the orders of a symbol and side: claims on the core's lock-free slots."""

from collections.abc import Callable

import anyio

from quantum_exit._core import Busy, Claim, ClaimExpired, OrderSlots, Phase
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError

_POLL_S = 0.01


class SlotTable:
    """Slots by symbol and side, shared by everything in this process that may send orders.

    Args:
        capacity: Most symbols, 1 or more.
    """

    def __init__(self, capacity: int) -> None:
        self.slots = OrderSlots(capacity)
        self._capacity = capacity
        self._numbers: dict[str, int] = {}

    def slot(self, symbol: str, side: Side) -> int:
        """The slot of a symbol and side.

        Raises:
            InvalidInputError: More symbols were asked for than there is room for.
        """
        number = self._numbers.setdefault(symbol, len(self._numbers))
        if number >= self._capacity:
            del self._numbers[symbol]
            raise InvalidInputError("symbol", symbol, f"expected at most {self._capacity} symbols")
        return number * 2 + (side is Side.SHORT)

    def phase(self, symbol: str, side: Side) -> Phase:
        """What is known, or being done, about the orders of a symbol and side."""
        return self.slots.phase(self.slot(symbol, side))


class Holder:
    """Claims slots for one kind of work and gives them back.

    Args:
        table: The slots.
        patience_ms: How long to wait for another holder before its claim is fenced off: what
            protects a position is not kept waiting by something that hangs.
        now_ns: Monotonic time, ns.
    """

    def __init__(self, table: SlotTable, patience_ms: int, now_ns: Callable[[], int]) -> None:
        self._table = table
        self._patience_ns = patience_ms * 1_000_000
        self._now_ns = now_ns
        self.fenced = 0

    async def claim(self, symbol: str, side: Side) -> Claim:
        """Wins the slot, after another holder has given it back or was fenced off."""
        slots, slot = self._table.slots, self._table.slot(symbol, side)
        since_ns = self._now_ns()
        while True:
            won = slots.try_claim(slot, slots.revision(slot))
            if not isinstance(won, Busy):
                return won
            if self._now_ns() - since_ns < self._patience_ns:
                await anyio.sleep(_POLL_S)
            elif not won.stale:
                slots.fence(slot, won.revision)
                self.fenced += 1

    def is_current(self, claim: Claim) -> bool:
        """Whether the claim still holds its slot."""
        return self._table.slots.is_current(claim)

    def closing(self, claim: Claim) -> Claim:
        """Says that the position is being closed."""
        if claim.phase == Phase.CLOSING:
            return claim
        try:
            return self._table.slots.step(claim, Phase.CLOSING)
        except ClaimExpired:
            return claim

    def release(self, claim: Claim, phase: Phase) -> None:
        """Gives the slot back; a claim that was fenced off has nothing left to give."""
        if self._table.slots.is_current(claim):
            self._table.slots.release(claim, phase)
