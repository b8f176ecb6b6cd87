"""One process per folder: a lock that ends with its owner, however it ends."""

import os
import sys
from pathlib import Path
from typing import Self

from quantum_exit.errors import LeaseHeldError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NAME = "owner.lock"
_LONGEST_NAME = 200
# Windows forbids others to read locked bytes; the owner's name stands before them.
_LOCKED_AT = 1 << 20


class FolderLock:
    """The lock of a folder, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, folder: Path, owner: str) -> Self:
        """Locks `folder` for `owner`.

        Raises:
            LeaseHeldError: Another process, or another store of this one, holds it.
            OSError: The lock file cannot be opened.
        """
        descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            held_by = os.pread(descriptor, _LONGEST_NAME, 0) if hasattr(os, "pread") else b""
            os.close(descriptor)
            name = held_by.decode(errors="replace").strip() or "another process"
            raise LeaseHeldError(str(folder), name, None) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{owner} (process {os.getpid()})\n".encode()[:_LONGEST_NAME])
        return cls(descriptor)

    def release(self) -> None:
        """Gives the folder free; the file stays, because removing it would race with a successor."""
        os.close(self._descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
