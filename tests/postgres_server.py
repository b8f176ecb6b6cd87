"""A PostgreSQL server of our own, from the system's programs, for the tests that need one."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.recorded import missing

_USER = "quantum_exit"


class PostgresServer:
    """A running server in a folder of its own, reached through a unix socket."""

    def __init__(self, programs: Path, folder: Path, account: str | None) -> None:
        self._programs = programs
        self._folder = folder
        self._account = account
        self.dsn = f"postgresql://{_USER}@/postgres?host={folder}"

    def create(self) -> None:
        options = ("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-U", _USER)
        self._run("initdb", "-D", self._data, *options)

    def start(self) -> None:
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' "
            "-c shared_buffers=16MB -c max_connections=20"
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", settings, "start")

    def stop(self, mode: str) -> None:
        """Stops it; the mode `immediate` is a crash: nothing is flushed."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        # A file, because a started server would keep a pipe open.
        with (self._folder / "output").open("a") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._account,
                cwd=self._folder,
            )
        assert done.returncode == 0, (self._folder / "output").read_text()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Creates and starts a server, and removes it afterwards; skips where there is no PostgreSQL."""
    programs = _programs()
    account = _account()
    # A short path: that of a unix socket may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="qx-pg-"))
    try:
        if account is not None:
            shutil.chown(folder, account)
        server = PostgresServer(programs, folder, account)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    # Debian keeps them out of the path, by version.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        missing("PostgreSQL is not installed: no initdb")
    return versions[-1].parent


def _account() -> str | None:
    """Who runs the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
