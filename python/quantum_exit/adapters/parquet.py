"""Parquet files, streamed: only the needed columns, a batch of rows at a time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from quantum_exit.adapters.arrow import ArrowBars, ArrowTicks
from quantum_exit.adapters.arrow_columns import pyarrow
from quantum_exit.adapters.batches import BarBatch, Share, TickBatch
from quantum_exit.errors import TickFileError

BatchT_co = TypeVar("BatchT_co", covariant=True)


class _Reader(Protocol[BatchT_co]):
    @property
    def columns(self) -> list[str]: ...
    def read(self, batch: Any, *, done_bytes: int, total_bytes: int) -> BatchT_co | None: ...


def read_ticks(
    path: Path,
    share: Share,
    allow_unsorted_ns: int,
    batch_rows: int,
    on_dropped: Callable[[int], object] | None = None,
) -> Iterator[TickBatch]:
    """Streams the market trades of the Parquet file `path`.

    Args:
        path: The file.
        share: Its part of all bytes, for progress.
        allow_unsorted_ns: How far in ns a tick may lie before the latest tick before it.
        batch_rows: Most ticks of a batch.
        on_dropped: Called at the end with the rows that were no market trade.

    Raises:
        TickFileError: The file is damaged, lacks a column, holds a bad value or goes back in time.
        MissingExtraError: pyarrow is not installed.
    """
    readers: list[ArrowTicks] = []

    def reader_of(schema: Any) -> ArrowTicks:
        readers.append(ArrowTicks(str(path), schema, allow_unsorted_ns))
        return readers[0]

    yield from _read(path, share, batch_rows, reader_of)
    if on_dropped is not None:
        on_dropped(readers[0].non_market)


def read_bars(path: Path, share: Share, batch_rows: int) -> Iterator[BarBatch]:
    """Streams the bars of the Parquet file `path`.

    Args:
        path: The file.
        share: Its part of all bytes, for progress.
        batch_rows: Most bars of a batch.

    Raises:
        TickFileError: The file is damaged, lacks a column, holds a bad value or is out of order.
        MissingExtraError: pyarrow is not installed.
    """
    return _read(path, share, batch_rows, lambda schema: ArrowBars(str(path), schema))


def _read(
    path: Path, share: Share, batch_rows: int, reader_of: Callable[[Any], _Reader[BatchT_co]]
) -> Iterator[BatchT_co]:
    pa = pyarrow()
    parquet = pyarrow("pyarrow.parquet")

    def damaged(error: Exception) -> TickFileError:
        return TickFileError(path=path, message=f"truncated or damaged Parquet file ({error})")

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise damaged(error) from error
    with file:
        reader = reader_of(file.schema_arrow)
        all_rows = file.metadata.num_rows
        if all_rows == 0:
            raise TickFileError(path=path, message="no rows; expected one trade or bar a row")
        batches = file.iter_batches(batch_size=batch_rows, columns=reader.columns)
        rows = 0
        while True:
            try:
                arrow_batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise damaged(error) from error
            if arrow_batch is None:
                return
            rows += arrow_batch.num_rows
            batch = reader.read(
                arrow_batch,
                done_bytes=share.before_bytes + share.own_bytes * rows // all_rows,
                total_bytes=share.total_bytes,
            )
            if batch is not None:
                yield batch
