"""Where the venue lives: production, test network, or a simulated exchange on this machine."""

import urllib.parse
from dataclasses import dataclass

from quantum_exit.errors import InvalidInputError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Base addresses without a path.

    Attributes:
        rest: Of `/fapi`.
        wallet: Of `/sapi`, where the rights of a key are told, or None where there is none.
        streams: Of the WebSocket paths `/private` and `/market`.
    """

    rest: str
    wallet: str | None
    streams: str


PRODUCTION = Hosts(
    rest="https://fapi.binance.com",
    wallet="https://api.binance.com",
    streams="wss://fstream.binance.com",
)
TESTNET = Hosts(
    rest="https://demo-fapi.binance.com", wallet=None, streams="wss://fstream.binancefuture.com"
)


def simulated(url: str) -> Hosts:
    """A simulated exchange on this machine, such as `http://127.0.0.1:8900`.

    Raises:
        InvalidInputError: It is no loopback address: keys never leave this machine in clear text.
    """
    if not _is_of_this_machine(url):
        allowed = "expected http://127.0.0.1:PORT of an exchange on this machine"
        raise InvalidInputError("venue", repr(url), allowed)
    netloc = urllib.parse.urlsplit(url).netloc
    base = f"http://{netloc}"
    return Hosts(rest=base, wallet=base, streams=f"ws://{netloc}")


def _is_of_this_machine(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        # A port out of range, or half an IPv6 address.
        return False
    is_http = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return is_http and has_port and not parts.path.strip("/")
