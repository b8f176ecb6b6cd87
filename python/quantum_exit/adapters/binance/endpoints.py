"""The endpoints that the adapter may call, and what a call costs; nothing else can be called.

Weights and order counts: Binance USD-M REST documentation. There is no endpoint here that moves
funds, and none that cancels by a timer: a dead-man switch that cancels every open order of a symbol
would take the protection away when we die.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from quantum_exit.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a call takes from the rate limits.

    Attributes:
        weight: Weight a minute and address.
        orders: Orders in 10 s and a minute, per account.
    """

    weight: int
    orders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call of the REST interface.

    Attributes:
        method: HTTP method.
        path: Path.
        cost: What it costs.
        cost_without_symbol: What it costs for all symbols at once, where that differs.
        signed: Whether it carries the key.
    """

    method: str
    path: str
    cost: Cost
    cost_without_symbol: Cost | None = None
    signed: bool = True

    def cost_of(self, params: Mapping[str, str]) -> Cost:
        """What a call with these parameters costs."""
        if self.cost_without_symbol is not None and "symbol" not in params:
            return self.cost_without_symbol
        return self.cost


_ORDER = Cost(weight=0, orders=1)
_READ = Cost(weight=1)
_ALL_SYMBOLS = Cost(weight=40)

SERVER_TIME = Endpoint(method="GET", path="/fapi/v1/time", cost=_READ, signed=False)
EXCHANGE_INFO = Endpoint(method="GET", path="/fapi/v1/exchangeInfo", cost=_READ, signed=False)
PLACE_ORDER = Endpoint(method="POST", path="/fapi/v1/order", cost=_ORDER)
CANCEL_ORDER = Endpoint(method="DELETE", path="/fapi/v1/order", cost=_READ)
READ_ORDER = Endpoint(method="GET", path="/fapi/v1/order", cost=_READ)
OPEN_ORDERS = Endpoint(
    method="GET", path="/fapi/v1/openOrders", cost=_READ, cost_without_symbol=_ALL_SYMBOLS
)
PLACE_ALGO = Endpoint(method="POST", path="/fapi/v1/algoOrder", cost=_ORDER)
CANCEL_ALGO = Endpoint(method="DELETE", path="/fapi/v1/algoOrder", cost=_READ)
READ_ALGO = Endpoint(method="GET", path="/fapi/v1/algoOrder", cost=_READ)
OPEN_ALGOS = Endpoint(
    method="GET", path="/fapi/v1/openAlgoOrders", cost=_READ, cost_without_symbol=_ALL_SYMBOLS
)
POSITIONS = Endpoint(method="GET", path="/fapi/v3/positionRisk", cost=Cost(weight=5))
USER_TRADES = Endpoint(method="GET", path="/fapi/v1/userTrades", cost=Cost(weight=5))
INCOME = Endpoint(method="GET", path="/fapi/v1/income", cost=Cost(weight=30))
POSITION_MODE = Endpoint(method="GET", path="/fapi/v1/positionSide/dual", cost=Cost(weight=30))
SYMBOL_CONFIG = Endpoint(method="GET", path="/fapi/v1/symbolConfig", cost=Cost(weight=5))
START_LISTENING = Endpoint(method="POST", path="/fapi/v1/listenKey", cost=_READ)
KEEP_LISTENING = Endpoint(method="PUT", path="/fapi/v1/listenKey", cost=_READ)
KEY_RIGHTS = Endpoint(method="GET", path="/sapi/v1/account/apiRestrictions", cost=_READ)

ENDPOINTS: tuple[Endpoint, ...] = (
    SERVER_TIME,
    EXCHANGE_INFO,
    PLACE_ORDER,
    CANCEL_ORDER,
    READ_ORDER,
    OPEN_ORDERS,
    PLACE_ALGO,
    CANCEL_ALGO,
    READ_ALGO,
    OPEN_ALGOS,
    POSITIONS,
    USER_TRADES,
    INCOME,
    POSITION_MODE,
    SYMBOL_CONFIG,
    START_LISTENING,
    KEEP_LISTENING,
    KEY_RIGHTS,
)


def endpoint_of(method: str, path: str) -> Endpoint:
    """The endpoint with this method and path.

    Raises:
        InvalidInputError: The adapter does not use it, and so must not call it.
    """
    for endpoint in ENDPOINTS:
        if endpoint.method == method and endpoint.path == path:
            return endpoint
    allowed = "expected one of " + ", ".join(f"{each.method} {each.path}" for each in ENDPOINTS)
    raise InvalidInputError("endpoint", f"{method} {path}", allowed)
