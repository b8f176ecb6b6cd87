"""How commands reach a running service: one JSON line each way, on a loopback port, with a token.

It is no HTTP on purpose: what a browser can be made to send is not understood here.
"""

import errno
import hmac
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from quantum_exit.app.status_json import status_as_json
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError, QuantumExitError
from quantum_exit.execution.service import Service

_MAX_BYTES = 64 << 10
_DEADLINE_S = 10.0
_HOST = "127.0.0.1"


@asynccontextmanager
async def control_server(service: Service, file: Path, port: int) -> AsyncIterator[int]:
    """Answers commands inside the context; gives the port.

    Args:
        service: What is commanded.
        file: Where port and token are written, for its owner only; removed at the end.
        port: Port on 127.0.0.1; 0 = a free one.

    Raises:
        InvalidInputError: The port is taken.
        OSError: The file cannot be written.
    """
    token = secrets.token_hex(32)

    async def answer(stream: SocketStream) -> None:
        async with stream:
            with anyio.move_on_after(_DEADLINE_S):
                try:
                    line = await BufferedByteReceiveStream(stream).receive_until(b"\n", _MAX_BYTES)
                    reply = await _answer(service, token, line)
                    await stream.send(json.dumps(reply).encode() + b"\n")
                except (anyio.IncompleteRead, anyio.DelimiterNotFound, anyio.BrokenResourceError):
                    return

    try:
        listener = await anyio.create_tcp_listener(local_host=_HOST, local_port=port)
    except OSError as error:
        allowed = f"cannot listen: {os.strerror(error.errno or errno.EADDRINUSE)}"
        raise InvalidInputError("control.port", port, allowed) from error
    chosen: int = listener.extra(anyio.abc.SocketAttribute.local_port)
    _write(file, {"port": chosen, "token": token, "pid": os.getpid()})
    try:
        async with listener, anyio.create_task_group() as group:
            group.start_soon(listener.serve, answer)
            yield chosen
            group.cancel_scope.cancel()
    finally:
        _remove(file)


async def _answer(service: Service, token: str, line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        given = request["token"]
        command = request["command"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "expected a JSON object with token and command"}
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        return {"error": "the token is wrong"}
    try:
        return await _carry_out(service, command, request)
    except QuantumExitError as error:
        return {"error": str(error)}


async def _carry_out(service: Service, command: str, request: dict[str, Any]) -> dict[str, Any]:
    symbol = request.get("symbol")
    if command == "status":
        return status_as_json(service.status(), service.plans())
    if command == "close_all":
        answer = await service.close_all()
    elif command == "close" and isinstance(symbol, str):
        side = request.get("side")
        if side is not None and side not in tuple(Side):
            raise InvalidInputError("side", side, "expected LONG or SHORT")
        answer = await service.close(symbol, None if side is None else Side(side))
    else:
        raise InvalidInputError("command", command, "expected status, close or close_all")
    return {"command": command, "accepted": answer.accepted, "why": answer.why}


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)


def _write(file: Path, body: dict[str, Any]) -> None:
    _remove(file)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(body, out)
