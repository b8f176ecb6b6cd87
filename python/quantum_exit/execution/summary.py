"""The figures of a set of trades. What cannot be known is None."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import REASONS

Trades: TypeAlias = NDArray[np.void]

NEVER_NS = np.iinfo(np.int64).min
"""Time of something that did not happen, in the columns `opened_ns` and `closed_ns`."""
_MOST_LEGS = 16


def closed_trades(trades: Trades) -> Trades:
    """The trades of which nothing is open, in the order of their ends."""
    closed = trades[trades["closed_ns"] != NEVER_NS]
    order = np.lexsort((closed["position_id"], closed["closed_ns"]))
    in_order: Trades = closed[order]
    return in_order


def summarise(trades: Trades) -> dict[str, Any]:
    """Figures of `trades`, a TRADE_DTYPE array; those in R and of legs are of closed trades only.

    Keys: `opened`, `closed`, `open`; `win_rate` (share with R above 0 before fees); `mean_r`,
    `median_r`, `total_r` before fees, `mean_net_r`, `total_net_r` after; `profit_factor` (gains by
    losses, before fees; None without losses); `max_drawdown_r`, `max_net_drawdown_r` (deepest fall
    of the sum of R below its highest value so far, 0 or more); `mean_holding_ns`; `exit_reasons`
    (reason: count); `legs` (one entry a leg: `leg`, `planned`, `filled`, `hit_rate`); `pnl` and
    `fees` of all trades, quote currency.
    """
    opened = int((trades["opened_ns"] != NEVER_NS).sum())
    closed = closed_trades(trades)
    r, net_r = closed["realised_r"], closed["realised_net_r"]
    return {
        "opened": opened,
        "closed": int(closed.size),
        "open": opened - int(closed.size),
        "win_rate": _mean(r > 0),
        "mean_r": _mean(r),
        "median_r": float(np.median(r)) if r.size else None,
        "total_r": _sum(r),
        "mean_net_r": _mean(net_r),
        "total_net_r": _sum(net_r),
        "profit_factor": profit_factor(r),
        "max_drawdown_r": max_drawdown(r),
        "max_net_drawdown_r": max_drawdown(net_r),
        "mean_holding_ns": _mean(closed["closed_ns"] - closed["opened_ns"]),
        "exit_reasons": reason_counts(closed),
        "legs": leg_hits(closed),
        "pnl": float(trades["pnl"].sum()),
        "fees": float(trades["fees"].sum()),
    }


def profit_factor(r: NDArray[np.float64]) -> float | None:
    """Sum of the gains by the sum of the losses; None where there is no loss."""
    losses = -float(r[r < 0].sum())
    return float(r[r > 0].sum()) / losses if losses > 0 else None


def max_drawdown(r: NDArray[np.float64]) -> float | None:
    """Deepest fall of the running sum of `r` below its highest value so far, starting at 0."""
    if r.size == 0:
        return None
    equity = np.concatenate(([0.0], np.cumsum(r)))
    return float((np.maximum.accumulate(equity) - equity).max())


def reason_counts(closed: Trades) -> dict[str, int]:
    """How often each reason ended a trade, the most frequent first."""
    codes, counts = np.unique(closed["exit_reason"], return_counts=True)
    by_count = sorted(
        zip(counts.tolist(), codes.tolist(), strict=True), key=lambda c: (-c[0], c[1])
    )
    return {REASONS[code]: count for count, code in by_count}


def leg_hits(closed: Trades) -> list[dict[str, Any]]:
    """For each leg that a trade planned: how many did, and how many of them filled it."""
    hits: list[dict[str, Any]] = []
    for leg in range(_MOST_LEGS):
        planned = (closed["legs_planned"] >> leg & 1).astype(bool)
        if planned.any():
            filled = int((closed["legs_filled"][planned] >> leg & 1).sum())
            count = int(planned.sum())
            hit = {"leg": leg, "planned": count, "filled": filled, "hit_rate": filled / count}
            hits.append(hit)
    return hits


def _mean(values: NDArray[Any]) -> float | None:
    return float(values.mean()) if values.size else None


def _sum(values: NDArray[np.float64]) -> float | None:
    return float(values.sum()) if values.size else None
