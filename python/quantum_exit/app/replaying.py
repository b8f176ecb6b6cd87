"""Puts a journal through the reducer that wrote it, and compares what comes out."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from quantum_exit.app.config.settings import RunConfig
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.journal import Snapshot
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.payloads import decode_payload
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.records import Record
from quantum_exit.execution.restoring import check_account


@dataclass(slots=True)
class Replayed:
    """What the reducer said to a journal.

    Attributes:
        inputs: Inputs that it took in.
        intents: Orders and cancellations that the journal holds.
        hashes: Hashes and snapshots of the state that were compared.
        state_hash: Hash of the state after the last record.
        difference: The first record that differs, and how; None = there is none.
    """

    inputs: int = 0
    intents: int = 0
    hashes: int = 0
    state_hash: str = ""
    difference: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return {
            "inputs": self.inputs,
            "intents": self.intents,
            "hashes_compared": self.hashes,
            "state_hash": self.state_hash,
            "difference": self.difference,
        }

    def as_text(self) -> str:
        """The figures for people."""
        compared = f"{self.intents} intents, {self.hashes} hashes of the state"
        verdict = "the same decisions" if self.difference is None else self.difference
        return "\n".join(
            (
                f"replayed {self.inputs} inputs; compared {compared}",
                f"state hash {self.state_hash}",
                verdict,
            )
        )


@dataclass(slots=True)
class Replayer:
    """Takes records in, oldest first.

    Args:
        config: The configuration under which the journal was written.
        snapshots: Its snapshots.
    """

    config: RunConfig
    snapshots: Iterable[Snapshot] = ()
    found: Replayed = field(default_factory=Replayed)
    _recorder: Recorder = field(default_factory=Recorder)
    _epoch: int = 0
    _asked: deque[Place | Cancel] = field(default_factory=deque)
    _mind: Mind = field(init=False)
    _snapshot_at: dict[int, Snapshot] = field(init=False)

    def __post_init__(self) -> None:
        config = self.config
        self._mind = Mind.new(config.guardian, config.account, config.watch)
        self._snapshot_at = {one.head.seq: one for one in self.snapshots}

    def take(self, record: Record) -> None:
        """Takes one record in; after a difference nothing more is compared.

        Raises:
            JournalVersionError: It is of a newer version.
            InvalidInputError: It is of another account.
        """
        if self.found.difference is not None or record.epoch < self._epoch:
            # Whoever writes under an older lease after a newer one has been replaced already.
            return
        self._epoch = record.epoch
        check_account(self._recorder, record, self.config.account)
        try:
            self._compare(record)
            self._compare_snapshot(record)
        except InvalidInputError as error:
            # It is whole, and still nothing that the reducer understands.
            self._differs(record, str(error))

    def end(self) -> Replayed:
        """What came of it."""
        if self._asked and self.found.difference is None:
            # The last batch was cut off by the end of the file at the earliest here.
            self.found.difference = f"after the last record: {self._asked[0].client_id} is missing"
        self.found.state_hash = self._mind.state_hash()
        return self.found

    def _compare(self, record: Record) -> None:
        intent = self._recorder.intent_of(record)
        recorded = self._recorder.state_hash_of(record)
        if intent is not None:
            self.found.intents += 1
            wanted = self._asked.popleft() if self._asked else None
            if intent != wanted:
                self._differs(record, f"{intent.client_id} was asked for, now {_named(wanted)}")
        elif self._asked:
            self._differs(record, f"now {_named(self._asked[0])} is asked for before it")
        elif recorded is not None:
            self.found.hashes += 1
            if recorded != self._mind.state_hash():
                self._differs(record, "the state has another hash")
        else:
            self._apply(record)

    def _apply(self, record: Record) -> None:
        given = self._recorder.input_of(record)
        if given is None:
            return
        self.found.inputs += 1
        effects, _ = self._mind.apply(given, record.ts_ms, replayed=True)
        self._asked.extend(effect for effect in effects if isinstance(effect, Place | Cancel))

    def _compare_snapshot(self, record: Record) -> None:
        snapshot = self._snapshot_at.get(record.seq)
        if snapshot is None or self.found.difference is not None:
            return
        self.found.hashes += 1
        if decode_payload(snapshot.payload)["mind"] != self._mind.snapshot():
            self._differs(record, "the snapshot after it holds another state")

    def _differs(self, record: Record, how: str) -> None:
        self.found.difference = f"record {record.seq}: {how}"


def _named(intent: Place | Cancel | None) -> str:
    return "nothing" if intent is None else intent.client_id
