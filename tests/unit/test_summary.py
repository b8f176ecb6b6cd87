import numpy as np
import pytest

from quantum_exit._core import REASONS, TRADE_DTYPE
from quantum_exit.execution.summary import NEVER_NS, summarise

STOP, TRAIL = REASONS.index("STOP"), REASONS.index("TRAIL")


def trades(*rows: dict[str, float]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Trades that opened at 0 and closed at their row, with two legs planned."""
    table = np.zeros(len(rows), TRADE_DTYPE)
    table["position_id"] = np.arange(len(rows))
    table["closed_ns"] = np.arange(len(rows)) + 1
    table["legs_planned"] = 0b11
    table["exit_reason"] = STOP
    for row, values in zip(table, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return table


def test_figures_computed_by_hand() -> None:
    table = trades(
        {"realised_r": 2.0, "realised_net_r": 1.9, "legs_filled": 0b11, "exit_reason": TRAIL},
        {"realised_r": -1.0, "realised_net_r": -1.1, "fees": 3.0, "pnl": -10.0},
        {"realised_r": -1.0, "realised_net_r": -1.1},
        {"realised_r": 0.5, "realised_net_r": 0.4, "legs_filled": 0b01},
        {"closed_ns": NEVER_NS, "realised_r": np.nan, "realised_net_r": np.nan, "fees": 1.0},
        {"opened_ns": NEVER_NS, "closed_ns": NEVER_NS, "realised_r": np.nan},
    )

    summary = summarise(table)

    assert (summary["opened"], summary["closed"], summary["open"]) == (5, 4, 1)
    assert summary["win_rate"] == 0.5
    assert (summary["mean_r"], summary["median_r"], summary["total_r"]) == (0.125, -0.25, 0.5)
    assert summary["total_net_r"] == pytest.approx(0.1)
    assert summary["profit_factor"] == 1.25
    assert summary["max_drawdown_r"] == 2.0
    assert summary["mean_holding_ns"] == 2.5
    assert summary["exit_reasons"] == {"STOP": 3, "TRAIL": 1}
    assert summary["legs"] == [
        {"leg": 0, "planned": 4, "filled": 2, "hit_rate": 0.5},
        {"leg": 1, "planned": 4, "filled": 1, "hit_rate": 0.25},
    ]
    assert (summary["fees"], summary["pnl"]) == (4.0, -10.0)


def test_what_is_not_defined_is_none() -> None:
    summary = summarise(trades())

    for name in ("win_rate", "mean_r", "median_r", "total_r", "profit_factor", "max_drawdown_r"):
        assert summary[name] is None
    assert summary["legs"] == []


def test_without_a_loss_there_is_no_profit_factor() -> None:
    assert summarise(trades({"realised_r": 1.0}))["profit_factor"] is None
