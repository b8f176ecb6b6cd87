"""What an endpoint is: who may call it, what it costs, and who answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from quantum_exit.adapters.paper.auth import Security
from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.params import Params

Handler: TypeAlias = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Weight:
    """Weight of a request.

    Attributes:
        base: With a symbol, or where none is asked for.
        without_symbol: Without a symbol; `None` is `base`.
        by_limit: Rising `(limit, weight)`: the weight up to that limit.
        default_limit: Limit of a request that names none.
    """

    base: int = 1
    without_symbol: int | None = None
    by_limit: tuple[tuple[int, int], ...] = ()
    default_limit: int = 500

    def of(self, params: Params) -> int:
        """Weight of a request with `params`."""
        if self.by_limit:
            return self._of_limit(params.raw("limit"))
        if self.without_symbol is not None and not params.has("symbol"):
            return self.without_symbol
        return self.base

    def _of_limit(self, text: str | None) -> int:
        limit = int(text) if text is not None and text.isdecimal() else self.default_limit
        for most, weight in self.by_limit:
            if limit <= most:
                return weight
        return self.by_limit[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint.

    Attributes:
        method: HTTP method.
        path: Path, such as `/fapi/v1/order`.
        handler: Answers a call with a JSON value, or raises `VenueReject`.
        security: What it asks of a request.
        weight: What it costs of the address's weight.
        orders_10s: What it costs of the account's orders in 10 s.
        orders_1m: What it costs of the account's orders a minute.
        trades: Needs a key that may trade.
    """

    method: str
    path: str
    handler: Handler
    security: Security = Security.SIGNED
    weight: Weight = Weight()
    orders_10s: int = 0
    orders_1m: int = 0
    trades: bool = False
