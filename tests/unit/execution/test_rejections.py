import anyio

from quantum_exit.domain.rejections import Rejected
from quantum_exit.execution.hub import Event, Hub, Trouble
from quantum_exit.execution.rejections import Refused, Rejections
from tests.simulation.virtual_loop import run_virtual


def rejected(source: str, why: str = "no JSON") -> Rejected:
    return Rejected(source=source, why=why, excerpt="<html>", size=6)


async def flood(rejections: Rejections, count: int) -> None:
    for _ in range(count):
        rejections.note(rejected("market stream"))
        await anyio.sleep(0.001)


def test_every_message_is_counted_and_a_source_is_journaled_once_a_second() -> None:
    async def main() -> tuple[list[Refused], dict[str, int]]:
        journaled: list[Refused] = []
        rejections = Rejections(journaled.append, Hub())
        async with anyio.create_task_group() as group:
            group.start_soon(rejections.run)
            await flood(rejections, 2_500)
            await anyio.sleep(1)
            group.cancel_scope.cancel()
        return journaled, rejections.counts

    journaled, counts = run_virtual(main)
    assert counts == {"market stream": 2_500}
    assert len(journaled) == 4
    assert sum(one.count for one in journaled) == 2_500


def test_the_first_reason_of_each_source_is_told() -> None:
    async def main() -> list[Event]:
        hub, journaled = Hub(), list[Refused]()
        listener = hub.listen()
        rejections = Rejections(journaled.append, hub)
        for given in (rejected("a", "one"), rejected("a", "two"), rejected("b", "three")):
            rejections.note(given)
        rejections.pass_on()
        rejections.pass_on()
        hub.end()
        return [event async for event in listener.events()]

    assert run_virtual(main) == [
        Trouble(kind="refused_message", text="a: 2 refused: one"),
        Trouble(kind="refused_message", text="b: 1 refused: three"),
    ]
