"""What the service was told about the steps of quantities."""

from decimal import Decimal

from quantum_exit.domain.instruments import built_in_instrument
from tests.simulation.seen import Asked

_PATH = "/fapi/v1/exchangeInfo"
_OK = 200


class ToldGrid:
    """Steps in lots of the listing; 1 until the venue tells a coarser one.

    Where a step is coarser than a position, the rest is dust: no order can express it.
    """

    def __init__(self) -> None:
        self._steps: dict[str, int] = {}

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
            self._steps[name] = int(step / Decimal(built_in_instrument(name).lot_step))

    def whole(self, symbol: str, lots: int) -> int:
        """`lots` without what no order can express, toward zero; both in lots of the listing."""
        step = self._steps.get(symbol, 1)
        return lots // step * step if lots >= 0 else -(-lots // step * step)
