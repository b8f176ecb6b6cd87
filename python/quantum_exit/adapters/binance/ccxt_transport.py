"""Requests over HTTP: ccxt signs, one aiohttp session carries.

ccxt's own `fetch` is left out on purpose: it follows redirects, logs signed addresses and the key's
header at debug level, reads bodies of any size and turns a venue's answer into exceptions by host
name.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Final

import anyio

from quantum_exit.adapters.binance.endpoints import endpoint_of
from quantum_exit.adapters.binance.hosts import Hosts
from quantum_exit.adapters.binance.transport import Answer, TransportLost, why_lost
from quantum_exit.errors import InvalidInputError, MissingExtraError
from quantum_exit.execution.ports import Clock

try:
    import aiohttp
    import ccxt
    from yarl import URL
except ImportError as error:
    raise MissingExtraError("live", error.name or "ccxt") from error

if TYPE_CHECKING:
    from typing import Self

_HIDDEN: Final = "(hidden)"
_PEM: Final = "PRIVATE KEY"
_TOKEN: Final = re.compile(r"[!-~]+")
_MAX_BODY_BYTES: Final = 16 << 20
_CHUNK_BYTES: Final = 64 << 10
# Sections of ccxt's address book, by the first two parts of a path.
_SECTIONS: Final = MappingProxyType(
    {
        ("fapi", "v1"): "fapiPrivate",
        ("fapi", "v2"): "fapiPrivateV2",
        ("fapi", "v3"): "fapiPrivateV3",
        ("sapi", "v1"): "sapi",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of the venue; neither part shows in a `repr`.

    Attributes:
        key: Public part, sent as a header.
        secret: HMAC secret, or an Ed25519 private key in PEM form (PKCS 8).

    Raises:
        InvalidInputError: A part is empty or holds what none has, such as a line end that was
            copied along; the error does not show it.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.key) is None:
            raise InvalidInputError("key", _HIDDEN, "expected letters and digits, no spaces")
        if _PEM not in self.secret and _TOKEN.fullmatch(self.secret) is None:
            allowed = "expected letters and digits, no spaces, or a private key in PEM form"
            raise InvalidInputError("secret", _HIDDEN, allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """How long a request may take, and how long it is good for.

    Attributes:
        timeout_ms: Whole time until the answer's last byte, 1 or more.
        recv_window_ms: How long after its time stamp the venue may still take it, 1 to 3000.

    Raises:
        InvalidInputError: A number is out of range.
    """

    timeout_ms: int = 2_000
    recv_window_ms: int = 3_000

    def __post_init__(self) -> None:
        if self.timeout_ms < 1:
            raise InvalidInputError("timeout_ms", self.timeout_ms, "expected 1 or more")
        if not 1 <= self.recv_window_ms <= 3_000:  # noqa: PLR2004 - the bound of the docstring
            raise InvalidInputError("recv_window_ms", self.recv_window_ms, "expected 1 to 3000")


class CcxtTransport:
    """Carries requests over HTTP(S); a context manager that owns its connections.

    Args:
        hosts: Where the venue lives; nothing else is ever asked, redirects are not followed.
        api_key: The key.
        clock: Stamps signed requests.
        limits: Time limits.

    Raises:
        InvalidInputError: The secret cannot sign.
        MissingExtraError: On import: ccxt or aiohttp is not installed.
    """

    def __init__(
        self, hosts: Hosts, api_key: ApiKey, clock: Clock, limits: HttpLimits | None = None
    ) -> None:
        self._limits = HttpLimits() if limits is None else limits
        self._hosts = hosts
        self._signer = _signer(hosts, api_key, clock, self._limits)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        seconds = self._limits.timeout_ms / 1000
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=ssl.create_default_context()),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=seconds, sock_read=seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
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

    async def request(
        self, method: str, path: str, params: Mapping[str, str], *, signed: bool
    ) -> Answer:
        """Sends one request; see `Transport.request`.

        Raises:
            InvalidInputError: The endpoint is not among those that the adapter may call.
            TransportLost: No whole answer came.
        """
        endpoint_of(method, path)
        if self._session is None:
            raise TransportLost("the transport is closed")
        call = self._prepare(method, path, params, signed=signed)
        try:
            # Not aiohttp's own limit: after a blocked loop it throws away what has come meanwhile.
            with anyio.fail_after(self._limits.timeout_ms / 1000):
                return await _answer(self._session, call)
        except TimeoutError as error:
            raise TransportLost(f"timeout after {self._limits.timeout_ms} ms") from error
        except (aiohttp.ClientError, OSError) as error:
            # The text of these errors may hold the signed address.
            raise TransportLost(why_lost(error)) from None

    def _prepare(
        self, method: str, path: str, params: Mapping[str, str], *, signed: bool
    ) -> dict[str, Any]:
        family, version, rest = path.lstrip("/").split("/", 2)
        if family == "sapi" and self._hosts.wallet is None:
            raise TransportLost("this venue has no wallet service")
        section = _SECTIONS[family, version] if signed else "fapiPublic"
        call: dict[str, Any] = self._signer.sign(rest, [section], method, dict(params))
        return call


async def _answer(session: aiohttp.ClientSession, call: dict[str, Any]) -> Answer:
    async with session.request(
        call["method"],
        URL(call["url"], encoded=True),
        data=call["body"],
        headers=call["headers"],
        allow_redirects=False,
    ) as response:
        body = await _bounded_body(response)
        headers = {name.lower(): text for name, text in response.headers.items()}
        return Answer(status=response.status, headers=headers, body=body)


async def _bounded_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            response.close()
            raise TransportLost(f"body above {_MAX_BODY_BYTES} bytes")
    return bytes(body)


def _signer(hosts: Hosts, api_key: ApiKey, clock: Clock, limits: HttpLimits) -> Any:
    signer = ccxt.binanceusdm(
        {
            "apiKey": api_key.key,
            "secret": api_key.secret.strip(),
            "enableRateLimit": False,
            "options": {"recvWindow": limits.recv_window_ms},
        }
    )
    signer.nonce = clock.now_ms
    signer.urls["api"] = {
        "fapiPublic": f"{hosts.rest}/fapi/v1",
        "fapiPrivate": f"{hosts.rest}/fapi/v1",
        "fapiPrivateV2": f"{hosts.rest}/fapi/v2",
        "fapiPrivateV3": f"{hosts.rest}/fapi/v3",
        "sapi": f"{hosts.wallet}/sapi/v1",
    }
    _try_out(signer)
    return signer


def _try_out(signer: Any) -> None:
    """A key that cannot sign shows at once, and not with the first stop."""
    try:
        signer.sign("order", ["fapiPrivate"], "GET", {})
    except (ValueError, TypeError, ArithmeticError, ccxt.BaseError) as error:
        # The cause could show the secret.
        allowed = f"expected an HMAC secret or an Ed25519 key in PEM form ({type(error).__name__})"
        raise InvalidInputError("secret", _HIDDEN, allowed) from None
