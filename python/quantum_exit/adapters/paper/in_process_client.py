"""What the live adapter needs of a venue, from an exchange in the same process."""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

import anyio
from anyio.lowlevel import checkpoint

from quantum_exit.adapters.binance.sockets import ConnectionLost
from quantum_exit.adapters.binance.transport import Answer, TransportLost
from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.in_process import InProcess, InProcessSocket
from quantum_exit.execution.ports import Clock

_RECV_WINDOW_MS = 3_000


class InProcessTransport:
    """Carries requests to the exchange in the same process, signed like any others.

    Args:
        face: The exchange's face; its `run` is running.
        key: The key that it knows.
        clock: Stamps signed requests.
        latency_ms: How long each way takes, ms, 0 or more.
        timeout_ms: Whole time until the answer, ms.
    """

    def __init__(
        self,
        face: InProcess,
        key: ApiKey,
        clock: Clock,
        *,
        latency_ms: float = 0.0,
        timeout_ms: int = 2_000,
    ) -> None:
        self._face = face
        self._key = key
        self._clock = clock
        self._latency_s = latency_ms / 1000
        self._timeout_ms = timeout_ms

    async def request(
        self, method: str, path: str, params: Mapping[str, str], *, signed: bool
    ) -> Answer:
        """Sends one request; see `Transport.request`.

        Raises:
            TransportLost: No answer came.
        """
        query = self._signed(params) if signed else urlencode(params)
        reply = None
        with anyio.move_on_after(self._timeout_ms / 1000) as scope:
            reply = await self._face.request(
                method, path, query=query, api_key=self._key.key, latency_s=self._latency_s
            )
        if reply is None or scope.cancelled_caught:
            late = f"timeout after {self._timeout_ms} ms"
            raise TransportLost(late if scope.cancelled_caught else "connection lost")
        headers = {name.lower(): text for name, text in reply.headers.items()}
        return Answer(status=reply.status, headers=headers, body=json.dumps(reply.body).encode())

    def _signed(self, params: Mapping[str, str]) -> str:
        stamped = {
            "recvWindow": str(_RECV_WINDOW_MS),
            "timestamp": str(self._clock.now_ms()),
            **params,
        }
        query = urlencode(stamped)
        secret = (self._key.secret or "").encode()
        signature = hmac.new(secret, query.encode(), sha256).hexdigest()
        return f"{query}&signature={signature}"


class InProcessConnector:
    """Opens stream connections to the exchange in the same process.

    Args:
        face: The exchange's face; its `run` is running.
    """

    def __init__(self, face: InProcess) -> None:
        self._face = face

    async def connect(self, path: str) -> "InProcessConnection":
        """Opens a connection; see `Connector.connect`.

        Raises:
            ConnectionLost: There is no such path.
        """
        await checkpoint()
        place, _, query = path.partition("?")
        socket = self._face.connect(place, query)
        if socket is None:
            raise ConnectionLost("no such path")
        return InProcessConnection(socket)


class InProcessConnection:
    """One stream connection."""

    def __init__(self, socket: InProcessSocket) -> None:
        self._socket = socket

    async def receive(self) -> bytes:
        """The next frame.

        Raises:
            ConnectionLost: The exchange has closed it.
        """
        try:
            return json.dumps(await self._socket.messages.receive()).encode()
        except (anyio.EndOfStream, anyio.ClosedResourceError) as error:
            raise ConnectionLost("closed by the exchange") from error

    async def ping(self) -> None:
        """Returns at once: what is in the same process does not lose its way."""
        await checkpoint()

    async def close(self) -> None:
        """Ends it."""
        await self._socket.aclose()
        self._socket.messages.close()
