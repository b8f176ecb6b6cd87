"""The adapter against the simulated exchange, over HTTP and WebSocket on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import anyio
import pytest

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport, HttpLimits
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.safety import check_key
from quantum_exit.adapters.binance.streams import StreamLimits
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnector
from quantum_exit.adapters.paper.auth import ApiKey as PaperKey
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.pacing import ExchangeClock
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.server import ExchangeServer
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderStatus,
    OrderView,
    Price,
    StreamGap,
    VenueFact,
    VenuePosition,
)
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.orders import (
    ExitOrder,
    FloorStop,
    MarketClose,
    TakeProfitLimit,
    TakeProfitMarket,
    VenueTrail,
    WorkingStop,
)
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction
from tests.clocks import RealClock

pytestmark = pytest.mark.anyio

KEY, SECRET = "test-key-0", "test-secret-0"
LONG = PositionKey("main", "BTCUSDT", Side.LONG, 1)
TICK, LOT = Decimal("0.1"), Decimal("0.001")
E8 = 10**8


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(slots=True, kw_only=True)
class Desk:
    exchange: PaperExchange
    venue: BinanceVenue

    def trade(self, price: str, qty: str = "10") -> None:
        self.exchange.feed(
            Print(
                ts_ms=self.exchange.now_ms,
                symbol="BTCUSDT",
                ticks=int(Decimal(price) / TICK),
                lots=int(Decimal(qty) / LOT),
            )
        )

    def mark(self, price: str) -> None:
        mark_e8 = int(Decimal(price) * E8)
        self.exchange.feed(Mark(ts_ms=self.exchange.now_ms, symbol="BTCUSDT", mark_e8=mark_e8))

    def buy(self, qty: str, **more: str) -> None:
        """Opens or adds to a position by hand: the adapter itself cannot."""
        query = f"symbol=BTCUSDT&side=BUY&type=MARKET&quantity={qty}"
        query += "".join(f"&{name}={value}" for name, value in more.items())
        reply = self.exchange.act(0, "POST", "/fapi/v1/order", query)
        assert reply.status == 200, reply.body


@asynccontextmanager
async def trading(*, hedge: bool = False) -> AsyncIterator[Desk]:
    clock = RealClock()
    exchange = PaperExchange(
        now_ms=clock.now_ms(),
        info=built_in_info(["BTCUSDT", "ETHUSDT"]),
        keys=[PaperKey(key=KEY, secret=SECRET)],
        accounts=[AccountSetup(wallet=Decimal(100_000), hedge_mode=hedge)],
        funding=None,
    )
    async with ExchangeServer(exchange, ExchangeClock(clock.now_ms)).listening() as port:
        hosts = simulated(f"http://127.0.0.1:{port}")
        async with (
            CcxtTransport(
                hosts, ApiKey(key=KEY, secret=SECRET), clock, HttpLimits(timeout_ms=20_000)
            ) as transport,
            WebSocketConnector(hosts) as connector,
        ):
            venue = BinanceVenue(
                transport,
                connector,
                clock=clock,
                pacing=Pacing(clock, Random(1).random),
                limits=StreamLimits(silent_market_ms=60_000),
            )
            desk = Desk(exchange=exchange, venue=venue)
            desk.trade("60000")
            desk.mark("60000")
            yield desk


def shown(outcome: Outcome) -> OrderView:
    assert isinstance(outcome, Done), outcome
    assert outcome.order is not None
    return outcome.order


def refusal(outcome: Outcome) -> NotDone:
    assert isinstance(outcome, NotDone), outcome
    return outcome


EVERY_RESTING_ORDER: tuple[ExitOrder, ...] = (
    FloorStop(key=LONG, trigger_ticks=550_000),
    WorkingStop(key=LONG, lots=50, trigger_ticks=580_000, on_mark=True),
    TakeProfitLimit(key=LONG, leg=0, lots=20, price_ticks=620_000, post_only=True),
    TakeProfitMarket(key=LONG, leg=1, lots=20, trigger_ticks=640_000, on_mark=False),
    VenueTrail(key=LONG, lots=10, activation_ticks=610_000, callback_tenths=15, on_mark=False),
)


@pytest.mark.parametrize("hedge", [False, True])
@pytest.mark.parametrize("order", EVERY_RESTING_ORDER)
async def test_each_resting_order_is_placed_listed_found_and_cancelled(
    order: ExitOrder, hedge: bool
) -> None:
    async with trading(hedge=hedge) as desk:
        desk.buy("0.050", **({"positionSide": "LONG"} if hedge else {}))
        placed = shown(await desk.venue.send(order, "x1order"))
        listed = await desk.venue.open_orders("BTCUSDT")
        found = await desk.venue.find("BTCUSDT", "x1order", order.book)
        cancelled = await desk.venue.cancel("BTCUSDT", "x1order", order.book)
        left = await desk.venue.open_orders(None)
        again = await desk.venue.cancel("BTCUSDT", "x1order", order.book)

    assert (placed.client_id, placed.book) == ("x1order", order.book)
    assert placed.status is OrderStatus.NEW
    assert [each.client_id for each in listed] == ["x1order"]
    assert found is not None
    assert (found.trigger_ticks, found.price_ticks) == (placed.trigger_ticks, placed.price_ticks)
    assert (found.lots, found.side) == (placed.lots, placed.side)
    assert found.position_side is (Side.LONG if hedge else None)
    assert found.close_position is isinstance(order, FloorStop)
    assert isinstance(cancelled, Done)
    assert left == ()
    assert refusal(again).reaction is Reaction.LOOK_IN_BOTH_BOOKS
    assert desk.venue.quarantine.counts == {}


async def test_a_market_close_leaves_the_account_flat_and_its_trades_readable() -> None:
    async with trading() as desk:
        desk.buy("0.005")
        (held,) = await desk.venue.positions()
        closed = shown(await desk.venue.send(MarketClose(key=LONG, lots=held.lots), "x1close"))
        flat = await desk.venue.positions()
        fills, _ = await desk.venue.trades("BTCUSDT", None)
        later, next_id = await desk.venue.trades("BTCUSDT", fills[-1].trade_id)

    assert (held.side, held.lots, held.hedge) == (Side.LONG, 5, False)
    assert (closed.status, closed.filled_lots) == (OrderStatus.FILLED, 5)
    assert flat == ()
    assert sum(each.lots for each in fills if each.side == "SELL") == 5
    assert (later, next_id) == (fills[-1:], None)


async def test_refusals_ask_for_what_the_error_table_says() -> None:
    floor = FloorStop(key=LONG, trigger_ticks=550_000)
    through = WorkingStop(key=LONG, lots=5, trigger_ticks=600_500, on_mark=True)
    async with trading() as desk:
        flat = refusal(await desk.venue.send(MarketClose(key=LONG, lots=5), "x1flat"))
        desk.buy("0.005")
        shown(await desk.venue.send(floor, "x1floor"))
        duplicate = refusal(
            await desk.venue.send(FloorStop(key=LONG, trigger_ticks=540_000), "x1floor")
        )
        second = refusal(await desk.venue.send(floor, "x1second"))
        past = refusal(await desk.venue.send(through, "x1past"))

    assert flat.reaction is Reaction.NOTHING_TO_REDUCE
    assert duplicate.reaction is Reaction.ADOPT
    assert second.reaction is Reaction.ADOPT_SINGLETON
    assert past.reaction is Reaction.PRICE_THROUGH


async def test_what_leaves_long_after_it_was_asked_for_changes_nothing() -> None:
    """As of a process that was stopped behind its fence and woke after a takeover."""
    order = MarketClose(key=LONG, lots=5)
    async with trading() as desk:
        desk.buy("0.005")
        asked_ms = desk.exchange.now_ms - HttpLimits().recv_window_ms - 1
        late = refusal(await desk.venue.send(order, "x1late", asked_ms=asked_ms))
        late_cancel = await desk.venue.cancel("BTCUSDT", "x1late", order.book, asked_ms=asked_ms)
        (held,) = await desk.venue.positions()

    assert late.reaction is Reaction.RESYNC_CLOCK
    assert refusal(late_cancel).reaction is Reaction.RESYNC_CLOCK
    assert held.lots == 5


async def test_a_mode_switched_by_hand_is_followed() -> None:
    async with trading() as desk:
        await desk.venue.prepare()
        reply = desk.exchange.act(0, "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true")
        assert reply.status == 200
        desk.buy("0.005", positionSide="LONG")
        order = MarketClose(key=LONG, lots=5)
        wrong = refusal(await desk.venue.send(order, "x1"))
        right = shown(await desk.venue.send(order, "x1"))

    assert wrong.code in (-1106, -4061)
    assert right.filled_lots == 5


async def test_an_order_the_venue_does_not_know_is_not_found() -> None:
    async with trading() as desk:
        for book in OrderBook:
            assert await desk.venue.find("BTCUSDT", "x1nothing", book) is None


async def test_rules_clock_and_rights_can_be_read() -> None:
    async with trading() as desk:
        rules = await desk.venue.rules(["BTCUSDT"])
        await desk.venue.server_time_ms()
        await check_key(desk.venue.calls)

    assert rules["BTCUSDT"].rules.trading
    assert desk.venue.usage.weight_1m is not None


async def test_a_stop_that_fires_is_told_by_the_stream_from_trigger_to_flat() -> None:
    async with trading() as desk:
        desk.buy("0.005")
        async with desk.venue.facts(["BTCUSDT"]) as facts:
            await seen(facts, StreamGap)
            shown(await desk.venue.send(FloorStop(key=LONG, trigger_ticks=590_000), "x1floor"))
            resting = await seen(facts, OrderView)
            desk.trade("58990")
            desk.mark("58990")
            desk.trade("58990")
            told: list[VenueFact] = []
            while not (any(is_flat(each) for each in told) and any_filled(told)):
                told.append(await seen(facts, Fill, OrderView, VenuePosition))
            price = await seen(facts, Price)

    assert isinstance(resting, OrderView)
    assert (resting.client_id, resting.close_position) == ("x1floor", True)
    (fill,) = [each for each in told if isinstance(each, Fill)]
    assert (fill.client_id, fill.lots, fill.side) == ("x1floor", 5, "SELL")
    assert isinstance(price, Price)
    assert desk.venue.quarantine.counts == {}


async def seen(facts: AsyncIterator[VenueFact], *kinds: type) -> VenueFact:
    with anyio.fail_after(30):
        while not isinstance(fact := await anext(facts), kinds):
            pass
    return fact


def any_filled(facts: list[VenueFact]) -> bool:
    return any(isinstance(each, Fill) for each in facts)


def is_flat(fact: VenueFact) -> bool:
    return isinstance(fact, VenuePosition) and fact.side is Side.LONG and fact.lots == 0
