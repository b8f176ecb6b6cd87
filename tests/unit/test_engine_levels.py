"""What the live service asks of the core besides ticks."""

import pytest

from quantum_exit import Engine, ExitPlan, Instrument, InvalidInputError, Leg, Trailing

INSTRUMENT = Instrument("BTCUSDT", "0.1", "0.001")


def opened(*, trailing: Trailing | None = None) -> tuple[Engine, int]:
    engine = Engine()
    symbol = engine.add_symbol(INSTRUMENT)
    plan = ExitPlan(
        INSTRUMENT,
        side="LONG",
        entry_price=100,
        quantity=1,
        stop_price=98,
        legs=[Leg(1, "0.25", "SOFT")],
        trailing=trailing,
    )
    position = engine.open(symbol, plan, 0)
    engine.on_tick(symbol, 1_000, 1)
    return engine, position


def test_levels_are_those_of_the_plan_before_anything_happened() -> None:
    engine, position = opened()
    levels = engine.levels(position)
    assert (levels.stop_ticks, levels.trail_stop_ticks, levels.trail_lots, levels.open_lots) == (
        980,
        None,
        0,
        1_000,
    )


def test_an_active_trail_shows_its_stop_and_the_lots_that_it_closes() -> None:
    engine, position = opened(trailing=Trailing("0.01"))
    engine.on_tick(0, 1_010, 2)
    levels = engine.levels(position)
    # 1010 - floor(1010 * 0.01) = 1000; three quarters are left to the trail.
    assert (levels.stop_ticks, levels.trail_stop_ticks, levels.trail_lots) == (980, 1_000, 750)


def test_a_leg_filled_at_the_venue_is_booked_once_and_ratchets_the_stop() -> None:
    engine, position = opened()
    engine.on_tick(0, 1_019, 2)
    events = engine.fill_leg(position, 0, 3)
    assert events is not None
    assert [events[at].kind for at in range(len(events))] == ["LEG_FILLED", "STOP_MOVED"]
    assert engine.levels(position).open_lots == 750
    assert engine.levels(position).stop_ticks == 1_001
    with pytest.raises(InvalidInputError, match="leg: 0 is not allowed"):
        engine.fill_leg(position, 0, 4)


def test_a_position_that_is_not_open_has_no_levels() -> None:
    engine, _ = opened()
    with pytest.raises(InvalidInputError, match="position_id: 7"):
        engine.levels(7)
