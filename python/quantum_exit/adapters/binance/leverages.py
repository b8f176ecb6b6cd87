"""Leverage by symbol, which version 3 of the list of positions leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from quantum_exit.adapters.binance.calls import Calls
from quantum_exit.adapters.binance.endpoints import SYMBOL_CONFIG
from quantum_exit.adapters.binance.rest_messages import SymbolConfigReply
from quantum_exit.domain.facts import VenuePosition
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.ports import Clock

_FRESH_NS: Final = 300_000_000_000


class Leverages:
    """Reads the settings of all symbols when a position needs them, and again when they are old.

    Args:
        calls: Makes the calls.
        clock: Its monotonic time tells what is old.
    """

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._of: Mapping[str, int] = MappingProxyType({})
        self._read_ns: int | None = None

    async def added_to(self, positions: Iterable[VenuePosition]) -> tuple[VenuePosition, ...]:
        """The same positions with the leverage of their symbols, where the venue tells.

        A position is worth more than its leverage: where that cannot be read, it stays None.
        """
        found = tuple(positions)
        lacking = {each.symbol for each in found if each.leverage is None}
        if lacking and not self._knows(lacking):
            await self._read()
        return tuple(
            each if each.leverage is not None else replace(each, leverage=self._of.get(each.symbol))
            for each in found
        )

    def _knows(self, symbols: set[str]) -> bool:
        if self._read_ns is None or not symbols <= self._of.keys():
            return False
        return self._clock.monotonic_ns() - self._read_ns < _FRESH_NS

    async def _read(self) -> None:
        try:
            replies = await self._calls.read(
                "symbol settings", SYMBOL_CONFIG, {}, list[SymbolConfigReply]
            )
        except VenueReadError:
            # What was known stays in force; the next reading of positions asks again.
            return
        self._of = {each.symbol: each.leverage for each in replies if each.leverage > 0}
        self._read_ns = self._clock.monotonic_ns()
