"""What waits for the reducer: facts in the order in which they came, none ever dropped."""

from collections import deque
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Inbox(Generic[T]):
    """A bounded queue with one reader.

    Whoever puts something into a full inbox waits, which slows down the connection that it reads
    from: prices conflate there, fills wait.

    Args:
        most: Items that it holds before senders wait, 1 or more.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: deque[T] = deque()
        self._filled = anyio.Event()
        self._emptied = anyio.Event()

    def __len__(self) -> int:
        return len(self._items)

    async def put(self, item: T) -> None:
        """Adds an item, as soon as there is room."""
        await self.room()
        self.put_now(item)

    @property
    def has_room(self) -> bool:
        """Whether an item would not have to wait."""
        return len(self._items) < self._most

    async def room(self) -> None:
        """Waits until there is room."""
        while not self.has_room:
            await self._emptied.wait()

    def put_now(self, item: T) -> None:
        """Adds an item beyond the bound: for the few that come from inside, such as outcomes."""
        self._items.append(item)
        self._filled.set()

    async def take(self, most: int, wait_s: float | None) -> list[T]:
        """The next items, at most `most`; none where `wait_s` seconds pass without one.

        Args:
            most: How many at most, 1 or more.
            wait_s: How long to wait for the first one; None = as long as it takes.
        """
        if not self._items:
            with anyio.move_on_after(wait_s):
                await self._filled.wait()
        taken = [self._items.popleft() for _ in range(min(most, len(self._items)))]
        if not self._items:
            self._filled = anyio.Event()
        if taken and self.has_room:
            self._emptied.set()
            self._emptied = anyio.Event()
        return taken
