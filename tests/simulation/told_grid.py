"""What the service was told about the steps of quantities."""

from decimal import Decimal

from quantum_exit.domain.instruments import built_in_instrument
from tests.simulation.seen import Asked

_PATH = "/fapi/v1/exchangeInfo"
_OK = 200


class ToldGrid:
    """Steps in lots of the listing; 1 until the venue tells a coarser one.

    Where a step is coarser than a position, the rest is dust: no order can express it.

    Attributes:
        is_that_of_listing: Whether no other grid has been told so far; ticks and lots of the
            journal may be those of another one since.
    """

    def __init__(self) -> None:
        self._steps: dict[str, int] = {}
        self._coarsest_ticks: dict[str, int] = {}
        self.is_that_of_listing = True

    def replied(self, asked: Asked) -> None:
        """Takes a reply in that reaches the service."""
        if asked.path != _PATH or asked.status != _OK or asked.answered_ms is None:
            return
        if not isinstance(asked.body, dict):
            return
        for entry in asked.body.get("symbols", ()):
            name = entry["symbol"]
            filters = {one["filterType"]: one for one in entry["filters"]}
            step = Decimal(filters["LOT_SIZE"]["stepSize"])
            listing = built_in_instrument(name)
            self._steps[name] = int(step / Decimal(listing.lot_step))
            tick = Decimal(filters["PRICE_FILTER"]["tickSize"])
            ticks = int(tick / Decimal(listing.tick_size))
            self._coarsest_ticks[name] = max(ticks, self._coarsest_ticks.get(name, 1))
            self.is_that_of_listing &= ticks == self._steps[name] == 1

    def slack_ticks(self, symbol: str) -> int:
        """Ticks of the listing by which rounding to a tick that was told may move a price."""
        coarsest = self._coarsest_ticks.get(symbol, 1)
        return coarsest if coarsest > 1 else 0

    def whole(self, symbol: str, lots: int) -> int:
        """`lots` without what no order can express, toward zero; both in lots of the listing."""
        step = self._steps.get(symbol, 1)
        return lots // step * step if lots >= 0 else -(-lots // step * step)
