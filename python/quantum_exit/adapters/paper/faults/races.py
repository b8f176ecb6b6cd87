"""Something happens at the venue while the request is on its way: F09 to F12, F15."""

from collections.abc import Callable

from quantum_exit._core import VenueHolding
from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.faults.actions import Action, Both, Mark, OrderSide, Print
from quantum_exit.adapters.paper.faults.arrival import Arrival
from quantum_exit.adapters.paper.faults.blow import Blow
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.operator import SetAlgoLimit, SetFilters
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.faults.undo import undoing
from quantum_exit.adapters.paper.faults.users import UserOrder, UserPosition, UserStop
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, Answer, RequestPlan
from quantum_exit.adapters.paper.wire import Reply
from quantum_exit.errors import VenueReject

Race = Callable[[Arrival, Occasion, Stage], Action | None]

FILTER_CODES = (-4164, -4014, -4023, -1111, -4003)
"""What F15 is refused with: minimal notional, tick, step."""

_FAR = 2
"""A stop of the user that is not meant to trigger lies at half the price, or at twice it."""


def price_passes_stop(arrival: Arrival, occasion: Occasion, stage: Stage) -> Action | None:
    """F09: last and mark price move past the trigger."""
    trigger = stage.ticks(arrival.symbol, arrival.params.get("triggerPrice", ""))
    if trigger is None:
        return None
    past = occasion.whole("past", 0, 10)
    ticks = max(1, trigger - past if arrival.params.get("side") == "SELL" else trigger + past)
    return Both(
        first=Print(symbol=arrival.symbol, price_ticks=ticks),
        second=Mark(symbol=arrival.symbol, price_ticks=ticks),
    )


def nothing_to_reduce(arrival: Arrival, occasion: Occasion, stage: Stage) -> Action | None:
    """F10: the position is closed, or an order of the user reserves all that can be reduced."""
    held = _held(arrival, stage)
    if held is None:
        return None
    if occasion.unit("variant") < 1 / 2:
        return UserPosition(
            symbol=held.symbol,
            change="close",
            account=held.account,
            position_side=held.position_side,
        )
    last = stage.venue.prices(held.symbol).last_ticks
    side: OrderSide = "SELL" if held.lots > 0 else "BUY"
    # One part in a hundred away: inside every price band, and not marketable.
    away = max(1, last // 100)
    return UserOrder(
        symbol=held.symbol,
        side=side,
        lots=abs(held.lots),
        price_ticks=last + away if side == "SELL" else max(1, last - away),
        reduce_only=True,
        account=held.account,
    )


def second_close_position(arrival: Arrival, occasion: Occasion, stage: Stage) -> Action | None:
    """F11: the user has placed a closePosition stop of the same side."""
    del occasion
    held = _held(arrival, stage)
    if held is None:
        return None
    last = stage.venue.prices(held.symbol).last_ticks
    sells = arrival.params.get("side") == "SELL"
    return UserStop(
        symbol=held.symbol,
        side="SELL" if sells else "BUY",
        trigger_ticks=max(1, last // _FAR) if sells else last * _FAR,
        account=held.account,
        position_side=held.position_side,
    )


def limit_lowered(arrival: Arrival, occasion: Occasion, stage: Stage) -> Action | None:
    """F12: the exchange allows 2 to 10 algo orders from now on."""
    if arrival.symbol not in stage.quoted():
        return None
    return SetAlgoLimit(symbol=arrival.symbol, limit=occasion.whole("limit", 2, 10))


def stricter_filters(arrival: Arrival, occasion: Occasion, stage: Stage) -> Action | None:
    """F15: a larger minimal notional, a coarser step, or a coarser tick."""
    if arrival.symbol not in stage.quoted():
        return None
    which = occasion.one_of("which", ("notional", "lots", "price"))
    if which == "notional":
        notional_e8 = occasion.spread("notional", 10, 1_000) * 10**8
        return SetFilters(symbol=arrival.symbol, min_notional_e8=notional_e8)
    multiple = occasion.whole("multiple", 2, 10)
    if which == "lots":
        return SetFilters(symbol=arrival.symbol, lot_multiple=multiple)
    return SetFilters(symbol=arrival.symbol, price_multiple=multiple)


def run(
    race: Race, codes: tuple[int, ...], *, momentary: bool = False
) -> Callable[[Arrival, Occasion, Stage], Blow | None]:
    """The race as a fault of the request.

    Args:
        race: What happens.
        codes: The fault shows where the request is refused with one of these.
        momentary: Take it back once the request is answered.
    """

    def shows(true: Reply, sent: Reply) -> bool:
        del sent
        return any(answers.refused_with(true, code) for code in codes)

    def blow(arrival: Arrival, occasion: Occasion, stage: Stage) -> Blow | None:
        action = race(arrival, occasion, stage)
        if action is None:
            return None
        undo = undoing(action, stage) if momentary else None
        try:
            action.carry_out(stage)
        except VenueReject:
            return None
        finally:
            stage.tell()
        if undo is None:
            return Blow(plan=AS_IT_SHOULD_BE, shows=shows)
        return Blow(plan=RequestPlan(answer=_and_then(undo, stage)), shows=shows)

    return blow


def _and_then(undo: Action, stage: Stage) -> Answer:
    def answer(true: Reply) -> Reply:
        undo.carry_out(stage)
        return true

    return answer


def _held(arrival: Arrival, stage: Stage) -> VenueHolding | None:
    """The position that the order would close."""
    sells = arrival.params.get("side") == "SELL"
    for holding in stage.positions():
        if holding.symbol == arrival.symbol and (holding.lots > 0) == sells:
            return holding
    return None
