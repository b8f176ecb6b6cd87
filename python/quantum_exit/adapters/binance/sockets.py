"""The seam between the streams and whatever carries their frames."""

from typing import Protocol

from quantum_exit.errors import QuantumExitError


class ConnectionLost(QuantumExitError):  # noqa: N818 - it tells a fact about a peer, not a defect
    """A connection could not be opened, or has ended.

    Attributes:
        why: What happened; never an address.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Connection(Protocol):
    """One open connection."""

    async def receive(self) -> bytes:
        """The next frame.

        Raises:
            ConnectionLost: There is none any more.
        """

    async def ping(self) -> None:
        """Returns once the peer has answered; needs a `receive` that runs at the same time.

        Raises:
            ConnectionLost: The connection has ended.
        """

    async def close(self) -> None:
        """Ends it; raises nothing."""


class Connector(Protocol):
    """Opens connections to the venue's streams."""

    async def connect(self, path: str) -> Connection:
        """Opens a connection to a path with query, such as `/market/stream?streams=...`.

        Raises:
            ConnectionLost: It could not be opened.
        """
