import anyio
import pytest

from quantum_exit._core import Phase
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.slots import Holder, SlotTable
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual


def holder(table: SlotTable, patience_ms: int = 1_000) -> Holder:
    return Holder(table, patience_ms, VirtualClock(0).monotonic_ns)


def test_a_slot_that_somebody_holds_is_waited_for() -> None:
    async def main() -> tuple[float, int]:
        table = SlotTable(2)
        ours, theirs = holder(table), holder(table)
        claim = await theirs.claim("BTCUSDT", Side.LONG)

        async def give_back() -> None:
            await anyio.sleep(0.5)
            theirs.release(claim, Phase.PROTECTED)

        async with anyio.create_task_group() as group:
            group.start_soon(give_back)
            won = await ours.claim("BTCUSDT", Side.LONG)
        assert won.phase == Phase.REPLACING
        return anyio.current_time(), ours.fenced

    at, fenced = run_virtual(main)

    assert 0.5 <= at < 0.52
    assert fenced == 0


def test_a_holder_that_hangs_is_fenced_off() -> None:
    async def main() -> None:
        table = SlotTable(2)
        ours, theirs = holder(table), holder(table)
        hanging = await theirs.claim("BTCUSDT", Side.LONG)
        won = await ours.claim("BTCUSDT", Side.LONG)

        assert ours.fenced == 1
        assert not theirs.is_current(hanging)
        theirs.release(hanging, Phase.FLAT)
        assert theirs.closing(hanging) is hanging
        assert ours.closing(won).phase == Phase.CLOSING
        assert table.phase("BTCUSDT", Side.LONG) == Phase.CLOSING
        assert table.phase("BTCUSDT", Side.SHORT) == Phase.UNKNOWN

    run_virtual(main)


def test_there_are_as_many_symbols_as_was_said() -> None:
    table = SlotTable(1)
    table.slot("BTCUSDT", Side.SHORT)

    with pytest.raises(InvalidInputError, match="at most 1 symbols"):
        table.slot("ETHUSDT", Side.LONG)
    assert table.slot("BTCUSDT", Side.LONG) == 0
