"""Between the streams and their one reader: fills never drop, prices conflate per symbol."""

from collections import deque
from collections.abc import Callable
from typing import Final, Self

import anyio

from quantum_exit.domain.facts import Price, StreamGap, VenueFact

_PRICES_KEPT: Final = 3


class Inbox:
    """A bounded queue of facts with one reader.

    Facts of the account keep their order and come before prices. When it is full of them, the
    streams wait, the venue's sending stalls, and a connection that is cut for it becomes a gap.
    Of the prices of a symbol that wait, the lowest, the highest and the latest stay: a slow reader
    misses no extreme. Where the grid of the symbol has changed, those of the former one go: they
    cannot be compared. A second gap of a stream that waits is the same gap.

    Args:
        capacity: Facts of the account that may wait, 1 or more.
        at_once: Sees each price in the task that read it, unless older ones of its symbol wait; one
            that it does not take waits. None = all wait.
    """

    def __init__(self, capacity: int, at_once: Callable[[Price], bool] | None = None) -> None:
        self._capacity = capacity
        self._at_once = at_once
        self._facts: deque[VenueFact] = deque()
        self._gaps: set[StreamGap] = set()
        self._prices: dict[tuple[str, bool], list[Price]] = {}
        self._conflated = 0
        self._filled = anyio.Event()
        self._freed = anyio.Event()

    @property
    def conflated(self) -> int:
        """Prices that were left out because the reader was slower than the market."""
        return self._conflated

    def put(self, fact: VenueFact) -> None:
        """Takes a fact in; never waits, so that a cancelled stream loses none it has read."""
        match fact:
            case Price():
                if self._is_seen_at_once(fact):
                    return
                self._put_price(fact)
            case StreamGap():
                if fact not in self._gaps:
                    self._gaps.add(fact)
                    self._facts.append(fact)
            case _:
                self._facts.append(fact)
        self._filled.set()

    async def room(self) -> None:
        """Waits until there is room; a stream does so before it reads its next frame."""
        while len(self._facts) >= self._capacity:
            # Several streams may wait on the same event.
            if self._freed.is_set():
                self._freed = anyio.Event()
            await self._freed.wait()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> VenueFact:
        while not self._facts and not self._prices:
            if self._filled.is_set():
                self._filled = anyio.Event()
            await self._filled.wait()
        return self._take_fact() if self._facts else self._take_price()

    def _take_fact(self) -> VenueFact:
        fact = self._facts.popleft()
        if isinstance(fact, StreamGap):
            self._gaps.discard(fact)
        self._freed.set()
        return fact

    def _take_price(self) -> Price:
        key, waiting = next(iter(self._prices.items()))
        price = waiting.pop(0)
        if not waiting:
            del self._prices[key]
        return price

    def _is_seen_at_once(self, price: Price) -> bool:
        if self._at_once is None or (price.symbol, price.mark) in self._prices:
            return False
        return self._at_once(price)

    def _put_price(self, price: Price) -> None:
        waiting = self._prices.setdefault((price.symbol, price.mark), [])
        if waiting and waiting[-1].tick_size != price.tick_size:
            self._conflated += len(waiting)
            waiting.clear()
        waiting.append(price)
        if len(waiting) > _PRICES_KEPT:
            kept = _telling(waiting)
            self._conflated += len(waiting) - len(kept)
            waiting[:] = kept


def _telling(prices: list[Price]) -> list[Price]:
    lowest = min(prices, key=lambda price: price.ticks)
    highest = max(prices, key=lambda price: price.ticks)
    latest = prices[-1]
    return [each for each in prices if each is lowest or each is highest or each is latest]
