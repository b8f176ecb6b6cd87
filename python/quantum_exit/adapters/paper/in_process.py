"""The exchange in the same process: requests and WebSockets without a network, on anyio's time."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.prices import Move
from quantum_exit.adapters.paper.streams.channels import Connection
from quantum_exit.adapters.paper.wire import Delivery, Json, Reply, Request

_IDLE_MS = 1_000
_MIN_WAIT_S = 0.001
_BACKLOG = 65_536


@dataclass(slots=True, eq=False)
class InProcessSocket:
    """One WebSocket of a client in the same process.

    Attributes:
        connection: The exchange's side of it.
        messages: What the exchange sends, as decoded JSON; it ends where the exchange closes it.
    """

    connection: Connection
    messages: MemoryObjectReceiveStream[Any]
    _face: "InProcess"

    async def send(self, message: object) -> None:
        """Sends a message to the exchange."""
        self._face.sent(self.connection, json.dumps(message))

    async def aclose(self) -> None:
        """Closes it from the client's side."""
        self._face.closed(self.connection)
        await self.messages.aclose()


@dataclass(slots=True, eq=False)
class _UnderWay:
    """A request that has left; `received_ms` is when it arrives."""

    request: Request
    delivery: Delivery | None = None


class InProcess:
    """A face of the exchange for clients in the same process.

    `run` must be running, in the task group of whoever owns it: it moves the exchange's time and
    delivers what is due.

    Args:
        exchange: The exchange.
        now_ms: Gives the exchange's time, ms since the UNIX epoch; it never goes back.
        address: Where requests seem to come from.
    """

    def __init__(
        self, exchange: PaperExchange, now_ms: Callable[[], int], address: str = "127.0.0.1"
    ) -> None:
        self.exchange = exchange
        self._now_ms = now_ms
        self._address = address
        self._senders: dict[int, MemoryObjectSendStream[Any]] = {}
        self._under_way: list[_UnderWay] = []
        self._wake = anyio.Event()
        self._until_ms = 0

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: str = "",
        api_key: str | None = None,
        latency_s: float = 0.0,
    ) -> Reply | None:
        """Sends a request and waits for its reply; `None` where the connection was lost.

        A reply that never comes is waited for until the caller gives up.

        Args:
            method: HTTP method.
            path: Path without query.
            query: Query string.
            body: Form-encoded body.
            api_key: Key that it bears, or None.
            latency_s: Time of each way, 0 or more seconds.
        """
        sent = _UnderWay(
            Request(
                method=method,
                path=path,
                query=query,
                body=body,
                headers={} if api_key is None else {"x-mbx-apikey": api_key},
                received_ms=self._now_ms() + round(latency_s * 1_000),
                address=self._address,
            )
        )
        delivery = await self._arrived(sent, latency_s)
        return await self._reply(delivery, latency_s)

    async def _arrived(self, sent: _UnderWay, latency_s: float) -> Delivery:
        self._under_way.append(sent)
        try:
            await anyio.sleep(latency_s)
        finally:
            self._under_way.remove(sent)
        if sent.delivery is not None:
            return sent.delivery
        self.catch_up()
        return self._take_in(sent.request)

    async def _reply(self, delivery: Delivery, latency_s: float) -> Reply | None:
        while delivery.reply is None:
            await self._wait_until(delivery.execute_at_ms)
        if delivery.drop_connection:
            await anyio.sleep(latency_s)
            return None
        if delivery.reply_at_ms is None:
            await anyio.sleep_forever()
            return None
        while self.exchange.now_ms < delivery.reply_at_ms:
            await self._wait_until(delivery.reply_at_ms)
        if self._now_ms() <= delivery.reply_at_ms + latency_s * 1_000:
            await anyio.sleep(latency_s)
        return delivery.reply

    def let_arrive(self) -> None:
        """Takes in what has left and is due by now: its sender may be blocked, the way is not."""
        for sent in sorted(self._under_way, key=lambda one: one.request.received_ms):
            due_ms = sent.request.received_ms
            if sent.delivery is None and due_ms <= self._now_ms():
                self.exchange.advance(max(self.exchange.now_ms, due_ms))
                sent.delivery = self._take_in(sent.request)

    def _take_in(self, request: Request) -> Delivery:
        delivery = self.exchange.request(replace(request, received_ms=self.exchange.now_ms))
        self._deliver()
        return delivery

    def connect(self, path: str, query: str = "") -> InProcessSocket | None:
        """Opens a WebSocket, or gives `None` where there is no such path."""
        self.catch_up()
        connection = self.exchange.open(path, query)
        if connection is None:
            return None
        sender, receiver = anyio.create_memory_object_stream[Any](_BACKLOG)
        self._senders[connection.number] = sender
        self._wake.set()
        return InProcessSocket(connection, receiver, self)

    def sent(self, connection: Connection, text: str) -> None:
        """Takes what a client sent on a WebSocket."""
        self.catch_up()
        self.exchange.receive(connection, text, self._address)
        self._deliver()

    def closed(self, connection: Connection) -> None:
        """Forgets a WebSocket that its client closed."""
        self.exchange.close(connection)
        self._end(connection)

    def feed(self, move: Move) -> None:
        """Does what the market does now, and delivers what it leads to.

        Raises:
            InvalidInputError: The symbol is not known, or a number is out of range.
        """
        self.catch_up()
        self.exchange.feed(move)
        self._deliver()

    def act(self, account: int, method: str, path: str, query: str) -> Reply:
        """Does by hand what a user does, and delivers what it leads to."""
        self.catch_up()
        reply = self.exchange.act(account, method, path, query)
        self._deliver()
        return reply

    async def run(self) -> None:
        """Moves the exchange's time and delivers, until it is cancelled."""
        while True:
            self.catch_up()
            self._wake = anyio.Event()
            with anyio.move_on_after(self._pause_s()):
                await self._wake.wait()

    def _pause_s(self) -> float:
        due_ms = self.exchange.next_due_ms()
        now_ms = self._now_ms()
        wait_ms = _IDLE_MS if due_ms is None else min(_IDLE_MS, due_ms - now_ms)
        self._until_ms = now_ms + wait_ms
        return max(_MIN_WAIT_S, wait_ms / 1_000)

    async def _wait_until(self, at_ms: int) -> None:
        await anyio.sleep(max(_MIN_WAIT_S, (at_ms - self._now_ms()) / 1_000))
        self.catch_up()

    def catch_up(self) -> None:
        """Moves the exchange's time to now, and delivers what is due."""
        self.exchange.advance(max(self.exchange.now_ms, self._now_ms()))
        self._deliver()

    def _deliver(self) -> None:
        for frame in self.exchange.frames():
            if frame.body is None:
                self._end(frame.connection)
                continue
            self._hand_over(frame.connection, frame.body)
        due_ms = self.exchange.next_due_ms()
        if due_ms is not None and due_ms < self._until_ms:
            self._wake.set()

    def _hand_over(self, connection: Connection, body: Json) -> None:
        sender = self._senders.get(connection.number)
        if sender is None:
            return
        try:
            sender.send_nowait(body)
        except (anyio.WouldBlock, anyio.BrokenResourceError):
            # Who does not read is disconnected, as the exchange does it.
            self.closed(connection)

    def _end(self, connection: Connection) -> None:
        sender = self._senders.pop(connection.number, None)
        if sender is not None:
            sender.close()
