"""Reserved ids in memory: the file that outlives a process is a dictionary."""

from collections.abc import Mapping, Sequence

from quantum_exit.execution.emergencies import ReservePort


class MemoryReserve(ReservePort):
    """The reserve of one life.

    Args:
        file: What outlives it.
    """

    def __init__(self, file: dict[str, tuple[str, ...]]) -> None:
        self._file = file
        self._left_over = dict(file)
        self._left: dict[str, set[str]] = {}

    @property
    def left_over(self) -> Mapping[str, tuple[str, ...]]:
        """What an earlier life had reserved."""
        return self._left_over

    async def put(self, position: str, ids: Sequence[str]) -> None:
        """Reserves."""
        self._file[position] = tuple(ids)
        self._left[position] = set(ids)

    async def drop(self, position: str) -> None:
        """Forgets."""
        self._file.pop(position, None)
        self._left.pop(position, None)

    async def clear(self) -> None:
        """Forgets all."""
        self._file.clear()
        self._left.clear()

    def take(self, position: str, client_id: str) -> bool:
        """Whether it is reserved."""
        left = self._left.get(position, set())
        found = client_id in left
        left.discard(client_id)
        return found
