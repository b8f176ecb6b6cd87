"""Pages of records as a store gives them, checked before anybody sees them."""

from collections.abc import Iterable, Sequence

from quantum_exit.errors import JournalUnavailableError
from quantum_exit.execution.records import Defect, Record, records_of


def sound_page(rows: Iterable[Sequence[object]], after_seq: int) -> list[Record]:
    """The records in `rows`, which follow each other and the place `after_seq`.

    Raises:
        JournalUnavailableError: One is damaged or missing.
    """
    found = records_of(rows, after_seq)
    if isinstance(found, Defect):
        raise JournalUnavailableError("read", f"record {found.seq}: {found.reason}")
    return found
