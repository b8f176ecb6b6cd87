from quantum_exit.app.tally import Tally
from quantum_exit.domain.facts import Fill, OrderSide
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.domain.rules import ExitRules
from quantum_exit.execution.guardian.effects import Booked, Closed
from quantum_exit.execution.hub import Guarded, Lagged, Trouble
from quantum_exit.execution.watch_plan import WatchPlan

KEY = PositionKey("main", "BTCUSDT", Side.LONG, 1)
PLAN = WatchPlan(
    key=KEY,
    instrument=built_in_instrument("BTCUSDT"),
    entry_price="100000",
    quantity="0.1",
    stop_price="99000",
    rules=ExitRules(),
    opened_ns=0,
)
GUARDED = Guarded(key=KEY, lots=100, stop_ticks=990_000, hard_stop_ticks=985_000, adopted=True)


def fill(side: OrderSide, pnl: str, *, lots: int = 100, dust: str = "0") -> Booked:
    found = Fill(
        symbol="BTCUSDT",
        trade_id=1,
        venue_order_id=1,
        client_id=None,
        side=side,
        position_side=None,
        lots=lots,
        price_ticks=1_015_000,
        fee="4",
        fee_asset="USDT",
        realized_pnl=pnl,
        maker=False,
        ts_ms=1,
        dust=dust,
    )
    return Booked(key=KEY, fill=found)


def closed(fills: int) -> Closed:
    return Closed(key=KEY, opened_ms=0, closed_ms=9, filled_lots=100, reason="stop", fills=fills)


def tally() -> tuple[Tally, list[str]]:
    lines: list[str] = []
    return Tally(plans=lambda: {KEY: PLAN}, tell=lines.append), lines


def test_profit_is_told_in_multiples_of_the_loss_at_the_first_stop() -> None:
    found, lines = tally()
    for event in (
        GUARDED,
        fill(OrderSide.BUY, "0"),
        fill(OrderSide.SELL, "50", lots=50),
        fill(OrderSide.SELL, "100", lots=50),
        closed(2),
    ):
        found.take(event)

    assert lines == [
        "BTCUSDT LONG  found and guarded: 0.1 at 100000, stop 99000, floor 98500",
        "BTCUSDT LONG  entered: 0.1 at 101500",
        "BTCUSDT LONG  closed 0.05 at 101500, +0.50 R",
        "BTCUSDT LONG  closed 0.05 at 101500, +1.00 R",
        "BTCUSDT LONG  gone by stop: +1.50 R in all",
    ]
    summary = found.summary()
    assert (summary["realised_r"], summary["realised_pnl"], summary["fees"]) == (1.5, "150", "12")


def test_a_position_whose_trades_are_unknown_has_no_result() -> None:
    found, lines = tally()
    found.take(GUARDED)
    found.take(closed(0))

    assert lines[-1] == "BTCUSDT LONG  gone by stop: R unknown"
    assert found.summary()["realised_r"] is None


def test_what_was_not_told_is_said() -> None:
    found, lines = tally()
    found.take(Lagged(dropped=3))
    found.take(Trouble(kind="stream_gap", text="user: connected"))
    found.take(Trouble(kind="stream_gap", text="user: closed, code 1006"))

    assert lines == [
        "trouble  3 events were not told",
        "trouble  stream_gap: user: closed, code 1006",
    ]
    assert found.events == {"lagged": 1, "trouble_stream_gap": 2}


def test_a_trade_is_told_with_what_lots_of_a_coarser_step_leave_out() -> None:
    found, lines = tally()
    found.take(GUARDED)
    found.take(fill(OrderSide.SELL, "50", lots=50, dust="0.0005"))
    found.take(fill(OrderSide.SELL, "0", lots=0, dust="0.0005"))

    assert lines[1:] == [
        "BTCUSDT LONG  closed 0.0505 at 101500, +0.50 R",
        "BTCUSDT LONG  closed 0.0005 at 101500, +0.00 R",
    ]
