"""Rules of the guardian that are small enough to be tried in every case."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.domain.facts import OrderBook, OrderSide, OrderStatus, OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian import exits, lattice, reduce_budget, settle
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.exit_rules import ExitRules
from quantum_exit.execution.guardian.floor_rules import FloorRules, FloorStep, Presence
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase, Proof
from quantum_exit.execution.guardian.state import Exit, Holding, SideState
from quantum_exit.execution.guardian.stop_rules import StopRules, tighter
from quantum_exit.execution.orders import Role

CONFIG = GuardianConfig()


def own(role: Role = Role.WORKING, lots: int = 5, ticks: int | None = 900) -> OwnOrder:
    book = OrderBook.ALGO if role in (Role.FLOOR, Role.WORKING) else OrderBook.REGULAR
    return OwnOrder(
        client_id=f"{role}{ticks}",
        key=PositionKey("main", "BTCUSDT", Side.LONG, 1),
        role=role,
        rung=0,
        book=book,
        lots=lots,
        ticks=ticks,
        phase=Phase.ASKED,
        asked_ms=0,
    )


def view(status: OrderStatus, filled: int = 0, book: OrderBook = OrderBook.ALGO) -> OrderView:
    return OrderView(
        client_id="WORKING900",
        venue_id=1,
        symbol="BTCUSDT",
        side=OrderSide.SELL,
        position_side=None,
        book=book,
        kind="STOP_MARKET",
        status=status,
        lots=5,
        filled_lots=filled,
        price_ticks=None,
        trigger_ticks=900,
        on_mark=True,
        reduce_only=True,
        close_position=False,
        child_venue_id=None,
        updated_ms=status.rank,
    )


LIFE = (
    view(OrderStatus.NEW),
    view(OrderStatus.TRIGGERING),
    view(OrderStatus.TRIGGERED),
    view(OrderStatus.PARTIALLY_FILLED, 2, OrderBook.REGULAR),
    view(OrderStatus.FINISHED, 5),
)


def test_news_of_one_order_gives_the_same_state_in_every_order_of_arrival() -> None:
    for order in permutations(LIFE):
        one = own()
        for news in (*order, *order):
            lattice.apply_view(one, news, 7)

        assert (one.phase, one.status, one.filled_lots) == (
            Phase.ENDED,
            OrderStatus.FINISHED,
            5,
        )


def test_a_cancel_that_is_confirmed_for_a_filled_order_is_overruled_by_the_fill() -> None:
    one = own(Role.TAKE_PROFIT)
    regular = OrderBook.REGULAR

    lattice.apply_view(one, view(OrderStatus.CANCELED, 0, regular), 1)
    lattice.apply_view(one, view(OrderStatus.FILLED, 5, regular), 2)
    lattice.apply_view(one, view(OrderStatus.CANCELED, 0, regular), 3)

    assert (one.status, one.filled_lots) == (OrderStatus.FILLED, 5)


@pytest.mark.parametrize(
    ("proof", "now_ms", "proven"),
    [
        (Proof(since_ms=0), 10**9, False),
        (Proof(since_ms=0, not_found_ms=[13_001], lists_ms=13_001, trades_ms=13_001), 10**9, False),
        (Proof(since_ms=0, not_found_ms=[1, 13_001], trades_ms=13_001), 10**9, False),
        (Proof(since_ms=0, not_found_ms=[1, 13_001], lists_ms=13_001), 10**9, False),
        (
            Proof(since_ms=0, not_found_ms=[1, 13_000], lists_ms=13_001, trades_ms=13_001),
            20_000,
            False,
        ),
        (
            Proof(since_ms=0, not_found_ms=[1, 13_001], lists_ms=9_000, trades_ms=13_001),
            20_000,
            False,
        ),
        (
            Proof(since_ms=0, not_found_ms=[1, 13_001], lists_ms=13_001, trades_ms=13_001),
            13_000,
            False,
        ),
        (
            Proof(since_ms=0, not_found_ms=[1, 13_001], lists_ms=13_001, trades_ms=13_001),
            13_002,
            True,
        ),
    ],
)
def test_absence_takes_every_part_of_the_proof(proof: Proof, now_ms: int, proven: bool) -> None:
    assert settle.Settling().is_absent(proof, now_ms, CONFIG) is proven


def test_two_not_founds_count_as_two_only_with_time_between_them() -> None:
    proof = Proof(since_ms=0)
    for asked_ms in (100, 200, 2_099):
        settle.not_found(proof, asked_ms, CONFIG)
    assert proof.not_found_ms == [100]

    settle.not_found(proof, 2_100, CONFIG)
    settle.not_found(proof, 9_000, CONFIG)

    assert proof.not_found_ms == [100, 9_000]


@pytest.mark.parametrize(
    ("proof", "next_ms"),
    [
        (Proof(since_ms=0), 0),
        (Proof(since_ms=0, asked_ms=1_000, asks=1), 1_250),
        (Proof(since_ms=0, asked_ms=1_000, asks=9, not_found_ms=[1_000]), 3_000),
        (Proof(since_ms=0, asked_ms=9_000, asks=9, not_found_ms=[1_000, 9_000]), 11_000),
        (Proof(since_ms=0, asked_ms=12_500, asks=9, not_found_ms=[1_000, 12_500]), 13_001),
        (Proof(since_ms=0, asked_ms=13_001, asks=9, not_found_ms=[1_000, 13_001]), 15_001),
    ],
)
def test_it_is_asked_as_soon_as_an_answer_can_be_the_last_part_of_the_proof(
    proof: Proof, next_ms: int
) -> None:
    assert settle.next_ask_ms(proof, CONFIG) == next_ms


FLOORS = list(product(Presence, (True, False), Presence, (True, False)))


@pytest.mark.parametrize(("floor", "fits", "standin", "covers"), FLOORS)
def test_the_floor_only_leaves_beside_a_stand_in_that_covers(
    floor: Presence, fits: bool, standin: Presence, covers: bool
) -> None:
    step = FloorRules().next_step(floor, fits=fits, standin=standin, covers=covers)

    if step is FloorStep.CANCEL_FLOOR:
        assert (floor, fits, standin, covers) == (Presence.LIVE, False, Presence.LIVE, True)
    if step is FloorStep.DROP_STANDIN:
        assert floor is Presence.LIVE
    if step is FloorStep.PLACE_FLOOR:
        assert floor is Presence.ABSENT
    if floor is Presence.ABSENT:
        assert step is FloorStep.PLACE_FLOOR


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.sampled_from(Side))
def test_a_stop_never_moves_to_the_loss_side(resting: int, wanted: int, side: Side) -> None:
    rules = StopRules()

    new = rules.trigger(side, wanted, resting, loosened=False)

    assert side.sign * new >= side.sign * resting
    assert new == rules.ratchet(side, resting, wanted) == tighter(side, wanted, resting)


@given(
    st.integers(0, 100),
    st.one_of(st.none(), st.integers(1, 100)),
    st.integers(0, 100),
    st.one_of(st.none(), st.integers(1, 50)),
)
def test_an_exit_never_closes_more_than_its_goal_or_what_is_open(
    reducible: int, goal: int | None, done: int, most: int | None
) -> None:
    exit_ = Exit(number=0, reason="X", leg=None, goal_lots=goal, emergency=False, done_lots=done)

    lots = ExitRules().next_lots(exit_, reducible, most)

    assert 0 <= lots <= reducible
    assert goal is None or lots <= max(0, goal - done)
    assert most is None or lots <= most


def test_pauses_between_attempts_double_up_to_a_bound() -> None:
    pauses = [ExitRules().pause_ms(failures, CONFIG) for failures in range(8)]

    assert pauses == [0, 100, 200, 400, 800, 1_600, 2_000, 2_000]


def test_the_farthest_profits_make_room_first() -> None:
    orders = [own(Role.TAKE_PROFIT, 3, ticks) for ticks in (1_050, 1_100, 1_150)]

    def going(close: int) -> list[int | None]:
        return [one.ticks for one in reduce_budget.in_the_way(Side.LONG, 9, close, orders)]

    assert going(0) == []
    assert going(3) == [1_150]
    assert going(4) == [1_150, 1_100]
    assert going(9) == [1_150, 1_100, 1_050]


@pytest.mark.parametrize(
    ("goal", "budget_used", "leaving"),
    [
        (None, True, [1_050, 1_100]),
        (6, True, [1_100]),
        (3, True, []),
        (None, False, []),
        ("no exit", True, []),
    ],
)
def test_only_what_keeps_a_running_exit_from_reducing_makes_room(
    goal: int | str | None, budget_used: bool, leaving: list[int]
) -> None:
    orders = [own(Role.TAKE_PROFIT, 3, ticks) for ticks in (1_050, 1_100)]
    side = SideState(symbol="BTCUSDT", side=Side.LONG, budget_used=budget_used)
    side.holding = Holding(lots=9, assumed=False)
    side.orders = {one.client_id: one for one in (*orders, own())}
    if not isinstance(goal, str):
        side.exits[0] = Exit(number=0, reason="X", leg=None, goal_lots=goal, emergency=False)

    going = [one for one in side.orders.values() if exits.makes_room(side, one.client_id, CONFIG)]

    assert [one.ticks for one in going] == leaving
