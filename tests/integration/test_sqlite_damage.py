"""Damaged SQLite journals: found, set aside byte for byte, and never guessed."""

import errno
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.store.backup import back_up
from quantum_exit.adapters.store.sqlite_check import examine
from quantum_exit.adapters.store.sqlite_file import SqliteFile, witness_path
from quantum_exit.adapters.store.sqlite_schema import connect_read_only
from quantum_exit.adapters.store.witness import read_witness
from quantum_exit.errors import (
    InputFileError,
    InvalidInputError,
    JournalUnavailableError,
    JournalVersionError,
    QuantumExitError,
)
from quantum_exit.execution.journal import Snapshot
from quantum_exit.execution.leases import Lease, LeaseScope
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import START, Entry, RecordKind
from tests.contract.stores import content, entry

SCOPE = LeaseScope("main", "BTCUSDT")
LEASE = Lease(scope=SCOPE, owner="a", epoch=7, expires_ms=1)
RECORDS = 60


def large(number: int) -> Entry:
    payload = encode_payload({"number": number, "text": "x" * 300})
    return Entry(kind=RecordKind.FACT, epoch=1, ts_ms=number, payload=payload)


ENTRIES = [large(number) for number in range(RECORDS)]


def write(path: Path, *, keep_log: bool = False) -> None:
    """A journal with records, a snapshot and a lease; with its log, as after a kill."""
    file = SqliteFile.open(path)
    file.change_lease(SCOPE, lambda _: LEASE)
    for number, one in enumerate(ENTRIES):
        file.append([one])
        if number == 9:
            file.save(Snapshot(head=file.head, ts_ms=0, payload=b"{}"))
    if keep_log:
        for suffix in ("", "-wal", "-head"):
            name = path.name + suffix
            shutil.copy(path.with_name(name), path.with_name(f"kept-{name}"))
    file.close()
    if keep_log:
        for suffix in ("", "-wal", "-head"):
            name = path.name + suffix
            path.with_name(f"kept-{name}").replace(path.with_name(name))


def edit(path: Path, statement: str, *arguments: object) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement, arguments)
    connection.commit()
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize(
    ("statement", "kept", "reason"),
    [
        ("UPDATE record SET payload = x'7b7d' WHERE seq = 31", 30, "checksum"),
        ("UPDATE record SET epoch = 2 WHERE seq = 31", 30, "checksum"),
        ("UPDATE record SET prev_hash = zeroblob(32) WHERE seq = 31", 30, "does not continue"),
        ("UPDATE record SET kind = 'gossip' WHERE seq = 31", 30, "columns"),
        ("DELETE FROM record WHERE seq = 31", 30, "missing: record 32 follows"),
        ("DELETE FROM record WHERE seq > 30", 30, "missing: records up to 60 were confirmed"),
        ("DELETE FROM record", 0, "missing"),
        ("DROP TABLE record", 0, "no such table"),
    ],
)
def test_damage_is_set_aside_and_the_sound_part_is_continued(
    path: Path, statement: str, kept: int, reason: str
) -> None:
    write(path)
    edit(path, statement)
    damaged = path.read_bytes()

    file = SqliteFile.open(path)

    found = file.quarantine
    assert found is not None
    assert (found.defect.seq, found.kept.seq, found.kept) == (kept + 1, kept, file.head)
    assert reason in found.defect.reason
    assert Path(found.place).read_bytes() == damaged
    assert content(file.read(0, 100)) == ENTRIES[:kept]
    assert found.leases_kept
    assert file.change_lease(SCOPE, lambda known: known or LEASE) == LEASE
    latest = file.latest()
    assert (None if latest is None else latest.head.seq) == (10 if kept else None)
    assert file.append([entry(1)]) == kept + 1
    file.close()

    file = SqliteFile.open(path)
    assert (file.quarantine, file.head.seq) == (None, kept + 1)
    file.close()


def test_a_sound_but_rewritten_end_is_noticed(path: Path, tmp_path: Path) -> None:
    write(path)
    other = tmp_path / "other" / "journal.db"
    other.parent.mkdir()
    file = SqliteFile.open(other)
    file.append([entry(number) for number in range(RECORDS)])
    file.close()
    shutil.copy(other, path)

    file = SqliteFile.open(path)

    assert file.quarantine is not None
    assert file.quarantine.defect.reason == "another record was confirmed here"
    file.close()


def truncate_log(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])


def damage_log(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)


def lose_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("harm", [truncate_log, damage_log, lose_log])
def test_records_that_vanish_with_the_log_are_missed(
    path: Path, harm: Callable[[Path], None]
) -> None:
    write(path, keep_log=True)
    harm(path)

    file = SqliteFile.open(path)

    found = file.quarantine
    assert found is not None
    assert found.defect.reason == f"missing: records up to {RECORDS} were confirmed"
    assert content(file.read(0, 100)) == ENTRIES[: found.kept.seq]
    file.close()


def test_a_log_that_a_kill_left_is_no_damage(path: Path) -> None:
    write(path, keep_log=True)

    file = SqliteFile.open(path)

    assert file.quarantine is None
    assert content(file.read(0, 100)) == ENTRIES
    file.close()


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 8192])
def test_a_cut_file_is_set_aside(path: Path, size: int) -> None:
    write(path)
    path.write_bytes(path.read_bytes()[:size])

    file = SqliteFile.open(path)

    assert file.quarantine is not None
    assert content(file.read(0, 100)) == ENTRIES[: file.head.seq]
    file.close()


def test_what_is_set_aside_twice_is_kept_twice(path: Path) -> None:
    for _ in range(2):
        write(path)
        edit(path, "DELETE FROM record WHERE seq % ? = 0", 5)
        file = SqliteFile.open(path)
        assert file.quarantine is not None
        file.close()
        path.unlink()
        witness_path(path).unlink()

    assert {one.name for one in path.parent.glob("*.corrupt-*")} == {
        "journal.db.corrupt-1",
        "journal.db.corrupt-2",
    }


def test_damage_before_the_newest_snapshot_stops_no_start_and_no_reader_is_fooled(
    path: Path,
) -> None:
    write(path)
    edit(path, "UPDATE record SET ts_ms = 99 WHERE seq = 5")

    file = SqliteFile.open(path)

    assert (file.quarantine, file.head.seq) == (None, RECORDS)
    assert content(file.read(10, 100)) == ENTRIES[10:]
    with pytest.raises(JournalUnavailableError, match="record 5: its checksum"):
        file.read(0, 100)
    file.close()


@pytest.mark.parametrize("step", range(1, 20))
def test_a_crash_while_damage_is_set_aside_leads_to_the_same_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The first opening fails at its `step`-th change of a name or wait for the disk."""
    write(path, keep_log=True)
    damage_log(path)
    damaged = path.read_bytes()
    steps = itertools.count(1)

    def failing(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if next(steps) == step:
                raise OSError(errno.EIO, "Input/output error")
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "open"), (os, "fsync")):
            patch.setattr(owner, name, failing(getattr(owner, name)))
        try:
            first = SqliteFile.open(path)
        except JournalUnavailableError:
            first = None
    if first is not None:
        first.close()
        assert first.quarantine is not None
        return

    second = SqliteFile.open(path)

    assert second.quarantine is not None
    assert content(second.read(0, 100)) == ENTRIES[: second.head.seq]
    copies = [one.read_bytes() for one in path.parent.glob("*.corrupt-?")]
    assert damaged in copies
    second.close()


def test_a_journal_that_a_kill_left_can_be_examined_to_read_only(path: Path) -> None:
    write(path, keep_log=True)
    before = path.read_bytes(), path.with_name("journal.db-wal").read_bytes()

    connection = connect_read_only(path)
    found = examine(connection, read_witness(witness_path(path)))
    connection.close()

    assert (found.head.seq, found.defect) == (RECORDS, None)
    assert (path.read_bytes(), path.with_name("journal.db-wal").read_bytes()) == before


@pytest.fixture(scope="module")
def sound_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "journal.db"
    write(path, keep_log=True)
    return path


harms = st.tuples(
    st.sampled_from(["", "-wal"]),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from([1, 16, 512, 4096]),
    st.integers(1, 255),
)


@settings(max_examples=80, deadline=None)
@given(harms=st.lists(harms, min_size=1, max_size=4), in_one_file=st.booleans())
def test_whatever_happens_to_its_bytes_nothing_is_invented(
    tmp_path_factory: pytest.TempPathFactory,
    sound_journal: Path,
    harms: list[tuple[str, float, int, int]],
    *,
    in_one_file: bool,
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "journal.db"
    for suffix in ("", "-wal", "-head"):
        shutil.copy(f"{sound_journal}{suffix}", f"{path}{suffix}")
    if in_one_file:
        SqliteFile.open(path).close()
    for suffix, place_frac, length, mask in harms:
        harmed_file = path if in_one_file else Path(f"{path}{suffix}")
        harmed = bytearray(harmed_file.read_bytes())
        begin = int(place_frac * len(harmed))
        end = min(begin + length, len(harmed))
        harmed[begin:end] = bytes(byte ^ mask for byte in harmed[begin:end])
        harmed_file.write_bytes(harmed)
    before = path.read_bytes()

    try:
        file = SqliteFile.open(path)
    except (InputFileError, JournalVersionError, JournalUnavailableError):
        # Refused loudly; the file is as it was, for whoever looks into it.
        assert path.read_bytes() == before
        return
    # Before the newest snapshot nothing is walked at opening, but whoever reads it is told.
    begin = 0 if (latest := file.latest()) is None else latest.head.seq
    assert content(file.read(begin, 100)) == ENTRIES[begin : file.head.seq]
    with suppress(JournalUnavailableError):
        assert content(file.read(0, 100)) == ENTRIES[: file.head.seq]
    if file.head.seq < RECORDS:
        assert file.quarantine is not None
        assert Path(file.quarantine.place).read_bytes() == before
    file.close()


def test_another_applications_file_is_refused_and_left_alone(path: Path) -> None:
    edit(path, "CREATE TABLE other (x)")
    before = path.read_bytes()

    with pytest.raises(InputFileError, match="is no journal of quantum_exit"):
        SqliteFile.open(path)

    assert path.read_bytes() == before


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    write(path)
    edit(path, "PRAGMA user_version = 2")
    before = path.read_bytes()

    with pytest.raises(JournalVersionError, match="version 2 is not allowed"):
        SqliteFile.open(path)

    assert path.read_bytes() == before


def test_files_are_readable_by_their_owner_only(path: Path) -> None:
    write(path, keep_log=True)
    file = SqliteFile.open(path)
    file.append([entry(1)])

    modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}

    assert set(modes.values()) == {0o600}, modes
    file.close()


def test_a_backup_of_a_journal_in_use_can_be_restored(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "journal.db"
    target.parent.mkdir()
    write(path)
    file = SqliteFile.open(path)
    file.append([entry(1)])
    head = file.head

    found = back_up(path, target)

    assert (found.head, found.defect) == (head, None)
    file.append([entry(2)])
    file.close()
    restored = SqliteFile.open(target)
    assert (restored.quarantine, restored.head) == (None, head)
    assert content(restored.read(0, 100)) == [*ENTRIES, entry(1)]
    assert restored.append([entry(3)]) == head.seq + 1
    restored.close()


def test_a_backup_replaces_nothing_and_leaves_nothing_half_done(path: Path, tmp_path: Path) -> None:
    write(path)
    target = tmp_path / "copy.db"
    target.write_bytes(b"precious")
    with pytest.raises(InvalidInputError, match="target"):
        back_up(path, target)
    assert target.read_bytes() == b"precious"

    path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    with pytest.raises(QuantumExitError, match="backup failed"):
        back_up(path, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_an_empty_journal_has_no_head(path: Path) -> None:
    file = SqliteFile.open(path)
    assert (file.head, file.read(0, 10), file.latest()) == (START, [], None)
    file.close()
