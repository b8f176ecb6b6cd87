"""What a replay command reads: ticks of files, bars of files, or the demonstration.

Each of the three can be read more than once: a report reads the input a second time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import Instrument
from quantum_exit.adapters.batches import BarBatch
from quantum_exit.adapters.files import Dropped, Progress, open_bars, open_ticks
from quantum_exit.adapters.sources import TickArrays
from quantum_exit.app.demo import demo_ticks
from quantum_exit.execution.bars import bar_ticks, replay_bars
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.replay import ReplaySettings, replay_symbol
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.stretches import Stretch

Prices: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64]]
Entries: TypeAlias = Sequence[Entry] | Iterator[Entry]
Part = TypeVar("Part")


class Series(Protocol, Generic[Part]):
    """Market data of one symbol."""

    def open(
        self, on_progress: Progress | None = None, on_dropped: Dropped | None = None
    ) -> Iterator[Part]:
        """The parts, in order."""

    def prices(self, part: Part) -> Prices:
        """Times and prices of a part, as a chart draws them."""

    def replay(
        self,
        parts: Iterator[Part],
        entries: Entries,
        *,
        instrument: Instrument,
        settings: ReplaySettings,
    ) -> ReplayResult:
        """Replays positions on `parts`."""


@dataclass(frozen=True, slots=True)
class TickFiles:
    """Ticks of files.

    Attributes:
        paths: The files, one series in this order.
        allow_unsorted_ns: How far in ns a row may lie before the latest row above it.
    """

    paths: tuple[str, ...]
    allow_unsorted_ns: int = 0

    def open(
        self, on_progress: Progress | None = None, on_dropped: Dropped | None = None
    ) -> Iterator[Stretch]:
        """The batches of the files."""
        return open_ticks(
            self.paths,
            allow_unsorted_ns=self.allow_unsorted_ns,
            on_progress=on_progress,
            on_dropped=on_dropped,
        )

    def prices(self, part: Stretch) -> Prices:
        """Every tick."""
        return part.ts_ns, part.price

    def replay(
        self,
        parts: Iterator[Stretch],
        entries: Entries,
        *,
        instrument: Instrument,
        settings: ReplaySettings,
    ) -> ReplayResult:
        """Replays positions tick by tick."""
        return replay_symbol(parts, entries, instrument=instrument, settings=settings)


class DemoTicks(TickFiles):
    """The generated ticks of the demonstration."""

    def open(
        self, on_progress: Progress | None = None, on_dropped: Dropped | None = None
    ) -> Iterator[Stretch]:
        """One stretch."""
        ts_ns, price = demo_ticks()
        if on_progress is not None:
            on_progress(ts_ns.nbytes, ts_ns.nbytes)
        return iter([TickArrays(ts_ns, price)])


@dataclass(frozen=True, slots=True)
class BarFiles:
    """Bars of files.

    Attributes:
        paths: The files, one series in this order.
        path: "pessimistic" or "optimistic": what is assumed to come first within a bar.
    """

    paths: tuple[str, ...]
    path: str

    def open(
        self, on_progress: Progress | None = None, on_dropped: Dropped | None = None
    ) -> Iterator[BarBatch]:
        """The batches of the files; of bars none is dropped."""
        del on_dropped
        return open_bars(self.paths, on_progress=on_progress)

    def prices(self, part: BarBatch) -> Prices:
        """Open, low, high, close of every bar."""
        ticks = bar_ticks(part, low_first=True)
        return ticks.ts_ns, ticks.price

    def replay(
        self,
        parts: Iterator[BarBatch],
        entries: Entries,
        *,
        instrument: Instrument,
        settings: ReplaySettings,
    ) -> ReplayResult:
        """Replays positions on four ticks a bar."""
        return replay_bars(parts, entries, instrument=instrument, path=self.path, settings=settings)
