"""The half of the smoke test that trades: orders of a plan on the simulated exchange."""

from decimal import Decimal

import anyio

from quantum_exit.app.config import ControlSection, RunConfig, StoreConfig, StoreKind
from quantum_exit.app.paper_venue import PaperFeed, PaperVenue
from quantum_exit.app.smoke_command import Check
from quantum_exit.app.wiring import open_run
from quantum_exit.domain.position import Position
from quantum_exit.execution.guardian.effects import Closed
from quantum_exit.execution.planning_desk import Signal
from quantum_exit.execution.service import Service
from quantum_exit.planning.context import Advice
from quantum_exit.planning.planned import PlannedExit, Planner

_DEADLINE_S = 20.0
_POLL_S = 0.02


def orders_checked(position: Position, planned: PlannedExit, advice: Advice) -> list[Check]:
    """Enters, guards under the plan, and closes; gives the checks."""
    return anyio.run(_trade, position, planned, advice)


async def _trade(position: Position, planned: PlannedExit, advice: Advice) -> list[Check]:
    config = RunConfig(
        store=StoreConfig(kind=StoreKind.MEMORY), control=ControlSection(enabled=False)
    )
    feed = PaperFeed(symbol=position.symbol, start_price=Decimal(position.entry_price))
    checks: list[Check] = []
    with anyio.fail_after(_DEADLINE_S):
        async with open_run(config, {}, feed=feed) as running:
            service, paper = running.service, running.paper
            if paper is None:
                return [Check("the exchange is in this process", False, "it is not")]
            closed = anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(_until_closed, service, closed)
                paper.enter(position.side, position.quantity)
                signal = Signal(advice=advice, planner=Planner.HYBRID)
                protection = await service.protect(position, signal=signal)
                text = f"longest gap {service.status().longest_gap_ms} ms"
                checks.append(Check("protected", protection.status.protected, text))
                checks += await _resting(paper, len(planned.plan.levels))
                answer = await service.close(position.symbol)
                await closed.wait()
                checks.append(Check("closed by command", answer.accepted, answer.why))
                left = await _settled(paper, 0)
                checks.append(Check("no order is left", not left, f"{len(left)} orders"))
                group.cancel_scope.cancel()
    return checks


async def _resting(paper: PaperVenue, targets: int) -> list[Check]:
    rows = await _settled(paper, 2)
    stops = [row for row in rows if row[0] == "STOP_MARKET"]
    shown = ", ".join(f"{kind} {price}" for kind, _, price, _ in rows)
    return [
        Check("floor and stop rest at the exchange", len(stops) == 2, shown),  # noqa: PLR2004
        Check("the plan has targets", targets > 0, f"{targets} legs"),
    ]


async def _settled(paper: PaperVenue, wanted: int) -> list[tuple[str, str, str, str]]:
    """The stops at rest, once there are as many as wanted; at most a few seconds later."""
    rows = paper.resting()
    with anyio.move_on_after(5):
        while True:
            rows = paper.resting()
            stops = [row for row in rows if row[0] == "STOP_MARKET"]
            if len(stops) == wanted and (wanted or not rows):
                break
            await anyio.sleep(_POLL_S)
    return rows


async def _until_closed(service: Service, closed: anyio.Event) -> None:
    async for event in service.events():
        if isinstance(event, Closed):
            closed.set()
