"""Stretches of ticks, and the replay that takes them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import Instrument, Outcome, Replay
from quantum_exit.errors import InvalidInputError, OffGridError, TickFileError
from quantum_exit.execution.entries import Numbered


class Stretch(Protocol):
    """Consecutive ticks of one symbol, and where they came from."""

    @property
    def ts_ns(self) -> NDArray[np.int64]:
        """Nanoseconds since the UNIX epoch."""

    @property
    def price(self) -> NDArray[np.float64]:
        """Quote currency."""

    @property
    def path(self) -> str | None:
        """The file, or None where there is none."""

    @property
    def price_column(self) -> str | None:
        """Name of the price column in the file."""

    @property
    def row_of(self) -> Callable[[int], int]:
        """The row of the file that gave tick `index` of the stretch."""


def run(
    replay: Replay,
    instrument: Instrument,
    stretches: Iterable[Stretch],
    entries: Iterable[Numbered],
) -> Outcome:
    """Feeds all of `stretches` to `replay` and gives its tables.

    Args:
        replay: A replay of `instrument` without positions.
        instrument: Grid and minimums.
        stretches: The ticks, in order.
        entries: The positions. An iterator is taken to be in the order of time and read only as far
            as the ticks reach, so it may be endless; any other iterable is added as a whole.

    Raises:
        InvalidInputError: A position does not fit.
        TickFileError: A price in a file is off the grid.
        OffGridError: A price that is not from a file is off the grid.
    """
    due: Iterator[Numbered] | None = entries if isinstance(entries, Iterator) else None
    if due is None:
        for one in entries:
            one.add_to(replay)
    waiting: Numbered | None = None
    for stretch in stretches:
        if due is not None and stretch.ts_ns.size > 0:
            waiting = _add_due(replay, due, waiting, int(stretch.ts_ns.max()))
        feed(replay, instrument, stretch)
    return replay.finish()


def feed(replay: Replay, instrument: Instrument, stretch: Stretch) -> None:
    """Feeds one stretch.

    Raises:
        TickFileError: A price is off the grid, and the stretch is from a file.
        OffGridError: A price is off the grid, and the stretch is from no file.
    """
    try:
        replay.feed(stretch.ts_ns, stretch.price)
    except OffGridError as error:
        if stretch.path is None:
            raise
        raise off_grid(instrument, stretch, error.index, error) from error


def off_grid(
    instrument: Instrument, stretch: Stretch, index: int, error: OffGridError
) -> TickFileError:
    """The error for tick `index` of a stretch of a file: its file, row and value."""
    return TickFileError(
        path=stretch.path,
        row=stretch.row_of(index),
        column=stretch.price_column,
        message=_off_grid(instrument, error.price),
    )


def _add_due(
    replay: Replay, due: Iterator[Numbered], waiting: Numbered | None, until_ns: int
) -> Numbered | None:
    """Adds what begins until `until_ns`, and gives the first that does not."""
    while True:
        one = next(due, None) if waiting is None else waiting
        if one is None or one.entry.entry_ns > until_ns:
            return one
        one.add_to(replay)
        waiting = None


def _off_grid(instrument: Instrument, price: float) -> str:
    try:
        instrument.ticks(price)
    except InvalidInputError as error:
        return f"price {error.value} is not on the grid of {instrument.symbol}; {error.allowed}"
    return f"price {price} is not on the grid of {instrument.symbol}"
