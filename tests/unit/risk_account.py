"""An account for the risk tests: positions, returns, and inputs in which nothing is wrong."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit.domain.position import Side
from quantum_exit.risk.correlation import ReturnTable
from quantum_exit.risk.inputs import INPUTS, Account, Holding, RiskInputs, VolatilityState

NOW_NS = 1_700_000_000_000_000_000
HOUR_NS = 3_600_000_000_000
SECOND_NS = 1_000_000_000


def holding(symbol: str = "BTCUSDT", notional: float = 1000.0, **more: Any) -> Holding:
    given: dict[str, Any] = {"symbol": symbol, "side": Side.LONG, "notional": notional}
    return Holding(**given | more)


def table(*columns: NDArray[np.float64], symbols: tuple[str, ...] | None = None) -> ReturnTable:
    names = symbols or ("BTCUSDT", "ETHUSDT", "SOLUSDT")[: len(columns)]
    count = len(columns[0])
    end_ns = NOW_NS - HOUR_NS * np.arange(count - 1, -1, -1, dtype=np.int64)
    return ReturnTable(
        symbols=names, values=np.column_stack(columns), end_ns=end_ns, interval_ns=HOUR_NS
    )


def walk(seed: int, count: int = 60, sigma: float = 0.01) -> NDArray[np.float64]:
    return sigma * np.random.default_rng(seed).standard_normal(count)


def calm_inputs(**change: Any) -> RiskInputs:
    given_: dict[str, Any] = {
        "account": Account(equity=10_000, peak_equity=10_000, margin_used_frac=0.1),
        "holdings": (
            holding("BTCUSDT", 1000, exchange="binance", loss_at_stop=20.0),
            holding("ETHUSDT", 1000, exchange="okx", loss_at_stop=20.0),
            holding("SOLUSDT", 1000, exchange="bybit", loss_at_stop=20.0),
        ),
        "returns": table(walk(1), walk(2), walk(3)),
        "volatility": VolatilityState(current=0.02, median_30d=0.02),
        "liquidity_score": 1.0,
        "correlation_history": (0.1,) * 20,
        "known_at_ns": dict.fromkeys(INPUTS, NOW_NS - SECOND_NS),
    }
    return RiskInputs(**given_ | change)
