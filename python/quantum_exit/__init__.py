"""Exit engine for leveraged crypto positions.

Importing the package loads the extension module and nothing heavier. What needs an optional
dependency imports it when it is called and raises `MissingExtraError` where it is absent.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from quantum_exit._core import (
    Engine,
    ExitPlan,
    Instrument,
    Leg,
    Ratchet,
    TickIndex,
    TimeStop,
    Trailing,
    __version__,
)
from quantum_exit.errors import (
    InputFileError,
    InvalidInputError,
    MissingExtraError,
    NotProtectedError,
    OffGridError,
    PlanRefusedError,
    QuantumExitError,
    TickFileError,
)

if TYPE_CHECKING:
    from quantum_exit._api import open_paper, open_service, replay, replay_bars, sweep
    from quantum_exit.adapters.book_history import SqliteBookHistory
    from quantum_exit.adapters.definitions import (
        load_book,
        load_instrument,
        load_plan,
        load_profile,
        save_profile,
    )
    from quantum_exit.app.config import RunConfig
    from quantum_exit.domain.market import MarketContext
    from quantum_exit.domain.position import Position, Side
    from quantum_exit.domain.risk import RiskContext, RiskMode
    from quantum_exit.domain.rules import ExitRules
    from quantum_exit.execution.entries import Entry, MarketPlan
    from quantum_exit.execution.guardian.effects import Alarm, Booked, Closed
    from quantum_exit.execution.hub import Guarded, Trouble
    from quantum_exit.execution.planning_desk import Signal
    from quantum_exit.execution.result import ReplayResult
    from quantum_exit.execution.service import Protection, Service
    from quantum_exit.execution.sweep import SweepResult
    from quantum_exit.intelligence.bars import BarSeries, bars_from_bars, bars_from_ticks
    from quantum_exit.intelligence.regime import (
        RegimeReading,
        RegimeSeries,
        detect_regime,
        regime_series,
    )
    from quantum_exit.intelligence.regime_detector import RegimeDetector
    from quantum_exit.intelligence.regime_rules import RegimeConfig, RegimeFeatures
    from quantum_exit.intelligence.volatility_state import volatility_state
    from quantum_exit.planning.api import plan_exit
    from quantum_exit.planning.book import ProfileBook
    from quantum_exit.planning.book_holder import BookHolder, MemoryBookHistory, PublishedBook
    from quantum_exit.planning.config import PlanningConfig
    from quantum_exit.planning.context import Advice
    from quantum_exit.planning.dynamic_tpsl import DynamicTPSLCalculator
    from quantum_exit.planning.exit_brain import ExitBrain
    from quantum_exit.planning.exit_policy import ExitPolicyEngine
    from quantum_exit.planning.planned import PlannedExit, Planner
    from quantum_exit.planning.profiles import (
        MarketRegime,
        TPKind,
        TPProfile,
        TPProfileLeg,
        TrailingProfile,
    )
    from quantum_exit.planning.replace import TPReplacer
    from quantum_exit.risk.context import RiskConfig, RiskReport, assess_risk, build_risk_context
    from quantum_exit.risk.correlation import ReturnTable, aligned_returns, shrunk_correlations
    from quantum_exit.risk.exposure import exposure_of
    from quantum_exit.risk.inputs import Account, Holding, RiskInputs, VolatilityState
    from quantum_exit.risk.var import (
        delta_normal_es,
        delta_normal_var,
        historical_es,
        historical_var,
    )

__all__ = [
    "Account",
    "Advice",
    "Alarm",
    "BarSeries",
    "BookHolder",
    "Booked",
    "Closed",
    "DynamicTPSLCalculator",
    "Engine",
    "Entry",
    "ExitBrain",
    "ExitPlan",
    "ExitPolicyEngine",
    "ExitRules",
    "Guarded",
    "Holding",
    "InputFileError",
    "Instrument",
    "InvalidInputError",
    "Leg",
    "MarketContext",
    "MarketPlan",
    "MarketRegime",
    "MemoryBookHistory",
    "MissingExtraError",
    "NotProtectedError",
    "OffGridError",
    "PlanRefusedError",
    "PlannedExit",
    "Planner",
    "PlanningConfig",
    "Position",
    "ProfileBook",
    "Protection",
    "PublishedBook",
    "QuantumExitError",
    "Ratchet",
    "RegimeConfig",
    "RegimeDetector",
    "RegimeFeatures",
    "RegimeReading",
    "RegimeSeries",
    "ReplayResult",
    "ReturnTable",
    "RiskConfig",
    "RiskContext",
    "RiskInputs",
    "RiskMode",
    "RiskReport",
    "RunConfig",
    "Service",
    "Side",
    "Signal",
    "SqliteBookHistory",
    "SweepResult",
    "TPKind",
    "TPProfile",
    "TPProfileLeg",
    "TPReplacer",
    "TickFileError",
    "TickIndex",
    "TimeStop",
    "Trailing",
    "TrailingProfile",
    "Trouble",
    "VolatilityState",
    "__version__",
    "aligned_returns",
    "assess_risk",
    "bars_from_bars",
    "bars_from_ticks",
    "build_risk_context",
    "delta_normal_es",
    "delta_normal_var",
    "detect_regime",
    "exposure_of",
    "historical_es",
    "historical_var",
    "load_book",
    "load_instrument",
    "load_plan",
    "load_profile",
    "open_paper",
    "open_service",
    "plan_exit",
    "regime_series",
    "replay",
    "replay_bars",
    "save_profile",
    "shrunk_correlations",
    "sweep",
    "volatility_state",
]

# Module of each name that is imported when it is first asked for.
_LATER = MappingProxyType(
    {
        "Account": "quantum_exit.risk.inputs",
        "Advice": "quantum_exit.planning.context",
        "Alarm": "quantum_exit.execution.guardian.effects",
        "BarSeries": "quantum_exit.intelligence.bars",
        "BookHolder": "quantum_exit.planning.book_holder",
        "Booked": "quantum_exit.execution.guardian.effects",
        "Closed": "quantum_exit.execution.guardian.effects",
        "DynamicTPSLCalculator": "quantum_exit.planning.dynamic_tpsl",
        "Entry": "quantum_exit.execution.entries",
        "ExitBrain": "quantum_exit.planning.exit_brain",
        "ExitPolicyEngine": "quantum_exit.planning.exit_policy",
        "ExitRules": "quantum_exit.domain.rules",
        "Guarded": "quantum_exit.execution.hub",
        "Holding": "quantum_exit.risk.inputs",
        "MarketContext": "quantum_exit.domain.market",
        "MarketPlan": "quantum_exit.execution.entries",
        "MarketRegime": "quantum_exit.planning.profiles",
        "MemoryBookHistory": "quantum_exit.planning.book_holder",
        "PlannedExit": "quantum_exit.planning.planned",
        "Planner": "quantum_exit.planning.planned",
        "PlanningConfig": "quantum_exit.planning.config",
        "Position": "quantum_exit.domain.position",
        "ProfileBook": "quantum_exit.planning.book",
        "Protection": "quantum_exit.execution.service",
        "PublishedBook": "quantum_exit.planning.book_holder",
        "RegimeConfig": "quantum_exit.intelligence.regime_rules",
        "RegimeDetector": "quantum_exit.intelligence.regime_detector",
        "RegimeFeatures": "quantum_exit.intelligence.regime_rules",
        "RegimeReading": "quantum_exit.intelligence.regime",
        "RegimeSeries": "quantum_exit.intelligence.regime",
        "ReplayResult": "quantum_exit.execution.result",
        "ReturnTable": "quantum_exit.risk.correlation",
        "RiskConfig": "quantum_exit.risk.context",
        "RiskContext": "quantum_exit.domain.risk",
        "RiskInputs": "quantum_exit.risk.inputs",
        "RiskMode": "quantum_exit.domain.risk",
        "RiskReport": "quantum_exit.risk.context",
        "RunConfig": "quantum_exit.app.config",
        "Service": "quantum_exit.execution.service",
        "Side": "quantum_exit.domain.position",
        "Signal": "quantum_exit.execution.planning_desk",
        "SqliteBookHistory": "quantum_exit.adapters.book_history",
        "SweepResult": "quantum_exit.execution.sweep",
        "TPKind": "quantum_exit.planning.profiles",
        "TPProfile": "quantum_exit.planning.profiles",
        "TPProfileLeg": "quantum_exit.planning.profiles",
        "TPReplacer": "quantum_exit.planning.replace",
        "TrailingProfile": "quantum_exit.planning.profiles",
        "Trouble": "quantum_exit.execution.hub",
        "VolatilityState": "quantum_exit.risk.inputs",
        "aligned_returns": "quantum_exit.risk.correlation",
        "assess_risk": "quantum_exit.risk.context",
        "bars_from_bars": "quantum_exit.intelligence.bars",
        "bars_from_ticks": "quantum_exit.intelligence.bars",
        "build_risk_context": "quantum_exit.risk.context",
        "delta_normal_es": "quantum_exit.risk.var",
        "delta_normal_var": "quantum_exit.risk.var",
        "detect_regime": "quantum_exit.intelligence.regime",
        "exposure_of": "quantum_exit.risk.exposure",
        "historical_es": "quantum_exit.risk.var",
        "historical_var": "quantum_exit.risk.var",
        "load_book": "quantum_exit.adapters.definitions",
        "load_instrument": "quantum_exit.adapters.definitions",
        "load_plan": "quantum_exit.adapters.definitions",
        "load_profile": "quantum_exit.adapters.definitions",
        "open_paper": "quantum_exit._api",
        "open_service": "quantum_exit._api",
        "plan_exit": "quantum_exit.planning.api",
        "regime_series": "quantum_exit.intelligence.regime",
        "replay": "quantum_exit._api",
        "replay_bars": "quantum_exit._api",
        "save_profile": "quantum_exit.adapters.definitions",
        "shrunk_correlations": "quantum_exit.risk.correlation",
        "sweep": "quantum_exit._api",
        "volatility_state": "quantum_exit.intelligence.volatility_state",
    }
)


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])
