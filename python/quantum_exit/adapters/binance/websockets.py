"""Stream connections over WebSocket, with aiohttp."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio

from quantum_exit.adapters.binance.sockets import ConnectionLost
from quantum_exit.errors import MissingExtraError

try:
    import aiohttp
    from yarl import URL
except ImportError as error:
    raise MissingExtraError("live", error.name or "aiohttp") from error

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from quantum_exit.adapters.binance.hosts import Hosts

_MAX_FRAME_BYTES: Final = 1 << 20
_OPEN_WITHIN_S: Final = 10.0
_CLOSE_WITHIN_S: Final = 2.0
_ENDED: Final = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)


class WebSocketConnector:
    """Opens WebSocket connections; a context manager that owns them.

    Args:
        hosts: Where the venue lives; redirects are not followed.

    Raises:
        MissingExtraError: On import: aiohttp is not installed.
    """

    def __init__(self, hosts: Hosts) -> None:
        self._base = hosts.streams
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_OPEN_WITHIN_S),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def connect(self, path: str) -> WebSocketConnection:
        """Opens a connection; see `Connector.connect`.

        Raises:
            ConnectionLost: It could not be opened within 10 s.
        """
        if self._session is None:
            raise ConnectionLost("the connector is closed")
        try:
            with anyio.fail_after(_OPEN_WITHIN_S):
                socket = await self._session.ws_connect(
                    URL(self._base + path, encoded=True),
                    autoping=False,
                    max_msg_size=_MAX_FRAME_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_WITHIN_S),
                )
        except TimeoutError as error:
            raise ConnectionLost(f"not open within {_OPEN_WITHIN_S:g} s") from error
        except aiohttp.WSServerHandshakeError as error:
            # The text of this error holds the address, and with it the listen key.
            raise ConnectionLost(f"HTTP {error.status}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(type(error).__name__) from None
        return WebSocketConnection(socket)


class WebSocketConnection:
    """One WebSocket connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._pong = anyio.Event()

    async def receive(self) -> bytes:
        """The next frame with a message; see `Connection.receive`.

        Raises:
            ConnectionLost: The connection has ended, or a frame exceeds 1 MiB.
        """
        while True:
            message = await self._socket.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    return str(message.data).encode()
                case aiohttp.WSMsgType.BINARY:
                    return bytes(message.data)
                case aiohttp.WSMsgType.PING:
                    await self._send_pong(message.data)
                case aiohttp.WSMsgType.PONG:
                    self._pong.set()
                case kind if kind in _ENDED:
                    raise ConnectionLost(f"closed, code {self._socket.close_code}")
                case _:
                    raise ConnectionLost(type(message.data).__name__)

    async def ping(self) -> None:
        """Returns once the peer has answered; see `Connection.ping`.

        Raises:
            ConnectionLost: The connection has ended.
        """
        self._pong = anyio.Event()
        try:
            await self._socket.ping()
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(type(error).__name__) from None
        await self._pong.wait()

    async def close(self) -> None:
        """Ends it, waiting at most 2 s for the peer."""
        with anyio.move_on_after(_CLOSE_WITHIN_S, shield=True), suppress(aiohttp.ClientError):
            await self._socket.close()

    async def _send_pong(self, payload: bytes) -> None:
        try:
            await self._socket.pong(payload)
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(type(error).__name__) from None
