"""Sessions of the WebSocket API."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quantum_exit.adapters.paper.auth import ApiKey, hmac_signature
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.streams.channels import Connection
from tests.integration.paper.world import KEY, SECRET, START_MS

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ED_KEY = "ed25519-key"


@pytest.fixture
def exchange() -> PaperExchange:
    public = PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return PaperExchange(
        now_ms=START_MS,
        keys=[ApiKey(key=KEY, secret=SECRET), ApiKey(key=ED_KEY, public_key=public)],
    )


@pytest.fixture
def connection(exchange: PaperExchange) -> Connection:
    opened = exchange.open("/ws-fapi/v1")
    assert opened is not None
    return opened


def say(exchange: PaperExchange, connection: Connection, message: object) -> Any:
    text = message if isinstance(message, str) else json.dumps(message)
    exchange.receive(connection, text)
    [frame] = exchange.frames()
    return frame.body


def logon(exchange: PaperExchange, connection: Connection) -> Any:
    payload = f"apiKey={ED_KEY}&timestamp={START_MS}"
    signature = base64.b64encode(PRIVATE.sign(payload.encode())).decode()
    params = {"apiKey": ED_KEY, "timestamp": START_MS, "signature": signature}
    return say(exchange, connection, {"id": 1, "method": "session.logon", "params": params})


def test_who_logged_on_need_not_sign(exchange: PaperExchange, connection: Connection) -> None:
    status = logon(exchange, connection)
    balance = say(
        exchange,
        connection,
        {"id": 2, "method": "v2/account.balance", "params": {"timestamp": START_MS}},
    )

    assert (status["status"], status["result"]["apiKey"]) == (200, ED_KEY)
    assert balance["result"][0]["asset"] == "USDT"


def test_who_logged_out_must_sign_again(exchange: PaperExchange, connection: Connection) -> None:
    logon(exchange, connection)
    status = say(exchange, connection, {"id": 2, "method": "session.logout"})
    balance = say(exchange, connection, {"id": 3, "method": "account.balance", "params": {}})

    assert status["result"]["apiKey"] is None
    assert balance["error"]["code"] == -1102


def test_a_logon_is_good_for_its_own_connection(
    exchange: PaperExchange, connection: Connection
) -> None:
    logon(exchange, connection)
    other = exchange.open("/ws-fapi/v1")
    assert other is not None

    balance = say(exchange, other, {"id": 1, "method": "account.balance", "params": {}})

    assert balance["error"]["code"] == -1102


def test_a_shared_secret_cannot_log_on(exchange: PaperExchange, connection: Connection) -> None:
    payload = f"apiKey={KEY}&timestamp={START_MS}"
    params = {
        "apiKey": KEY,
        "timestamp": START_MS,
        "signature": hmac_signature(SECRET, payload),
    }

    answer = say(exchange, connection, {"id": 1, "method": "session.logon", "params": params})

    assert answer["error"]["code"] == -4056


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nothing", -1102),
        ("[]", -1102),
        ({"id": 1}, -1102),
        ({"id": 1, "method": 5}, -1102),
        ({"id": [], "method": "ping"}, -1102),
        ({"id": 1, "method": "ping", "params": []}, -1102),
        ({"id": 1, "method": "order.place", "params": {}}, -1102),
        ({"id": 1, "method": "nothing"}, -1000),
        ("[" * 50_000, -1102),
    ],
)
def test_a_message_that_is_none_is_answered_with_an_error(
    exchange: PaperExchange, connection: Connection, message: object, code: int
) -> None:
    answer = say(exchange, connection, message)

    assert (answer["status"], answer["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("ping", {}),
        ("time", {}),
        ("depth", {"symbol": "BTCUSDT"}),
        ("ticker.price", {}),
        ("ticker.book", {"symbol": "BTCUSDT"}),
    ],
)
def test_market_data_needs_no_key(
    exchange: PaperExchange, connection: Connection, method: str, params: dict[str, str]
) -> None:
    answer = say(exchange, connection, {"id": "x", "method": method, "params": params})

    assert (answer["id"], answer["status"]) == ("x", 200)
    assert "result" in answer
