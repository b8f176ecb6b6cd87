"""What the venue and its users do on their own account: F14, F16 to F20, F26 to F35, F42, F43."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from quantum_exit._core import VenueAlgo, VenueHolding
from quantum_exit.adapters.paper.faults.actions import (
    Action,
    Both,
    Fund,
    Mark,
    Print,
    SetDepth,
    SplitFills,
)
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.operator import (
    Deleverage,
    DropStreams,
    EndListenKeys,
    ExpireAlgo,
    Liquidate,
    RejectAtTrigger,
    SetFees,
    SetFilters,
    SetStatus,
    Settle,
    SetTriggerLatency,
    SilenceStreams,
)
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.faults.users import (
    Change,
    SetLeverage,
    SetMarginType,
    UserCancel,
    UserOrder,
    UserPosition,
    UserStop,
)

Happening = Callable[[Occasion, Stage], Action | None]
_T = TypeVar("_T")

_FEES_PPM = ((200, 500), (160, 400), (100, 300), (0, 170), (-50, 500))
_MAX_FUNDING_E8 = 750_000
"""0.75 % for eight hours: the cap of most symbols (Binance USD-M, fundingInfo)."""


def _one(occasion: Occasion, choices: Sequence[_T]) -> _T | None:
    return occasion.one_of("which", choices) if choices else None


def _symbol(occasion: Occasion, stage: Stage) -> str | None:
    return _one(occasion, list(stage.quoted()))


def slow_triggers(occasion: Occasion, stage: Stage) -> Action | None:
    """F14: up to 2 s from the trigger price to the order."""
    del stage
    return SetTriggerLatency(latency_ms=occasion.whole("latency", 1, 2_000))


def very_slow_triggers(occasion: Occasion, stage: Stage) -> Action | None:
    """F19: up to a minute."""
    del stage
    return SetTriggerLatency(latency_ms=occasion.spread("latency", 2_000, 60_000))


def new_grid(occasion: Occasion, stage: Stage) -> Action | None:
    """F16: a coarser tick and step size."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    multiple = occasion.one_of("multiple", (2, 5, 10))
    return SetFilters(symbol=symbol, price_multiple=multiple, lot_multiple=multiple)


def rejected_at_trigger(occasion: Occasion, stage: Stage) -> Action | None:
    """F17: a waiting stop will be refused for its margin when it triggers."""
    algo = _one(occasion, stage.waiting_algos())
    return algo and RejectAtTrigger(client_id=algo.client_id, account=algo.account)


def expired(occasion: Occasion, stage: Stage) -> Action | None:
    """F18: a waiting order is expired by the exchange."""
    algo = _one(occasion, stage.waiting_algos())
    return algo and ExpireAlgo(client_id=algo.client_id, account=algo.account)


def thin_book(occasion: Occasion, stage: Stage) -> Action | None:
    """F20: one or two levels of a few lots."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    levels, lots = occasion.whole("levels", 1, 2), occasion.whole("lots", 1, 10)
    return SetDepth(symbol=symbol, levels=levels, lots_per_level=lots)


def settled(occasion: Occasion, stage: Stage) -> Action | None:
    """F26: first the symbol takes only orders that reduce, then it is settled."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    if occasion.unit("stage") < 1 / 2:
        return SetStatus(symbol=symbol, status="SETTLING")
    return Settle(symbol=symbol)


def liquidated(occasion: Occasion, stage: Stage) -> Action | None:
    """F27: a position is liquidated."""
    held = _one(occasion, stage.positions())
    return held and Liquidate(
        symbol=held.symbol, account=held.account, position_side=held.position_side
    )


def deleveraged(occasion: Occasion, stage: Stage) -> Action | None:
    """F28: a part of a position, or all of it, is closed against a bankrupt one."""
    held = _one(occasion, stage.positions())
    return held and Deleverage(
        symbol=held.symbol,
        lots=occasion.whole("lots", 1, abs(held.lots)),
        account=held.account,
        position_side=held.position_side,
    )


def settings_changed(occasion: Occasion, stage: Stage) -> Action | None:
    """F29: another leverage or margin type."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    account = occasion.whole("account", 0, stage.accounts - 1)
    if occasion.unit("what") < 1 / 2:
        leverage = occasion.whole("leverage", 1, 20)
        return SetLeverage(symbol=symbol, leverage=leverage, account=account)
    crossed = stage.venue.settings(account, symbol).margin_type == "CROSSED"
    return SetMarginType(
        symbol=symbol, margin_type="ISOLATED" if crossed else "CROSSED", account=account
    )


def position_changed(occasion: Occasion, stage: Stage) -> Action | None:
    """F30: a position reduced, grown, turned round or closed by hand."""
    held = _one(occasion, stage.positions())
    if held is None:
        return None
    # In hedge mode nothing turns round.
    changes: tuple[Change, ...] = ("reduce", "add", "close", "flip")
    change = occasion.one_of("change", changes if held.position_side == "BOTH" else changes[:3])
    return UserPosition(
        symbol=held.symbol,
        change=change,
        account=held.account,
        position_side=held.position_side,
    )


def stop_touched(occasion: Occasion, stage: Stage) -> Action | None:
    """F31: a waiting order is cancelled by hand, or the user adds a stop."""
    algo = _one(occasion, stage.waiting_algos())
    if algo is not None and occasion.unit("what") < 1 / 2:
        return UserCancel(client_id=algo.client_id, account=algo.account)
    held = _one(occasion, stage.positions())
    return held and _far_stop(held, stage)


def other_bot(occasion: Occasion, stage: Stage) -> Action | None:
    """F32: another bot rests a limit order far from the price, under an id of its own."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    last = stage.venue.prices(symbol).last_ticks
    side = occasion.one_of("side", ("BUY", "SELL"))
    away = max(1, last // 50)
    return UserOrder(
        symbol=symbol,
        side="BUY" if side == "BUY" else "SELL",
        lots=occasion.spread("lots", 1, 1_000),
        price_ticks=max(1, last - away) if side == "BUY" else last + away,
        account=occasion.whole("account", 0, stage.accounts - 1),
        client_id=f"web_{occasion.whole('id', 0, 1 << 40):x}",
    )


def costs_changed(occasion: Occasion, stage: Stage) -> Action | None:
    """F33: funding is charged, or the fees of an account change."""
    symbol = _symbol(occasion, stage)
    if symbol is not None and occasion.unit("what") < 1 / 2:
        rate_e8 = occasion.whole("rate", -_MAX_FUNDING_E8, _MAX_FUNDING_E8)
        return Fund(symbol=symbol, rate_e8=rate_e8)
    maker, taker = occasion.one_of("fees", _FEES_PPM)
    account = occasion.whole("account", 0, stage.accounts - 1)
    return SetFees(maker_fee_ppm=maker, taker_fee_ppm=taker, account=account)


def split_fills(occasion: Occasion, stage: Stage) -> Action | None:
    """F34: fills of one to three lots."""
    symbol = _symbol(occasion, stage)
    if symbol is None:
        return None
    return SplitFills(symbol=symbol, max_lots=occasion.whole("lots", 1, 3))


def both_at_once(occasion: Occasion, stage: Stage) -> Action | None:
    """F35: in one instant the price reaches a take profit and the mark price a stop."""
    pairs = [
        (held, target, stop)
        for held in stage.positions()
        for target in _targets(held, stage)
        for stop in _stops(held, stage)
    ]
    pair = _one(occasion, pairs)
    if pair is None:
        return None
    held, target, stop = pair
    # One tick beyond the target, so that its order does not wait in the queue of its level.
    beyond = target + (1 if held.lots > 0 else -1)
    return Both(
        first=Print(symbol=held.symbol, price_ticks=max(1, beyond), lots=abs(held.lots)),
        second=Both(
            first=Print(symbol=held.symbol, price_ticks=stop),
            second=Mark(symbol=held.symbol, price_ticks=stop),
        ),
    )


def listen_keys_ended(occasion: Occasion, stage: Stage) -> Action | None:
    """F42: the listen keys end, and nobody is told."""
    del occasion, stage
    return EndListenKeys()


def streams_cut(occasion: Occasion, stage: Stage) -> Action | None:
    """F43: the WebSockets are closed, or half open: silent for a second to an hour."""
    del stage
    if occasion.unit("how") < 1 / 2:
        return DropStreams()
    return SilenceStreams(length_ms=occasion.spread("length", 1_000, 3_600_000))


def _far_stop(held: VenueHolding, stage: Stage) -> Action:
    last = stage.venue.prices(held.symbol).last_ticks
    is_long = held.lots > 0
    return UserStop(
        symbol=held.symbol,
        side="SELL" if is_long else "BUY",
        trigger_ticks=max(1, last // 2) if is_long else last * 2,
        account=held.account,
        position_side=held.position_side,
    )


def _targets(held: VenueHolding, stage: Stage) -> list[int]:
    side = "SELL" if held.lots > 0 else "BUY"
    orders = stage.venue.open_orders(held.account, held.symbol)
    resting = [order.price_ticks for order in orders if order.side == side and order.reduce_only]
    return resting + [algo.trigger_ticks for algo in _closing(held, stage, "TAKE_PROFIT")]


def _stops(held: VenueHolding, stage: Stage) -> list[int]:
    return [algo.trigger_ticks for algo in _closing(held, stage, "STOP")]


def _closing(held: VenueHolding, stage: Stage, kind: str) -> list[VenueAlgo]:
    side = "SELL" if held.lots > 0 else "BUY"
    return [
        algo
        for algo in stage.venue.open_algos(held.account, held.symbol)
        if algo.status == "NEW" and algo.side == side and algo.type.startswith(kind)
    ]


HAPPENINGS: dict[str, Happening] = {
    "F14": slow_triggers,
    "F16": new_grid,
    "F17": rejected_at_trigger,
    "F18": expired,
    "F19": very_slow_triggers,
    "F20": thin_book,
    "F26": settled,
    "F27": liquidated,
    "F28": deleveraged,
    "F29": settings_changed,
    "F30": position_changed,
    "F31": stop_touched,
    "F32": other_bot,
    "F33": costs_changed,
    "F34": split_fills,
    "F35": both_at_once,
    "F42": listen_keys_ended,
    "F43": streams_cut,
}
