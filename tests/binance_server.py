"""A small local server that answers as a test tells it to; not an exchange, only its wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.body or self.query, keep_blank_values=True))


@dataclass(slots=True)
class Server:
    """Answers by `"METHOD /path"`; everything else is 404. Sockets stay open until told otherwise."""

    answers: dict[str, Handler] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    refuse_sockets: int = 0
    answer_pings: bool = True
    url: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def reply(self, call: str, body: object, status: int = 200, **headers: str) -> None:
        """`call` is answered with this JSON value, or these bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): text for name, text in headers.items()}

        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=raw, headers=named)

        self.answers[call] = answer

    def paths(self, method: str) -> list[str]:
        return [each.path for each in self.seen if each.method == method]

    async def push(self, message: object, path: str = "/private/ws") -> None:
        """Sends a message on the newest open socket of a path."""
        raw = message if isinstance(message, str) else json.dumps(message)
        open_ones = [
            socket
            for socket, opened in zip(self.sockets, self.opened, strict=True)
            if opened.startswith(path) and not socket.closed
        ]
        await open_ones[-1].send_str(raw)

    async def until_opened(self, count: int) -> None:
        """Waits until so many sockets have been opened in all."""
        async with asyncio.timeout(10):
            while len(self.opened) < count:
                self.arrived.clear()
                await self.arrived.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        self.seen.append(
            Seen(
                method=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string,
                body=(await request.read()).decode(),
                headers=dict(request.headers),
            )
        )
        answer = self.answers.get(f"{request.method} {request.path}")
        return web.Response(status=404) if answer is None else await answer(request)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_sockets > 0:
            self.refuse_sockets -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        self.opened.append(request.path_qs)
        self.arrived.set()
        async for message in socket:
            if message.type is WSMsgType.PING and self.answer_pings:
                await socket.pong(message.data)
        return socket


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A server on a free port of this machine."""
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address: Any = runner.addresses[0]
    server.url = f"http://127.0.0.1:{address[1]}"
    try:
        yield server
    finally:
        for socket in server.sockets:
            await socket.close()
        await runner.cleanup()


def symbol(name: str, tick: str = "0.10", step: str = "0.001") -> dict[str, Any]:
    """A symbol of `exchangeInfo`."""
    return {
        "symbol": name,
        "status": "TRADING",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": tick, "minPrice": "1", "maxPrice": "9"},
            {"filterType": "LOT_SIZE", "stepSize": step, "minQty": "0.001", "maxQty": "1000"},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "maxQty": "120"},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    }
