"""How a change of the venue that lasts is taken back."""

from quantum_exit.adapters.paper.faults.actions import Action, RestoreDepth, SetDepth, SplitFills
from quantum_exit.adapters.paper.faults.operator import (
    SetAlgoLimit,
    SetFilters,
    SetStatus,
    SetTriggerLatency,
)
from quantum_exit.adapters.paper.faults.stage import Stage


def undoing(action: Action, stage: Stage) -> Action | None:
    """What takes `action`, which is about to happen, back; `None` where it is done once for all."""
    match action:
        case SetTriggerLatency():
            return SetTriggerLatency(latency_ms=stage.trigger_latency_ms)
        case SetDepth(symbol=symbol):
            return RestoreDepth(symbol=symbol)
        case SplitFills(symbol=symbol):
            return SplitFills(symbol=symbol)
        case _:
            return _as_announced(action, stage)


def _as_announced(action: Action, stage: Stage) -> Action | None:
    match action:
        case SetAlgoLimit(symbol=symbol):
            return SetAlgoLimit(symbol=symbol, limit=stage.algo_limit(symbol))
        case SetFilters():
            return _usual_filters(action, stage)
        case SetStatus(symbol=symbol):
            return SetStatus(symbol=symbol, status="TRADING")
        case _:
            return None


def _usual_filters(action: SetFilters, stage: Stage) -> SetFilters:
    notional_e8 = stage.min_notional_e8(action.symbol)
    return SetFilters(
        symbol=action.symbol,
        price_multiple=None if action.price_multiple is None else 1,
        lot_multiple=None if action.lot_multiple is None else 1,
        min_notional_e8=None if action.min_notional_e8 is None else notional_e8,
    )
