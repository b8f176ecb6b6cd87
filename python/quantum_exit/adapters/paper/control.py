"""What a person may look at and do beside the protocol: state, prices, time, and acting as a user."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from urllib.parse import urlencode

from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.pacing import ExchangeClock
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.shapes import accounts, algo, orders
from quantum_exit.adapters.paper.symbols import Symbol, cash_text
from quantum_exit.adapters.paper.wire import JsonObject, Reply
from quantum_exit.errors import InvalidInputError

_E8 = Decimal(10**8)


class FaultControl(Protocol):
    """Takes faults while the exchange runs."""

    def inject(self, document: Mapping[str, Any]) -> JsonObject:
        """Plans the fault that `document` describes and says what was planned.

        Raises:
            InvalidInputError: Names what is not allowed.
        """


class Control:
    """The `/sim` endpoints of an exchange.

    Args:
        exchange: The exchange.
        clock: Its time.
        faults: Takes faults; `None` refuses them.
    """

    def __init__(
        self, exchange: PaperExchange, clock: ExchangeClock, faults: FaultControl | None = None
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._faults = faults

    def actions(self) -> Mapping[str, Callable[[Mapping[str, Any]], JsonObject]]:
        """What may be posted, by the last part of its path."""
        return {
            "price": self.move_price,
            "advance": self.advance,
            "funding": self.charge_funding,
            "liquidate": self.liquidate,
            "disconnect": self.disconnect,
            "user/order": self.act,
            "fault": self.inject,
        }

    def state(self) -> JsonObject:
        """Everything that the exchange holds."""
        desk = self._exchange.desk
        return {
            "time": self._exchange.now_ms,
            "ledgerHash": desk.venue.ledger_hash(),
            "symbols": [self._symbol(symbol) for symbol in desk.info.symbols],
            "accounts": [self._account(account) for account in desk.fees_ppm],
        }

    def move_price(self, body: Mapping[str, Any]) -> JsonObject:
        """Prints a trade, and sets the mark price where `mark` is given."""
        symbol = self._known(body)
        if "price" in body:
            ticks = symbol.ticks(_number(body, "price"))
            lots = symbol.lots(_number(body, "qty")) if "qty" in body else 1
            if ticks < 1 or lots < 1:
                raise InvalidInputError("price", body["price"], "expected above 0")
            now_ms = self._exchange.now_ms
            self._exchange.feed(Print(ts_ms=now_ms, symbol=symbol.name, ticks=ticks, lots=lots))
        if "mark" in body:
            mark_e8 = int(_number(body, "mark") * _E8)
            now_ms = self._exchange.now_ms
            self._exchange.feed(Mark(ts_ms=now_ms, symbol=symbol.name, mark_e8=mark_e8))
        return self._symbol(symbol)

    def advance(self, body: Mapping[str, Any]) -> JsonObject:
        """Moves the exchange's time forward by `ms`."""
        ms = body.get("ms")
        if isinstance(ms, bool) or not isinstance(ms, int):
            raise InvalidInputError("ms", ms, "expected a whole number")
        self._clock.skip(ms)
        self._exchange.advance(max(self._exchange.now_ms, self._clock.now_ms()))
        return {"time": self._exchange.now_ms}

    def charge_funding(self, body: Mapping[str, Any]) -> JsonObject:
        """Charges funding at `rate`."""
        symbol = self._known(body)
        self._exchange.charge_funding(symbol.name, int(_number(body, "rate") * _E8))
        return self._symbol(symbol)

    def liquidate(self, body: Mapping[str, Any]) -> JsonObject:
        """Liquidates a position, whatever its margin."""
        symbol = self._known(body)
        side = body.get("positionSide", "BOTH")
        if side not in ("BOTH", "LONG", "SHORT"):
            raise InvalidInputError("positionSide", side, "expected BOTH, LONG or SHORT")
        order = self._exchange.desk.venue.liquidate(self._account_of(body), symbol.name, side)
        self._exchange.settle()
        return {"order": None if order is None else orders.queried(order, symbol)}

    def disconnect(self, body: Mapping[str, Any]) -> JsonObject:
        """Closes all WebSockets."""
        del body
        self._exchange.channels.drop(self._exchange.now_ms)
        return {}

    def act(self, body: Mapping[str, Any]) -> JsonObject:
        """Does what a user does by hand: any signed request, without a signature.

        `method` and `path` name the endpoint (`POST /fapi/v1/order` where they are absent), `params`
        its parameters, `account` who acts.
        """
        params = body.get("params", {})
        if not isinstance(params, Mapping):
            raise InvalidInputError("params", params, "expected an object")
        reply: Reply = self._exchange.act(
            self._account_of(body),
            str(body.get("method", "POST")),
            str(body.get("path", "/fapi/v1/order")),
            urlencode({name: _text(value) for name, value in params.items()}),
        )
        return {"status": reply.status, "body": reply.body}

    def inject(self, body: Mapping[str, Any]) -> JsonObject:
        """Plans a fault."""
        if self._faults is None:
            raise InvalidInputError("fault", "none", "expected an exchange that was given faults")
        return self._faults.inject(body)

    def _known(self, body: Mapping[str, Any]) -> Symbol:
        return self._exchange.desk.info.symbols.get(str(body.get("symbol")))

    def _account_of(self, body: Mapping[str, Any]) -> int:
        account = body.get("account", 0)
        known = self._exchange.desk.fees_ppm
        if isinstance(account, bool) or not isinstance(account, int) or account not in known:
            raise InvalidInputError("account", account, f"expected 0 to {len(known) - 1}")
        return account

    def _symbol(self, symbol: Symbol) -> JsonObject:
        prices = self._exchange.desk.venue.prices(symbol.name)
        return {
            "symbol": symbol.name,
            "lastPrice": symbol.price.text(prices.last_ticks),
            "markPrice": cash_text(prices.mark_e8),
            "trades": prices.last_trade_id,
        }

    def _account(self, account: int) -> JsonObject:
        desk = self._exchange.desk
        venue, symbols = desk.venue, desk.info.symbols
        return {
            "account": account,
            "balance": accounts.balance_entry(venue.balance(account), desk.asset),
            "hedgeMode": venue.hedge_mode(account),
            "positions": [
                accounts.risk_v2(held, symbols.get(held.symbol))
                for held in venue.holdings(account)
                if held.lots
            ],
            "orders": [
                orders.queried(order, symbols.get(order.symbol))
                for order in venue.open_orders(account)
            ],
            "algoOrders": [
                algo.opened(found, symbols.get(found.symbol)) for found in venue.open_algos(account)
            ],
        }


def _number(body: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(body.get(name)))
    except InvalidOperation as error:
        raise InvalidInputError(name, body.get(name), "expected a number") from error
    if not value.is_finite():
        raise InvalidInputError(name, value, "expected a finite number")
    return value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
