"""The rules that a guardian is made of, each one exchangeable: tests put a defect in its place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from quantum_exit.execution.guardian.booking import TradeRules
from quantum_exit.execution.guardian.cover import CoverRules
from quantum_exit.execution.guardian.exit_rules import ExitRules
from quantum_exit.execution.guardian.floor_rules import FloorRules
from quantum_exit.execution.guardian.replacement import Row, Seen, State, follow
from quantum_exit.execution.guardian.settle import Settling
from quantum_exit.execution.guardian.stop_rules import StopRules
from quantum_exit.execution.ids import OrderIdentity, client_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Rules without state; production uses the defaults.

    Attributes:
        make_id: Id of an order.
        settling: When an unknown outcome is known.
        cover: What counts as cover.
        floor: How the floor is placed and moved.
        replace: What follows in a replacement.
        stops: Where a stop goes.
        exits: How much an exit closes, and when it is tried again.
        trades: Which trades are new.
    """

    make_id: Callable[[OrderIdentity], str] = client_id
    settling: Settling = field(default_factory=Settling)
    cover: CoverRules = field(default_factory=CoverRules)
    floor: FloorRules = field(default_factory=FloorRules)
    replace: Callable[[State, Seen], Row] = follow
    stops: StopRules = field(default_factory=StopRules)
    exits: ExitRules = field(default_factory=ExitRules)
    trades: TradeRules = field(default_factory=TradeRules)
