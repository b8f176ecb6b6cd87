"""P5 and P10: no trade is lost or invented, and the ladder adds up."""

from typing import Any

from quantum_exit._core import VenueFill
from tests.simulation.promises.base import Promise, Sight
from tests.simulation.seen import Moment, Place, is_ours

_SETTLE_MS = 2_500
_AUDIT_MS = 14_000


class LadderFits(Promise):
    """P10: rungs add up to the position, and open targets never exceed it for long."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._over: dict[Place, int] = {}
        self._plans = 0

    def changed(self, before: Moment, after: Moment) -> None:
        targets: dict[Place, int] = {}
        for order in after.orders:
            if is_ours(order.client_id) and order.client_id[2] == "L":
                place: Place = (order.symbol, order.position_side)
                targets[place] = targets.get(place, 0) + order.lots - order.filled_lots
        for where, lots in targets.items():
            if lots > abs(after.held.get(where, 0)):
                self._over.setdefault(where, self.sight.now_ms)
            else:
                self._over.pop(where, None)
                self.check("P10", True, "")
        for where in [one for one in self._over if one not in targets]:
            del self._over[where]

    def passed(self, now_ms: int) -> None:
        for place, since_ms in list(self._over.items()):
            bound_ms = _AUDIT_MS if self.sight.deaf_since(since_ms) else _SETTLE_MS
            if self.sight.restarted_since(since_ms):
                bound_ms += _SETTLE_MS
            if self.sight.now_ms - since_ms > bound_ms:
                self.check("P10", False, f"{place}: targets for more than is open")
                del self._over[place]

    def ended(self, now_ms: int) -> None:
        self.sight.journal.read()
        for plans in self.sight.journal.plans.values():
            for plan in plans:
                total = sum(leg["lots"] for leg in plan["legs"])
                text = f"rungs of {plan['key']} are {total} of {plan['lots']} lots"
                self.check("P10", total <= plan["lots"], text)


def compare_trades(sight: Sight, fills: list[VenueFill], *, at_rest: bool) -> None:
    """P5: the trades of the journal are those of the exchange; at rest none of ours is missing."""
    sight.journal.read()
    true = {(fill.symbol, fill.trade_id): fill for fill in fills}
    now_ms = sight.moment.now_ms
    for name, told in sight.journal.trades.items():
        fill = true.get(name)
        is_one = sight.grid.is_that_of_listing
        kept = fill is not None and _same(fill, told, on_one_grid=is_one)
        sight.findings.check("P5", kept, now_ms, f"the journal has a trade {name} that is not so")
    if not at_rest:
        return
    for name, fill in true.items():
        if is_ours(fill.client_id):
            kept = name in sight.journal.trades
            text = f"trade {name} of {fill.client_id} is not in the journal"
            sight.findings.check("P5", kept, now_ms, text)


def _same(fill: VenueFill, told: dict[str, Any], *, on_one_grid: bool) -> bool:
    if fill.side != told["side"] or round(float(told["fee"]) * 1e8) != fill.fee_e8:
        return False
    # Where the grid changes, lots and ticks of the journal are those of another grid.
    size = (told["lots"], told["price_ticks"], told["dust"])
    return not on_one_grid or size == (fill.lots, fill.price_ticks, "0")
