"""Everything that was recorded of the venue can be read."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from quantum_exit.adapters.binance.classify import classify
from quantum_exit.adapters.binance.events import KeyExpired, MarketEvents, UserEvents
from quantum_exit.adapters.binance.grids import Grid, Grids
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.binance.rest_messages import (
    AlgoReply,
    ExchangeInfoReply,
    OrderReply,
    PositionReply,
    SymbolReply,
    TradeReply,
)
from quantum_exit.adapters.binance.rules import symbol_rules
from quantum_exit.adapters.binance.transport import Answer
from quantum_exit.adapters.binance.views import (
    algo_view,
    fill_of_reply,
    open_position,
    order_view,
)
from quantum_exit.domain.facts import Fill, OrderStatus, OrderView, VenuePosition
from quantum_exit.domain.instruments import Instrument
from quantum_exit.execution.outcomes import NotDone, Unknown
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

FINE = ("0.00000001", "0.00000001")
SAMPLES = ("GetOrder", "GetOpenOrder", "PlaceOrder", "CancelOrder", "order_response")
ALGO_SAMPLES = (
    "GetConditionalOrder",
    "PlaceConditionalOrder",
    "CancelConditionalOrder",
    "open_algo_orders",
    "GetOpenConditionalOrders",
    "GetConditionalOrders",
)
POSITION_SAMPLES = ("GetPositions", "GetPositionInformation", "position_risk")


def lines(name: str) -> Iterator[dict[str, Any]]:
    text = (recorded("fixtures") / name).read_text(encoding="utf-8")
    return (json.loads(line) for line in text.splitlines())


def sample(name: str) -> bytes:
    found = [
        each["raw"] for each in lines("binance_usdm_shaped_samples.jsonl") if each["name"] == name
    ]
    raw = found[0]
    return json.dumps(raw if isinstance(raw, list) else [raw]).encode()


def fine_grids(symbols: set[str]) -> Grids:
    grids = Grids()
    grids.take((Instrument(symbol, *FINE) for symbol in symbols), ())
    return grids


def symbol_of(raw: dict[str, Any]) -> str:
    data = raw.get("data", raw)
    name = data.get("s") or data.get("o", {}).get("s") or "BTCUSDT"
    return str(name)


def user_events() -> list[dict[str, Any]]:
    captured = [each["raw"] for each in lines("binance_usdm_user_data_captured.jsonl")]
    shaped = [each["raw"] for each in lines("binance_usdm_shaped_samples.jsonl")]
    kinds = ("ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE")
    return captured + [raw for raw in shaped if kind_of(raw) in kinds]


def kind_of(raw: object) -> object:
    data = raw.get("data", raw) if isinstance(raw, dict) else None
    return data.get("e") if isinstance(data, dict) else None


def test_every_recorded_user_event_can_be_read() -> None:
    quarantine = Quarantine()
    kinds = set()
    messages = user_events()
    for raw in messages:
        events = UserEvents(fine_grids({symbol_of(raw), "BTCUSDT"}), quarantine)
        found = events.read(json.dumps(raw).encode())
        assert not isinstance(found, KeyExpired)
        kinds |= {type(each) for each in found}

    assert [each for each in quarantine.last if each.source == "user stream"] == []
    assert {OrderView, Fill, VenuePosition} <= kinds
    assert len(messages) >= 40


def test_the_captured_round_trip_gives_both_fills_and_ends_flat() -> None:
    quarantine = Quarantine()
    events = UserEvents(fine_grids({"BTCUSDT"}), quarantine)
    facts = [
        fact
        for each in list(lines("binance_usdm_user_data_captured.jsonl"))[:8]
        for fact in events.read(json.dumps(each["raw"]).encode())  # type: ignore[union-attr]
    ]

    fills = [each for each in facts if isinstance(each, Fill)]
    positions = [each for each in facts if isinstance(each, VenuePosition)]
    assert [(each.trade_id, each.side) for each in fills] == [
        (5612428004, "BUY"),
        (5612520599, "SELL"),
    ]
    assert fills[1].realized_pnl == "-1.77340000"
    assert positions[0].lots == 200_000
    assert {each.lots for each in positions[-2:]} == {0}


def test_every_recorded_market_event_can_be_read() -> None:
    quarantine = Quarantine()
    seen = 0
    for each in lines("binance_usdm_market_events.jsonl"):
        if each["event"] not in ("aggTrade", "markPriceUpdate", "bookTicker", "trade"):
            continue
        symbol = symbol_of(each["raw"])
        events = MarketEvents(fine_grids({symbol}), quarantine, frozenset({symbol}))
        seen += len(events.read(json.dumps(each["raw"]).encode()))

    assert seen == 9
    assert quarantine.counts == {}


@pytest.mark.parametrize(
    "name", ["binance_usdm_ws_20210722.gz", "binance_usdm_ws_rest_20210405.gz"]
)
def test_every_frame_of_a_recorded_stream_can_be_read(name: str) -> None:
    path = recorded("fixtures") / "captures" / name
    text = gzip.decompress(path.read_bytes()).decode()
    frames = [line.split(": ", 1)[1] for line in text.splitlines() if ': {"stream"' in line]
    symbols = {json.loads(frame)["data"]["s"] for frame in frames}
    quarantine = Quarantine()
    events = MarketEvents(fine_grids(symbols), quarantine, frozenset(symbols))

    prices = [price for frame in frames for price in events.read(frame.encode())]

    trades = sum('"aggTrade"' in frame for frame in frames)
    assert len(frames) > 1_000
    assert len(prices) == trades > 0
    assert all(each.ticks > 0 for each in prices)
    assert quarantine.counts == {}


def test_every_recorded_error_has_a_row_of_its_own() -> None:
    for each in lines("binance_rest_errors.jsonl"):
        body = json.dumps(each["body"]).encode()
        status = each["http_status"] or 400
        outcome = classify(Answer(status=status, headers={}, body=body))
        if each["body"]["code"] == -1007:
            assert isinstance(outcome, Unknown)
        else:
            assert isinstance(outcome, NotDone)
            assert outcome.code == each["body"]["code"]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_order_reply_can_be_read(name: str) -> None:
    grid = Grid.of(Instrument("BTCUSDT", *FINE))
    replies = msgspec.json.decode(sample(name), type=list[OrderReply], strict=False)

    assert [order_view(each, grid).client_id for each in replies] != []


@pytest.mark.parametrize("name", ALGO_SAMPLES)
def test_each_conditional_order_reply_can_be_read(name: str) -> None:
    grid = Grid.of(Instrument("BTCUSDT", *FINE))
    replies = msgspec.json.decode(sample(name), type=list[AlgoReply], strict=False)

    views = [algo_view(each, grid) for each in replies]
    assert all(each.kind in ("TAKE_PROFIT", "STOP_MARKET") for each in views)
    for view in views:
        assert (view.child_venue_id is not None) == (view.status is OrderStatus.FINISHED)


@pytest.mark.parametrize("name", POSITION_SAMPLES)
def test_each_position_reply_can_be_read(name: str) -> None:
    grid = Grid.of(Instrument("BTCUSDT", *FINE))
    replies = msgspec.json.decode(sample(name), type=list[PositionReply], strict=False)

    views = [open_position(each, grid) for each in replies]
    amounts = [each.position_amt for each in replies]
    assert [view is None for view in views] == [amount == 0 for amount in amounts]


@pytest.mark.parametrize("name", ["GetUserTrades", "http_futures_account_trades"])
def test_each_trade_reply_can_be_read(name: str) -> None:
    grid = Grid.of(Instrument("BTCUSDT", *FINE))
    replies = msgspec.json.decode(sample(name), type=list[TradeReply], strict=False)

    fills = [fill_of_reply(each, grid) for each in replies]
    assert all(fill.lots > 0 and fill.dust == "0" for fill in fills)


@pytest.mark.parametrize(("day", "market_max"), [("20210721", 1_000_000), ("20220221", 120_000)])
def test_the_rules_of_every_recorded_symbol_can_be_read(day: str, market_max: int) -> None:
    path = recorded("exchange_info") / f"binance_usdm_exchangeInfo_{day}.json.gz"
    body = gzip.decompress(path.read_bytes())
    info = msgspec.json.decode(body, type=ExchangeInfoReply, strict=False)

    rules = {each.symbol: symbol_rules(each) for each in info.symbols}
    bitcoin = rules["BTCUSDT"]
    assert len(rules) > 100
    assert bitcoin.max_orders == 200
    assert bitcoin.market_max_lots == market_max
    assert bitcoin.trading
    assert sum(not each.trading for each in rules.values()) > 0


def test_the_tick_is_that_of_the_filter_and_not_of_the_precision() -> None:
    path = recorded("exchange_info") / "binance_usdm_symbols_20250327.json.gz"
    symbols = msgspec.json.decode(
        gzip.decompress(path.read_bytes()), type=list[SymbolReply], strict=False
    )

    bitcoin = next(symbol_rules(each) for each in symbols if each.symbol == "BTCUSDT")
    assert Grid.of(bitcoin.instrument).price_text(1) == "0.1"
    assert bitcoin.max_algo_orders == 10
