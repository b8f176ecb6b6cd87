"""The leverage that the account has set for each symbol, kept at hand.

No first stop waits for it: a position that is found before it is known gets its stops all the same,
and tighter ones as soon as it is.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import anyio

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.domain.facts import StreamGap
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.recording import Input


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverageConfig:
    """When the settings of the symbols are read.

    Attributes:
        every_ms: Time between two readings, ms; a change is also told by the stream.
        retry_ms: First pause after a failed reading, ms; it doubles up to `every_ms`.
    """

    every_ms: int = 300_000
    retry_ms: int = 1_000

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "every_ms", "retry_ms")


class Leverages:
    """Reads the settings at the start, now and then, and when the stream says that they changed.

    Args:
        read: Asks the venue for the leverage of every symbol.
        config: When.
        changed: Called when they were read.
    """

    def __init__(
        self,
        *,
        read: Callable[[], Awaitable[Mapping[str, int]]],
        config: LeverageConfig,
        changed: Callable[[], None],
    ) -> None:
        self._read = read
        self._config = config
        self._changed = changed
        self._of: Mapping[str, int] = MappingProxyType({})
        self._wanted = anyio.Event()

    def of(self, symbol: str) -> int | None:
        """Leverage of a symbol as last read, or None where it is not known."""
        return self._of.get(symbol)

    def note(self, fact: Input) -> None:
        """Whoever may have missed an event of the account may have missed a change of settings."""
        if isinstance(fact, StreamGap) and fact.stream == "user":
            self._wanted.set()

    async def run(self) -> None:
        """Keeps them fresh until it is cancelled."""
        retry_ms = self._config.retry_ms
        while True:
            self._wanted = anyio.Event()
            if await self._renewed():
                retry_ms = self._config.retry_ms
                with anyio.move_on_after(self._config.every_ms / 1000):
                    await self._wanted.wait()
            else:
                await anyio.sleep(retry_ms / 1000)
                retry_ms = min(2 * retry_ms, self._config.every_ms)

    async def _renewed(self) -> bool:
        try:
            self._of = await self._read()
        except VenueReadError:
            # What was known stays in force.
            return False
        self._changed()
        return True
