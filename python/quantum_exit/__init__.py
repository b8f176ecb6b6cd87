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
    OffGridError,
    PlanRefusedError,
    QuantumExitError,
    TickFileError,
)

if TYPE_CHECKING:
    from quantum_exit._api import replay, replay_bars, sweep
    from quantum_exit.adapters.definitions import (
        load_instrument,
        load_plan,
        load_profile,
        save_profile,
    )
    from quantum_exit.domain.market import MarketContext
    from quantum_exit.domain.position import Position, Side
    from quantum_exit.domain.risk import RiskContext, RiskMode
    from quantum_exit.domain.rules import ExitRules
    from quantum_exit.execution.entries import Entry, MarketPlan
    from quantum_exit.execution.result import ReplayResult
    from quantum_exit.execution.sweep import SweepResult
    from quantum_exit.planning.api import plan_exit
    from quantum_exit.planning.book import ProfileBook
    from quantum_exit.planning.config import PlanningConfig
    from quantum_exit.planning.context import Advice
    from quantum_exit.planning.planned import PlannedExit, Planner
    from quantum_exit.planning.profiles import (
        MarketRegime,
        TPKind,
        TPProfile,
        TPProfileLeg,
        TrailingProfile,
    )

__all__ = [
    "Advice",
    "Engine",
    "Entry",
    "ExitPlan",
    "ExitRules",
    "InputFileError",
    "Instrument",
    "InvalidInputError",
    "Leg",
    "MarketContext",
    "MarketPlan",
    "MarketRegime",
    "MissingExtraError",
    "OffGridError",
    "PlanRefusedError",
    "PlannedExit",
    "Planner",
    "PlanningConfig",
    "Position",
    "ProfileBook",
    "QuantumExitError",
    "Ratchet",
    "ReplayResult",
    "RiskContext",
    "RiskMode",
    "Side",
    "SweepResult",
    "TPKind",
    "TPProfile",
    "TPProfileLeg",
    "TickFileError",
    "TickIndex",
    "TimeStop",
    "Trailing",
    "TrailingProfile",
    "__version__",
    "load_instrument",
    "load_plan",
    "load_profile",
    "plan_exit",
    "replay",
    "replay_bars",
    "save_profile",
    "sweep",
]

# Module of each name that is imported when it is first asked for.
_LATER = MappingProxyType(
    {
        "Advice": "quantum_exit.planning.context",
        "Entry": "quantum_exit.execution.entries",
        "ExitRules": "quantum_exit.domain.rules",
        "MarketContext": "quantum_exit.domain.market",
        "MarketPlan": "quantum_exit.execution.entries",
        "MarketRegime": "quantum_exit.planning.profiles",
        "PlannedExit": "quantum_exit.planning.planned",
        "Planner": "quantum_exit.planning.planned",
        "PlanningConfig": "quantum_exit.planning.config",
        "Position": "quantum_exit.domain.position",
        "ProfileBook": "quantum_exit.planning.book",
        "ReplayResult": "quantum_exit.execution.result",
        "RiskContext": "quantum_exit.domain.risk",
        "RiskMode": "quantum_exit.domain.risk",
        "Side": "quantum_exit.domain.position",
        "SweepResult": "quantum_exit.execution.sweep",
        "TPKind": "quantum_exit.planning.profiles",
        "TPProfile": "quantum_exit.planning.profiles",
        "TPProfileLeg": "quantum_exit.planning.profiles",
        "TrailingProfile": "quantum_exit.planning.profiles",
        "load_instrument": "quantum_exit.adapters.definitions",
        "load_plan": "quantum_exit.adapters.definitions",
        "load_profile": "quantum_exit.adapters.definitions",
        "plan_exit": "quantum_exit.planning.api",
        "replay": "quantum_exit._api",
        "replay_bars": "quantum_exit._api",
        "save_profile": "quantum_exit.adapters.definitions",
        "sweep": "quantum_exit._api",
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
