"""A simulated exchange with faults, and a client that speaks its protocol in process."""

from typing import Any
from urllib.parse import urlencode

from quantum_exit.adapters.paper.auth import ApiKey, hmac_signature
from quantum_exit.adapters.paper.faults.exchange import faulty_exchange
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.paper.streams.channels import Connection
from quantum_exit.adapters.paper.wire import Delivery, Reply, Request

START_MS = 1_700_000_000_000
KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"
ALGO, ORDER = "/fapi/v1/algoOrder", "/fapi/v1/order"
PRICE_TICKS = 600_000
"""60 000 USDT."""


class PaperWorld:
    """One exchange at a price of 60 000, and one client of it."""

    def __init__(self, spec: FaultSpec, rules: VenueRules | None = None) -> None:
        self.exchange, self.plan = faulty_exchange(
            spec, now_ms=START_MS, rules=rules, keys=[ApiKey(key=KEY, secret=SECRET)]
        )
        self.venue = self.exchange.desk.venue
        self._lines: list[Connection] = []
        self._heard: list[tuple[int, Any]] = []
        self.closed = 0
        self.move(PRICE_TICKS)

    @property
    def hits(self) -> dict[str, int]:
        return dict(self.plan.hits)

    def move(self, ticks: int, symbol: str = "BTCUSDT") -> None:
        now_ms = self.exchange.now_ms
        self.exchange.feed(Print(ts_ms=now_ms, symbol=symbol, ticks=ticks, lots=1_000_000))
        self.exchange.feed(Mark(ts_ms=now_ms, symbol=symbol, mark_e8=ticks * 10**7))

    def send(self, method: str, path: str, **params: object) -> Delivery:
        """Sends a signed request; its reply may still be on the way."""
        now_ms = self.exchange.now_ms
        query = urlencode({**params, "timestamp": now_ms})
        signed = f"{query}&signature={hmac_signature(SECRET, query)}"
        return self.exchange.request(
            Request(
                method=method,
                path=path,
                query=signed,
                headers={"x-mbx-apikey": KEY},
                received_ms=now_ms,
            )
        )

    def call(self, method: str, path: str, **params: object) -> Reply:
        """Sends a signed request and waits for its reply, which must come."""
        delivery = self.send(method, path, **params)
        assert delivery.reply_at_ms is not None
        assert not delivery.drop_connection
        self.advance_to(delivery.reply_at_ms)
        assert delivery.reply is not None
        return delivery.reply

    def buy(self, lots: int = 100) -> None:
        """Opens a long position as the user, whom no fault hits."""
        self.venue.place(0, "BTCUSDT", "BUY", "MARKET", lots)
        self.exchange.settle()

    def stop(self, price: str = "59000.0", client_id: str = "x1F-stop") -> Reply:
        """Places a stop that closes the position."""
        return self.call("POST", ALGO, **stop_params(price, client_id))

    def limit(self, price: str = "61000.0", client_id: str = "x1L-limit") -> Reply:
        """Rests a limit order that only reduces."""
        return self.call("POST", ORDER, **limit_params(price, client_id))

    def listen_if_let(self) -> None:
        """Opens the user-data stream where the faults allow it."""
        self.send("POST", "/fapi/v1/listenKey")
        key = self.exchange.desk.listen_keys.of_account(0)
        if key is not None:
            self.exchange.open("/private/ws", f"listenKey={key}")

    def listen(self) -> Connection:
        """Opens the user-data stream."""
        reply = self.call("POST", "/fapi/v1/listenKey")
        assert isinstance(reply.body, dict)
        line = self.exchange.open("/private/ws", f"listenKey={reply.body['listenKey']}")
        assert line is not None
        self._lines.append(line)
        return line

    def advance_to(self, at_ms: int) -> None:
        """Moves time forward step by step, and hears what arrives on the way."""
        while (due_ms := self.exchange.next_due_ms()) is not None and due_ms <= at_ms:
            self.exchange.advance(max(due_ms, self.exchange.now_ms))
            self._hear()
            if due_ms <= self.exchange.now_ms and self.exchange.next_due_ms() == due_ms:
                break
        self.exchange.advance(max(at_ms, self.exchange.now_ms))
        self._hear()

    def advance(self, ms: int) -> None:
        self.advance_to(self.exchange.now_ms + ms)

    def heard(self, event: str | None = None) -> list[tuple[int, Any]]:
        """The messages so far with their time of arrival, ms since the start."""
        self._hear()
        return [
            (at_ms - START_MS, message)
            for at_ms, message in self._heard
            if event in (None, message.get("e"))
        ]

    def _hear(self) -> None:
        for frame in self.exchange.frames():
            if frame.body is None:
                self.closed += 1
            else:
                self._heard.append((self.exchange.now_ms, frame.body))


def stop_params(price: str, client_id: str) -> dict[str, object]:
    return {
        "algoType": "CONDITIONAL",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "triggerPrice": price,
        "closePosition": "true",
        "clientAlgoId": client_id,
    }


def limit_params(price: str, client_id: str) -> dict[str, object]:
    return {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.050",
        "price": price,
        "reduceOnly": "true",
        "newClientOrderId": client_id,
    }
