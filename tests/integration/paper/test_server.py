"""The exchange over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from quantum_exit.adapters.paper.auth import hmac_signature
from quantum_exit.adapters.paper.hooks import NoFaults, RequestPlan
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.pacing import ExchangeClock, Pacer
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.server import ExchangeServer
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.errors import TickFileError
from tests.integration.paper.world import KEY, SECRET, START_MS, World


@dataclass
class Client:
    """A client of a server whose time stands still until it is moved."""

    world: World
    session: aiohttp.ClientSession
    base: str

    async def ask(
        self, method: str, path: str, params: Mapping[str, object], *, in_body: bool = False
    ) -> tuple[int, Any, Mapping[str, str]]:
        text = urlencode({**params, "timestamp": self.world.now_ms})
        signed = f"{text}&signature={hmac_signature(SECRET, text)}"
        headers = {"X-MBX-APIKEY": KEY}
        url, data = f"{self.base}{path}", None
        if in_body:
            data = signed
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        else:
            url = f"{url}?{signed}"
        async with self.session.request(method, url, data=data, headers=headers) as reply:
            return reply.status, await reply.json(), reply.headers

    async def post(self, path: str, body: Mapping[str, object], **more: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.base}{path}", json=body, **more) as reply:
            is_json = reply.content_type == "application/json"
            return reply.status, await (reply.json() if is_json else reply.text())

    def socket(self, path: str) -> Any:
        return self.session.ws_connect(f"{self.base}{path}")


class Planned(NoFaults):
    """Follows one plan for every request."""

    def __init__(self, plan: RequestPlan) -> None:
        self.plan = plan

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        return self.plan


@asynccontextmanager
async def served(
    limits: LimitRules | None = None, plan: RequestPlan | None = None
) -> AsyncIterator[Client]:
    world = World(limits=limits, faults=None if plan is None else Planned(plan))
    clock = ExchangeClock(lambda: START_MS, manual=True)
    server = ExchangeServer(world.exchange, clock)
    async with server.listening() as port, aiohttp.ClientSession() as session:
        yield Client(world, session, f"http://127.0.0.1:{port}")


def run(
    act: Callable[[Client], Awaitable[None]],
    limits: LimitRules | None = None,
    plan: RequestPlan | None = None,
) -> None:
    async def within() -> None:
        async with asyncio.timeout(20), served(limits, plan) as client:
            await act(client)

    asyncio.run(within())


ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "MARKET",
    "quantity": "0.01",
    "newOrderRespType": "RESULT",
}


@pytest.mark.parametrize("in_body", [False, True], ids=["query", "body"])
def test_an_order_is_placed_over_http(in_body: bool) -> None:
    async def act(client: Client) -> None:
        status, order, headers = await client.ask("POST", "/fapi/v1/order", ORDER, in_body=in_body)

        assert (status, order["status"]) == (200, "FILLED")
        assert headers["X-MBX-ORDER-COUNT-10S"] == "1"
        assert headers["X-MBX-USED-WEIGHT-1M"] == "0"
        assert headers["Content-Type"] == "application/json"

    run(act)


def test_a_refusal_has_the_status_and_body_of_the_venue() -> None:
    async def act(client: Client) -> None:
        status, body, _ = await client.ask(
            "POST", "/fapi/v1/order", {**ORDER, "reduceOnly": "true"}
        )

        assert status == 400
        assert body == {"code": -2022, "msg": "ReduceOnly Order is rejected."}

    run(act)


def test_who_asks_too_much_is_told_to_wait() -> None:
    async def act(client: Client) -> None:
        path, params = "/fapi/v1/klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1000}
        await client.ask("GET", path, params)
        status, body, headers = await client.ask("GET", path, params)

        assert (status, body["code"]) == (429, -1003)
        assert int(headers["Retry-After"]) == 60

    run(act, LimitRules(weight_1m=9))


def test_user_data_reaches_the_stream_of_its_listen_key() -> None:
    async def act(client: Client) -> None:
        _, key, _ = await client.ask("POST", "/fapi/v1/listenKey", {})
        async with client.socket(f"/private/ws?listenKey={key['listenKey']}") as socket:
            await client.ask("POST", "/fapi/v1/order", ORDER)
            heard = [(await socket.receive_json())["e"] for _ in range(4)]

        assert heard == [
            "TRADE_LITE",
            "ORDER_TRADE_UPDATE",
            "ACCOUNT_UPDATE",
            "ORDER_TRADE_UPDATE",
        ]

    run(act)


def test_market_streams_are_subscribed_to_and_left_on_one_connection() -> None:
    async def act(client: Client) -> None:
        async with client.socket("/market/stream") as socket:
            await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1})
            assert await socket.receive_json() == {"result": None, "id": 1}
            await client.post("/sim/price", {"symbol": "BTCUSDT", "price": "60100", "qty": "0.5"})
            trade = await socket.receive_json()
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            listed = await socket.receive_json()

        assert trade["stream"] == "btcusdt@aggTrade"
        assert (trade["data"]["p"], trade["data"]["q"]) == ("60100.0", "0.500")
        assert listed == {"result": ["btcusdt@aggTrade"], "id": 2}

    run(act)


def test_time_moves_by_hand_and_ends_a_listen_key() -> None:
    async def act(client: Client) -> None:
        _, key, _ = await client.ask("POST", "/fapi/v1/listenKey", {})
        async with client.socket(f"/ws/{key['listenKey']}") as socket:
            status, moved = await client.post("/sim/advance", {"ms": 3_600_000})
            expired = await socket.receive_json()

        assert (status, moved) == (200, {"time": START_MS + 3_600_000})
        assert (expired["e"], expired["listenKey"]) == ("listenKeyExpired", key["listenKey"])

    run(act)


def test_the_websocket_api_trades() -> None:
    async def act(client: Client) -> None:
        params = {**ORDER, "apiKey": KEY, "timestamp": client.world.now_ms}
        payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
        signed = {**params, "signature": hmac_signature(SECRET, payload)}
        async with client.socket("/ws-fapi/v1") as socket:
            await socket.send_json({"id": "one", "method": "order.place", "params": signed})
            placed = await socket.receive_json()
            await socket.send_json({"id": 2, "method": "order.place", "params": params})
            unsigned = await socket.receive_json()
            await socket.send_json({"id": 3, "method": "no.such"})
            unknown = await socket.receive_json()

        assert (placed["id"], placed["status"], placed["result"]["status"]) == (
            "one",
            200,
            "FILLED",
        )
        assert [limit["count"] for limit in placed["rateLimits"]] == [0, 1, 1]
        assert (unsigned["status"], unsigned["error"]["code"]) == (400, -1102)
        assert (unknown["status"], unknown["id"]) == (400, 3)

    run(act)


def test_a_dropped_connection_is_closed_by_the_exchange() -> None:
    async def act(client: Client) -> None:
        async with client.socket("/ws/btcusdt@trade") as socket:
            await client.post("/sim/disconnect", {})
            message = await socket.receive()

        assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}

    run(act)


def test_an_unknown_websocket_path_is_not_found() -> None:
    async def act(client: Client) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.socket("/nowhere")
        assert caught.value.status == 404

    run(act)


def test_a_person_sees_the_state_and_acts_as_the_user() -> None:
    async def act(client: Client) -> None:
        status, done = await client.post("/sim/user/order", {"params": ORDER})
        assert (status, done["status"], done["body"]["status"]) == (200, 200, "FILLED")

        async with client.session.get(f"{client.base}/sim/state") as reply:
            state = await reply.json()
        [account] = state["accounts"]
        assert account["positions"][0]["positionAmt"] == "0.010"
        assert len(state["ledgerHash"]) == 32

        async with client.session.get(f"{client.base}/sim") as reply:
            assert "Simulated exchange" in await reply.text()

    run(act)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sim/price", {"symbol": "NOSUCH", "price": "1"}, 400),
        ("/sim/price", {"symbol": "BTCUSDT", "price": "x"}, 400),
        ("/sim/price", {"symbol": "BTCUSDT", "price": "0"}, 400),
        ("/sim/price", {"symbol": "BTCUSDT", "mark": "-1"}, 400),
        ("/sim/advance", {"ms": -1}, 400),
        ("/sim/advance", {}, 400),
        ("/sim/liquidate", {"symbol": "BTCUSDT", "account": 9}, 400),
        ("/sim/user/order", {"params": []}, 400),
        ("/sim/fault", {}, 400),
        ("/sim/nothing", {}, 404),
    ],
)
def test_bad_control_input_is_refused_by_name(
    path: str, body: dict[str, object], status: int
) -> None:
    async def act(client: Client) -> None:
        found, answer = await client.post(path, body)

        assert found == status
        assert "error" in answer or "code" in answer

    run(act)


@pytest.mark.parametrize(
    "headers", [{"Host": "exchange.example"}, {"Origin": "https://exchange.example"}]
)
def test_control_is_refused_to_pages_of_other_sites(headers: dict[str, str]) -> None:
    async def act(client: Client) -> None:
        status, _ = await client.post("/sim/advance", {"ms": 1}, headers=headers)

        assert status == 403
        assert client.world.now_ms == START_MS

    run(act)


def test_control_takes_json_only() -> None:
    async def act(client: Client) -> None:
        async with client.session.post(f"{client.base}/sim/advance", data="ms=1") as reply:
            assert reply.status == 415

    run(act)


def test_a_lost_reply_closes_the_connection_after_the_order_was_carried_out() -> None:
    async def act(client: Client) -> None:
        with pytest.raises(aiohttp.ClientError):
            await client.ask("POST", "/fapi/v1/order", ORDER)
        [held] = client.world.exchange.desk.venue.holdings(0, "BTCUSDT")
        assert held.lots == 10

    run(act, plan=RequestPlan(drop_connection=True))


def test_a_reply_that_never_comes_holds_up_neither_others_nor_the_end() -> None:
    async def act(client: Client) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.ask("POST", "/fapi/v1/order", ORDER)
        assert (await client.post("/sim/price", {"symbol": "BTCUSDT", "price": "60001"}))[0] == 200

    run(act, plan=RequestPlan(never_reply=True))


def test_a_late_reply_comes_when_the_time_of_the_exchange_has_come() -> None:
    async def act(client: Client) -> None:
        asked = asyncio.create_task(client.ask("POST", "/fapi/v1/order", ORDER))
        while not client.world.exchange.desk.venue.holdings(0, "BTCUSDT")[0].lots:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0)
        assert not asked.done()
        await client.post("/sim/advance", {"ms": 10_000})
        assert (await asked)[1]["status"] == "FILLED"

    run(act, plan=RequestPlan(reply_after_ms=10_000))


def test_a_body_that_is_no_text_is_refused_by_the_venue() -> None:
    async def act(client: Client) -> None:
        headers = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{client.base}/fapi/v1/order"
        async with client.session.post(url, data=b"\xff\xfe=\x00", headers=headers) as reply:
            assert (reply.status, (await reply.json())["code"]) == (400, -1102)

    run(act)


def test_prices_that_cannot_be_read_on_end_the_wait() -> None:
    def broken() -> Iterator[Move]:
        yield Print(ts_ms=0, symbol="BTCUSDT", ticks=600_000, lots=1)
        yield Print(ts_ms=0, symbol="BTCUSDT", ticks=600_000, lots=1)
        raise TickFileError(message="broken")

    async def within() -> None:
        server = ExchangeServer(
            World().exchange, ExchangeClock(lambda: START_MS), pacer=Pacer(broken())
        )
        async with asyncio.timeout(20), server.listening():
            with pytest.raises(TickFileError, match="broken"):
                await server.wait()

    asyncio.run(within())
