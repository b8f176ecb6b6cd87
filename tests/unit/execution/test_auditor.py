from dataclasses import replace

import pytest

from quantum_exit.domain.facts import OrderBook, OrderSide, OrderStatus, OrderView, VenuePosition
from quantum_exit.domain.position import Side
from quantum_exit.execution.auditor import FindingKind, findings

POSITION = VenuePosition(
    symbol="BTCUSDT",
    side=Side.LONG,
    hedge=False,
    lots=100,
    entry_price="100000",
    mark_price=None,
    liquidation_price=None,
    leverage=None,
    updated_ms=1,
)
FLOOR = OrderView(
    client_id="floor",
    venue_id=1,
    symbol="BTCUSDT",
    side=OrderSide.SELL,
    position_side=None,
    book=OrderBook.ALGO,
    kind="STOP_MARKET",
    status=OrderStatus.NEW,
    lots=0,
    filled_lots=0,
    price_ticks=None,
    trigger_ticks=900_000,
    on_mark=True,
    reduce_only=False,
    close_position=True,
    child_venue_id=None,
    updated_ms=1,
)
STOP = replace(FLOOR, client_id="stop", lots=100, close_position=False, reduce_only=True)


@pytest.mark.parametrize(
    ("positions", "orders", "expected"),
    [
        ([POSITION], [FLOOR], []),
        ([POSITION], [STOP], []),
        ([POSITION], [FLOOR, STOP], []),
        ([], [], []),
        ([POSITION], [], ["naked"]),
        ([POSITION], [replace(FLOOR, side=OrderSide.BUY)], ["naked", "orphan"]),
        ([POSITION], [replace(FLOOR, symbol="ETHUSDT")], ["naked", "orphan"]),
        ([POSITION], [replace(FLOOR, status=OrderStatus.TRIGGERED)], ["naked"]),
        ([POSITION], [replace(STOP, kind="LIMIT", book=OrderBook.REGULAR)], ["naked"]),
        ([POSITION], [replace(STOP, lots=60)], ["undersized"]),
        ([POSITION], [replace(STOP, lots=60), replace(STOP, lots=40)], []),
        ([POSITION], [replace(STOP, lots=120)], ["oversized"]),
        ([POSITION], [FLOOR, FLOOR], ["duplicate"]),
        ([POSITION], [FLOOR, replace(STOP, reduce_only=False)], ["not_reducing"]),
        ([], [FLOOR, STOP], ["orphan", "orphan"]),
        ([replace(POSITION, side=Side.SHORT)], [FLOOR], ["naked", "orphan"]),
    ],
)
def test_what_is_wrong_is_found(
    positions: list[VenuePosition], orders: list[OrderView], expected: list[FindingKind]
) -> None:
    assert sorted(one.kind for one in findings(positions, orders)) == expected
