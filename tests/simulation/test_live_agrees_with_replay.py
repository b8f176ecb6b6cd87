"""After every price the exchange holds what the core alone would hold."""

import random
from decimal import Decimal

import anyio
import pytest

from quantum_exit import Engine
from quantum_exit._core import Event, Events
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.position import Position, Side
from quantum_exit.execution.entering import OrderStyle, TrailingResidency
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.defaults import DEFAULT_PROFILES
from quantum_exit.planning.planned import PlannedExit
from quantum_exit.planning.profiles import TPKind, TPProfile, TPProfileLeg, TrailingProfile
from tests.simulation.paper_world import BTC, START_MS, PaperWorld
from tests.simulation.virtual_loop import run_virtual

BTC_LOT = 0.001
STEPS = 150
STEP_S = 1.0
# The trailing stop of the remainder is hit while legs are still to come.
PARTS = TPProfile(
    name="PARTS",
    tp_legs=(TPProfileLeg(0.3, 0.25, TPKind.SOFT), TPProfileLeg(2.5, 0.25, TPKind.SOFT)),
    trailing=TrailingProfile(0.004, 0.2, ((1.0, 0.003),)),
)
PROFILES = (*DEFAULT_PROFILES, PARTS)


def list_of(events: Events | None) -> list[Event]:
    return [] if events is None else [events[place] for place in range(len(events))]


class Core:
    """The core alone, shown the same prices."""

    def __init__(self, planned: PlannedExit) -> None:
        self.engine = Engine()
        self.symbol = self.engine.add_symbol(BTC)
        self.position = self.engine.open(self.symbol, planned.plan, START_MS * 1_000_000)
        self.lots = BTC.lots(planned.plan.quantity)
        self.events: list[str] = []

    def see(self, price: float, ts_ns: int) -> None:
        for event in list_of(self.engine.on_price(self.symbol, price, ts_ns)):
            self.events.append(event.kind)
            if event.kind in {"LEG_FILLED", "TRAILED", "STOPPED"}:
                self.lots = round(event.remaining / BTC_LOT)


def desk(profile: TPProfile, residency: TrailingResidency) -> PlanningDesk:
    book = ProfileBook.default().with_profile(profile, regime=MarketRegime.NORMAL)
    return PlanningDesk(book=book, style=OrderStyle(trailing_residency=residency))


def held(world: PaperWorld) -> int:
    return sum(BTC.lots(amount.removeprefix("-")) for _, amount in world.positions())


def prices(seed: int, side: Side) -> list[float]:
    """A walk that wanders into profit, so that trailing begins, and then back."""
    rng = random.Random(seed)
    price, drift, found = 100_000.0, rng.uniform(20, 80), []
    for step in range(STEPS):
        price += side.sign * rng.gauss(drift if step < STEPS * 0.6 else -1.5 * drift, 250)
        found.append(round(price, 1))
    return found


async def lives_alike(
    profile: TPProfile, side: Side, residency: TrailingResidency, seed: int
) -> list[str]:
    world = PaperWorld()
    async with world.market(), world.service(desk(profile, residency)) as service:
        world.enter("BUY" if side is Side.LONG else "SELL")
        position = Position(
            instrument=BTC, side=side, entry_price=Decimal(100_000), quantity=Decimal(1)
        )
        protection = await service.protect(position)
        core = Core(protection.plan)
        for price in prices(seed, side):
            core.see(price, world.clock.true_ms() * 1_000_000)
            world.price(price)
            await anyio.sleep(STEP_S)
            assert held(world) == core.lots, (price, core.events)
        return core.events


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("residency", TrailingResidency)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_live_holds_what_the_core_holds(
    profile: TPProfile, side: Side, residency: TrailingResidency, seed: int
) -> None:
    events: list[str] = []

    async def main() -> None:
        events.extend(await lives_alike(profile, side, residency, seed))

    run_virtual(main)
    assert events[-1] == "CLOSED"
    if profile is PARTS:
        assert "TRAILED" in events[: events.index("CLOSED") - 1]
