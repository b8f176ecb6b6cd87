"""An exchange in process with one account, and a client that signs."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from quantum_exit.adapters.paper.auth import ApiKey, hmac_signature
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.hooks import NoFaults, RequestFaults
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.streams.channels import Connection
from quantum_exit.adapters.paper.wire import Request

START_MS = 1_700_000_040_000
KEY, SECRET = "test-key-0", "test-secret-0"
E8 = 10**8


class World:
    """One exchange, its time and a client.

    Args:
        hedge: Open the account in hedge mode.
        limits: Weights and order counts.
        faults: Asked for every request.
    """

    def __init__(
        self,
        *,
        hedge: bool = False,
        limits: LimitRules | None = None,
        faults: RequestFaults | None = None,
    ) -> None:
        self.exchange = PaperExchange(
            now_ms=START_MS,
            info=built_in_info(["BTCUSDT", "ETHUSDT", "SOLUSDT"]),
            keys=[ApiKey(key=KEY, secret=SECRET)],
            accounts=[AccountSetup(wallet=Decimal(100_000), hedge_mode=hedge)],
            limits=limits or LimitRules(),
            request_faults=faults or NoFaults(),
        )
        self.trade("60000")

    @property
    def now_ms(self) -> int:
        return self.exchange.now_ms

    def advance(self, ms: int) -> None:
        self.exchange.advance(self.now_ms + ms)

    def trade(self, price: str, qty: str = "10", symbol: str = "BTCUSDT") -> None:
        found = self.exchange.desk.info.symbols.get(symbol)
        ticks, lots = found.ticks(Decimal(price)), found.lots(Decimal(qty))
        self.exchange.feed(Print(ts_ms=self.now_ms, symbol=symbol, ticks=ticks, lots=lots))

    def mark(self, price: str, symbol: str = "BTCUSDT") -> None:
        mark_e8 = int(Decimal(price) * E8)
        self.exchange.feed(Mark(ts_ms=self.now_ms, symbol=symbol, mark_e8=mark_e8))

    def call(
        self, method: str, path: str, params: Mapping[str, object] | None = None, /, **more: Any
    ) -> Any:
        """The body of a signed request that must succeed."""
        status, body = self.ask(method, path, {**(params or {}), **more})
        assert status == 200, body
        return body

    def refusal(self, method: str, path: str, **params: object) -> int:
        """The code of a signed request that must be refused."""
        status, body = self.ask(method, path, params)
        assert status != 200, body
        code: int = body["code"]
        return code

    def ask(self, method: str, path: str, params: Mapping[str, object]) -> tuple[int, Any]:
        query = urlencode({**params, "timestamp": self.now_ms})
        return self.send(method, path, f"{query}&signature={hmac_signature(SECRET, query)}")

    def send(self, method: str, path: str, query: str, key: str | None = KEY) -> tuple[int, Any]:
        delivery = self.exchange.request(
            Request(
                method=method,
                path=path,
                query=query,
                headers={} if key is None else {"x-mbx-apikey": key},
                received_ms=self.now_ms,
            )
        )
        assert delivery.reply is not None
        body = delivery.reply.body
        # As the client sees it: what JSON cannot carry would show here.
        return delivery.reply.status, json.loads(json.dumps(body)) if body else body

    def user_stream(self) -> Connection:
        listen_key = self.call("POST", "/fapi/v1/listenKey")["listenKey"]
        return self.stream(f"/ws/{listen_key}")

    def stream(self, path: str) -> Connection:
        connection = self.exchange.open(path)
        assert connection is not None
        return connection

    def heard(self, connection: Connection | None = None) -> list[Any]:
        """Messages that arrived since the last look."""
        return [
            json.loads(json.dumps(frame.body))
            for frame in list(self.exchange.frames())
            if connection in (None, frame.connection)
        ]

    def market(self, side: str, qty: str, **more: Any) -> Any:
        return self.call(
            "POST",
            "/fapi/v1/order",
            symbol="BTCUSDT",
            side=side,
            type="MARKET",
            quantity=qty,
            newOrderRespType="RESULT",
            **more,
        )

    def limit(self, side: str, qty: str, price: str, **more: Any) -> Any:
        return self.call(
            "POST",
            "/fapi/v1/order",
            {"timeInForce": "GTC", **more},
            symbol="BTCUSDT",
            side=side,
            type="LIMIT",
            quantity=qty,
            price=price,
        )

    def stop(self, side: str, trigger: str, **more: Any) -> Any:
        given = {"closePosition": "true", **more}
        if "quantity" in more:
            del given["closePosition"]
        return self.call(
            "POST",
            "/fapi/v1/algoOrder",
            {"type": "STOP_MARKET", **given},
            algoType="CONDITIONAL",
            symbol="BTCUSDT",
            side=side,
            triggerPrice=trigger,
        )
