from quantum_exit.domain.position import Side
from tests.unit.guardian.world import World


def opened(lots: int = 9, **more: object) -> World:
    world = World(**more)  # type: ignore[arg-type]
    world.trade(lots)
    world.run(1_000)
    return world


def test_a_position_gets_its_floor_first_then_its_working_stop_then_its_profits() -> None:
    world = opened()

    roles = [
        effect.order.role
        for effect in world.seen(
            __import__("quantum_exit.execution.guardian.effects", fromlist=["Place"]).Place
        )
    ]
    assert roles == ["FLOOR", "WORKING", "TAKE_PROFIT", "TAKE_PROFIT"]
    assert [one.trigger_ticks for one in world.floors()] == [850]
    assert [(one.trigger_ticks, one.lots) for one in world.stops()] == [(900, 9)]
    assert [(one.price_ticks, one.lots) for one in world.profits()] == [(1050, 3), (1100, 3)]
    world.checker.check_settled()
    assert world.lots(Side.LONG) == 9
