"""Nothing happens to the position, and yet its liquidation price comes nearer."""

import anyio

from tests.simulation.paper_world import PaperWorld, long_position
from tests.simulation.virtual_loop import run_virtual

ONE_PERCENT_E8 = 1_000_000
AUDIT_S = 12


def triggers(world: PaperWorld) -> list[float]:
    """Triggers of the floor and of the working stop."""
    stops = [row for row in world.resting() if row[0] == "STOP_MARKET"]
    return [float(price) for _, price, quantity in sorted(stops, key=lambda row: float(row[2]))]


def liquidation(world: PaperWorld) -> float:
    body = world.by_hand("GET", "v3/positionRisk", symbol="BTCUSDT")
    assert isinstance(body, list)
    return float(body[0]["liquidationPrice"])


def test_stops_stay_before_a_liquidation_price_that_funding_brings_nearer() -> None:
    async def main() -> list[tuple[float, list[float]]]:
        world = PaperWorld()
        seen = []
        async with world.market(), world.service() as service:
            world.enter(quantity="150")
            await service.protect(long_position(quantity="150"))
            for _ in range(5):
                await anyio.sleep(AUDIT_S)
                seen.append((liquidation(world), triggers(world)))
                world.exchange.charge_funding("BTCUSDT", ONE_PERCENT_E8)
        return seen

    seen = run_virtual(main)

    assert seen[0][1] == seen[1][1] == [96_250.0, 97_500.0]
    assert seen[2][0] > 96_250.0
    for price, (floor, stop) in seen:
        assert price < floor <= stop < 100_000.0
    assert [floor for _, (floor, _) in seen] == sorted(floor for _, (floor, _) in seen)
