"""What a replay gives: events, trades, stop path and the figures made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import STOP_DTYPE
from quantum_exit.execution import tables
from quantum_exit.execution.summary import Trades, summarise

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplayResult:
    """The tables of a replay.

    Attributes:
        events: EVENT_DTYPE, ordered by (ts_ns, tick, position_id, order of the semantics). At equal
            times the ticks of one symbol come before those of the next, in the order given.
        trades: TRADE_DTYPE, one row a position that saw a tick, by position id.
        stop_path: STOP_DTYPE, by position id and time; empty unless it was recorded.
        unopened: Ids of the positions for which no tick came, ascending.
        ticks: Ticks replayed, of all sources.
        refused_ticks: Ticks that were refused.
        non_market_ticks: Prints that were dropped because they were no market trade, None where
            the ticks did not come from files or tables.
        symbols: Symbol of each position.
    """

    events: NDArray[np.void]
    trades: Trades
    stop_path: NDArray[np.void] = field(default_factory=lambda: np.empty(0, STOP_DTYPE))
    unopened: tuple[int, ...] = ()
    ticks: int
    refused_ticks: int
    non_market_ticks: int | None
    symbols: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def summary(self) -> dict[str, Any]:
        """The figures of `summarise`, after `positions`, `never_opened` and the counts of ticks."""
        return {
            "positions": int(self.trades.size) + len(self.unopened),
            "never_opened": len(self.unopened),
            **summarise(self.trades),
            "ticks": self.ticks,
            "refused_ticks": self.refused_ticks,
            "non_market_ticks": self.non_market_ticks,
        }

    def to_dict(self) -> dict[str, Any]:
        """Summary, trades and events as plain values, ready for JSON."""
        return {
            "summary": self.summary(),
            "trades": tables.records(self.trades),
            "events": tables.records(self.events),
        }

    def to_polars(self) -> "polars.DataFrame":
        """The events as a polars frame, kinds and reasons by name.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return tables.to_polars(self.events)

    def to_pandas(self) -> "pandas.DataFrame":
        """The events as a pandas frame, kinds and reasons by name.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return tables.to_pandas(self.events)

    def trades_to_polars(self) -> "polars.DataFrame":
        """The trades as a polars frame, side and exit reason by name.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return tables.to_polars(self.trades)

    def trades_to_pandas(self) -> "pandas.DataFrame":
        """The trades as a pandas frame, side and exit reason by name.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return tables.to_pandas(self.trades)
