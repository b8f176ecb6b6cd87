"""From a planned exit to what guardian and core are told about the position."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from quantum_exit._core import Instrument
from quantum_exit.domain.checks import in_range
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.numbers import stop_at_frac
from quantum_exit.domain.position import Position
from quantum_exit.domain.rules import ExitRules
from quantum_exit.execution.guardian.facts import LegKind, LegTarget, PositionOpened, TrailTarget
from quantum_exit.execution.recording import Opened
from quantum_exit.execution.venue_trail import trail_target
from quantum_exit.execution.watch_plan import WatchPlan
from quantum_exit.planning.limits import StopLimits, risk_floor
from quantum_exit.planning.planned import PlannedExit

_NS_PER_MS = 1_000_000


class TrailingResidency(StrEnum):
    """Who trails."""

    CORE = "core"
    """The core alone; the working stop follows it."""
    EXCHANGE = "exchange"
    """The venue's trailing order, too: it goes on where we do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStyle:
    """How a plan becomes orders.

    Attributes:
        hard_stop_factor: Distance of the floor in distances of the internal stop, 1 to 5; 1.5. It
            is never beyond the risk floor.
        post_only: Whether SOFT legs refuse to take liquidity.
        hard_tp_resident: Whether HARD legs rest at the venue as conditional orders.
        trailing_residency: Who trails.

    Raises:
        InvalidInputError: The factor is out of range.
    """

    hard_stop_factor: float = 1.5
    post_only: bool = False
    hard_tp_resident: bool = False
    trailing_residency: TrailingResidency = TrailingResidency.CORE

    def __post_init__(self) -> None:
        in_range("hard_stop_factor", self.hard_stop_factor, 1.0, 5.0)


def opened(
    planned: PlannedExit,
    position: Position,
    key: PositionKey,
    *,
    style: OrderStyle,
    limits: StopLimits,
    hedge: bool,
    now_ms: int,
) -> Opened:
    """What guardian and core are told about a position under its plan.

    Args:
        planned: The plan.
        position: What it was made for.
        key: Its identity.
        style: How the plan becomes orders.
        limits: The risk floor, which bounds the floor stop too.
        hedge: Whether the account holds it as one of two hedge-mode positions.
        now_ms: When the plan was made, ms since the UNIX epoch.
    """
    instrument = position.instrument
    plan = planned.plan
    first = instrument.ticks(plan.stop_price)
    stop = first
    if planned.tighten_to is not None:
        stop = instrument.ticks(planned.tighten_to)
    legs = tuple(
        LegTarget(
            leg=leg,
            price_ticks=instrument.ticks(price),
            lots=instrument.lots(quantity),
            kind=LegKind(kind),
        )
        for leg, price, quantity, kind in plan.levels
    )
    fact = PositionOpened(
        key=key,
        lots=instrument.lots(position.quantity),
        entry_price=str(position.entry_price),
        hard_stop_ticks=hard_stop_ticks(planned, position, style, limits),
        stop_ticks=stop,
        legs=legs,
        stop_on_mark=False,
        hedge=hedge,
        post_only=style.post_only,
        hard_tp_resident=style.hard_tp_resident,
        trail=_trail(planned, instrument, style),
        opened_ms=now_ms,
        leverage=position.leverage,
    )
    watch = WatchPlan(
        key=key,
        instrument=instrument,
        entry_price=str(position.entry_price),
        quantity=str(position.quantity),
        stop_price=repr(plan.stop_price),
        rules=planned.rules,
        opened_ns=now_ms * _NS_PER_MS,
        tighten_ticks=None if stop == first else stop,
    )
    return Opened(fact=fact, plan=watch)


def unplanned(
    position: Position, key: PositionKey, *, style: OrderStyle, hedge: bool, now_ms: int
) -> Opened:
    """What is told about a position for which there is no plan: the tightest stop there is.

    It is closed at once; the stop is for the time until then.
    """
    instrument, side = position.instrument, position.side
    tick = Decimal(instrument.tick_size)
    worse = min(side.sign * position.entry_price, side.sign * position.last_price)
    gain = ((worse - tick) / tick).to_integral_value(ROUND_CEILING) * tick
    if gain >= worse:
        gain -= tick
    stop_price = side.sign * gain
    ticks = instrument.ticks(stop_price)
    fact = PositionOpened(
        key=key,
        lots=instrument.lots(position.quantity),
        entry_price=str(position.entry_price),
        hard_stop_ticks=ticks,
        stop_ticks=ticks,
        hedge=hedge,
        post_only=style.post_only,
        opened_ms=now_ms,
    )
    watch = WatchPlan(
        key=key,
        instrument=instrument,
        entry_price=str(position.entry_price),
        quantity=str(position.quantity),
        stop_price=str(stop_price),
        rules=ExitRules(),
        opened_ns=now_ms * _NS_PER_MS,
    )
    return Opened(fact=fact, plan=watch)


def hard_stop_ticks(
    planned: PlannedExit, position: Position, style: OrderStyle, limits: StopLimits
) -> int:
    """Trigger of the floor in ticks, rounded toward the market.

    It lies `hard_stop_factor` stop distances from the entry, never beyond the risk floor, and never
    nearer to the market than the plan's own stop.
    """
    entry, sign = position.entry_price, position.side.sign
    distance = abs(entry - Decimal(repr(planned.plan.stop_price)))
    wanted = distance * Decimal(repr(style.hard_stop_factor)) / entry
    furthest = Decimal(repr(risk_floor(position, limits)[0]))
    frac = min(wanted, furthest)
    planned_ticks = position.instrument.ticks(planned.plan.stop_price)
    if frac <= 0:
        return planned_ticks
    price = stop_at_frac(position.side, entry, frac)
    ticks = _toward_market(position.instrument, sign, price)
    return min(ticks, planned_ticks) if sign > 0 else max(ticks, planned_ticks)


def _trail(planned: PlannedExit, instrument: Instrument, style: OrderStyle) -> TrailTarget | None:
    if style.trailing_residency is TrailingResidency.CORE:
        return None
    return trail_target(planned.plan, planned.rules.trailing, instrument)


def _toward_market(instrument: Instrument, sign: int, price: Decimal) -> int:
    steps = sign * price / Decimal(instrument.tick_size)
    return sign * int(steps.to_integral_value(ROUND_CEILING))
