"""Tick and bar files as one series of batches, whatever mixture of formats they have."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from quantum_exit._core import BarFile, TickFile
from quantum_exit.adapters.arrow import ticks_from_table
from quantum_exit.adapters.batches import BarBatch, Share, TickBatch
from quantum_exit.adapters.parquet import read_bars, read_ticks
from quantum_exit.errors import TickFileError

__all__ = ["BarBatch", "TickBatch", "open_bars", "open_ticks", "ticks_from_table"]

Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
Progress: TypeAlias = Callable[[int, int], object]
Dropped: TypeAlias = Callable[[int], object]

_BATCH_ROWS = 1 << 20


def open_ticks(
    paths: Paths,
    *,
    allow_unsorted_ns: int = 0,
    batch_rows: int = _BATCH_ROWS,
    on_progress: Progress | None = None,
    on_dropped: Dropped | None = None,
) -> Iterator[TickBatch]:
    """Streams the market trades of `paths`, one series in the order given, in constant memory.

    CSV, `.csv.gz` and `.zip` are recognised by content, Binance `aggTrades` and `trades` also
    without a header; Parquet needs the extra `data`. Rows with an execution type other than
    `MARKET` (insurance fund, ADL) are dropped and counted.

    Args:
        paths: One file or several.
        allow_unsorted_ns: How far in ns a tick may lie before the latest tick before it, 0 or
            more. Ticks are not sorted.
        batch_rows: Most ticks of a batch, 1 or more.
        on_progress: Called with (bytes read, bytes in all) after every batch and at the end.
        on_dropped: Called at the end of every file with the rows that were no market trade.

    Raises:
        TickFileError: A file is missing (at once), or (while iterating) a file is damaged, lacks a
            column, holds a bad value or goes back in time. No tick of its batch is handed out.
        MissingExtraError: A file is Parquet and pyarrow is not installed.
        ValueError: `paths` is empty, or a number is out of range.
    """
    if allow_unsorted_ns < 0:
        msg = f"allow_unsorted_ns: {allow_unsorted_ns} is not allowed; expected 0 or more"
        raise ValueError(msg)
    files = _files(paths)
    return _ticks(files, allow_unsorted_ns, _checked(batch_rows), on_progress, on_dropped)


def open_bars(
    paths: Paths,
    *,
    batch_rows: int = _BATCH_ROWS,
    on_progress: Progress | None = None,
) -> Iterator[BarBatch]:
    """Streams the bars of `paths`, one series in the order given, in constant memory.

    Binance klines (CSV or `.zip`, with and without header) and CSV or Parquet files with the
    columns `open_time_ms` (or another time stamp), `open`, `high`, `low`, `close`.

    Args:
        paths: One file or several.
        batch_rows: Most bars of a batch, 1 or more.
        on_progress: Called with (bytes read, bytes in all) after every batch and at the end.

    Raises:
        TickFileError: A file is missing (at once), or (while iterating) a file is damaged, lacks a
            column, holds a bad value, or a bar does not open after the one before it.
        MissingExtraError: A file is Parquet and pyarrow is not installed.
        ValueError: `paths` is empty, or `batch_rows` is out of range.
    """
    return _bars(_files(paths), _checked(batch_rows), on_progress)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    share: Share


def _files(paths: Paths) -> list[_File]:
    found = [Path(p) for p in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    if not found:
        msg = "paths: [] is not allowed; expected one file or more"
        raise ValueError(msg)
    sizes = [_size(path) for path in found]
    return [
        _File(
            path,
            Share(before_bytes=sum(sizes[:i]), own_bytes=sizes[i], total_bytes=sum(sizes)),
        )
        for i, path in enumerate(found)
    ]


def _checked(batch_rows: int) -> int:
    if batch_rows < 1:
        msg = f"batch_rows: {batch_rows} is not allowed; expected 1 or more"
        raise ValueError(msg)
    return batch_rows


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise TickFileError(path=path, message=f"cannot be opened: {error.strerror}") from error


def _is_parquet(path: Path) -> bool:
    # A pipe can be read only once, and holds no Parquet, which is read from its end.
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as error:
        raise TickFileError(path=path, message=f"cannot be opened: {error.strerror}") from error


def _ticks(
    files: list[_File],
    allow_unsorted_ns: int,
    batch_rows: int,
    on_progress: Progress | None,
    on_dropped: Dropped | None,
) -> Iterator[TickBatch]:
    latest: tuple[str, int] | None = None
    for file in files:
        before = latest
        read = read_ticks if _is_parquet(file.path) else _csv_ticks
        for batch in read(file.path, file.share, allow_unsorted_ns, batch_rows, on_dropped):
            if before is not None:
                _check_tick_seam(batch, *before, allow_unsorted_ns)
            batch_latest_ns = int(batch.ts_ns.max())
            if latest is None or batch_latest_ns >= latest[1]:
                latest = (batch.path, batch_latest_ns)
            if on_progress is not None:
                on_progress(batch.done_bytes, batch.total_bytes)
            yield batch
    _report_end(files, on_progress)


def _report_end(files: list[_File], on_progress: Progress | None) -> None:
    total_bytes = files[-1].share.total_bytes
    if on_progress is not None:
        on_progress(total_bytes, total_bytes)


def _check_tick_seam(
    batch: TickBatch, before_path: str, before_ns: int, allow_unsorted_ns: int
) -> None:
    early = np.flatnonzero(batch.ts_ns < before_ns - allow_unsorted_ns)
    if early.size == 0:
        return
    index = int(early[0])
    back_ns = before_ns - int(batch.ts_ns[index])
    raise TickFileError(
        path=batch.path,
        row=batch.row_of(index),
        message=f"time goes back {back_ns} ns behind the latest row of {before_path}, a file "
        f"before; allowed are {allow_unsorted_ns} ns (allow_unsorted_ns)",
    )


def _csv_ticks(
    path: Path,
    share: Share,
    allow_unsorted_ns: int,
    batch_rows: int,
    on_dropped: Dropped | None = None,
) -> Iterator[TickBatch]:
    file = TickFile(path, allow_unsorted_ns)
    while (arrays := file.next_batch(batch_rows)) is not None:
        ts_ns, price = arrays
        yield TickBatch(
            path=file.member,
            ts_ns=ts_ns,
            price=price,
            price_column=file.price_column,
            row_of=file.batch_rows,
            non_market=file.non_market,
            done_bytes=share.before_bytes + file.bytes_read,
            total_bytes=share.total_bytes,
        )
    if on_dropped is not None:
        on_dropped(file.non_market)


def _bars(files: list[_File], batch_rows: int, on_progress: Progress | None) -> Iterator[BarBatch]:
    latest: tuple[str, int] | None = None
    for file in files:
        before = latest
        read = read_bars if _is_parquet(file.path) else _csv_bars
        for batch in read(file.path, file.share, batch_rows):
            if before is not None:
                _check_bar_seam(batch, *before)
            latest = (batch.path, int(batch.open_ns[-1]))
            if on_progress is not None:
                on_progress(batch.done_bytes, batch.total_bytes)
            yield batch
    _report_end(files, on_progress)


def _check_bar_seam(batch: BarBatch, before_path: str, before_ns: int) -> None:
    back_ns = before_ns - int(batch.open_ns[0])
    if back_ns < 0:
        return
    raise TickFileError(
        path=batch.path,
        row=batch.row_of(0),
        message=f"the bar opens {back_ns} ns before the last bar of {before_path}, the file "
        "before; expected a later opening",
    )


def _csv_bars(path: Path, share: Share, batch_rows: int) -> Iterator[BarBatch]:
    file = BarFile(path)
    while (arrays := file.next_batch(batch_rows)) is not None:
        open_ns, open_, high, low, close = arrays
        yield BarBatch(
            path=file.member,
            open_ns=open_ns,
            open=open_,
            high=high,
            low=low,
            close=close,
            row_of=file.batch_rows,
            done_bytes=share.before_bytes + file.bytes_read,
            total_bytes=share.total_bytes,
        )
