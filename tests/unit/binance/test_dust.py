"""What no order can express of a position is told besides its lots."""

from decimal import Decimal

import pytest

from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.adapters.binance.rest_messages import PositionReply
from quantum_exit.adapters.binance.stream_messages import PositionEvent
from quantum_exit.adapters.binance.views import open_position, positions_of_event

GRID = Grid.of_steps("0.1", "0.010")


@pytest.mark.parametrize(
    ("amount", "lots", "dust"),
    [("1.005", 100, "0.005"), ("-0.005", 0, "0.005"), ("1.010", 101, "0"), ("100", 10_000, "0")],
)
def test_a_position_is_lots_and_dust(amount: str, lots: int, dust: str) -> None:
    reply = PositionReply(
        symbol="BTCUSDT",
        position_amt=Decimal(amount),
        entry_price=Decimal(100_000),
        position_side="BOTH",
    )
    event = PositionEvent(
        symbol="BTCUSDT",
        amount=Decimal(amount),
        entry_price=Decimal(100_000),
        position_side="BOTH",
    )

    shown = open_position(reply, GRID)
    held, other = positions_of_event(event, 1, GRID)

    assert shown is not None
    assert (shown.lots, shown.dust) == (held.lots, held.dust) == (lots, dust)
    assert (other.lots, other.dust) == (0, "0")


def test_a_position_that_is_flat_is_none() -> None:
    reply = PositionReply(
        symbol="BTCUSDT",
        position_amt=Decimal("0.000"),
        entry_price=Decimal(0),
        position_side="BOTH",
    )

    assert open_position(reply, GRID) is None
