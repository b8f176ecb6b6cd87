"""The state as it was, from the newest snapshot and the records after it."""

from dataclasses import dataclass
from typing import Protocol

from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.journal import JournalPort, SnapshotPort, records_after
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.payloads import decode_payload
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.records import Head, Record
from quantum_exit.execution.watch import WatchConfig


class Store(JournalPort, SnapshotPort, Protocol):
    """Journal and snapshots in one place."""

    @property
    def head(self) -> Head:
        """End of the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a journal told.

    Attributes:
        mind: The state after its last record.
        replayed: Records that were replayed.
        last_epoch: Newest lease epoch that it names, 0 without one.
        last_seq: Place of its last record, 0 without one.
        began_ms: When its first record was written, ms since the UNIX epoch, or None where it has
            none or was read from a snapshot on.
    """

    mind: Mind
    replayed: int
    last_epoch: int
    last_seq: int
    began_ms: int | None


async def restored(
    store: Store, recorder: Recorder, *, config: GuardianConfig, account: str, watch: WatchConfig
) -> Restored:
    """Replays a journal; what it asked for then is not asked for again here.

    A record of an older lease after one of a newer lease is left out: whoever wrote it had been
    replaced already, and nothing that it decided then has left.

    Raises:
        JournalUnavailableError: It cannot be read.
        JournalVersionError: It is of a newer version.
        InvalidInputError: A record is sound and still no record of this version, or it is of
            another account.
    """
    snapshot = await store.latest()
    seq = replayed = last_epoch = 0
    began_ms: int | None = None
    if snapshot is None:
        mind = Mind.new(config, account, watch)
    else:
        body = decode_payload(snapshot.payload)
        mind = Mind.restore(config, account, watch, body["mind"])
        seq = snapshot.head.seq
        last_epoch = mind.guardian.status(snapshot.ts_ms).lease_epoch or 0
    async for record in records_after(store, seq):
        seq = record.seq
        if seq == 1:
            began_ms = record.ts_ms
        if record.epoch < last_epoch:
            continue
        check_account(recorder, record, account)
        given = recorder.input_of(record)
        last_epoch = record.epoch
        replayed += 1
        if given is not None:
            mind.apply(given, record.ts_ms, replayed=True)
    return Restored(
        mind=mind, replayed=replayed, last_epoch=last_epoch, last_seq=seq, began_ms=began_ms
    )


def check_account(recorder: Recorder, record: Record, account: str) -> None:
    """Refuses the journal of another account.

    Raises:
        InvalidInputError: A lease of another account begins at `record`.
    """
    found = recorder.account_of(record)
    if found not in (None, account):
        raise InvalidInputError("account", account, f"expected {found}, whose journal this is")
