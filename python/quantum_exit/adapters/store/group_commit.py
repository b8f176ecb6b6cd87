"""Group commit: one write confirms every append that came while the write before it ran."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from quantum_exit.errors import InvalidInputError, JournalUnavailableError
from quantum_exit.execution.records import Entry

_MOST_ENTRIES = 4096


@dataclass(eq=False, slots=True)
class _Append:
    entries: tuple[Entry, ...]
    last_seq: int | None = field(default=None, init=False)
    failure: tuple[str, str] | None = field(default=None, init=False)

    @property
    def settled(self) -> bool:
        return self.last_seq is not None or self.failure is not None


class GroupCommit:
    """Turns concurrent appends into few durable writes, first come first served.

    The first append writes at once; those that come meanwhile wait, and one of them then writes
    them all together. There is no timer: a lone append is never delayed.

    Args:
        write: Stores entries durably, all or none, and gives the place of the last one; raises
            `JournalUnavailableError`. It is never called twice at the same time.
    """

    def __init__(self, write: Callable[[Sequence[Entry]], Awaitable[int]]) -> None:
        self._write = write
        self._waiting: deque[_Append] = deque()
        self._round: anyio.Event | None = None

    async def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries`; see `JournalPort.append`."""
        if not entries:
            raise InvalidInputError("entries", "none", "expected at least one")
        await checkpoint_if_cancelled()
        append = _Append(tuple(entries))
        self._waiting.append(append)
        try:
            while not append.settled:
                await self._turn()
        finally:
            if append in self._waiting:
                self._waiting.remove(append)
        if append.last_seq is None:
            raise JournalUnavailableError(*(append.failure or ("append", "no outcome")))
        return append.last_seq

    async def _turn(self) -> None:
        if self._round is not None:
            await self._round.wait()
            return
        current = self._round = anyio.Event()
        batch = self._take()
        try:
            # A write that has begun is completed: half-known outcomes help nobody.
            with anyio.CancelScope(shield=True):
                _settle(batch, await self._write([one for each in batch for one in each.entries]))
        except JournalUnavailableError as error:
            _fail(batch, error.operation, error.reason)
        except BaseException as error:
            _fail(batch, "append", repr(error))
            raise
        finally:
            self._round = None
            current.set()

    def _take(self) -> list[_Append]:
        batch = [self._waiting.popleft()]
        size = len(batch[0].entries)
        while self._waiting and size + len(self._waiting[0].entries) <= _MOST_ENTRIES:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].entries)
        return batch


def _settle(batch: Sequence[_Append], last_seq: int) -> None:
    for append in reversed(batch):
        append.last_seq = last_seq
        last_seq -= len(append.entries)


def _fail(batch: Sequence[_Append], operation: str, reason: str) -> None:
    for append in batch:
        append.failure = (operation, reason)
