"""Opens the journal that the configuration names."""

import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TextIO

from quantum_exit.app.config.settings import RunConfig, StoreKind
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.emergencies import ReservePort
from quantum_exit.execution.leases import LeasePort
from quantum_exit.execution.ports import Clock
from quantum_exit.execution.restoring import Store


class StoreWithLeases(Store, LeasePort, Protocol):
    """A store that also grants leases."""


def folder_of(config: RunConfig) -> Path:
    """The folder of journal and control file, which need not exist yet."""
    if config.folder is not None:
        return Path(config.folder)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~")
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_STATE_HOME", "~/.local/state")
    return Path(base).expanduser() / "quantum-exit" / config.account


def made_folder(config: RunConfig) -> Path:
    """The folder, made where it is not there, readable by its owner only.

    Raises:
        InvalidInputError: It cannot be made.
    """
    folder = folder_of(config)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        allowed = f"expected a folder that can be made: {error.strerror}"
        raise InvalidInputError("folder", folder, allowed) from error
    return folder


def journal_path(config: RunConfig, folder: Path) -> Path:
    """The file of the SQLite journal in `folder`."""
    return folder / f"{config.store.journal}.db"


def folder_of_trial(config: RunConfig, stack: AsyncExitStack) -> Path:
    """The journal's folder where the exchange ends with the process: an own one each time.

    Raises:
        InvalidInputError: The folder of the configuration holds a journal of another exchange.
    """
    if config.folder is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="quantum-exit-")))
    folder = made_folder(config)
    if journal_path(config, folder).exists():
        allowed = (
            f"expected a folder without {config.store.journal}.db: the exchange in this process "
            "begins anew each time, and that journal is of another one"
        )
        raise InvalidInputError("folder", folder, allowed)
    return folder


def reserve_path(config: RunConfig, folder: Path) -> Path:
    """The file in `folder` of the ids that are reserved for emergencies."""
    return folder / f"{config.store.journal}.reserve"


def control_path(config: RunConfig) -> Path:
    """The file with port and token of the running service."""
    return folder_of(config) / "control.json"


def log_target(config: RunConfig) -> Path | TextIO:
    """The file of the log, or stderr."""
    if config.log.file == "-":
        return sys.stderr
    if config.log.file is not None:
        return Path(config.log.file)
    return made_folder(config) / f"{config.store.journal}.log"


async def opened_store(
    config: RunConfig, folder: Path, clock: Clock, stack: AsyncExitStack, *, inline: bool
) -> tuple[Store, LeasePort]:
    """Journal, snapshots and leases, closed with `stack`.

    Args:
        config: The configuration.
        folder: Where a SQLite journal is.
        clock: The clock by which leases run out.
        stack: Closes it.
        inline: Without threads, for virtual time.

    Raises:
        LeaseHeldError: Another process has the folder.
        MissingExtraError: The extra `postgres` is not installed.
        QuantumExitError: It cannot be opened.
    """
    match config.store.kind:
        case StoreKind.MEMORY:
            return _memory(clock)
        case StoreKind.POSTGRES:
            store = await _postgres(config, stack)
        case StoreKind.SQLITE:
            store = await _sqlite(journal_path(config, folder), clock, stack, inline=inline)
    return store, store


async def opened_reserve(config: RunConfig, folder: Path) -> ReservePort | None:
    """Ids for emergencies, or None for a journal that does not outlive the process.

    Args:
        config: The configuration.
        folder: Where a SQLite journal is.

    Raises:
        QuantumExitError: The file cannot be read.
    """
    if config.store.kind is StoreKind.MEMORY:
        return None
    from quantum_exit.adapters.store.reserve import (  # noqa: PLC0415 - not for every run
        EmergencyReserve,
    )

    return await EmergencyReserve.open(reserve_path(config, folder))


def _memory(clock: Clock) -> tuple[Store, LeasePort]:
    from quantum_exit.adapters.store.memory import (  # noqa: PLC0415 - one of three
        MemoryDisk,
        MemoryStore,
    )
    from quantum_exit.adapters.store.memory_leases import (  # noqa: PLC0415 - one of three
        MemoryLeases,
    )

    return MemoryStore(MemoryDisk()), MemoryLeases(clock.now_ms)


async def _sqlite(
    path: Path, clock: Clock, stack: AsyncExitStack, *, inline: bool
) -> StoreWithLeases:
    from quantum_exit.adapters.store.inline import (  # noqa: PLC0415 - one of three
        InlineSqliteStore,
    )
    from quantum_exit.adapters.store.sqlite import SqliteStore  # noqa: PLC0415 - one of three

    kind = InlineSqliteStore if inline else SqliteStore
    opened = await kind.open(path, owner="quantum-exit", now_ms=clock.now_ms)
    return await stack.enter_async_context(opened)


async def _postgres(config: RunConfig, stack: AsyncExitStack) -> StoreWithLeases:
    from quantum_exit.adapters.store.postgres import PostgresStore  # noqa: PLC0415 - one of three

    dsn = config.store.dsn
    if dsn is None:
        raise InvalidInputError("store.dsn", "missing", "expected the address of the database")
    opened = await PostgresStore.open(dsn.reveal(), journal=config.store.journal)
    return await stack.enter_async_context(opened)
