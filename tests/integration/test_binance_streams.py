import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import anyio
import pytest

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.streams import StreamLimits
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnector
from quantum_exit.domain.facts import Fill, OrderView, Price, StreamGap, VenueFact
from tests.binance_server import Server, serving, symbol
from tests.clocks import RealClock

pytestmark = pytest.mark.anyio

PRIVATE, MARKET = "/private/ws", "/market/stream"
LISTEN = "/fapi/v1/listenKey"
UP = StreamGap(stream="user", why="connected")
EXPIRED = StreamGap(stream="user", why="the listen key has expired")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def limits(**changes: int) -> StreamLimits:
    return StreamLimits(**({"check_every_ms": 10, "steady_ms": 1} | changes))


class Facts:
    """Reads facts with a deadline, so that a missing one fails the test and does not hang it."""

    def __init__(self, facts: AsyncIterator[VenueFact]) -> None:
        self._facts = facts

    async def next(self) -> VenueFact:
        with anyio.fail_after(20):
            return await anext(self._facts)

    async def until(self, wanted: VenueFact) -> list[VenueFact]:
        seen: list[VenueFact] = []
        while wanted not in seen:
            seen.append(await self.next())
        return seen

    async def gaps(self, stream: str, count: int) -> list[str]:
        """Reasons of the next gaps of one stream."""
        found: list[str] = []
        while len(found) < count:
            fact = await self.next()
            if isinstance(fact, StreamGap) and fact.stream == stream:
                found.append(fact.why)
        return found


@asynccontextmanager
async def listening(
    stream_limits: StreamLimits, *symbols: str, prepare: Any = None
) -> AsyncIterator[tuple[Server, Facts, BinanceVenue]]:
    clock = RealClock()
    async with serving() as server:
        server.reply(
            "GET /fapi/v1/exchangeInfo", {"symbols": [symbol("BTCUSDT"), symbol("ETHUSDT")]}
        )
        server.reply("GET /fapi/v1/positionSide/dual", {"dualSidePosition": False})
        server.reply(f"POST {LISTEN}", {"listenKey": "first"})
        server.reply(f"PUT {LISTEN}", {})
        if prepare is not None:
            prepare(server)
        hosts = simulated(server.url)
        async with (
            CcxtTransport(hosts, ApiKey(key="k", secret="s"), clock) as transport,
            WebSocketConnector(hosts) as connector,
        ):
            pacing = Pacing(clock, Random(1).random, first_s=0.01, longest_s=0.02)
            venue = BinanceVenue(
                transport, connector, clock=clock, pacing=pacing, limits=stream_limits
            )
            async with venue.facts(symbols) as facts:
                yield server, Facts(facts), venue


def filled(trade_id: int) -> dict[str, object]:
    return {
        "e": "ORDER_TRADE_UPDATE", "E": 2, "T": 2,
        "o": {"s": "BTCUSDT", "c": "x1", "S": "SELL", "o": "MARKET", "q": "0.005", "x": "TRADE",
              "X": "PARTIALLY_FILLED", "i": 7, "T": 2, "z": "0.001", "l": "0.001", "L": "60000.0",
              "t": trade_id, "n": "0.1", "N": "USDT", "rp": "0"},
    }  # fmt: skip


def traded(price: str, time_ms: int = 1) -> dict[str, object]:
    data = {"e": "aggTrade", "E": 1, "s": "BTCUSDT", "p": price, "q": "1", "T": time_ms}
    return {"stream": "btcusdt@aggTrade", "data": data}


async def test_a_stream_that_stands_is_announced_and_then_brings_its_facts() -> None:
    async with listening(limits()) as (server, facts, _):
        assert await facts.next() == UP
        await server.push(filled(5))
        fill, view = await facts.next(), await facts.next()

    assert isinstance(fill, Fill)
    assert isinstance(view, OrderView)
    assert server.opened == [f"{PRIVATE}?listenKey=first"]


async def test_prices_come_from_the_market_path_with_two_streams_a_symbol() -> None:
    async with listening(limits(), "BTCUSDT", "ETHUSDT") as (server, facts, _):
        await facts.until(StreamGap(stream="market", why="connected"))
        await server.push(traded("60000.1"), MARKET)
        while not isinstance(price := await facts.next(), Price):
            pass

    assert (price.ticks, price.mark) == (600_001, False)
    (market,) = [each for each in server.opened if each.startswith(MARKET)]
    assert market.split("=", 1)[1].split("/") == [
        "btcusdt@aggTrade",
        "btcusdt@markPrice@1s",
        "ethusdt@aggTrade",
        "ethusdt@markPrice@1s",
    ]


async def test_a_burst_of_fills_arrives_whole_and_in_order() -> None:
    async with listening(limits(waiting_facts=10)) as (server, facts, _):
        await facts.next()
        async with anyio.create_task_group() as group:
            group.start_soon(push_fills, server, 3_000)
            received: list[int] = []
            while len(received) < 3_000:
                fact = await facts.next()
                if isinstance(fact, Fill):
                    received.append(fact.trade_id)

    assert received == list(range(1, 3_001))


async def push_fills(server: Server, count: int) -> None:
    for trade_id in range(1, count + 1):
        await server.push(filled(trade_id))


async def test_a_connection_that_is_closed_is_opened_again_between_two_gaps() -> None:
    async with listening(limits()) as (server, facts, _):
        await facts.next()
        await server.sockets[0].close(code=1001)
        assert await facts.gaps("user", 2) == ["closed, code 1001", "connected"]
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)

    assert len(server.opened) == 2


async def test_a_connection_that_is_reset_is_opened_again() -> None:
    async with listening(limits()) as (server, facts, _):
        await facts.next()
        request: Any = server.sockets[0]._req  # noqa: SLF001 - only so does a peer die
        request.transport.abort()
        lost, up = await facts.gaps("user", 2)

    assert up == "connected"
    assert lost.startswith("closed")


async def test_a_venue_that_refuses_is_asked_until_it_accepts() -> None:
    def refuse(server: Server) -> None:
        server.refuse_sockets = 5

    async with listening(limits(), prepare=refuse) as (server, facts, _):
        assert await facts.next() == UP

    assert server.refuse_sockets == 0
    assert server.paths("POST") == [LISTEN] * 6


async def test_a_peer_that_answers_no_ping_is_given_up() -> None:
    async with listening(limits(ping_every_ms=20, pong_within_ms=50)) as (server, facts, _):
        await facts.next()
        server.answer_pings = False
        assert await facts.gaps("user", 1) == ["no pong"]
        server.answer_pings = True
        assert (await facts.gaps("user", 1)) == ["connected"]


async def test_a_peer_that_answers_stays_connected_however_silent_the_account_is() -> None:
    async with listening(limits(ping_every_ms=5, pong_within_ms=5_000)) as (server, facts, _):
        await facts.next()
        await asyncio.sleep(0.2)
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)

    assert len(server.opened) == 1


async def test_the_venue_s_own_pings_are_answered() -> None:
    async with listening(limits()) as (server, facts, _):
        await facts.next()
        await server.sockets[0].ping(b"are you there")
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)


async def test_a_price_stream_that_falls_silent_is_opened_again() -> None:
    async with listening(limits(silent_market_ms=100), "BTCUSDT") as (server, facts, _):
        lost = ""
        while not lost.startswith("silent for"):
            (lost,) = await facts.gaps("market", 1)

    assert [each for each in server.opened if each.startswith(MARKET)] != []


async def test_an_expired_listen_key_is_replaced_by_a_new_one() -> None:
    async with listening(limits()) as (server, facts, _):
        await facts.next()
        server.reply(f"POST {LISTEN}", {"listenKey": "second"})
        await server.push({"e": "listenKeyExpired", "E": 1, "listenKey": "first"})
        assert [await facts.next(), await facts.next()] == [EXPIRED, UP]

    assert server.opened[-1] == f"{PRIVATE}?listenKey=second"


async def test_a_key_that_the_venue_has_forgotten_is_noticed_by_the_keep_alive() -> None:
    async with listening(limits(keep_key_every_ms=30)) as (server, facts, _):
        await facts.next()
        server.reply(f"POST {LISTEN}", {"listenKey": "second"})
        server.reply(f"PUT {LISTEN}", {"code": -1125, "msg": "This listenKey does not exist."}, 400)
        assert [await facts.next(), await facts.next()] == [EXPIRED, UP]

    assert server.opened[-1] == f"{PRIVATE}?listenKey=second"


async def test_a_keep_alive_that_fails_is_tried_again_without_losing_the_stream() -> None:
    kept = limits(keep_key_every_ms=20, retry_key_after_ms=20)
    async with listening(kept) as (server, facts, _):
        await facts.next()
        server.reply(f"PUT {LISTEN}", b"", 502)
        with anyio.fail_after(20):
            while len(server.paths("PUT")) < 3:  # noqa: ASYNC110 - the server is asked by others
                await asyncio.sleep(0.01)
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)

    assert len(server.opened) == 1


async def test_an_old_connection_is_replaced_without_a_gap() -> None:
    async with listening(limits(renew_after_ms=100, overlap_ms=10_000)) as (server, facts, _):
        assert await facts.next() == UP
        await server.until_opened(2)
        # What still comes on the old connection counts as much as what comes on the new one.
        await server.sockets[0].send_json(filled(5))
        old = await facts.next()
        await server.push(filled(6))
        received = [old]
        while not isinstance(received[-1], Fill) or received[-1].trade_id != 6:
            received.append(await facts.next())

    assert [each for each in received if isinstance(each, StreamGap)] == []
    assert {each.trade_id for each in received if isinstance(each, Fill)} == {5, 6}


async def test_an_old_connection_is_read_on_until_its_successor_stands() -> None:
    async with listening(limits(renew_after_ms=100)) as (server, facts, _):
        assert await facts.next() == UP
        server.refuse_sockets = 1_000_000
        with anyio.fail_after(20):
            while server.refuse_sockets == 1_000_000:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)
        server.refuse_sockets = 0


@pytest.mark.parametrize("frame", ["not json", "[" * 50_000, '{"e":"ORDER_TRADE_UPDATE","o":{}}'])
async def test_a_frame_that_makes_no_sense_costs_a_read_and_not_the_stream(frame: str) -> None:
    async with listening(limits()) as (server, facts, venue):
        await facts.next()
        await server.push(frame)
        assert await facts.next() == StreamGap(stream="user", why="an event could not be read")
        await server.push(filled(5))
        assert isinstance(await facts.next(), Fill)

    assert venue.quarantine.counts == {"user stream": 1}
    assert len(server.opened) == 1


async def test_a_frame_above_the_limit_ends_the_connection_and_not_the_stream() -> None:
    async with listening(limits()) as (server, facts, _):
        await facts.next()
        await server.push("x" * (2 << 20))
        lost, up = await facts.gaps("user", 2)

    assert lost != "connected"
    assert up == "connected"


async def test_leaving_closes_every_connection() -> None:
    async with listening(limits(), "BTCUSDT") as (server, facts, _):
        await facts.until(StreamGap(stream="market", why="connected"))
        await server.until_opened(2)

    assert len(server.sockets) == 2
    assert all(socket.closed for socket in server.sockets)
