"""The exchange in the same process, on a time that the test moves."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from quantum_exit.adapters.paper.auth import ApiKey, hmac_signature
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.faults.operator import SetFilters
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.hooks import NoFaults, RequestPlan
from quantum_exit.adapters.paper.in_process import InProcess
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.wire import Reply, Request
from tests.integration.paper.world import KEY, SECRET, START_MS


class Planned(NoFaults):
    """Follows one plan for every request."""

    def __init__(self, plan: RequestPlan) -> None:
        self.plan = plan

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        return self.plan


class Time:
    """Exchange time that every look moves on by 1 ms."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        self.ms += 1
        return self.ms


def run(
    act: Callable[[InProcess], Awaitable[None]], plan: RequestPlan | None = None
) -> PaperExchange:
    exchange = PaperExchange(
        now_ms=START_MS,
        keys=[ApiKey(key=KEY, secret=SECRET)],
        request_faults=NoFaults() if plan is None else Planned(plan),
    )

    async def within() -> None:
        face = InProcess(exchange, Time())
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                await running(group, face)
                await act(face)
                group.cancel_scope.cancel()

    asyncio.run(within())
    return exchange


async def running(group: TaskGroup, face: InProcess) -> None:
    group.start_soon(face.run)


async def start_stream(face: InProcess, at_ms: int) -> Reply | None:
    query = urlencode({"timestamp": at_ms})
    return await face.request(
        "POST",
        "/fapi/v1/listenKey",
        query=f"{query}&signature={hmac_signature(SECRET, query)}",
        api_key=KEY,
    )


def test_a_request_is_answered_and_a_stream_heard() -> None:
    async def act(face: InProcess) -> None:
        reply = await start_stream(face, START_MS)
        assert reply is not None
        socket = face.connect("/ws/btcusdt@markPrice@1s")
        assert socket is not None
        await socket.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert await socket.messages.receive() == {"result": ["btcusdt@markPrice@1s"], "id": 1}
        await socket.aclose()

    run(act)


def test_a_late_execution_is_waited_for_and_its_reply_too() -> None:
    async def act(face: InProcess) -> None:
        before_ms = face.exchange.now_ms
        reply = await start_stream(face, START_MS)

        assert reply is not None
        assert reply.status == 200
        assert face.exchange.now_ms >= before_ms + 15

    run(act, RequestPlan(execute_after_ms=10, reply_after_ms=5))


def test_a_request_that_is_never_executed_times_out_at_the_venue() -> None:
    async def act(face: InProcess) -> None:
        reply = await start_stream(face, START_MS)

        assert reply is not None
        assert isinstance(reply.body, dict)
        assert (reply.status, reply.body["code"]) == (408, -1007)

    assert run(act, RequestPlan(execute=False)).desk.listen_keys.of_account(0) is None


def test_a_lost_reply_does_not_undo_what_was_executed() -> None:
    async def act(face: InProcess) -> None:
        assert await start_stream(face, START_MS) is None

    exchange = run(act, RequestPlan(drop_connection=True))
    assert exchange.desk.listen_keys.of_account(0) is not None


def test_a_reply_that_never_comes_is_waited_for_until_the_caller_gives_up() -> None:
    async def act(face: InProcess) -> None:
        with anyio.move_on_after(0.05) as scope:
            await start_stream(face, START_MS)
        assert scope.cancelled_caught

    run(act, RequestPlan(never_reply=True))


def test_a_request_that_waited_too_long_in_the_engine_has_its_own_code() -> None:
    async def act(face: InProcess) -> None:
        query = urlencode({"timestamp": START_MS, "recvWindow": 5})
        reply = await face.request(
            "GET",
            "/fapi/v3/balance",
            query=f"{query}&signature={hmac_signature(SECRET, query)}",
            api_key=KEY,
        )
        assert reply is not None
        assert isinstance(reply.body, dict)
        assert reply.body["code"] == -5028

    run(act, RequestPlan(execute_after_ms=100))


def test_what_has_left_arrives_while_its_sender_is_blocked() -> None:
    async def act(face: InProcess) -> None:
        replies: list[Reply | None] = []

        async def ask() -> None:
            replies.append(await face.request("GET", "/fapi/v1/time", latency_s=0.005))

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            left_ms = face.exchange.now_ms
            while face.exchange.now_ms <= left_ms:
                face.let_arrive()
            arrived_ms = face.exchange.now_ms

        assert [reply and reply.body for reply in replies] == [{"serverTime": arrived_ms}]

    run(act)


def test_a_reply_on_its_way_tells_the_rules_of_when_it_left() -> None:
    exchange = PaperExchange(now_ms=START_MS)
    before = exchange.desk.info.document(LimitRules(), START_MS)
    told = json.dumps(before)

    change = SetFilters(symbol="BTCUSDT", price_multiple=10, lot_multiple=10)
    change.carry_out(Stage(exchange, 0))

    assert json.dumps(before) == told
    assert json.dumps(exchange.desk.info.document(LimitRules(), START_MS)) != told
