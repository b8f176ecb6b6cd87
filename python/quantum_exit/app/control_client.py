"""Sends a command to the service that runs on this machine."""

import json
import socket
from pathlib import Path
from typing import Any

from quantum_exit.errors import InvalidInputError

_HOST = "127.0.0.1"
_MAX_BYTES = 64 << 10
_DEADLINE_S = 10.0


def ask(file: Path, command: str, **values: Any) -> dict[str, Any]:
    """Sends a command to the service that wrote `file`, and gives its reply.

    Raises:
        InvalidInputError: No service answers there, or it refuses the command.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        request = json.dumps({"token": found["token"], "command": command, **values}).encode()
        with socket.create_connection((_HOST, found["port"]), _DEADLINE_S) as connection:
            connection.sendall(request + b"\n")
            reply = b"".join(iter(lambda: connection.recv(_MAX_BYTES), b""))
        body: dict[str, Any] = json.loads(reply)
    except (OSError, ValueError, KeyError) as error:
        allowed = f"expected the control file of a running service: {_why(error)}"
        raise InvalidInputError("--control", str(file), allowed) from error
    if "error" in body:
        raise InvalidInputError(command, values, str(body["error"]))
    return body


def _why(error: OSError | ValueError | KeyError) -> str:
    if isinstance(error, ConnectionError):
        return "nobody listens at its port, the service has ended"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it holds no port and token"
