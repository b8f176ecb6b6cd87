"""Bad input on every endpoint: a refusal of the venue, and nothing has changed."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.paper.auth import Security
from quantum_exit.adapters.paper.rest.endpoint import Endpoint
from quantum_exit.adapters.paper.rest.table import ENDPOINTS
from tests.integration.paper.world import KEY, START_MS, World

ALL = sorted(ENDPOINTS.values(), key=lambda endpoint: (endpoint.path, endpoint.method))
SIGNED = [endpoint for endpoint in ALL if endpoint.security is Security.SIGNED]
CHANGING = [endpoint for endpoint in SIGNED if endpoint.method != "GET"]

NAMES = [
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "price",
    "reduceOnly",
    "closePosition",
    "positionSide",
    "algoType",
    "triggerPrice",
    "activatePrice",
    "callbackRate",
    "workingType",
    "priceProtect",
    "priceMatch",
    "newClientOrderId",
    "clientAlgoId",
    "orderId",
    "origClientOrderId",
    "algoId",
    "goodTillDate",
    "leverage",
    "marginType",
    "amount",
    "countdownTime",
    "dualSidePosition",
    "batchOrders",
    "orderIdList",
    "origClientOrderIdList",
    "limit",
    "fromId",
    "startTime",
    "endTime",
    "interval",
    "incomeType",
    "newOrderRespType",
    "selfTradePreventionMode",
    "stopPrice",
]
# Nothing of this is a value that any of these parameters may have together with the others.
BAD = (
    "",
    "-1",
    "0",
    "1e999",
    "NaN",
    "9" * 25,
    "0.00000000001",
    "null",
    "BTCUSDT ",
    "NOSUCH",
    "[",
    "[{}]",
    "{}",
    "'; drop table orders",
    "\x00",
    "Ω" * 50,
)


def label(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def state(world: World) -> tuple[str, Any]:
    venue = world.exchange.desk.venue
    return venue.ledger_hash(), [
        (venue.settings(0, name).leverage, venue.settings(0, name).margin_type)
        for name in ("BTCUSDT", "ETHUSDT")
    ]


@pytest.mark.parametrize("endpoint", SIGNED, ids=label)
def test_unsigned_stale_and_strange_requests_are_refused(endpoint: Endpoint) -> None:
    world = World()
    before = state(world)

    unsigned = world.send(endpoint.method, endpoint.path, f"timestamp={START_MS}")
    stale = world.send(endpoint.method, endpoint.path, "timestamp=1&signature=00")
    forged = world.send(endpoint.method, endpoint.path, f"timestamp={START_MS}&signature=00")
    keyless = world.send(endpoint.method, endpoint.path, "", key=None)
    stranger = world.send(endpoint.method, endpoint.path, "", key="somebody-else")

    codes = [body["code"] for _, body in (unsigned, stale, forged, keyless, stranger)]
    assert codes == [-1102, -1021, -1022, -2014, -2015]
    assert state(world) == before


@pytest.mark.parametrize("endpoint", CHANGING, ids=label)
def test_a_change_without_parameters_is_refused(endpoint: Endpoint) -> None:
    world = World()
    before = state(world)

    status, body = world.ask(endpoint.method, endpoint.path, {})

    assert status == 400
    assert body["code"] in {-1102, -1125}
    assert state(world) == before


@pytest.mark.parametrize("endpoint", ALL, ids=label)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    params=st.dictionaries(
        st.sampled_from(NAMES), st.sampled_from(BAD) | st.text(max_size=8), min_size=1, max_size=6
    ),
    known=st.booleans(),
)
def test_bad_values_are_answered_by_the_venue_and_change_nothing(
    endpoint: Endpoint, params: dict[str, str], known: bool
) -> None:
    world = World()
    world.market("BUY", "0.010")
    before = state(world)

    status, body = world.ask(
        endpoint.method, endpoint.path, {**params, **({"symbol": "BTCUSDT"} if known else {})}
    )

    if status == 200:
        refused = isinstance(body, list) and all("code" in entry for entry in body)
        assert endpoint.method == "GET" or refused or state(world) == before or harmless(endpoint)
    else:
        assert status == 400, body
        assert isinstance(body["code"], int)
        assert body["code"] < 0
        assert isinstance(body["msg"], str)
        assert state(world) == before


def harmless(endpoint: Endpoint) -> bool:
    """Cancels of everything, which need a symbol alone, and there is nothing to cancel."""
    return endpoint.path in {"/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders"}


LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
STOP = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "triggerPrice": "59000",
    "quantity": "0.01",
}
TRAIL = {**STOP, "type": "TRAILING_STOP_MARKET", "callbackRate": "1"}
GONE = "(absent)"


@pytest.mark.parametrize(
    ("path", "good", "change", "code"),
    [
        ("order", LIMIT, {"symbol": GONE}, -1102),
        ("order", LIMIT, {"symbol": "btcusdt"}, -1100),
        ("order", LIMIT, {"symbol": "NOSUCH"}, -1121),
        ("order", LIMIT, {"side": "HOLD"}, -1117),
        ("order", LIMIT, {"type": "ICEBERG"}, -1116),
        ("order", LIMIT, {"type": "STOP_MARKET", "stopPrice": "59000"}, -4120),
        ("order", LIMIT, {"type": "TRAILING_STOP_MARKET"}, -4120),
        ("order", LIMIT, {"timeInForce": GONE}, -1102),
        ("order", LIMIT, {"timeInForce": "DAY"}, -1115),
        ("order", LIMIT, {"quantity": GONE}, -1102),
        ("order", LIMIT, {"quantity": "-1"}, -1100),
        ("order", LIMIT, {"quantity": "0"}, -4003),
        ("order", LIMIT, {"quantity": "0.0001"}, -1111),
        ("order", LIMIT, {"quantity": "1000000"}, -4005),
        ("order", LIMIT, {"quantity": "0.001"}, -4164),
        ("order", LIMIT, {"price": "0"}, -4001),
        ("order", LIMIT, {"price": "50000.05"}, -1111),
        ("order", LIMIT, {"price": "70000"}, -4016),
        ("order", LIMIT, {"type": "MARKET"}, -1106),
        ("order", LIMIT, {"closePosition": "true"}, -4136),
        ("order", LIMIT, {"reduceOnly": "true"}, -2022),
        ("order", LIMIT, {"positionSide": "LONG"}, -4061),
        ("order", LIMIT, {"newClientOrderId": "a b"}, -1100),
        ("order", LIMIT, {"newClientOrderId": "x" * 37}, -4015),
        ("order", LIMIT, {"quantity": "500"}, -2019),
        ("order", LIMIT, {"timeInForce": "GTD"}, -1102),
        ("algoOrder", STOP, {"algoType": "VP"}, -1130),
        ("algoOrder", STOP, {"triggerPrice": GONE}, -1102),
        ("algoOrder", STOP, {"triggerPrice": "61000"}, -2021),
        ("algoOrder", STOP, {"quantity": GONE}, -1102),
        ("algoOrder", STOP, {"closePosition": "true"}, -4137),
        ("algoOrder", STOP, {"type": "STOP", "price": GONE}, -1102),
        ("algoOrder", STOP, {"type": "LIMIT"}, -1116),
        ("algoOrder", STOP, {"workingType": "LAST"}, -1130),
        ("algoOrder", STOP, {"positionSide": "SHORT"}, -4061),
        ("algoOrder", TRAIL, {"triggerPrice": GONE, "callbackRate": "0.05"}, -2007),
        ("algoOrder", TRAIL, {"triggerPrice": GONE, "callbackRate": "10.1"}, -2007),
        ("algoOrder", TRAIL, {"triggerPrice": GONE, "callbackRate": GONE}, -1102),
        ("algoOrder", TRAIL, {}, -2021),
        ("leverage", {"symbol": "BTCUSDT"}, {"leverage": "126"}, -4028),
        ("marginType", {"symbol": "BTCUSDT"}, {"marginType": "CROSSED"}, -4046),
        ("positionSide/dual", {}, {"dualSidePosition": "false"}, -4059),
        ("positionMargin", {"symbol": "BTCUSDT", "type": "1"}, {"amount": "5"}, -4054),
    ],
)
def test_each_mistake_has_the_code_of_the_venue(
    path: str, good: dict[str, str], change: dict[str, str], code: int
) -> None:
    world = World()
    before = state(world)
    params = {k: v for k, v in {**good, **change}.items() if v != GONE}

    assert world.refusal("POST", f"/fapi/v1/{path}", **params) == code
    assert state(world) == before


def test_hedge_mode_knows_no_reduce_only() -> None:
    world = World(hedge=True)

    code = world.refusal("POST", "/fapi/v1/order", **LIMIT, positionSide="LONG", reduceOnly="true")

    assert code == -1106


@pytest.mark.parametrize(
    ("method", "path", "params", "code"),
    [
        ("GET", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": 77}, -2013),
        ("GET", "/fapi/v1/openOrder", {"symbol": "BTCUSDT", "origClientOrderId": "none"}, -2013),
        ("DELETE", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": 77}, -2011),
        ("DELETE", "/fapi/v1/algoOrder", {"algoId": 77}, -2011),
        ("GET", "/fapi/v1/order", {"symbol": "BTCUSDT"}, -1102),
        ("GET", "/fapi/v1/algoOrder", {}, -1102),
        ("PUT", "/fapi/v1/listenKey", {}, -1125),
        ("DELETE", "/fapi/v1/batchOrders", {"symbol": "BTCUSDT", "orderIdList": "[]"}, -4083),
        ("POST", "/fapi/v1/batchOrders", {"batchOrders": "[]"}, -4082),
        ("POST", "/fapi/v1/batchOrders", {"batchOrders": "[1]"}, -1102),
        ("GET", "/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("GET", "/fapi/v1/depth", {"symbol": "BTCUSDT", "limit": "7"}, -1130),
    ],
)
def test_what_is_not_there_has_the_code_of_the_venue(
    method: str, path: str, params: dict[str, object], code: int
) -> None:
    assert World().refusal(method, path, **params) == code


@pytest.mark.parametrize("path", ["/fapi/v1/nothing", "/", "/fapi/v1/order/"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert World().send("GET", path, "", key=KEY)[0] == 404
