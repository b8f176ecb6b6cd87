"""Lists of what an account did: limits, starts and filters."""

import pytest

from tests.integration.paper.world import START_MS, World


@pytest.fixture(scope="module")
def world() -> World:
    """Six orders a second apart: three buys, then three sells."""
    made = World()
    for side in ("BUY", "BUY", "BUY", "SELL", "SELL", "SELL"):
        made.market(side, "0.002")
        made.stop("SELL", "59000", quantity="0.002")
        made.advance(1_000)
    return made


@pytest.mark.parametrize(
    ("params", "times"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"limit": 2}, [4, 5]),
        ({"startTime": START_MS + 1_000, "limit": 2}, [1, 2]),
        ({"endTime": START_MS + 2_000, "limit": 2}, [1, 2]),
        ({"startTime": START_MS + 1_000, "endTime": START_MS + 3_500}, [1, 2, 3]),
    ],
)
@pytest.mark.parametrize(
    ("path", "key"),
    [("allOrders", "time"), ("userTrades", "time"), ("allAlgoOrders", "createTime")],
)
def test_lists_give_the_latest_or_from_a_start(
    world: World, path: str, key: str, params: dict[str, int], times: list[int]
) -> None:
    rows = world.call("GET", f"/fapi/v1/{path}", {"symbol": "BTCUSDT", **params})

    assert [(row[key] - START_MS) // 1_000 for row in rows] == times


def test_trades_are_listed_from_an_id_and_of_an_order(world: World) -> None:
    rows = world.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")

    later = world.call(
        "GET", "/fapi/v1/userTrades", symbol="BTCUSDT", fromId=rows[2]["id"], limit=2
    )
    of_order = world.call(
        "GET", "/fapi/v1/userTrades", symbol="BTCUSDT", orderId=rows[3]["orderId"], limit=1
    )

    assert later == rows[2:4]
    assert of_order == [rows[3]]


def test_orders_are_listed_from_an_id(world: World) -> None:
    rows = world.call("GET", "/fapi/v1/allOrders", symbol="BTCUSDT")

    later = world.call(
        "GET", "/fapi/v1/allOrders", symbol="BTCUSDT", orderId=rows[1]["orderId"], limit=3
    )

    assert later == rows[1:4]


def test_incomes_are_listed_by_type(world: World) -> None:
    fees = world.call("GET", "/fapi/v1/income", incomeType="COMMISSION", limit=4)
    latest = world.call("GET", "/fapi/v1/income", limit=2)

    assert {row["incomeType"] for row in fees} == {"COMMISSION"}
    assert len(fees) == 4
    assert len(latest) == 2
    assert latest[-1]["time"] == START_MS + 5_000


def test_incomes_are_listed_page_by_page(world: World) -> None:
    rows = world.call("GET", "/fapi/v1/income", startTime=START_MS, limit=1_000)
    pages = [
        world.call("GET", "/fapi/v1/income", startTime=START_MS, limit=4, page=page)
        for page in (1, 2, 3)
    ]
    latest = [world.call("GET", "/fapi/v1/income", limit=4, page=page) for page in (1, 2)]

    assert pages == [rows[:4], rows[4:8], rows[8:12]]
    assert latest == [rows[-4:], rows[-8:-4]]


def test_incomes_are_those_of_seven_days_or_of_three_months_where_a_time_is_given() -> None:
    world = World()
    world.market("BUY", "0.002")
    day_ms = 86_400_000
    found = []
    for days in (6, 2, 90):
        world.advance(days * day_ms)
        ours = [
            world.call("GET", "/fapi/v1/income", incomeType="COMMISSION", **params)
            for params in ({}, {"startTime": START_MS})
        ]
        found.append([len(rows) for rows in ours])

    assert found == [[1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize("path", ["allOrders", "userTrades", "allAlgoOrders"])
def test_nothing_is_listed_of_a_symbol_that_was_not_traded(world: World, path: str) -> None:
    assert world.call("GET", f"/fapi/v1/{path}", symbol="ETHUSDT") == []


def test_filters_give_the_sums_of_the_ledger(world: World) -> None:
    rows = world.call("GET", "/fapi/v1/income", limit=1_000)
    [purse] = world.call("GET", "/fapi/v3/balance")

    total_e8 = sum(round(float(row["income"]) * 10**8) for row in rows)

    assert total_e8 == round(float(purse["balance"]) * 10**8)
