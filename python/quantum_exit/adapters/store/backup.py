"""Copies of a SQLite journal that are taken while its owner writes."""

import os
from pathlib import Path

from quantum_exit.adapters.store.sqlite_check import DAMAGING, Examination, examine
from quantum_exit.adapters.store.sqlite_schema import connect_read_only, create_file, sync_folder
from quantum_exit.errors import InvalidInputError, JournalUnavailableError


def back_up(path: Path, target: Path) -> Examination:
    """Copies the journal `path` to the new file `target`, durably, and examines the copy.

    The copy is one consistent state, in one file. To restore it, put it in the place of the
    journal while no service runs, without the files that stand beside the journal.

    Raises:
        InvalidInputError: `target` exists.
        JournalUnavailableError: The copy cannot be made; then there is no file `target`.
    """
    if target.exists():
        raise InvalidInputError("target", repr(str(target)), "expected a file that does not exist")
    try:
        create_file(target)
        try:
            found = _copy(path, target)
        except BaseException:
            target.unlink()
            raise
        sync_folder(target.parent)
    except (OSError, *DAMAGING) as error:
        raise JournalUnavailableError("backup", str(error)) from error
    return found


def _copy(path: Path, target: Path) -> Examination:
    source = connect_read_only(path)
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    finally:
        source.close()
    with target.open("r+b") as file:
        os.fsync(file.fileno())
    copy = connect_read_only(target)
    try:
        return examine(copy, None)
    finally:
        copy.close()
