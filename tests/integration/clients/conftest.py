import gc
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.integration.clients.local_venue import LocalVenue

_LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets no client reach anything but this machine."""

    def guarded(connect: Callable[..., object]) -> Callable[..., object]:
        def checked(sock: socket.socket, address: object) -> object:
            host = address[0] if isinstance(address, tuple) else None
            if host is not None and host not in _LOOPBACK:
                pytest.fail(f"a client wants to connect to {address}")
            return connect(sock, address)

        return checked

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(autouse=True)
def no_connection_is_left() -> Iterator[None]:
    """Lets a connection that a client forgot fail the test that opened it, and no later one."""
    # What was there before is not looked at again: the clients' packages are large.
    gc.freeze()
    yield
    gc.collect()
    gc.unfreeze()


@pytest.fixture
def venue() -> Iterator[LocalVenue]:
    """The exchange with prices."""
    with LocalVenue() as served:
        served.price("60000")
        served.price("3000", "ETHUSDT")
        yield served
