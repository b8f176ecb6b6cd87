"""The journal as execution needs it: append before effect, read after a restart.

Every adapter keeps the same promises: an append that returned is durable; what is appended in one
call is stored whole or not at all; the journal is always a prefix of what was appended, in order;
and what does not continue the hash chain is set aside at opening and reported, never dropped in
silence and never guessed.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from quantum_exit.execution.records import Defect, Entry, Head, Record

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """What was set aside when a journal was opened; rebuild what it told from the venue.

    Attributes:
        defect: The first place that was damaged, and how.
        kept: End of the sound part, which the journal continues.
        place: Where the set-aside bytes are: a file, a table, or a simulated disk.
        leases_kept: Whether the leases were readable. Where False, the store knows no epoch any
            more: acquire above the newest epoch that the venue's order ids show.
    """

    defect: Defect
    kept: Head
    place: str
    leases_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state that spares the replay of all records up to `head`.

    Attributes:
        head: End of the chain whose replay gives the state.
        ts_ms: When it was taken, ms since the UNIX epoch.
        payload: The state, one JSON object with the key `v`.
    """

    head: Head
    ts_ms: int
    payload: bytes


class JournalPort(Protocol):
    """Stores records."""

    async def append(self, entries: Sequence[Entry]) -> int:
        """Stores `entries` and gives the place of the last one; they are durable on return.

        Cancelled before its write began, nothing is stored; later, the write is completed.

        Raises:
            InvalidInputError: `entries` is empty.
            LeaseLostError: A newer lease of the account was acquired where the journal is; nothing
                is stored. Only stores that several processes can reach tell.
            JournalUnavailableError: It must be taken for not stored.
        """

    async def read(self, after_seq: int, limit: int) -> Sequence[Record]:
        """The at most `limit` records after the place `after_seq`, oldest first.

        Raises:
            JournalUnavailableError: They cannot be read.
        """


class SnapshotPort(Protocol):
    """Stores snapshots; old ones are thinned out."""

    async def save(self, snapshot: Snapshot) -> None:
        """Stores `snapshot`; it is durable on return.

        Raises:
            InvalidInputError: Its head is not a record of this journal.
            JournalUnavailableError: It must be taken for not stored.
        """

    async def latest(self) -> Snapshot | None:
        """The newest sound snapshot whose head is a record of this journal, or None.

        Raises:
            JournalUnavailableError: They cannot be read.
        """


async def records_after(journal: JournalPort, seq: int = 0) -> AsyncIterator[Record]:
    """All records after the place `seq`, oldest first, in constant memory.

    Raises:
        JournalUnavailableError: They cannot be read.
    """
    while page := await journal.read(seq, _PAGE):
        for record in page:
            yield record
        seq = page[-1].seq
