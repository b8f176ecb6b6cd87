"""A symbol's grid has changed: what is remembered in ticks and lots of the old one is converted.

Prices are rounded toward the market, so that a stop is never looser; quantities downward, so that
nothing closes more than there is.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from quantum_exit._core import Instrument
from quantum_exit.domain.numbers import exact
from quantum_exit.execution.guardian import sizes
from quantum_exit.execution.guardian.facts import PositionOpened
from quantum_exit.execution.guardian.state import Holding, SideState


@dataclass(frozen=True, slots=True)
class _Ratio:
    """How many ticks and lots of the new grid one of the old one is."""

    ticks: Fraction
    lots: Fraction

    def price(self, ticks: int, sign: int) -> int:
        """`ticks`, rounded toward the market: up for a long position."""
        exactly = sign * ticks * self.ticks
        return max(1, sign * -(-exactly.numerator // exactly.denominator))

    def quantity(self, lots: int) -> int:
        """`lots`, rounded toward zero."""
        return int(lots * self.lots)


def regrid(side: SideState, before: Instrument, after: Instrument) -> None:
    """Converts one side from the grid of `before` to that of `after`."""
    ratio = _Ratio(
        _exactly("tick_size", before.tick_size) / _exactly("tick_size", after.tick_size),
        _exactly("lot_step", before.lot_step) / _exactly("lot_step", after.lot_step),
    )
    sign = side.side.sign
    side.hard_ticks = ratio.price(side.hard_ticks, sign) if side.hard_ticks else 0
    side.stop_ticks = ratio.price(side.stop_ticks, sign) if side.stop_ticks else 0
    if side.plan is not None:
        side.plan = _plan(side.plan, ratio, sign)
    # They are shown again, on the new grid, by the reading that follows.
    side.foreign.clear()
    _regrid_orders(side, ratio, sign)
    if side.holding.lost_stop is not None:
        lost_ms, lost_ticks = side.holding.lost_stop
        side.holding.lost_stop = (lost_ms, ratio.price(lost_ticks, sign))
    held, lot_step = _held(side, before), exact("lot_step", after.lot_step)
    risen_lots = int(Decimal(side.dust) // lot_step) if _is_told_flat(side.holding) else 0
    _regrid_sizes(side, ratio)
    _express(side, held, lot_step)
    if risen_lots > 0:
        _open_anew(side, risen_lots)


def _is_told_flat(holding: Holding) -> bool:
    """Whether the last report knew of nothing but dust."""
    is_empty = holding.lots == 0 and not holding.later
    return is_empty or holding.flat_stream_ms is not None


def _open_anew(side: SideState, lots: int) -> None:
    """What was flat but for its dust holds `lots` now.

    The report that called it flat counts again, in lots of the new grid.
    """
    holding = side.holding
    told_ms = max(holding.as_of_ms, holding.flat_stream_ms or 0)
    side.holding = Holding(
        lots=lots,
        as_of_ms=max(0, told_ms - 1),
        since_ms=max(0, told_ms - 1),
        entry_price=holding.entry_price,
        assumed=False,
        ledger_lots=lots,
    )
    if side.rest_lots is not None:
        side.rest_lots = lots


def _held(side: SideState, grid: Instrument) -> Decimal:
    """Quantity of the position, dust and all."""
    return sizes.known_lots(side) * exact("lot_step", grid.lot_step) + Decimal(side.dust)


def _express(side: SideState, held: Decimal, lot_step: Decimal) -> None:
    """What was dust may be lots of a finer step, and what were lots dust of a coarser one."""
    lots, rest = divmod(held, lot_step)
    side.dust = format(rest.normalize(), "f") if rest else "0"
    if side.holding.lots > 0:
        gained = int(lots) - sizes.known_lots(side)
        side.holding.lots += gained
        side.holding.ledger_lots += gained
    # Trades are not added up across the change.
    side.holding.since_ms, side.holding.parts = side.holding.as_of_ms, []


def _exactly(name: str, step: str) -> Fraction:
    return Fraction(exact(name, step))


def _plan(plan: PositionOpened, ratio: _Ratio, sign: int) -> PositionOpened:
    legs = (
        replace(
            leg,
            price_ticks=ratio.price(leg.price_ticks, sign),
            lots=ratio.quantity(leg.lots),
        )
        for leg in plan.legs
        if ratio.quantity(leg.lots) > 0
    )
    return replace(
        plan,
        lots=max(1, ratio.quantity(plan.lots)),
        hard_stop_ticks=ratio.price(plan.hard_stop_ticks, sign),
        stop_ticks=ratio.price(plan.stop_ticks, sign),
        legs=tuple(legs),
        # It is placed again by the plan that follows.
        trail=None,
    )


def _regrid_orders(side: SideState, ratio: _Ratio, sign: int) -> None:
    for own in side.orders.values():
        own.ticks = None if own.ticks is None else ratio.price(own.ticks, sign)
        own.lots = ratio.quantity(own.lots)
        own.filled_lots = ratio.quantity(own.filled_lots)
        own.booked_lots = ratio.quantity(own.booked_lots)


def _regrid_sizes(side: SideState, ratio: _Ratio) -> None:
    holding = side.holding
    holding.lots = ratio.quantity(holding.lots)
    holding.ledger_lots = ratio.quantity(holding.ledger_lots)
    holding.later = {
        trade_id: (ts_ms, ratio.quantity(lots)) for trade_id, (ts_ms, lots) in holding.later.items()
    }
    side.best_ticks = None
    side.core_lots = ratio.quantity(side.core_lots)
    side.closed_lots = ratio.quantity(side.closed_lots)
    side.rest_lots = None if side.rest_lots is None else ratio.quantity(side.rest_lots)
    for exit_ in side.exits.values():
        exit_.done_lots = ratio.quantity(exit_.done_lots)
        if exit_.goal_lots is not None:
            exit_.goal_lots = max(1, ratio.quantity(exit_.goal_lots))
    for leg in side.legs.values():
        leg.filled_lots = ratio.quantity(leg.filled_lots)
        leg.told_lots = ratio.quantity(leg.told_lots)
