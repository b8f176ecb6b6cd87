"""API keys, signatures and the time window in which a signed request is good.

Source: Binance USD-M, "SIGNED endpoint security": the signature covers the query string followed
by the body, exactly as sent and without `signature` itself.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from quantum_exit.adapters.paper.errors import VenueRefusal, malformed, refusal
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.errors import InvalidInputError, MissingExtraError

DEFAULT_RECV_WINDOW_MS = 5_000
_MAX_RECV_WINDOW_MS = 60_000
_MAX_AHEAD_MS = 1_000
_ED25519_KEY_BYTES = 32

_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
_INTEGER = re.compile(r"[0-9]{1,19}")
_SIGNATURE = re.compile(r"(^|&)signature=([^&]*)")


class Security(Enum):
    """What an endpoint asks of a request."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One API key.

    Attributes:
        key: What the client sends in `X-MBX-APIKEY`.
        secret: Shared secret of HMAC SHA256 signatures; `None` for an Ed25519 key.
        public_key: 32 bytes of an Ed25519 public key; `None` for an HMAC key.
        account: Number of the account that it acts for.
        can_trade: May place and cancel orders.
        can_withdraw: Shown by the permission page; nothing here withdraws.

    Raises:
        InvalidInputError: A field has a value that is not allowed.
    """

    key: str
    secret: str | None = None
    public_key: bytes | None = None
    account: int = 0
    can_trade: bool = True
    can_withdraw: bool = False

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.key) is None:
            raise InvalidInputError("key", self.key, "expected 8 to 128 letters, digits, _ or -")
        if (self.secret is None) == (self.public_key is None):
            raise InvalidInputError("secret", "given or absent twice", "expected a secret or a key")
        if self.public_key is not None and len(self.public_key) != _ED25519_KEY_BYTES:
            allowed = f"expected {_ED25519_KEY_BYTES} bytes"
            raise InvalidInputError("public_key", f"{len(self.public_key)} bytes", allowed)

    def accepts(self, payload: str, signature: str) -> bool:
        """`True` where `signature` is this key's for `payload`.

        Raises:
            MissingExtraError: It is an Ed25519 key and cryptography is not installed.
        """
        if self.secret is not None:
            expected = hmac_signature(self.secret, payload)
            return hmac.compare_digest(expected.encode(), signature.lower().encode())
        return self.public_key is not None and _ed25519(self.public_key, payload, signature)


class Authenticator:
    """Says for which account a request acts.

    Args:
        keys: The API keys, each named once.

    Raises:
        InvalidInputError: Two keys have one name.
    """

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys: dict[str, ApiKey] = {}
        for key in keys:
            if key.key in self._keys:
                raise InvalidInputError("key", key.key, "expected every key once")
            self._keys[key.key] = key

    def key(self, name: str | None) -> ApiKey:
        """The key of that name.

        Raises:
            VenueRefusal: -2014 where it is no key at all, -2015 where nobody has it.
        """
        if name is None or _KEY.fullmatch(name) is None:
            raise refusal(-2014)
        found = self._keys.get(name)
        if found is None:
            raise refusal(-2015)
        return found

    def revoke(self, name: str) -> None:
        """Forgets a key; its requests are refused with -2015 from now on."""
        self._keys.pop(name, None)

    def check(
        self, request: Request, params: Mapping[str, str], security: Security
    ) -> ApiKey | None:
        """The key that sent `request`, or `None` where the endpoint needs none.

        Args:
            request: As it arrived; its arrival is compared with `timestamp`.
            params: Its parameters, decoded.
            security: What the endpoint asks.

        Raises:
            VenueRefusal: The key, the signature or the time stamp is not good.
        """
        if security is Security.NONE:
            return None
        key = self.key(request.headers.get("x-mbx-apikey"))
        if security is Security.SIGNED:
            check_window(params, request.received_ms)
            signature = params.get("signature")
            if not signature:
                raise malformed("signature")
            payload = _unsigned(request.query) + _unsigned(request.body)
            # A plus sign of base64 that was not percent-encoded reads as a blank.
            if not key.accepts(payload, signature.replace(" ", "+")):
                raise refusal(-1022)
        return key

    def check_message(self, params: Mapping[str, str], now_ms: int) -> ApiKey:
        """The key that signed the parameters of a WebSocket API message.

        They are signed in the order of their names.

        Raises:
            VenueRefusal: The key, the signature or the time stamp is not good.
        """
        key = self.key(params.get("apiKey"))
        check_window(params, now_ms)
        signature = params.get("signature")
        if not signature:
            raise malformed("signature")
        payload = "&".join(f"{k}={params[k]}" for k in sorted(params) if k != "signature")
        if not key.accepts(payload, signature):
            raise refusal(-1022)
        return key


def hmac_signature(secret: str, payload: str) -> str:
    """HMAC SHA256 of `payload` in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def check_window(params: Mapping[str, str], now_ms: int) -> None:
    """Checks `timestamp` and `recvWindow` of a signed request.

    Args:
        params: Its parameters.
        now_ms: Exchange time, ms since the UNIX epoch.

    Raises:
        VenueRefusal: -1102, -1131, or -1021 where it is too old or too far ahead.
    """
    sent_ms = _integer(params.get("timestamp"), "timestamp")
    given = params.get("recvWindow")
    window_ms = DEFAULT_RECV_WINDOW_MS if given is None else _integer(given, "recvWindow")
    if window_ms > _MAX_RECV_WINDOW_MS:
        raise refusal(-1131)
    if sent_ms > now_ms + _MAX_AHEAD_MS:
        raise VenueRefusal(
            -1021, "Timestamp for this request was 1000ms ahead of the server's time."
        )
    if now_ms - sent_ms > window_ms:
        raise refusal(-1021)


def _integer(text: str | None, name: str) -> int:
    if text is None or _INTEGER.fullmatch(text) is None:
        raise malformed(name)
    return int(text)


def _unsigned(text: str) -> str:
    return _SIGNATURE.sub("", text).removeprefix("&") if "signature=" in text else text


def _ed25519(public_key: bytes, payload: str, signature: str) -> bool:
    try:
        from cryptography.exceptions import (  # noqa: PLC0415 - an optional dependency
            InvalidSignature,
        )
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )
    except ImportError as error:
        raise MissingExtraError("live", "cryptography") from error
    try:
        given = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(given, payload.encode())
    except (binascii.Error, InvalidSignature):
        return False
    return True
