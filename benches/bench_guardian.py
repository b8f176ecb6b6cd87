"""Time of one step of the guardian with 200 guarded positions: `pytest benches --benchmark-only`."""

import itertools

import pytest

from benches.bench_boundary import Benchmark
from quantum_exit.domain.facts import Price
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Place
from quantum_exit.execution.guardian.facts import CoreEvent, CoreKind, VenueState
from tests.unit.guardian.checker import Unjudged
from tests.unit.guardian.world import World

POSITIONS = 200
SYMBOL = "S5USDT"


@pytest.fixture(scope="module")
def world() -> World:
    world = World(audits=False, judge=Unjudged)
    world.run(100)
    for number in range(POSITIONS):
        world.trade(9, symbol=f"S{number}USDT")
    world.run(5_000)
    status = world.guardian.status(world.now_ms)
    assert sum(one.protected for one in status.positions) == POSITIONS
    return world


def test_a_price(benchmark: Benchmark, world: World) -> None:
    price = Price(symbol=SYMBOL, ticks=1_000, mark=False, ts_ns=0)
    assert benchmark(world.guardian.step, price, world.now_ms) == ()


def test_an_order_update_that_says_nothing_new(benchmark: Benchmark, world: World) -> None:
    view = world.venue.open(SYMBOL)[0]
    assert benchmark(world.guardian.step, view, world.now_ms) == ()


def test_a_position_report_that_says_nothing_new(benchmark: Benchmark, world: World) -> None:
    report = world.venue.view_of(SYMBOL, Side.LONG)
    assert benchmark(world.guardian.step, report, world.now_ms) == ()


def test_a_trade_that_is_known(benchmark: Benchmark, world: World) -> None:
    fill = world.venue.trades[5]
    assert benchmark(world.guardian.step, fill, world.now_ms) == ()


def test_a_stop_that_moves_while_its_replacement_is_in_flight(
    benchmark: Benchmark, world: World
) -> None:
    key = world.key(symbol=SYMBOL)
    stops = itertools.count(902)

    def moved() -> object:
        event = CoreEvent(
            key=key, kind=CoreKind.STOP_MOVED, reason="TRAIL", stop_ticks=next(stops), ts_ns=0
        )
        return world.guardian.step(event, world.now_ms)

    first = moved()
    assert isinstance(first, tuple)
    assert [type(one) for one in first] == [Place]
    assert benchmark(moved) == ()


def test_every_position_compared_with_what_should_be(benchmark: Benchmark, world: World) -> None:
    accepting = VenueState(accepting=True)
    assert benchmark(world.guardian.step, accepting, world.now_ms) == ()
