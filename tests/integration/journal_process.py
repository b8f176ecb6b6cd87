"""A process that keeps a SQLite journal and does what the lines on its standard input say.

`append N` stores the entries numbered N and N+1 in one append, `flood` appends without end; each
answer is a line: the place of the last record, or the error.
"""

import sys
from pathlib import Path

import anyio

from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.errors import JournalUnavailableError
from tests.contract.stores import entry


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def append(store: SqliteStore, number: int) -> None:
    try:
        say(await store.append([entry(number), entry(number + 1)]))
    except JournalUnavailableError as error:
        say(error)


async def flood(store: SqliteStore) -> None:
    async def one_of_many() -> None:
        while True:
            await append(store, 0)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(one_of_many)


async def main(path: Path) -> None:
    async with await SqliteStore.open(path, owner="child", now_ms=lambda: 0) as store:
        say(f"open {store.head.seq}")
        # One command at a time: nothing else runs on this loop while it waits for a line.
        for line in sys.stdin:
            command, *arguments = line.split()
            if command == "flood":
                await flood(store)
            await append(store, int(arguments[0]))


anyio.run(main, Path(sys.argv[1]))
