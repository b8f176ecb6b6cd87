import base64
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quantum_exit.adapters.paper.auth import ApiKey, Authenticator, Security, hmac_signature
from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.wire import Request
from quantum_exit.errors import InvalidInputError

NOW_MS = 1_700_000_000_000

# The example of Binance's documentation, "SIGNED endpoint examples for POST /fapi/v1/order".
DOC_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
DOC_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
DOC_QUERY = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
DOC_SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


def request(
    query: str = "", body: str = "", key: str | None = DOC_KEY, at_ms: int = NOW_MS
) -> Request:
    headers = {} if key is None else {"x-mbx-apikey": key}
    return Request(
        method="POST",
        path="/fapi/v1/order",
        query=query,
        body=body,
        headers=headers,
        received_ms=at_ms,
    )


def check(sent: Request, security: Security = Security.SIGNED, **fields: object) -> ApiKey | None:
    authenticator = Authenticator([ApiKey(key=DOC_KEY, secret=DOC_SECRET)])
    return authenticator.check(sent, sent.params(), security)


def refused(sent: Request, security: Security = Security.SIGNED) -> VenueRefusal:
    with pytest.raises(VenueRefusal) as caught:
        check(sent, security)
    return caught.value


def signed(query: str) -> str:
    return f"{query}&signature={hmac_signature(DOC_SECRET, query)}"


def test_hmac_signature_is_that_of_the_documentation() -> None:
    assert hmac_signature(DOC_SECRET, DOC_QUERY) == DOC_SIGNATURE


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (f"{DOC_QUERY}&signature={DOC_SIGNATURE}", ""),
        ("", f"{DOC_QUERY}&signature={DOC_SIGNATURE}"),
        (f"signature={DOC_SIGNATURE}&{DOC_QUERY}", ""),
    ],
    ids=["query", "body", "signature first"],
)
def test_a_signed_request_is_accepted_wherever_its_parameters_stand(query: str, body: str) -> None:
    found = check(request(query, body, at_ms=1591702613943))

    assert found is not None
    assert found.key == DOC_KEY


def test_a_signature_covers_query_and_body_together() -> None:
    query, body = "symbol=BTCUSDT&side=BUY", f"quantity=1&timestamp={NOW_MS}"
    signature = hmac_signature(DOC_SECRET, query + body)

    assert check(request(query, f"{body}&signature={signature}")) is not None
    assert refused(request(query + "&x=1", f"{body}&signature={signature}")).code == -1022


def test_an_ed25519_signature_is_accepted_and_a_changed_one_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    authenticator = Authenticator([ApiKey(key="ed25519-key", public_key=public)])
    query = f"symbol=BTCUSDT&timestamp={NOW_MS}"
    signature = quote(base64.b64encode(private.sign(query.encode())).decode(), safe="")

    good = request(f"{query}&signature={signature}", key="ed25519-key")
    bad = request(f"x=1&{query}&signature={signature}", key="ed25519-key")

    assert authenticator.check(good, good.params(), Security.SIGNED) is not None
    with pytest.raises(VenueRefusal, match="-1022"):
        authenticator.check(bad, bad.params(), Security.SIGNED)


@pytest.mark.parametrize(
    ("key", "code", "status"),
    [(None, -2014, 401), ("a b", -2014, 401), ("unknown-key", -2015, 401)],
)
def test_a_key_that_is_none_or_nobodys_is_refused(key: str | None, code: int, status: int) -> None:
    error = refused(request(key=key), Security.KEY)

    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("symbol=BTCUSDT", -1102, "Mandatory parameter 'timestamp' was not sent"),
        ("timestamp=soon", -1102, "Mandatory parameter 'timestamp'"),
        (f"timestamp={NOW_MS}", -1102, "Mandatory parameter 'signature'"),
        (f"timestamp={NOW_MS}&signature=00", -1022, "Signature for this request is not valid."),
        (f"timestamp={NOW_MS - 5_001}", -1021, "outside of the recvWindow"),
        (f"timestamp={NOW_MS + 1_001}", -1021, "1000ms ahead"),
        (f"timestamp={NOW_MS}&recvWindow=60001", -1131, "recvWindow must be less than 60000."),
        (f"timestamp={NOW_MS}&recvWindow=-1", -1102, "recvWindow"),
    ],
)
def test_a_signed_request_that_is_not_good_is_refused(query: str, code: int, message: str) -> None:
    error = refused(request(query))

    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize("age_ms", [-1_000, 0, 5_000])
def test_a_request_within_the_window_is_accepted(age_ms: int) -> None:
    assert check(request(signed(f"timestamp={NOW_MS - age_ms}"))) is not None


def test_a_revoked_key_is_nobodys() -> None:
    authenticator = Authenticator([ApiKey(key=DOC_KEY, secret=DOC_SECRET)])
    authenticator.revoke(DOC_KEY)

    with pytest.raises(VenueRefusal, match="-2015"):
        authenticator.key(DOC_KEY)


def test_parameters_of_a_message_are_signed_in_the_order_of_their_names() -> None:
    params = {"symbol": "BTCUSDT", "apiKey": DOC_KEY, "timestamp": str(NOW_MS)}
    payload = f"apiKey={DOC_KEY}&symbol=BTCUSDT&timestamp={NOW_MS}"
    authenticator = Authenticator([ApiKey(key=DOC_KEY, secret=DOC_SECRET)])

    good = {**params, "signature": hmac_signature(DOC_SECRET, payload)}

    assert authenticator.check_message(good, NOW_MS).account == 0
    with pytest.raises(VenueRefusal, match="-1022"):
        authenticator.check_message({**good, "symbol": "ETHUSDT"}, NOW_MS)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"key": "short", "secret": "s"}, "key"),
        ({"key": "long-enough"}, "secret"),
        ({"key": "long-enough", "public_key": b"1"}, "public_key"),
    ],
)
def test_a_key_that_cannot_work_is_refused_by_name(fields: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ApiKey(**fields)  # type: ignore[arg-type]

    assert caught.value.field == named
