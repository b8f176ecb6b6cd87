"""REST replies against the samples of the documentation, where no capture exists."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.paper.shapes import differences, lines
from tests.integration.paper.world import START_MS, World
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

# Of trailing orders, which the classic endpoints no longer have, and of acknowledgements before
# July 2026.
TRAILING = {"activatePrice", "priceRate"}
ACK_GONE = frozenset({"avgPrice", "cumQuote", *TRAILING})
QUERY_GONE = frozenset(TRAILING)


@dataclass(frozen=True)
class Case:
    """One reply: the name of its samples, and the call that gives ours."""

    sample: str
    ask: Callable[[World], Any]
    new: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


def items(keys: frozenset[str] | set[str]) -> frozenset[str]:
    return frozenset(f"[].{key}" for key in keys)


def get(path: str, **params: Any) -> Callable[[World], Any]:
    return lambda world: world.call("GET", path, **params)


def post(path: str, **params: Any) -> Callable[[World], Any]:
    return lambda world: world.call("POST", path, **params)


def with_position(ask: Callable[[World], Any]) -> Callable[[World], Any]:
    def act(world: World) -> Any:
        world.market("BUY", "0.010")
        return ask(world)

    return act


def with_order(method: str, path: str, **params: Any) -> Callable[[World], Any]:
    def act(world: World) -> Any:
        order = world.limit("BUY", "0.010", "50000")
        return world.call(method, path, symbol="BTCUSDT", orderId=order["orderId"], **params)

    return act


def with_stop(method: str, path: str, **params: Any) -> Callable[[World], Any]:
    def act(world: World) -> Any:
        world.market("BUY", "0.010")
        algo = world.stop("SELL", "59000")
        named = {} if path.endswith("s") else {"algoId": algo["algoId"]}
        return world.call(method, path, {**named, **params})

    return act


def triggered(world: World) -> Any:
    algo = world.stop("SELL", "59000", quantity="0.010", workingType="MARK_PRICE")
    world.mark("58000")
    return world.call("GET", "/fapi/v1/algoOrder", algoId=algo["algoId"])


def liquidated(world: World) -> Any:
    world.market("BUY", "0.010")
    world.exchange.desk.venue.liquidate(0, "BTCUSDT", "BOTH")
    world.exchange.settle()
    return world.call("GET", "/fapi/v1/forceOrders", symbol="BTCUSDT")


def isolated(world: World) -> Any:
    world.call("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
    world.market("BUY", "0.010")
    return world.call("POST", "/fapi/v1/positionMargin", symbol="BTCUSDT", amount="10.5", type=1)


def margin_history(world: World) -> Any:
    isolated(world)
    return world.call("GET", "/fapi/v1/positionMargin/history", symbol="BTCUSDT")


BTC = {"symbol": "BTCUSDT"}
LIMIT = {**BTC, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
CASES = (
    Case(
        "PlaceOrder", post("/fapi/v1/order", **LIMIT, quantity="0.01", price="50000"), gone=ACK_GONE
    ),
    Case("CancelOrder", with_order("DELETE", "/fapi/v1/order"), gone=ACK_GONE),
    Case(
        "EditOrder",
        with_order("PUT", "/fapi/v1/order", side="BUY", quantity="0.02", price="51000"),
        gone=frozenset({"avgPrice", "cumBase"}),
    ),
    Case("GetOrder", with_order("GET", "/fapi/v1/order"), gone=QUERY_GONE),
    Case("GetOpenOrder", with_order("GET", "/fapi/v1/openOrder"), gone=QUERY_GONE),
    Case("GetOpenOrders", with_order("GET", "/fapi/v1/openOrders"), gone=items(QUERY_GONE)),
    Case("GetOrders", with_order("GET", "/fapi/v1/allOrders"), gone=items(QUERY_GONE)),
    Case("CancelAllOrders", with_order("DELETE", "/fapi/v1/allOpenOrders")),
    Case(
        "CancelAllOrdersAfterTimeout",
        post("/fapi/v1/countdownCancelAll", **BTC, countdownTime=100_000),
    ),
    Case("GetForcedOrders", liquidated),
    Case(
        "GetUserTrades",
        with_position(get("/fapi/v1/userTrades", **BTC)),
        new=items({"marginAsset"}),
    ),
    Case("PlaceConditionalOrder", lambda world: world.stop("SELL", "59000", quantity="0.01")),
    Case("GetConditionalOrder", triggered),
    Case("GetOpenConditionalOrders", with_stop("GET", "/fapi/v1/openAlgoOrders"), new=frozenset()),
    Case(
        "GetConditionalOrders",
        with_stop("GET", "/fapi/v1/allAlgoOrders", **BTC),
        gone=items({"actualQty", "actualType"}),
    ),
    Case(
        "GetAccountInfo",
        get("/fapi/v2/account"),
        new=frozenset(
            {
                "feeBurn",
                "positions[].breakEvenPrice",
                "positions[].notional",
                "positions[].isolatedWallet",
            }
        ),
    ),
    Case("GetAccountInfoV3", with_position(get("/fapi/v3/account"))),
    Case("GetBalances", get("/fapi/v3/balance")),
    Case("GetPositionInformation", get("/fapi/v2/positionRisk")),
    Case("ModifyPositionMargin", isolated),
    Case("GetMarginChangeHistory", margin_history),
    Case("ModifyPositionMode", post("/fapi/v1/positionSide/dual", dualSidePosition="true")),
    Case("GetMultiAssetsMode", get("/fapi/v1/multiAssetsMargin")),
    Case("GetBnbBurnStatus", get("/fapi/v1/feeBurn")),
    Case(
        "GetUserCommissionRate",
        get("/fapi/v1/commissionRate", **BTC),
        new=frozenset({"rpiCommissionRate"}),
    ),
    Case("GetOrderRateLimit", get("/fapi/v1/rateLimit/order")),
    Case("StartUserStream", post("/fapi/v1/listenKey")),
)
# Real accounts give what these samples show otherwise: a flag as text, a number for a ratio.
LOOSE = (
    Case("GetSymbolConfiguration", get("/fapi/v1/symbolConfig", **BTC)),
    Case("GetBrackets", get("/fapi/v1/leverageBracket", **BTC)),
    Case("GetIncomeHistory", with_position(get("/fapi/v1/income"))),
)


@pytest.fixture(scope="module")
def samples() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for line in lines(recorded("fixtures") / "binance_usdm_shaped_samples.jsonl"):
        found.setdefault(line["name"], []).append(line["raw"])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sample)
def test_replies_have_the_keys_and_types_of_the_samples(
    samples: dict[str, list[Any]], case: Case
) -> None:
    ours = case.ask(World())

    assert differences(ours, samples[case.sample], new=case.new, gone=case.gone) == []


@pytest.mark.parametrize("case", LOOSE, ids=lambda case: case.sample)
def test_replies_have_the_keys_of_the_samples(samples: dict[str, list[Any]], case: Case) -> None:
    found = differences(case.ask(World()), samples[case.sample])

    assert [line for line in found if line.endswith(("missing", "unknown"))] == []


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/fapi/v1/trades", BTC),
        ("/fapi/v1/aggTrades", BTC),
        ("/fapi/v1/klines", {**BTC, "interval": "1m"}),
        ("/fapi/v1/premiumIndex", BTC),
        ("/fapi/v1/ticker/price", BTC),
        ("/fapi/v1/ticker/bookTicker", BTC),
        ("/fapi/v1/ticker/24hr", BTC),
        ("/fapi/v1/openInterest", BTC),
    ],
)
def test_market_data_answers_for_a_symbol(path: str, params: dict[str, object]) -> None:
    assert World().call("GET", path, params)


@pytest.mark.parametrize(
    "path", ["ticker/price", "ticker/bookTicker", "ticker/24hr", "premiumIndex"]
)
def test_market_data_answers_for_all_symbols(path: str) -> None:
    found = World().call("GET", f"/fapi/v1/{path}")

    assert [entry["symbol"] for entry in found] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]


def test_funding_is_charged_on_the_hour_and_listed() -> None:
    world = World()
    world.market("BUY", "1")
    world.exchange.advance(START_MS + 8 * 3_600_000)

    [rate] = world.call("GET", "/fapi/v1/fundingRate", symbol="BTCUSDT")
    [paid] = world.call("GET", "/fapi/v1/income", incomeType="FUNDING_FEE")

    assert rate["fundingTime"] % (8 * 3_600_000) == 0
    assert (rate["fundingRate"], paid["income"]) == ("0.00010000", "-6.00000000")


def test_the_comparison_sees_what_it_looks_for() -> None:
    theirs = [{"a": "1", "b": [{"c": 1}]}, {"a": "2", "b": []}]

    assert differences({"a": "3", "b": [{"c": 5}]}, theirs) == []
    assert differences({"a": 3, "x": 1}, theirs) == [
        "b[]: missing",
        "x: unknown",
        "a: ['whole number'] for ['number as text']",
    ]
