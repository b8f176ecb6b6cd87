"""The official SDK trades over HTTP; its strict models check the shape of every reply."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from binance_common import errors
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import (
    ModifyMultipleOrdersBatchOrdersParameterInner,
    PlaceMultipleOrdersBatchOrdersParameterInner,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.integration.clients.local_venue import ED25519_KEY, ED25519_PRIVATE, LocalVenue
from tests.integration.clients.official_client import rest_api, strays

BTC, ETH = "BTCUSDT", "ETHUSDT"
STOP: dict[str, Any] = {
    "algo_type": "CONDITIONAL",
    "symbol": BTC,
    "side": "SELL",
    "type": "STOP_MARKET",
    "trigger_price": 59_000.0,
    "close_position": "true",
    "client_algo_id": "x1F",
}
LIMIT: dict[str, Any] = {
    "symbol": BTC,
    "side": "SELL",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": 0.05,
    "price": 61_000.0,
    "new_client_order_id": "x1L",
}


@pytest.fixture
def api(venue: LocalVenue) -> Iterator[Any]:
    with rest_api(venue) as opened:
        yield opened


def test_an_order_lives_through_all_its_calls(api: Any) -> None:
    placed = api.new_order(**LIMIT).data()
    amended = api.modify_order(
        symbol=BTC, side="SELL", quantity=0.04, price=61_500.0, orig_client_order_id="x1L"
    ).data()
    queried = api.query_order(symbol=BTC, orig_client_order_id="x1L").data()
    opened = api.query_current_open_order(symbol=BTC, orig_client_order_id="x1L").data()
    (listed,) = api.current_all_open_orders(symbol=BTC).data()
    canceled = api.cancel_order(symbol=BTC, orig_client_order_id="x1L").data()
    (ended,) = api.all_orders(symbol=BTC).data()

    assert placed.price == "61000.0"
    assert {amended.price, queried.price, opened.price, listed.price} == {"61500.0"}
    assert canceled.status == ended.status == "CANCELED"
    replies = (placed, amended, queried, opened, listed, canceled, ended)
    assert [stray for reply in replies for stray in strays(reply)] == []


def test_a_stop_lives_through_all_its_calls(venue: LocalVenue, api: Any) -> None:
    api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)

    placed = api.new_algo_order(**STOP).data()
    queried = api.query_algo_order(client_algo_id="x1F").data()
    (listed,) = api.current_all_algo_open_orders(symbol=BTC).data()
    venue.price("58900")
    (ended,) = api.query_all_algo_orders(symbol=BTC).data()
    fill = api.account_trade_list(symbol=BTC).data()[-1]

    assert placed.trigger_price == queried.trigger_price == listed.trigger_price == "59000.0"
    assert ended.algo_status == "FINISHED"
    assert str(ended.actual_order_id) == str(fill.order_id)
    assert venue.position() == 0
    replies = (placed, queried, listed, ended, fill)
    assert [stray for reply in replies for stray in strays(reply)] == []


def test_a_trailing_stop_and_the_cancellations(api: Any) -> None:
    api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)
    trailing = {
        key: value for key, value in STOP.items() if key not in ("trigger_price", "close_position")
    }
    placed = api.new_algo_order(
        **trailing
        | {
            "type": "TRAILING_STOP_MARKET",
            "quantity": 0.05,
            "callback_rate": 1.5,
            "activate_price": 61_000.0,
            "reduce_only": "true",
        }
    ).data()

    assert (placed.callback_rate, placed.activate_price) == ("1.5", "61000")
    assert api.cancel_algo_order(client_algo_id="x1F").data().msg == "success"
    assert api.cancel_all_algo_open_orders(symbol=BTC).data().code == 200
    assert api.cancel_all_open_orders(symbol=BTC).data().code == 200


def test_batches_are_placed_amended_and_cancelled(api: Any) -> None:
    orders = [
        PlaceMultipleOrdersBatchOrdersParameterInner(
            symbol=BTC,
            side="BUY",
            type="LIMIT",
            quantity=0.01,
            price=50_000.0,
            timeInForce="GTC",
            newClientOrderId=f"b{number}",
        )
        for number in range(2)
    ]
    changes = [
        ModifyMultipleOrdersBatchOrdersParameterInner(
            symbol=BTC, side="BUY", quantity=0.01, price=50_500.0, origClientOrderId=f"b{number}"
        )
        for number in range(2)
    ]

    placed = api.place_multiple_orders(batch_orders=orders).data()
    amended = api.modify_multiple_orders(batch_orders=changes).data()
    canceled = api.cancel_multiple_orders(symbol=BTC, orig_client_order_id_list=["b0", "b1"]).data()

    assert [order.client_order_id for order in placed] == ["b0", "b1"]
    assert [order.price for order in amended] == ["50500.0", "50500.0"]
    assert [order.status for order in canceled] == ["CANCELED", "CANCELED"]


READS: tuple[tuple[str, dict[str, object]], ...] = (
    ("check_server_time", {}),
    ("test_connectivity", {}),
    ("exchange_information", {}),
    ("account_information_v2", {}),
    ("account_information_v3", {}),
    ("futures_account_balance_v2", {}),
    ("futures_account_balance_v3", {}),
    ("futures_account_configuration", {}),
    ("get_current_multi_assets_mode", {}),
    ("get_current_position_mode", {}),
    ("get_income_history", {}),
    ("get_bnb_burn_status", {}),
    ("notional_and_leverage_brackets", {}),
    ("query_user_rate_limit", {}),
    ("symbol_configuration", {}),
    ("user_commission_rate", {"symbol": BTC}),
    ("futures_trading_quantitative_rules_indicators", {}),
    ("position_adl_quantile_estimation", {}),
    ("position_information_v2", {}),
    ("position_information_v3", {}),
    ("users_force_orders", {}),
    ("account_trade_list", {"symbol": BTC}),
    ("get_position_margin_change_history", {"symbol": BTC}),
    ("start_user_data_stream", {}),
    ("get_funding_rate_history", {}),
    ("get_funding_rate_info", {}),
    ("mark_price", {}),
    ("mark_price", {"symbol": BTC}),
    ("open_interest", {"symbol": BTC}),
    ("order_book", {"symbol": BTC, "limit": 5}),
    ("recent_trades_list", {"symbol": BTC}),
    ("old_trades_lookup", {"symbol": BTC}),
    ("compressed_aggregate_trades_list", {"symbol": BTC}),
    ("kline_candlestick_data", {"symbol": BTC, "interval": "1m"}),
    ("symbol_order_book_ticker", {}),
    ("symbol_order_book_ticker", {"symbol": BTC}),
    ("symbol_price_ticker", {"symbol": BTC}),
    ("symbol_price_ticker_v2", {}),
    ("ticker24hr_price_change_statistics", {"symbol": BTC}),
)


@pytest.mark.parametrize(("name", "params"), READS)
def test_every_read_has_the_shape_of_its_model(
    api: Any, name: str, params: dict[str, object]
) -> None:
    api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)

    reply = getattr(api, name)(**params).data()

    assert list(strays(reply, name)) == []


def test_settings_are_changed(api: Any) -> None:
    assert api.change_initial_leverage(symbol=BTC, leverage=7).data().leverage == 7
    assert api.change_margin_type(symbol=ETH, margin_type="ISOLATED").data().code == 200
    assert api.change_position_mode(dual_side_position="true").data().code == 200
    assert api.get_current_position_mode().data().dual_side_position is True
    api.new_order(symbol=ETH, side="BUY", type="MARKET", quantity=1.0, position_side="LONG")
    changed = api.modify_isolated_position_margin(
        symbol=ETH, amount=50.0, type=1, position_side="LONG"
    ).data()
    assert list(strays(changed)) == []
    assert api.auto_cancel_all_open_orders(symbol=BTC, countdown_time=60_000).data().symbol == BTC


REFUSED: tuple[tuple[int, Callable[[Any], object]], ...] = (
    (-2021, lambda api: api.new_algo_order(**STOP | {"trigger_price": 61_000.0})),
    (-2022, lambda api: api.new_order(**LIMIT | {"reduce_only": "true"})),
    (-4120, lambda api: api.new_order(symbol=BTC, side="SELL", type="STOP_MARKET", quantity=0.1)),
    (-2019, lambda api: api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=100.0)),
    (-2013, lambda api: api.query_order(symbol=BTC, order_id=99)),
    (-2011, lambda api: api.cancel_order(symbol=BTC, order_id=99)),
    (-1121, lambda api: api.order_book(symbol="NOSUCH")),
)


@pytest.mark.parametrize(("code", "call"), REFUSED, ids=[str(code) for code, _ in REFUSED])
def test_refusals_carry_their_code(api: Any, code: int, call: Callable[[Any], object]) -> None:
    with pytest.raises(errors.BadRequestError) as refused:
        call(api)

    assert refused.value.args[0] == code


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        # HTTP 408 has no class of its own in this client, and its code is not shown.
        ({"code": -1007}, errors.ClientError),
        ({"code": -1003, "status": 429, "message": "slow down"}, errors.TooManyRequestsError),
        ({"code": -1003, "status": 418, "message": "IP banned"}, errors.RateLimitBanError),
        ({"code": -1008}, errors.ServerError),
        ({"code": -2015}, errors.UnauthorizedError),
        ({"status": 403, "body": "<html></html>"}, errors.ForbiddenError),
        ({"reply": "drop"}, errors.NetworkError),
    ],
)
def test_faults_have_their_class(
    venue: LocalVenue, api: Any, rule: dict[str, object], kind: type[Exception]
) -> None:
    venue.inject(requests=[{"kind": "POST /fapi/v1/order", "nth": 1, **rule}])
    with pytest.raises(kind):
        api.new_order(symbol=BTC, side="BUY", type="MARKET", quantity=0.1)

    assert venue.position() == 100


def test_requests_are_signed_with_ed25519(venue: LocalVenue) -> None:
    private_key = ED25519_PRIVATE.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()
    with rest_api(venue, api_key=ED25519_KEY, private_key=private_key) as api:
        placed = api.new_order(**LIMIT).data()

    assert placed.client_order_id == "x1L"
