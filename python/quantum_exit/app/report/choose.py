"""The trades that a report draws one by one: the best, the worst and the most typical."""

from dataclasses import dataclass

import numpy as np

from quantum_exit.execution.summary import Trades, closed_trades

_OF_A_KIND = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """A trade to draw.

    Attributes:
        position_id: Which one.
        label: Why it was chosen.
    """

    position_id: int
    label: str


def choose(trades: Trades) -> list[Chosen]:
    """Up to four best, four typical (nearest to the median) and four worst trades by net R.

    Without a closed trade the first open ones.
    """
    closed = closed_trades(trades)
    if closed.size == 0:
        opened = trades["position_id"][: 3 * _OF_A_KIND].tolist()
        return [Chosen(position_id, "open at the end") for position_id in opened]
    net_r = closed["realised_net_r"]
    ids = closed["position_id"]
    by_r = np.argsort(net_r, kind="stable")
    typical = np.argsort(np.abs(net_r - np.median(net_r)), kind="stable")
    chosen: dict[int, str] = {}
    for label, order in (("best", by_r[::-1]), ("worst", by_r), ("typical", typical)):
        count = 0
        for place in order.tolist():
            position_id = int(ids[place])
            if count < _OF_A_KIND and position_id not in chosen:
                count += 1
                chosen[position_id] = f"{label} {count}"
    order_of = ("best", "typical", "worst")
    ranked = sorted(chosen.items(), key=lambda one: order_of.index(one[1].split()[0]))
    return [Chosen(position_id, label) for position_id, label in ranked]
