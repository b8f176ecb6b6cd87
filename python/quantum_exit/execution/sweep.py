"""Many plans over the same ticks, one trade each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import ExitPlan, TickIndex
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution import tables
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.summary import Trades, summarise

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepResult:
    """One trade a plan.

    Attributes:
        trades: TRADE_DTYPE, row i for plan i; `position_id` is i.
        ticks: Ticks in the index.
        refused_ticks: Ticks that were refused.
    """

    trades: Trades
    ticks: int
    refused_ticks: int

    def __len__(self) -> int:
        return int(self.trades.size)

    def summary(self) -> dict[str, Any]:
        """The figures of `summarise` over all plans."""
        return summarise(self.trades)

    def to_polars(self) -> "polars.DataFrame":
        """The trades as a polars frame, side and exit reason by name.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return tables.to_polars(self.trades)

    def to_pandas(self) -> "pandas.DataFrame":
        """The trades as a pandas frame, side and exit reason by name.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return tables.to_pandas(self.trades)


def sweep_index(
    index: TickIndex,
    plans: Sequence[Entry | ExitPlan],
    *,
    limit_fill: str = "through",
    slippage_ticks: int = 0,
    taker_fee_frac: float = 0.0004,
    maker_fee_frac: float = 0.0002,
    threads: int = 1,
) -> SweepResult:
    """Runs each plan alone from its entry; bare plans from the first tick.

    Args:
        index: The ticks of the symbol, indexed once for any number of sweeps.
        plans: Plans of that symbol, or entries with a plan made beforehand. Ids are not taken over.
        limit_fill: When a SOFT leg counts as filled: "through" or "touch".
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        threads: Threads that share the plans, 1 or more. The trades do not depend on it.

    Raises:
        InvalidInputError: A plan is for another instrument or for an entry at the market, or a
            number is out of range.
    """
    bare = [one for one in plans if isinstance(one, ExitPlan)]
    if bare and len(bare) < len(plans):
        raise InvalidInputError("plans", "a mixture", "expected either plans or entries, all alike")
    entries = [_known(place, one) for place, one in enumerate(plans) if isinstance(one, Entry)]
    trades = index.sweep(
        bare or [plan for _, plan in entries],
        [entry_ns for entry_ns, _ in entries] if entries else None,
        limit_fill=limit_fill,
        slippage_ticks=slippage_ticks,
        taker_fee_frac=taker_fee_frac,
        maker_fee_frac=maker_fee_frac,
        threads=threads,
    )
    return SweepResult(trades=trades, ticks=len(index), refused_ticks=index.refused)


def whole(stretches: Sequence[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All ticks of `stretches` in two arrays; not copied where there is one stretch."""
    if len(stretches) == 1:
        return stretches[0].ts_ns, stretches[0].price
    if not stretches:
        return np.empty(0, np.int64), np.empty(0)
    ts_ns = np.concatenate([stretch.ts_ns for stretch in stretches])
    return ts_ns, np.concatenate([stretch.price for stretch in stretches])


def _known(place: int, entry: Entry) -> tuple[int, ExitPlan]:
    if isinstance(entry.plan, ExitPlan):
        return entry.entry_ns, entry.plan
    allowed = "a plan with its prices; the price of the entry is known before a sweep"
    raise InvalidInputError(f"plans[{place}].plan", "an entry at the market", allowed)
