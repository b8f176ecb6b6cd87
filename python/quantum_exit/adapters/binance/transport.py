"""The seam between the adapter and whatever carries a request to the venue and its answer back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from quantum_exit.errors import QuantumExitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, as it came: nothing is interpreted yet.

    Attributes:
        status: HTTP status.
        headers: Headers, names in lower case.
        body: Body as received.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportLost(QuantumExitError):  # noqa: N818 - it tells a fact about the reply, not a defect
    """No answer came: the request may or may not have been carried out.

    Attributes:
        why: What happened, such as `timeout after 2000 ms`; never an address or a signature.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def why_lost(error: Exception) -> str:
    """What happened, without the text of the error: that may hold a signed address."""
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number is not None and number > 0 else type(error).__name__


class Transport(Protocol):
    """Carries one request to the venue."""

    async def request(
        self, method: str, path: str, params: Mapping[str, str], *, signed: bool
    ) -> Answer:
        """Sends one request and returns whatever the venue answered, errors included.

        Args:
            method: `GET`, `POST`, `PUT` or `DELETE`.
            path: Path without query, such as `/fapi/v1/order`.
            params: Parameters in the order in which they are sent.
            signed: Whether the key belongs to it and, where the endpoint asks for it, a time stamp
                and a signature; the transport adds them, the time stamp where `params` has none.

        Raises:
            TransportLost: No answer came. Nothing else is raised but cancellation.
        """
