"""Order ids for emergencies, stored before they are needed: closing works without a disk.

While the disk is well, ids are reserved for each position. When the journal fails, a close takes
one of them: no write is needed then. After a restart every reserved id may have been sent, so the
venue is asked about each one.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from zlib import crc32

from anyio import Lock, to_thread

from quantum_exit.adapters.store.sqlite_schema import sync_folder
from quantum_exit.errors import InvalidInputError, JournalUnavailableError
from quantum_exit.execution.payloads import decode_payload, encode_payload


class EmergencyReserve:
    """The reserved ids, by the name of a position.

    Attributes:
        left_over: What an earlier process had reserved; ask the venue about each of these ids.
    """

    def __init__(self, path: Path, left_over: Mapping[str, tuple[str, ...]]) -> None:
        self._path = path
        self._lock = Lock()
        self._stored = dict(left_over)
        self._left: dict[str, set[str]] = {}
        self.left_over = dict(left_over)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Reads the file `path`; where there is none, nothing is reserved.

        Raises:
            JournalUnavailableError: It cannot be read, or is damaged.
            JournalVersionError: It is of a version that this build cannot read.
        """
        return cls(path, await to_thread.run_sync(_read, path))

    async def put(self, position: str, ids: Sequence[str]) -> None:
        """Reserves `ids` for `position` instead of those before; they are durable on return.

        Raises:
            JournalUnavailableError: Nothing was changed.
        """
        async with self._lock:
            await self._store({**self._stored, position: tuple(ids)})
            self._left[position] = set(ids)

    async def drop(self, position: str) -> None:
        """Forgets what is reserved for `position`, which is closed.

        Raises:
            JournalUnavailableError: Nothing was changed.
        """
        async with self._lock:
            await self._store({key: ids for key, ids in self._stored.items() if key != position})
            self._left.pop(position, None)

    async def clear(self) -> None:
        """Forgets all that is reserved.

        Raises:
            JournalUnavailableError: Nothing was changed.
        """
        async with self._lock:
            await self._store({})
            self._left.clear()

    def take(self, position: str, client_id: str) -> bool:
        """Whether `client_id` is reserved for `position`, each one once; touches no disk."""
        left = self._left.get(position)
        if left is None or client_id not in left:
            return False
        left.remove(client_id)
        return True

    async def _store(self, reserved: dict[str, tuple[str, ...]]) -> None:
        await to_thread.run_sync(_write, self._path, reserved)
        self._stored = reserved


def _write(path: Path, reserved: Mapping[str, tuple[str, ...]]) -> None:
    payload = encode_payload({"reserved": reserved})
    fresh = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"%08x\n%s\n" % (crc32(payload), payload))
            file.flush()
            os.fsync(descriptor)
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise JournalUnavailableError("reserve", str(error)) from error


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    try:
        content = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise JournalUnavailableError("reserve", str(error)) from error
    if content is None:
        return {}
    checksum, _, rest = content.partition(b"\n")
    payload = rest.removesuffix(b"\n")
    if checksum != b"%08x" % crc32(payload):
        raise JournalUnavailableError("reserve", f"{path} is damaged: its checksum is wrong")
    try:
        reserved = decode_payload(payload)["reserved"]
        return {position: tuple(ids) for position, ids in reserved.items()}
    except (InvalidInputError, KeyError, AttributeError) as error:
        raise JournalUnavailableError("reserve", f"{path} is damaged: {error!r}") from error
