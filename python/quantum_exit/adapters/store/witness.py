"""A second place that knows how long the journal was.

SQLite ignores a write-ahead log that is missing or damaged, and the records in it are gone without
a word; the chain that is left is sound. Therefore the end of the chain is also noted in a small
file, after each commit and without fsync: after a crash it may be older than the journal, but it
never tells of a record that was not durable.
"""

import os
import struct
from pathlib import Path
from typing import Self
from zlib import crc32

from quantum_exit.execution.records import Head

_BODY = struct.Struct(">Q32s")
_CHECKSUM = struct.Struct(">I")


class HeadWitness:
    """The file that holds a chain's end; blocking, for one thread at a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens or creates the file `path`, readable by its owner only.

        Raises:
            OSError: It cannot be opened.
        """
        return cls(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600))

    def note(self, head: Head) -> None:
        """Notes that `head` is durable.

        Raises:
            OSError: It cannot be written.
        """
        body = _BODY.pack(head.seq, head.hash)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, body + _CHECKSUM.pack(crc32(body)))

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)


def read_witness(path: Path) -> Head | None:
    """The end of the chain that the file `path` noted; None = absent or torn.

    Raises:
        OSError: It cannot be read.
    """
    if not path.exists():
        return None
    content = path.read_bytes()
    if len(content) != _BODY.size + _CHECKSUM.size:
        return None
    body, (checksum,) = content[: _BODY.size], _CHECKSUM.unpack(content[_BODY.size :])
    if checksum != crc32(body):
        return None
    seq, digest = _BODY.unpack(body)
    return Head(seq, digest)
