"""The two ways to embed the package: the whole service, or the engine alone."""

from decimal import Decimal
from pathlib import Path

import anyio
import anyio.lowlevel

import quantum_exit as qx
from quantum_exit.app.wiring import open_run
from quantum_exit.execution.guardian.effects import Closed

QUANTITY = Decimal("0.010")


def test_the_service_protects_and_tells(tmp_path: Path) -> None:
    async def main() -> tuple[bool, int, str]:
        instrument = qx.load_instrument("BTCUSDT")
        async with open_run(qx.RunConfig(folder=str(tmp_path))) as running:
            service, paper = running.service, running.paper
            assert paper is not None
            paper.enter(qx.Side.LONG, QUANTITY)
            position = qx.Position(
                instrument=instrument,
                side=qx.Side.LONG,
                entry_price=Decimal(100_000),
                quantity=QUANTITY,
            )
            signal = qx.Signal(advice=qx.Advice(signal_confidence=0.7))
            protection = await service.protect(position, signal=signal)
            closed: list[str] = []
            async with anyio.create_task_group() as group:
                group.start_soon(until_closed, service, closed)
                await anyio.lowlevel.checkpoint()
                await service.close("BTCUSDT")
            return protection.status.protected, len(protection.acks), closed[0]

    protected, acks, symbol = anyio.run(main)

    assert protected
    assert acks >= 1
    assert symbol == "BTCUSDT"


async def until_closed(service: qx.Service, closed: list[str]) -> None:
    async for event in service.events():
        if isinstance(event, Closed):
            closed.append(event.key.symbol)
            return


def test_open_service_takes_a_file_and_the_environment(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("account = 'file'\n")
    env = {"QUANTUM_EXIT_FOLDER": str(tmp_path / "data")}

    async def main() -> str:
        async with qx.open_service(tmp_path / "run.toml", env=env) as service:
            return service.status().account

    assert anyio.run(main) == "file"
    assert any((tmp_path / "data").iterdir())


def test_the_engine_alone_says_what_to_do() -> None:
    engine = qx.Engine()
    instrument = qx.load_instrument("BTCUSDT")
    symbol = engine.add_symbol(instrument)
    plan = qx.ExitPlan(
        instrument,
        side="LONG",
        entry_price="100000",
        quantity="0.010",
        stop_price="99000",
        legs=[qx.Leg(1, "0.5"), qx.Leg(2, "0.5")],
    )
    engine.open(symbol, plan, entry_ns=0)
    sent = []
    for ts_ns, ticks in enumerate([1_000_000, 1_010_000, 1_000_700]):
        events = engine.on_tick(symbol, ticks, ts_ns)
        for index in range(len(events or ())):
            assert events is not None
            event = events[index]
            if event.kind in {"LEG_FILLED", "STOPPED"}:
                sent.append((event.kind, event.qty))

    assert sent == [("LEG_FILLED", 0.005), ("STOPPED", 0.005)]
