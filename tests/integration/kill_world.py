"""What the SIGKILL harness sees and does on the exchange: it judges by the exchange alone."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.integration.live_process import Exchange

SYMBOL = "BTCUSDT"
_LOT = Decimal("0.001")
_STEP_FRAC = 0.0004


@dataclass(frozen=True)
class Account:
    """The account as the exchange holds it.

    Attributes:
        amount: Signed quantity of the position, 0 where it is flat.
        stops: Triggers that would reduce it, by client id: quantity, None = all of it.
        orders: Client ids of everything that rests.
        adding: Client ids of resting orders that could open a position.
    """

    amount: Decimal
    stops: dict[str, Decimal | None]
    orders: frozenset[str]
    adding: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether stops at rest would close all of it."""
        if None in self.stops.values():
            return True
        lots = sum((one for one in self.stops.values() if one is not None), Decimal(0))
        return lots >= abs(self.amount)

    @property
    def settled(self) -> bool:
        """Whether it is as a quiet service leaves it: one floor and one fitting stop, or nothing."""
        if not self.amount:
            return not self.orders
        floors = [one for one in self.stops.values() if one is None]
        working = [one for one in self.stops.values() if one is not None]
        return len(floors) == 1 and working == [abs(self.amount)]


class World:
    """The exchange, its price, and a trader who knows nothing of the service.

    Args:
        exchange: The exchange over HTTP.
        seed: What the trader and the price do.
    """

    def __init__(self, exchange: Exchange, seed: int) -> None:
        self._exchange = exchange
        self._random = random.Random(seed)
        self._price = 100_000.0
        self.actions: list[str] = []
        self.move()

    def move(self) -> None:
        """The price takes a step; now and then it comes back to where it began."""
        pull = (100_000.0 / self._price - 1) / 500
        self._price *= 1 + self._random.gauss(pull, _STEP_FRAC)
        body = {"symbol": SYMBOL, "price": f"{self._price:.1f}", "qty": "1000"}
        self._exchange.ask("/sim/price", body)

    def look(self) -> Account:
        """The account now."""
        state = self._exchange.ask("/sim/state")["accounts"][0]
        amount = sum((Decimal(row["positionAmt"]) for row in state["positions"]), Decimal(0))
        closing = "SELL" if amount > 0 else "BUY"
        algos, orders = state["algoOrders"], state["orders"]
        stops = {
            row["clientAlgoId"]: None if row["closePosition"] else Decimal(row["quantity"])
            for row in algos
            if row["orderType"] == "STOP_MARKET" and row["side"] == closing and _reduces(row)
        }
        adding = [row["clientAlgoId"] for row in algos if not _reduces(row)]
        adding += [row["clientOrderId"] for row in orders if not _reduces(row)]
        ids = {row["clientAlgoId"] for row in algos} | {row["clientOrderId"] for row in orders}
        return Account(amount=amount, stops=stops, orders=frozenset(ids), adding=tuple(adding))

    def trade_ids(self) -> set[int]:
        """Every trade of the account."""
        found: set[int] = set()
        start = 0
        while True:
            rows = self._exchange.as_user(
                "GET", "/fapi/v1/userTrades", symbol=SYMBOL, fromId=str(start), limit="1000"
            )
            found |= {row["id"] for row in rows}
            if len(rows) < 1000:
                return found
            start = rows[-1]["id"] + 1

    def act(self) -> None:
        """The trader does something by hand: opens, adds, cuts, closes, or cancels the stops."""
        account = self.look()
        choice: Callable[[Account], str] = self._open
        if account.amount:
            choice = self._random.choices(
                (self._add, self._cut, self._close, self._cancel_stops), (4, 3, 2, 1)
            )[0]
        self.actions.append(choice(account))

    def close(self) -> None:
        """The trader closes everything."""
        account = self.look()
        if account.amount:
            self.actions.append(self._close(account))

    def _open(self, account: Account) -> str:
        side = self._random.choice(("BUY", "SELL"))
        return self._order(side, self._lots(10, 60))

    def _add(self, account: Account) -> str:
        return self._order("BUY" if account.amount > 0 else "SELL", self._lots(2, 20))

    def _cut(self, account: Account) -> str:
        half = (abs(account.amount) / 2 // _LOT) * _LOT
        return self._reduce(account, max(half, _LOT))

    def _close(self, account: Account) -> str:
        return self._reduce(account, abs(account.amount))

    def _cancel_stops(self, account: Account) -> str:
        self._exchange.as_user("DELETE", "/fapi/v1/algoOpenOrders", symbol=SYMBOL)
        return "cancelled all stops"

    def _reduce(self, account: Account, quantity: Decimal) -> str:
        side = "SELL" if account.amount > 0 else "BUY"
        return self._order(side, quantity, reduceOnly="true")

    def _lots(self, low: int, high: int) -> Decimal:
        return self._random.randint(low, high) * _LOT

    def _order(self, side: str, quantity: Decimal, **more: str) -> str:
        order = {"symbol": SYMBOL, "side": side, "type": "MARKET", "quantity": str(quantity)}
        # A stop may have been faster than the trader.
        answer = self._exchange.try_as_user("POST", "/fapi/v1/order", **order, **more)
        done = "" if answer["status"] == 200 else f" refused {answer['body']}"
        return f"{side} {quantity} {more}{done}"


def _reduces(row: dict[str, Any]) -> bool:
    return bool(row["reduceOnly"] or row["closePosition"])


@dataclass
class Watcher:
    """Looks at the account again and again, and notes what must never be.

    Attributes:
        world: What is looked at.
        broken: What should not have been, in words.
    """

    world: World
    broken: list[str] = field(default_factory=list)
    _before: Account | None = None

    def hand(self) -> None:
        """The trader has acted: what was may change."""
        self._before = None

    def look(self) -> Account:
        """Looks, and compares with the look before."""
        now = self.world.look()
        if len(now.stops) > 3:
            self.broken.append(f"{len(now.stops)} stops on one side: {sorted(now.stops)}")
        if now.adding:
            self.broken.append(f"orders that could open a position: {now.adding}")
        before = self._before
        if before is not None and before.amount:
            self._compare(before, now)
        self._before = now
        return now

    def _compare(self, before: Account, now: Account) -> None:
        if abs(now.amount) > abs(before.amount) or now.amount * before.amount < 0:
            self.broken.append(f"the position went from {before.amount} to {now.amount} by itself")
        if before.covered and not now.covered and now.amount == before.amount:
            self.broken.append(f"{now.amount} lost its cover: {before.stops} -> {now.stops}")
