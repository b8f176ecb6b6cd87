"""Connections, what each is subscribed to, and the messages that are on their way to them."""

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from quantum_exit.adapters.paper.hooks import EventFaults
from quantum_exit.adapters.paper.listen_keys import ListenKeys
from quantum_exit.adapters.paper.streams.names import Route, StreamName, parse_stream
from quantum_exit.adapters.paper.wire import Json, JsonObject

USER_CHANNEL = "user"
_LIFETIME_MS = 86_400_000
_MAX_STREAMS = 1_024
_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS")


@dataclass(slots=True, eq=False, kw_only=True)
class Connection:
    """One WebSocket of a client.

    Attributes:
        number: Counts from 1.
        route: The path that it came by.
        combined: Messages carry the name of their stream.
        opened_ms: When, exchange time in ms; it is closed a day later.
        streams: What it is subscribed to, in that order.
    """

    number: int
    route: Route
    combined: bool
    opened_ms: int
    streams: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A message that reaches a connection.

    Attributes:
        connection: The connection.
        body: The message, or `None` where the connection is closed.
    """

    connection: Connection
    body: Json | None


class Channels:
    """All connections of the exchange.

    Args:
        listen_keys: Which user-data streams there are.
        faults: Asked for every message.
    """

    def __init__(self, listen_keys: ListenKeys, faults: EventFaults) -> None:
        self._listen_keys = listen_keys
        self._faults = faults
        self._opened = 0
        self._sent = 0
        self._connections: dict[int, Connection] = {}
        self._subscribers: dict[str, dict[int, Connection]] = {}
        self._names: dict[str, StreamName] = {}
        self._outbox: list[tuple[int, int, Frame]] = []

    @property
    def names(self) -> Iterable[StreamName]:
        """Market streams that somebody is subscribed to."""
        return tuple(self._names.values())

    def has(self, stream: str) -> bool:
        """`True` where somebody is subscribed to `stream`."""
        return stream in self._subscribers

    def open(self, path: str, query: str, now_ms: int) -> Connection | None:
        """A new connection for a WebSocket path, or `None` where there is no such path.

        `/ws`, `/stream`, and both behind `/public`, `/market` and `/private`; streams stand in the
        path (`/ws/btcusdt@trade`), in `streams=`, or in `listenKey=`.
        """
        parts = [part for part in path.split("/") if part]
        route = Route.ANY
        if parts and parts[0] in ("public", "market", "private"):
            route = Route(parts.pop(0))
        if not parts or parts[0] not in ("ws", "stream"):
            return None
        connection = self.open_plain(now_ms)
        connection.route, connection.combined = route, parts[0] == "stream"
        given = parse_qs(query)
        asked = "/".join([*parts[1:], *given.get("streams", []), *given.get("listenKey", [])])
        self._subscribe(connection, [name for name in asked.split("/") if name])
        return connection

    def open_plain(self, now_ms: int) -> Connection:
        """A new connection without streams."""
        self._opened += 1
        connection = Connection(
            number=self._opened, route=Route.PRIVATE, combined=False, opened_ms=now_ms
        )
        self._connections[connection.number] = connection
        return connection

    def close(self, connection: Connection) -> None:
        """Forgets a connection that its client has closed, or that was closed."""
        self._connections.pop(connection.number, None)
        self._unsubscribe(connection, list(connection.streams))

    def end(self, connection: Connection, now_ms: int) -> None:
        """Closes a connection from this side."""
        self.close(connection)
        self._push(now_ms, Frame(connection, None))

    def drop(self, now_ms: int) -> int:
        """Closes all connections, as an exchange does that restarts, and tells how many."""
        connections = list(self._connections.values())
        for connection in connections:
            self.end(connection, now_ms)
        return len(connections)

    def expire(self, now_ms: int) -> None:
        """Closes the connections that have been open for a day."""
        for connection in list(self._connections.values()):
            if now_ms - connection.opened_ms >= _LIFETIME_MS:
                self.end(connection, now_ms)

    def receive(self, connection: Connection, text: str, now_ms: int) -> None:
        """Answers a control message: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS."""
        self.send(connection, self._control(connection, text), now_ms)

    def send(self, connection: Connection, body: Json, at_ms: int) -> None:
        """Puts a message on its way; it arrives at `at_ms`."""
        self._push(at_ms, Frame(connection, body))

    def publish(self, stream: str, message: Json, now_ms: int) -> None:
        """Puts a message on its way to everybody who is subscribed to `stream`."""
        listeners = self._subscribers.get(stream)
        if listeners is None:
            return
        channel = stream if stream in self._names else USER_CHANNEL
        for delay_ms, body in self._faults.on_event(channel, message, now_ms):
            for connection in listeners.values():
                frame = {"stream": stream, "data": body} if connection.combined else body
                self._push(now_ms + delay_ms, Frame(connection, frame))

    def due(self, now_ms: int) -> Iterator[Frame]:
        """Takes the messages that have arrived by `now_ms`, in order."""
        outbox = self._outbox
        while outbox and outbox[0][0] <= now_ms:
            frame = heapq.heappop(outbox)[2]
            if frame.body is None or frame.connection.number in self._connections:
                yield frame

    def next_due_ms(self) -> int | None:
        """When the next message arrives, or `None` where none is on its way."""
        return self._outbox[0][0] if self._outbox else None

    def _push(self, at_ms: int, frame: Frame) -> None:
        self._sent += 1
        heapq.heappush(self._outbox, (at_ms, self._sent, frame))

    def _control(self, connection: Connection, text: str) -> JsonObject:
        try:
            message: Any = json.loads(text)
        except (ValueError, RecursionError):
            return _error(3, "Invalid JSON: expected value", None)
        if not isinstance(message, dict):
            return _error(2, "Invalid request: request must be an object", None)
        number = message.get("id")
        try:
            result = self._controlled(connection, message.get("method"), message.get("params", []))
        except ValueError as error:
            return _error(2, f"Invalid request: {error}", number)
        return {"result": result, "id": number}

    def _controlled(
        self, connection: Connection, method: object, given: object
    ) -> list[str] | None:
        if method == "LIST_SUBSCRIPTIONS":
            return list(connection.streams)
        if method not in ("SUBSCRIBE", "UNSUBSCRIBE"):
            msg = f"unknown variant {method}, expected one of {', '.join(_METHODS)}"
            raise ValueError(msg)
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            msg = "params must be an array of stream names"
            raise ValueError(msg)
        if method == "UNSUBSCRIBE":
            self._unsubscribe(connection, given)
            return None
        if len(connection.streams) + len(given) > _MAX_STREAMS:
            msg = f"too many streams, at most {_MAX_STREAMS}"
            raise ValueError(msg)
        self._subscribe(connection, given)
        return None

    def _subscribe(self, connection: Connection, streams: Iterable[str]) -> None:
        for stream in streams:
            connection.streams[stream] = None
            name = parse_stream(stream)
            if not self._carries(connection.route, stream, name):
                continue
            self._subscribers.setdefault(stream, {})[connection.number] = connection
            if name is not None:
                self._names[stream] = name

    def _unsubscribe(self, connection: Connection, streams: Iterable[str]) -> None:
        for stream in streams:
            connection.streams.pop(stream, None)
            listeners = self._subscribers.get(stream, {})
            listeners.pop(connection.number, None)
            if not listeners:
                self._subscribers.pop(stream, None)
                self._names.pop(stream, None)

    def _carries(self, route: Route, stream: str, name: StreamName | None) -> bool:
        if name is None:
            private = self._listen_keys.account_of(stream) is not None
            return private and route in (Route.PRIVATE, Route.ANY)
        return route in (name.route, Route.ANY)


def _error(code: int, message: str, number: object) -> JsonObject:
    return {"error": {"code": code, "msg": message}, "id": number}
