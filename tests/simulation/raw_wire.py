"""Carries bytes that are no JSON through an exchange that speaks JSON."""

import json
from collections.abc import Callable, Mapping

from quantum_exit.adapters.binance.transport import Answer
from quantum_exit.adapters.paper.in_process_client import (
    InProcessConnection,
    InProcessConnector,
    InProcessTransport,
)

_COUNTED, _PLAIN = "\0counted\0", "\0plain\0"
_MARK = rb"\u0000"


def raw(text: str, *, is_counted: bool = True) -> str:
    """`text`, to be sent as it is; lone surrogates become the bytes that they stand for.

    Args:
        text: The text.
        is_counted: Whether whoever gets it must refuse it.
    """
    return (_COUNTED if is_counted else _PLAIN) + text


class RawTransport:
    """Gives marked replies as they were meant.

    Args:
        inner: Carries requests.
        delivered: Called for each reply that must be refused.
    """

    def __init__(self, inner: InProcessTransport, delivered: Callable[[], None]) -> None:
        self._inner = inner
        self._delivered = delivered

    async def request(
        self, method: str, path: str, params: Mapping[str, str], *, signed: bool
    ) -> Answer:
        """Sends one request; see `Transport.request`."""
        answer = await self._inner.request(method, path, params, signed=signed)
        if not answer.body.startswith(b'"' + _MARK):
            return answer
        body = _meant(json.loads(answer.body), self._delivered)
        return Answer(status=answer.status, headers=answer.headers, body=body)


class RawConnector:
    """Gives marked frames as they were meant.

    Args:
        inner: Opens connections.
        delivered: Called for each frame that must be refused.
    """

    def __init__(self, inner: InProcessConnector, delivered: Callable[[], None]) -> None:
        self._inner = inner
        self._delivered = delivered

    async def connect(self, path: str) -> "RawConnection":
        """Opens a connection; see `Connector.connect`."""
        return RawConnection(await self._inner.connect(path), self._delivered)


class RawConnection:
    """One stream connection."""

    def __init__(self, inner: InProcessConnection, delivered: Callable[[], None]) -> None:
        self._inner = inner
        self._delivered = delivered

    async def receive(self) -> bytes:
        """The next frame; see `Connection.receive`."""
        frame = await self._inner.receive()
        if _MARK not in frame:
            return frame
        body = json.loads(frame)
        if isinstance(body, str):
            return _meant(body, self._delivered)
        data = _meant(body["data"], self._delivered)
        return b'{"stream":' + json.dumps(body["stream"]).encode() + b',"data":' + data + b"}"

    async def ping(self) -> None:
        """Asks for a sign of life."""
        await self._inner.ping()

    async def close(self) -> None:
        """Ends it."""
        await self._inner.close()


def _meant(text: str, delivered: Callable[[], None]) -> bytes:
    if text.startswith(_COUNTED):
        delivered()
    return text.removeprefix(_COUNTED).removeprefix(_PLAIN).encode("utf-8", "surrogateescape")
