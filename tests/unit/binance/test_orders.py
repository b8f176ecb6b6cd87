import pytest

from quantum_exit.adapters.binance.costs import cost_of_open_orders, cost_of_send
from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.adapters.binance.orders import place_endpoint, place_params
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.orders import (
    ExitOrder,
    FloorStop,
    MarketClose,
    OrderGrid,
    TakeProfitLimit,
    TakeProfitMarket,
    VenueTrail,
    WorkingStop,
)

LONG = PositionKey("main", "BTCUSDT", Side.LONG, 1)
SHORT = PositionKey("main", "BTCUSDT", Side.SHORT, 2)
GRID = Grid.of(built_in_instrument("BTCUSDT"))  # tick 0.1, lot 0.001


def each_order(key: PositionKey) -> tuple[ExitOrder, ...]:
    return (
        FloorStop(key=key, trigger_ticks=600_000),
        WorkingStop(key=key, lots=5, trigger_ticks=610_001, on_mark=False),
        TakeProfitLimit(key=key, leg=0, lots=2, price_ticks=700_005),
        TakeProfitMarket(key=key, leg=1, lots=2, trigger_ticks=700_005, on_mark=True),
        VenueTrail(key=key, lots=1, activation_ticks=None, callback_tenths=5, on_mark=False),
        MarketClose(key=key, lots=7),
    )


@pytest.mark.parametrize("order", [*each_order(LONG), *each_order(SHORT)])
@pytest.mark.parametrize("hedge", [False, True])
def test_no_order_can_add_to_a_position(order: ExitOrder, hedge: bool) -> None:
    params = place_params(order, "xid", GRID, hedge=hedge)

    closing = {"LONG": "SELL", "SHORT": "BUY"}[order.key.side.value]
    assert params["side"] == closing
    assert params["positionSide"] == (order.key.side.value if hedge else "BOTH")
    closes_all = isinstance(order, FloorStop)
    assert params.get("closePosition") == ("true" if closes_all else None)
    assert params.get("reduceOnly") == (None if closes_all or hedge else "true")


@pytest.mark.parametrize("order", each_order(LONG))
def test_conditional_orders_go_to_the_algo_endpoint_under_our_id(order: ExitOrder) -> None:
    params = place_params(order, "xid", GRID, hedge=False)

    if place_endpoint(order).path == "/fapi/v1/algoOrder":
        assert (params["algoType"], params["clientAlgoId"]) == ("CONDITIONAL", "xid")
        assert "newClientOrderId" not in params
    else:
        assert (params["newClientOrderId"], params["newOrderRespType"]) == ("xid", "RESULT")
        assert params["type"] in ("LIMIT", "MARKET")
    assert (cost_of_send(order).weight, cost_of_send(order).orders) == (0, 1)


def test_prices_and_quantities_are_exact_decimals() -> None:
    floor, working, limit, profit, trail, close = (
        place_params(order, "xid", GRID, hedge=False) for order in each_order(LONG)
    )

    assert (floor["triggerPrice"], floor["workingType"]) == ("60000.0", "MARK_PRICE")
    assert "quantity" not in floor
    assert (working["quantity"], working["triggerPrice"]) == ("0.005", "61000.1")
    assert working["workingType"] == "CONTRACT_PRICE"
    assert (limit["price"], limit["timeInForce"]) == ("70000.5", "GTC")
    assert (profit["type"], profit["workingType"]) == ("TAKE_PROFIT_MARKET", "MARK_PRICE")
    assert (trail["callbackRate"], trail["type"]) == ("0.5", "TRAILING_STOP_MARKET")
    assert "triggerPrice" not in trail
    assert "activatePrice" not in trail
    assert (close["type"], close["quantity"]) == ("MARKET", "0.007")


def test_a_large_lot_step_is_written_without_an_exponent() -> None:
    grid = Grid.of(built_in_instrument("DOGEUSDT"))

    assert grid.qty_text(50_000_000) == "50000000"
    assert grid.price_text(7) == "0.00007"


def test_a_post_only_leg_refuses_to_take() -> None:
    order = TakeProfitLimit(key=LONG, leg=0, lots=2, price_ticks=700_005, post_only=True)

    assert place_params(order, "xid", GRID, hedge=False)["timeInForce"] == "GTX"


def test_a_trailing_order_can_wait_for_its_activation() -> None:
    order = VenueTrail(
        key=LONG, lots=1, activation_ticks=650_000, callback_tenths=100, on_mark=False
    )

    params = place_params(order, "xid", GRID, hedge=False)

    assert (params["activatePrice"], params["callbackRate"]) == ("65000.0", "10.0")


@pytest.mark.parametrize("client_id", ["", "x" * 37, "a b", "ä", "a\n"])
def test_an_id_that_the_venue_would_not_take_is_refused(client_id: str) -> None:
    with pytest.raises(InvalidInputError, match="client_id"):
        place_params(MarketClose(key=LONG, lots=1), client_id, GRID, hedge=False)


def test_reading_the_open_orders_of_all_symbols_is_costly() -> None:
    assert cost_of_open_orders("BTCUSDT").weight == 2
    assert cost_of_open_orders(None).weight == 80


def test_an_order_that_waited_for_another_grid_means_the_price_for_which_it_was_made() -> None:
    coarse = Grid.of_steps("1", "0.01")
    order = WorkingStop(
        key=LONG,
        lots=1_005,
        trigger_ticks=950_001,
        on_mark=False,
        grid=OrderGrid("0.1", "0.001"),
    )

    params = place_params(order, "x1", coarse, hedge=False)

    assert (params["triggerPrice"], params["quantity"]) == ("95000.1", "1.005")
