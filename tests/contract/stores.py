"""The three stores behind one face, each with a past that can be opened again."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from quantum_exit.adapters.store.memory import MemoryDisk, MemoryStore
from quantum_exit.adapters.store.memory_leases import MemoryLeases
from quantum_exit.adapters.store.postgres import PostgresStore
from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.execution.journal import JournalPort, Quarantine, SnapshotPort
from quantum_exit.execution.leases import LeasePort
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import Entry, Head, Record, RecordKind


@dataclass
class SettableClock:
    now: int = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


class Store(Protocol):
    @property
    def head(self) -> Head: ...
    @property
    def quarantine(self) -> Quarantine | None: ...


class JournalStore(Store, JournalPort, SnapshotPort, Protocol):
    """What all three have in one object."""


@dataclass
class Opened:
    journal: JournalStore
    leases: LeasePort


class World(ABC):
    """Where a store keeps what it keeps."""

    def __init__(self) -> None:
        self.clock = SettableClock()

    @abstractmethod
    def open(self) -> AbstractAsyncContextManager[Opened]:
        """Opens the store, with what it held before."""


class SqliteWorld(World):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "journal.db"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        async with await SqliteStore.open(self.path, owner="test", now_ms=self.clock) as store:
            yield Opened(store, store)


class PostgresWorld(World):
    def __init__(self, dsn: str, name: str) -> None:
        super().__init__()
        self.dsn = dsn
        self.name = name

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        opening = PostgresStore.open(self.dsn, journal=self.name, now_ms=self.clock)
        async with await opening as store:
            yield Opened(store, store)


class MemoryWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self.disk = MemoryDisk()
        self.leases = MemoryLeases(self.clock)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        yield Opened(MemoryStore(self.disk), self.leases)


def entry(number: int, kind: RecordKind = RecordKind.FACT) -> Entry:
    return Entry(kind=kind, epoch=1, ts_ms=number, payload=encode_payload({"number": number}))


def content(records: Sequence[Record]) -> list[Entry]:
    """What was appended to get these records."""
    return [
        Entry(kind=one.kind, epoch=one.epoch, ts_ms=one.ts_ms, payload=one.payload)
        for one in records
    ]
