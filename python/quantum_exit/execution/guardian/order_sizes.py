"""How large one order may be: by the rules of the symbol, and by what the venue has refused."""

from quantum_exit.domain.numbers import exact
from quantum_exit.execution.guardian.effects import AlarmKind
from quantum_exit.execution.guardian.state import SideState, SymbolState
from quantum_exit.execution.guardian.turn import Turn


def most_market_lots(symbol: SymbolState) -> int | None:
    """Largest order in lots that trades at the market, at once or when triggered; None = no limit."""
    rules = symbol.rules
    told = None if rules is None else rules.market_max_lots
    return _least(told, most_limit_lots(symbol))


def most_limit_lots(symbol: SymbolState) -> int | None:
    """Largest limit order in lots; None = no limit."""
    return _least(_told_lots(symbol), symbol.learnt_most_lots)


def learn(symbol: SymbolState, refused_lots: int) -> None:
    """The venue refused an order for its size: the next one is at most half as large.

    Halving ends, whatever the limit is that nobody has told.
    """
    symbol.learnt_most_lots = _least(symbol.learnt_most_lots, max(1, refused_lots // 2))


def stop_lots(turn: Turn, side: SideState, lots: int) -> int:
    """Lots of a stop that is to cover `lots`; the rest has the floor alone, and a person is told."""
    most = most_market_lots(turn.symbol(side.symbol))
    if most is None or lots <= most:
        turn.calm(AlarmKind.STOP_TOO_LARGE, side)
        return lots
    text = f"{lots} lots are open and one order may have {most}: the rest has the floor alone"
    turn.alarm(AlarmKind.STOP_TOO_LARGE, side, text)
    return most


def fits_in_one(symbol: SymbolState, lots: int) -> bool:
    """Whether one stop can cover `lots`."""
    most = most_market_lots(symbol)
    return most is None or lots <= most


def _told_lots(symbol: SymbolState) -> int | None:
    if symbol.rules is None or symbol.rules.instrument.max_qty is None:
        return None
    instrument = symbol.rules.instrument
    most = exact("max_qty", symbol.rules.instrument.max_qty)
    return int(most // exact("lot_step", instrument.lot_step))


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
