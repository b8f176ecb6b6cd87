import asyncio
import base64
import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import anyio
import anyio.to_thread
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport, HttpLimits
from quantum_exit.adapters.binance.hosts import PRODUCTION, TESTNET, Hosts, simulated
from quantum_exit.adapters.binance.transport import TransportLost
from quantum_exit.errors import InvalidInputError
from tests.binance_server import Server, serving
from tests.clocks import RealClock

pytestmark = pytest.mark.anyio

KEY = ApiKey(key="public-part", secret="planted-canary-secret")
ORDER = "/fapi/v1/order"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def connected(
    key: ApiKey = KEY, timeout_ms: int = 5_000
) -> AsyncIterator[tuple[Server, CcxtTransport]]:
    async with serving() as server:
        limits = HttpLimits(timeout_ms=timeout_ms)
        transport = CcxtTransport(simulated(server.url), key, RealClock(), limits)
        async with transport:
            yield server, transport


async def lost(transport: CcxtTransport, method: str = "POST", path: str = ORDER) -> str:
    with pytest.raises(TransportLost) as caught:
        await transport.request(method, path, {"symbol": "BTCUSDT"}, signed=True)
    assert KEY.secret not in str(caught.value)
    assert "signature" not in str(caught.value)
    return caught.value.why


async def test_a_post_carries_key_time_stamp_and_an_hmac_over_exactly_what_was_sent() -> None:
    async with connected() as (server, transport):
        server.reply(f"POST {ORDER}", {"orderId": 1}, X_MBX_USED_WEIGHT_1M="7")
        answer = await transport.request(
            "POST", ORDER, {"symbol": "BTCUSDT", "newClientOrderId": "x1"}, signed=True
        )

    (seen,) = server.seen
    payload, signature = seen.body.rsplit("&signature=", 1)
    assert signature == hmac.new(KEY.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert seen.query == ""
    assert seen.headers["X-MBX-APIKEY"] == KEY.key
    assert seen.params["recvWindow"] == "3000"
    assert seen.params["newClientOrderId"] == "x1"
    assert abs(int(seen.params["timestamp"]) - RealClock().now_ms()) < 60_000
    assert (answer.status, answer.body) == (200, b'{"orderId": 1}')
    assert answer.headers["x-mbx-used-weight-1m"] == "7"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_read_and_a_cancel_carry_the_same_in_the_query(method: str) -> None:
    async with connected() as (server, transport):
        server.reply(f"{method} {ORDER}", {})
        await transport.request(method, ORDER, {"symbol": "币安USDT"}, signed=True)

    (seen,) = server.seen
    payload, signature = seen.query.rsplit("&signature=", 1)
    assert signature == hmac.new(KEY.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert seen.params["symbol"] == "币安USDT"


async def test_an_ed25519_key_signs_what_its_public_key_confirms() -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    async with connected(ApiKey(key="k", secret=pem)) as (server, transport):
        server.reply("GET /fapi/v3/positionRisk", [])
        await transport.request("GET", "/fapi/v3/positionRisk", {}, signed=True)

    (seen,) = server.seen
    payload = seen.query.rsplit("&signature=", 1)[0]
    private.public_key().verify(base64.b64decode(seen.params["signature"]), payload.encode())


async def test_a_public_read_carries_no_key() -> None:
    async with connected() as (server, transport):
        server.reply("GET /fapi/v1/time", {"serverTime": 1})
        await transport.request("GET", "/fapi/v1/time", {}, signed=False)

    (seen,) = server.seen
    assert "X-MBX-APIKEY" not in seen.headers
    assert seen.query == ""


async def test_a_listen_key_is_asked_for_with_the_key_but_without_a_signature() -> None:
    async with connected() as (server, transport):
        server.reply("POST /fapi/v1/listenKey", {"listenKey": "l"})
        await transport.request("POST", "/fapi/v1/listenKey", {}, signed=True)

    (seen,) = server.seen
    assert seen.headers["X-MBX-APIKEY"] == KEY.key
    assert "signature" not in seen.body + seen.query


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"code":-2021,"msg":"Order would immediately trigger."}'),
        (418, b"banned"),
        (429, b'{"code":-1003,"msg":"x"}'),
        (503, b"Service Unavailable."),
        (502, b"<html>bad gateway</html>"),
        (200, b"\xff\xfe no json"),
    ],
)
async def test_every_answer_comes_back_as_it_is(status: int, body: bytes) -> None:
    async with connected() as (server, transport):
        server.reply(f"POST {ORDER}", body, status, Retry_After="3")
        answer = await transport.request("POST", ORDER, {}, signed=True)

    assert (answer.status, answer.body) == (status, body)
    assert answer.headers["retry-after"] == "3"


async def test_a_redirect_is_not_followed() -> None:
    async with connected() as (server, transport):
        server.reply(f"GET {ORDER}", b"", 302, Location="http://127.0.0.1:1/elsewhere")
        answer = await transport.request("GET", ORDER, {}, signed=True)

    assert answer.status == 302
    assert len(server.seen) == 1


async def test_a_reply_that_never_comes_is_lost_after_the_time_limit() -> None:
    hold = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        await hold.wait()
        return web.Response()

    async with connected(timeout_ms=50) as (server, transport):
        server.answers[f"POST {ORDER}"] = never
        why = await lost(transport)
        hold.set()

    assert why == "timeout after 50 ms"
    assert len(server.seen) == 1, "a lost reply is not sent again"


async def test_a_reply_that_trickles_is_lost_too() -> None:
    hold = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"orderId"')
        await hold.wait()
        return response

    async with connected(timeout_ms=100) as (server, transport):
        server.answers[f"POST {ORDER}"] = trickle
        assert await lost(transport) == "timeout after 100 ms"
        hold.set()


async def test_a_connection_that_is_reset_after_the_request_is_lost() -> None:
    async def reset(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with connected() as (server, transport):
        server.answers[f"POST {ORDER}"] = reset
        assert await lost(transport) in ("ServerDisconnectedError", "ClientOSError")
        assert len(server.seen) == 1, "a request that may have been carried out is not repeated"


async def test_a_body_cut_short_is_lost() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.close()
        return response

    async with connected() as (server, transport):
        server.answers[f"POST {ORDER}"] = cut
        assert await lost(transport) in ("ClientPayloadError", "ServerDisconnectedError")


async def test_a_body_without_end_is_cut_off() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        chunk = b"x" * (1 << 20)
        for _ in range(64):
            await response.write(chunk)
        return response

    async with connected() as (server, transport):
        server.answers[f"POST {ORDER}"] = flood
        assert await lost(transport) == "body above 16777216 bytes"


async def test_a_venue_that_cannot_be_reached_is_lost() -> None:
    transport = CcxtTransport(simulated("http://127.0.0.1:1"), KEY, RealClock())
    async with transport:
        assert await lost(transport) == "Connection refused"
    assert await lost(transport) == "the transport is closed"


async def test_only_the_endpoints_of_the_adapter_can_be_called() -> None:
    async with connected() as (server, transport):
        for method, path in (
            ("POST", "/fapi/v1/countdownCancelAll"),
            ("DELETE", "/fapi/v1/allOpenOrders"),
            ("POST", "/sapi/v1/capital/withdraw/apply"),
            ("POST", "/fapi/v1/leverage"),
        ):
            with pytest.raises(InvalidInputError, match="endpoint"):
                await transport.request(method, path, {}, signed=True)

    assert server.seen == []


async def test_where_there_is_no_wallet_service_the_rights_of_a_key_stay_unknown() -> None:
    async with CcxtTransport(TESTNET, KEY, RealClock()) as transport:
        why = await lost(transport, "GET", "/sapi/v1/account/apiRestrictions")

    assert why == "this venue has no wallet service"


async def test_the_secret_shows_in_no_log_repr_or_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with connected(timeout_ms=50) as (server, transport):
        server.reply(f"GET {ORDER}", {})
        await transport.request("GET", ORDER, {}, signed=True)
        server.reply(f"GET {ORDER}", b"", 500)
        await transport.request("GET", ORDER, {}, signed=True)

    # The test server's own access log is not ours.
    ours = [each for each in caplog.records if each.name != "aiohttp.access"]
    text = " ".join(each.getMessage() for each in ours) + repr(KEY) + repr(transport)
    assert KEY.secret not in text
    assert KEY.key not in text
    assert "signature" not in text


@pytest.mark.parametrize(
    "url",
    ["http://example.com:80", "https://127.0.0.1:1", "http://127.0.0.1:1/path", "127.0.0.1:1"],
)
def test_keys_leave_this_machine_over_tls_only(url: str) -> None:
    with pytest.raises(InvalidInputError, match="venue"):
        simulated(url)


def test_the_built_in_hosts_are_encrypted() -> None:
    for hosts in (PRODUCTION, TESTNET):
        assert isinstance(hosts, Hosts)
        assert hosts.rest.startswith("https://")
        assert hosts.streams.startswith("wss://")


@pytest.mark.parametrize(("field", "value"), [("timeout_ms", 0), ("recv_window_ms", 3_001)])
def test_limits_out_of_range_are_refused(field: str, value: int) -> None:
    with pytest.raises(InvalidInputError, match=field):
        HttpLimits(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("key", ""), ("key", "with\nline end"), ("secret", ""), ("secret", "trailing\n")],
)
def test_a_key_that_was_copied_badly_is_refused_without_being_shown(field: str, value: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{field}: \\(hidden\\)") as caught:
        ApiKey(**({"key": "k", "secret": "s"} | {field: value}))
    assert value == "" or value not in str(caught.value)


def test_a_private_key_that_cannot_sign_is_refused_at_once_without_being_shown() -> None:
    body = "bm90IGEga2V5"
    pem = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    with pytest.raises(InvalidInputError, match="secret") as caught:
        CcxtTransport(PRODUCTION, ApiKey(key="k", secret=pem), RealClock())
    assert body not in str(caught.value)


@contextmanager
def refusing_in_a_thread() -> Iterator[tuple[str, Event]]:
    """A server that a blocked loop does not block: its address, and when it has been asked."""
    asked = Event()

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.set()
            time.sleep(0.1)
            self.send_response(400)
            self.send_header("Content-Length", "14")
            self.end_headers()
            self.wfile.write(b'{"code":-4118}')

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_an_answer_that_came_while_the_loop_was_blocked_is_not_thrown_away() -> None:
    statuses: list[int] = []
    with refusing_in_a_thread() as (url, asked):
        limits = HttpLimits(timeout_ms=1_000)
        async with CcxtTransport(simulated(url), KEY, RealClock(), limits) as transport:

            async def ask() -> None:
                answer = await transport.request("POST", ORDER, {"symbol": "BTCUSDT"}, signed=True)
                statuses.append(answer.status)

            async with anyio.create_task_group() as group:
                group.start_soon(ask)
                await anyio.to_thread.run_sync(asked.wait)
                time.sleep(1.2)  # noqa: ASYNC251 - this is what blocks the loop

    assert statuses == [400]
