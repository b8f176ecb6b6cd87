"""Where one batch of the reducer ends and the next begins."""

from typing import Any

import anyio
import pytest

from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.facts import CoreEvent, CoreKind, Timer
from quantum_exit.execution.inbox import Inbox
from quantum_exit.execution.recording import Tick
from quantum_exit.execution.reducer import Item, Reducer
from tests.simulation.virtual_loop import run_virtual

KEY = PositionKey("main", "BTCUSDT", Side.LONG, 1)
TICK = Tick(key=KEY, price=Price(symbol="BTCUSDT", ticks=1, mark=False, ts_ns=1), watermark=False)
DECIDED = CoreEvent(key=KEY, kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=1)


class Batches(Reducer):
    """A reducer that only keeps its batches, of an account without timers."""

    def __init__(self, inbox: Inbox[Item]) -> None:
        self._inbox = inbox
        self.batches: list[list[Item]] = []

    def _wait_s(self) -> float | None:
        return None

    async def reduce(self, items: list[Item]) -> None:
        self.batches.append(items)


@pytest.mark.parametrize("before", [0, 1, 254, 255, 256, 511])
def test_a_price_and_what_was_decided_by_it_are_stored_together(before: int) -> None:
    async def main() -> list[list[Item]]:
        inbox: Inbox[Item] = Inbox(1_000)
        waiting: list[Any] = [Timer()] * before
        for item in (*waiting, TICK, DECIDED):
            inbox.put_now(item)
        reducer = Batches(inbox)
        with anyio.move_on_after(1):
            await reducer.run()
        return reducer.batches

    (last,) = [batch for batch in run_virtual(main) if TICK in batch]
    assert last[-2:] == [TICK, DECIDED]
