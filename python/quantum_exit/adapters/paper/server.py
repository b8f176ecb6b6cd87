"""The exchange as an HTTP and WebSocket server.

It listens on loopback unless told otherwise: whoever reaches it can trade with its keys, and move
its prices.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from yarl import URL

from quantum_exit.adapters.paper.control import Control, FaultControl
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.pacing import ExchangeClock, Pacer
from quantum_exit.adapters.paper.streams.channels import Connection
from quantum_exit.adapters.paper.wire import Json, Reply, Request
from quantum_exit.errors import InvalidInputError, VenueReject

_JSON = "application/json"
_KEY_HEADER = "x-mbx-apikey"
_TICK_MS = 10
_MIN_WAIT_S = 0.001
_PING_EVERY_S = 180.0
_BACKLOG = 65_536
_MAX_MESSAGE_BYTES = 1 << 20
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BAD_REQUEST, _NOT_FOUND = 400, 404


class ExchangeServer:
    """A server of one exchange.

    Args:
        exchange: The exchange.
        clock: Its time.
        pacer: Its prices; `None` leaves them to `/sim/price`.
        faults: Takes faults on `/sim/fault`.
    """

    def __init__(
        self,
        exchange: PaperExchange,
        clock: ExchangeClock,
        *,
        pacer: Pacer | None = None,
        faults: FaultControl | None = None,
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._pacer = pacer
        self._control = Control(exchange, clock, faults)
        self._sockets: dict[int, asyncio.Queue[Json | None]] = {}
        self._encoder = msgspec.json.Encoder()
        self._pumping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
        """Listens as long as the block runs, and gives the port.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.

        Raises:
            OSError: The port is taken.
        """
        runner = web.AppRunner(
            self.application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            self._pumping = asyncio.create_task(self._pump())
            try:
                yield _port_of(runner)
            finally:
                self._pumping.cancel()
                await asyncio.wait([self._pumping])
        finally:
            await runner.cleanup()

    async def wait(self) -> None:
        """Waits as long as prices and time move: until it is cancelled, or they fail.

        Raises:
            QuantumExitError: The prices could not be read on.
        """
        if self._pumping is not None:
            await asyncio.shield(self._pumping)

    def application(self) -> web.Application:
        """The routes; prices and time move only while `listening`."""
        app = web.Application(client_max_size=_MAX_MESSAGE_BYTES)
        app.router.add_get("/", self._page)
        app.router.add_get("/sim", self._page)
        app.router.add_get("/sim/state", self._state)
        app.router.add_post("/sim/{action:.+}", self._act)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._serve_socket(request)
        return await self._serve_request(request)

    async def _serve_request(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode(errors="replace") if request.can_read_body else ""
        self._catch_up()
        delivery = self._exchange.request(
            Request(
                method=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string,
                body=body,
                headers=_key_header(request),
                received_ms=self._exchange.now_ms,
                address=request.remote or "",
            )
        )
        self._deliver()
        while delivery.reply is None:
            await self._wait_until(delivery.execute_at_ms)
        if delivery.reply_at_ms is not None:
            while self._exchange.now_ms < delivery.reply_at_ms:
                await self._wait_until(delivery.reply_at_ms)
        elif not delivery.drop_connection:
            # The client gives up first, which cancels this handler.
            await asyncio.Event().wait()
        if delivery.drop_connection and request.transport is not None:
            request.transport.abort()
        return self._response(delivery.reply)

    def _response(self, reply: Reply) -> web.Response:
        if isinstance(reply.body, str):
            return web.Response(status=reply.status, headers=reply.headers, text=reply.body)
        return web.Response(
            status=reply.status,
            headers={**reply.headers, "Content-Type": _JSON},
            body=self._encoder.encode(reply.body),
        )

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        self._catch_up()
        connection = self._exchange.open(request.path, request.rel_url.raw_query_string)
        if connection is None:
            return web.Response(status=_NOT_FOUND)
        socket = web.WebSocketResponse(max_msg_size=_MAX_MESSAGE_BYTES, heartbeat=_PING_EVERY_S)
        await socket.prepare(request)
        outgoing: asyncio.Queue[Json | None] = asyncio.Queue(_BACKLOG)
        self._sockets[connection.number] = outgoing
        writer = asyncio.create_task(self._write(socket, outgoing))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._catch_up()
                    self._exchange.receive(connection, message.data, request.remote or "")
                    self._deliver()
        finally:
            self._forget(connection)
            writer.cancel()
        return socket

    async def _write(
        self, socket: web.WebSocketResponse, outgoing: asyncio.Queue[Json | None]
    ) -> None:
        while True:
            body = await outgoing.get()
            if body is None:
                await socket.close()
                return
            with suppress(ConnectionResetError):
                await socket.send_frame(self._encoder.encode(body), WSMsgType.TEXT)

    def _forget(self, connection: Connection) -> None:
        self._sockets.pop(connection.number, None)
        self._exchange.close(connection)

    async def _pump(self) -> None:
        while True:
            self._catch_up()
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        now_ms = self._exchange.now_ms
        due = [self._exchange.next_due_ms()]
        if self._pacer is not None:
            due.append(self._pacer.next_due_ms(now_ms))
        wait_ms = min((time for time in due if time is not None), default=now_ms) - now_ms
        return max(_MIN_WAIT_S, min(_TICK_MS, wait_ms) / 1_000)

    async def _wait_until(self, at_ms: int) -> None:
        wait_s = (at_ms - self._exchange.now_ms) / 1_000
        await asyncio.sleep(max(_MIN_WAIT_S, min(wait_s, _TICK_MS / 1_000)))
        self._catch_up()

    def _catch_up(self) -> None:
        now_ms = max(self._exchange.now_ms, self._clock.now_ms())
        if self._pacer is not None:
            for at_ms, move in self._pacer.due(now_ms):
                self._exchange.advance(max(self._exchange.now_ms, at_ms))
                self._exchange.feed(move)
        self._exchange.advance(max(now_ms, self._exchange.now_ms))
        self._deliver()

    def _deliver(self) -> None:
        for frame in self._exchange.frames():
            outgoing = self._sockets.get(frame.connection.number)
            if outgoing is None:
                continue
            try:
                outgoing.put_nowait(frame.body)
            except asyncio.QueueFull:
                # Who does not read is disconnected, as the exchange does it.
                self._forget(frame.connection)

    async def _page(self, request: web.Request) -> web.Response:
        _only_loopback(request)
        page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
        return web.Response(text=page, content_type="text/html")

    async def _state(self, request: web.Request) -> web.Response:
        _only_loopback(request)
        self._catch_up()
        return web.json_response(self._control.state())

    async def _act(self, request: web.Request) -> web.Response:
        _only_loopback(request)
        action = self._control.actions().get(request.match_info["action"])
        if action is None:
            return web.json_response({"error": "no such action"}, status=_NOT_FOUND)
        self._catch_up()
        answer = _answered(action, await _json_of(request))
        self._deliver()
        return answer


def _answered(
    action: Callable[[Mapping[str, Any]], Mapping[str, Any]], body: Mapping[str, Any]
) -> web.Response:
    try:
        return web.json_response(action(body))
    except InvalidInputError as error:
        return web.json_response({"error": str(error)}, status=_BAD_REQUEST)
    except VenueReject as reject:
        refused = {"code": reject.code, "msg": reject.message}
        return web.json_response(refused, status=_BAD_REQUEST)


async def _json_of(request: web.Request) -> Mapping[str, Any]:
    # A page of another site can post a form, but no JSON.
    if request.content_type != _JSON:
        raise web.HTTPUnsupportedMediaType(text="expected application/json")
    try:
        body = msgspec.json.decode(await request.read())
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="expected an object")
    return body


def _key_header(request: web.Request) -> dict[str, str]:
    key = request.headers.get("X-MBX-APIKEY")
    return {} if key is None else {_KEY_HEADER: key}


def _only_loopback(request: web.Request) -> None:
    """Refuses a page that a browser was led to under another name for this machine."""
    origin = request.headers.get("Origin")
    names = [request.url.host]
    if origin is not None:
        names.append(_host_of(origin))
    if not _LOOPBACK.issuperset(names):
        raise web.HTTPForbidden(text="the control endpoints answer on loopback names only")


def _host_of(origin: str) -> str | None:
    try:
        return URL(origin).host
    except ValueError:
        return None


def _port_of(runner: web.AppRunner) -> int:
    address = runner.addresses[0]
    return int(address[1])
