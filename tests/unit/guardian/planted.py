"""Defects that other engines have shipped, each put in the place of one rule."""

import random
from types import MappingProxyType

from quantum_exit.domain.facts import Fill
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.booking import TradeRules
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.cover import CoverRules
from quantum_exit.execution.guardian.exit_rules import ExitRules
from quantum_exit.execution.guardian.floor_rules import FloorRules, FloorStep, Presence
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase, Proof
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.guardian.replacement import Action, Row, Seen, State, follow
from quantum_exit.execution.guardian.settle import Settling
from quantum_exit.execution.guardian.state import Exit, SideState, Trades
from quantum_exit.execution.guardian.stop_rules import StopRules
from quantum_exit.execution.ids import OrderIdentity
from quantum_exit.execution.outcomes import NotDone, Outcome, Reaction, Unknown


class CancelFirstFloor(FloorRules):
    """freqtrade cancels the resting stop before it places the next one."""

    def next_step(
        self, floor: Presence, *, fits: bool, standin: Presence, covers: bool
    ) -> FloorStep:
        if floor is Presence.LIVE and not fits:
            return FloorStep.CANCEL_FLOOR
        if floor is Presence.LEAVING:
            return FloorStep.WAIT
        return super().next_step(floor, fits=fits, standin=standin, covers=covers)


class CancelAnything(CoverRules):
    def may_cancel(
        self, side: SideState, own: OwnOrder, now_ms: int, config: GuardianConfig
    ) -> bool:
        return True


def cancel_before_proof(state: State, seen: Seen) -> Row:
    """The old stop leaves whatever becomes of the new one."""
    if (state, seen) == (State.IDLE, Seen.WANTED):
        return Row(State.CANCEL_SENT, Action.PLACE_NEW)
    if (state, seen) == (State.CANCEL_SENT, Seen.OLD_STAYS):
        return Row(State.CANCEL_SENT, Action.CANCEL_OLD)
    return follow(state, seen)


class UnknownIsReject(Settling):
    """A timeout or -1007 is taken for "not done"."""

    def reading(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Unknown):
            return NotDone(code=-1007, message=outcome.why, reaction=Reaction.RESEND)
        return outcome


class TrustNotFound(Settling):
    """One -2013 is taken for proof."""

    def is_absent(self, proof: Proof, now_ms: int, config: GuardianConfig) -> bool:
        return bool(proof.not_found_ms)


class RandomIds:
    """An id that says nothing, so that a retry is another order."""

    def __init__(self) -> None:
        self.rng = random.Random(1)

    def __call__(self, identity: OrderIdentity) -> str:
        return f"r{self.rng.getrandbits(64):016x}"


class ResendAfterFill(ExitRules):
    """A close that has not been heard of is sent again."""

    def may_try_again(self, attempt: OwnOrder | None) -> bool:
        unheard = attempt is not None and attempt.phase is Phase.UNKNOWN
        return unheard or super().may_try_again(attempt)


class FloatLots(ExitRules):
    """Lots by way of a fraction of the position."""

    def next_lots(self, exit_: Exit, reducible_lots: int, most_lots: int | None) -> int:
        lots = super().next_lots(exit_, reducible_lots, most_lots)
        return int(lots * 1.1)


class NoDedupe(TradeRules):
    def is_new(self, trades: Trades, fill: Fill) -> bool:
        return True


class Loosens(StopRules):
    """The newest stop wins, tighter or not."""

    def trigger(self, side: Side, wanted: int, resting: int | None, *, loosened: bool) -> int:
        return wanted

    def ratchet(self, side: Side, now: int, wanted: int) -> int:
        return wanted


PLANTED = MappingProxyType(
    {
        "cancel first": Parts(
            floor=CancelFirstFloor(), cover=CancelAnything(), replace=cancel_before_proof
        ),
        "-1007 as reject": Parts(settling=UnknownIsReject()),
        "random ids": Parts(make_id=RandomIds()),
        "resend after fill": Parts(exits=ResendAfterFill()),
        "trust -2013": Parts(settling=TrustNotFound()),
        "float lots": Parts(exits=FloatLots()),
        "no dedupe": Parts(trades=NoDedupe()),
        "loosen on replace": Parts(stops=Loosens()),
    }
)
