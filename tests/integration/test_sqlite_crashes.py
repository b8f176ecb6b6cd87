"""The SQLite store against real kills and a real process whose disk fails."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import anyio
import pytest

from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.adapters.store.sqlite_file import SqliteFile
from quantum_exit.errors import LeaseHeldError
from quantum_exit.execution.records import START, Head, follow
from tests.contract.stores import content, entry
from tests.integration.recorded import missing

ROOT = Path(__file__).parents[2]
KILLS = 20


class Child:
    """A process that keeps the journal in `folder`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin: IO[str] = process.stdin
        self._stdout: IO[str] = process.stdout
        self.opened = self.line()

    def line(self) -> str:
        return self._stdout.readline().strip()

    def tell(self, command: str) -> None:
        self._stdin.write(f"{command}\n")
        self._stdin.flush()

    def ask(self, command: str) -> str:
        self.tell(command)
        return self.line()

    def kill(self) -> list[str]:
        """Kills it; gives what it had said until then."""
        self._process.send_signal(signal.SIGKILL)
        return self._stdout.read().split("\n")


@contextmanager
def child(folder: Path, environment: dict[str, str] | None = None) -> Iterator[Child]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.journal_process", str(folder / "journal.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


@contextmanager
def opened(folder: Path) -> Iterator[SqliteFile]:
    file = SqliteFile.open(folder / "journal.db")
    try:
        yield file
    finally:
        file.close()


def whole_chain(file: SqliteFile) -> Head:
    head = START
    for record in file.read(0, 1_000_000):
        after = follow(head, record)
        assert isinstance(after, Head), after
        head = after
    return head


def test_what_an_append_confirmed_survives_sigkill(tmp_path: Path) -> None:
    confirmed = 0
    for kill in range(KILLS):
        with child(tmp_path) as process:
            assert int(process.opened.split()[1]) >= confirmed
            process.tell("flood")
            for _ in range(1 + 3 * kill):
                confirmed = int(process.line())
            said = process.kill()
        # The last line may be torn by the kill; all others were said after their commit.
        confirmed = max([confirmed, *map(int, filter(None, said[:-1]))])

        with opened(tmp_path) as file:
            assert file.quarantine is None
            assert file.head.seq >= confirmed
            assert file.head.seq % 2 == 0, "an append of two records was stored in part"
            assert whole_chain(file) == file.head
            confirmed = file.head.seq


def test_a_second_process_is_refused_while_the_first_one_lives(tmp_path: Path) -> None:
    async def second() -> None:
        await SqliteStore.open(tmp_path / "journal.db", owner="second", now_ms=lambda: 0)

    with child(tmp_path) as process:
        with pytest.raises(LeaseHeldError, match="owned by child"):
            anyio.run(second)
        process.kill()
    with child(tmp_path) as process:
        assert process.opened == "open 0"


@pytest.fixture(scope="module")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes file operations fail on demand."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        missing("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("library") / "failing_disk.so"
    source = Path(__file__).parent / "failing_disk.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@contextmanager
def on_failing_disk(library: Path, folder: Path) -> Iterator[Child]:
    with child(folder, {"LD_PRELOAD": str(library), "FAILING_DISK": str(folder)}) as process:
        yield process


def test_a_full_disk_stores_nothing_and_passes(failing_disk: Path, tmp_path: Path) -> None:
    with on_failing_disk(failing_disk, tmp_path) as process:
        assert process.ask("append 0") == "2"
        (tmp_path / "full").touch()
        assert process.ask("append 10") == (
            "journal: append failed: SQLite: database or disk is full"
        )
        (tmp_path / "full").unlink()
        assert process.ask("append 20") == "4"

    with opened(tmp_path) as file:
        assert content(file.read(0, 10)) == [entry(number) for number in (0, 1, 20, 21)]


@pytest.mark.parametrize("fault", ["unsynced", "broken"])
def test_after_a_failed_write_or_fsync_nothing_is_tried_again(
    failing_disk: Path, tmp_path: Path, fault: str
) -> None:
    with on_failing_disk(failing_disk, tmp_path) as process:
        assert process.ask("append 0") == "2"
        (tmp_path / fault).touch()
        assert process.ask("append 10") == "journal: append failed: SQLite: disk I/O error"
        (tmp_path / fault).unlink()
        syncs = (tmp_path / "syncs").stat().st_size
        assert "open it anew" in process.ask("append 20")
        assert (tmp_path / "syncs").stat().st_size == syncs

        process.kill()

    with opened(tmp_path) as file:
        # Reported as failed, the append may still be found: whole or not at all.
        assert file.quarantine is None
        assert content(file.read(0, 10)) in (
            [entry(number) for number in (0, 1)],
            [entry(number) for number in (0, 1, 10, 11)],
        )
        assert whole_chain(file) == file.head


def test_every_append_is_synced_before_it_is_confirmed(failing_disk: Path, tmp_path: Path) -> None:
    with on_failing_disk(failing_disk, tmp_path) as process:
        for number in range(5):
            syncs = (tmp_path / "syncs").stat().st_size
            process.ask(f"append {number}")
            assert (tmp_path / "syncs").stat().st_size > syncs
