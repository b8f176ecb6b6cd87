"""What a run did, from its events: lines for people, figures for the summary and the metrics."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quantum_exit.domain.facts import OrderSide
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Alarm, Booked, Closed
from quantum_exit.execution.hub import Event, Guarded, Lagged, Trouble
from quantum_exit.execution.watch_plan import WatchPlan


@dataclass(slots=True)
class _Open:
    plan: WatchPlan
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)

    @property
    def risk(self) -> Decimal:
        """Loss at the initial stop, quote currency: 1 R of the whole position."""
        distance = abs(Decimal(self.plan.entry_price) - Decimal(self.plan.stop_price))
        return distance * Decimal(self.plan.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A position that is gone.

    Attributes:
        key: The position.
        reason: What closed it.
        realised: Profit that the venue booked, before fees, quote currency.
        fees: Fees of its trades since it is guarded.
        r_multiple: `realised` over the loss at the initial stop; None where no trade is known.
    """

    key: PositionKey
    reason: str
    realised: Decimal
    fees: Decimal
    r_multiple: float | None


@dataclass(slots=True)
class Tally:
    """Counts events.

    Args:
        plans: Tells the guarded positions with their plans.
        tell: Takes a line for people.

    Attributes:
        events: Events by kind.
        exits: Positions that are gone, by what closed them.
        ended: Those positions.
        guarded: Positions that were guarded.
        fills: Trades of the account.
    """

    plans: Callable[[], dict[PositionKey, WatchPlan]]
    tell: Callable[[str], None]
    events: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    ended: list[Ended] = field(default_factory=list)
    guarded: int = 0
    fills: int = 0
    _open: dict[PositionKey, _Open] = field(default_factory=dict)

    def resume(self) -> None:
        """Takes over the positions that the journal told of."""
        for key, plan in self.plans().items():
            self._open[key] = _Open(plan)
            self.tell(f"{_name(key)}  resumed from the journal")

    def take(self, event: Event) -> None:
        """Counts one event and tells it."""
        self.events[kind_of(event)] += 1
        match event:
            case Guarded():
                self._take_guarded(event)
            case Booked():
                self._take_booked(event)
            case Closed():
                self._take_closed(event)
            case Alarm(kind=kind, key=key, text=text):
                self.tell(f"{_name(key)}  ALARM {kind}: {text}")
            case Trouble(kind="stream_gap", text=text) if text.endswith(": connected"):
                pass
            case Trouble(kind=kind, text=text):
                self.tell(f"trouble  {kind}: {text}")
            case Lagged(dropped=dropped):
                self.tell(f"trouble  {dropped} events were not told")

    def summary(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        known = [one.r_multiple for one in self.ended if one.r_multiple is not None]
        return {
            "guarded": self.guarded,
            "closed": len(self.ended),
            "exits": dict(sorted(self.exits.items())),
            "fills": self.fills,
            "realised_r": round(sum(known), 4) if known else None,
            "realised_pnl": str(sum((one.realised for one in self.ended), Decimal(0))),
            "fees": str(sum((one.fees for one in self.ended), Decimal(0))),
        }

    def _take_guarded(self, event: Guarded) -> None:
        if event.key not in self._open:
            self.guarded += 1
        plan = self.plans().get(event.key)
        if plan is None:
            self.tell(f"{_name(event.key)}  guarded, and gone already")
            return
        self._open[event.key] = _Open(plan)
        how = "found and guarded" if event.adopted else "guarded"
        tick = Decimal(plan.instrument.tick_size)
        self.tell(
            f"{_name(event.key)}  {how}: {plan.quantity} at {_text(Decimal(plan.entry_price))}, "
            f"stop {_text(event.stop_ticks * tick)}, floor {_text(event.hard_stop_ticks * tick)}"
        )

    def _take_booked(self, event: Booked) -> None:
        self.fills += 1
        fill, held = event.fill, None if event.key is None else self._open.get(event.key)
        if event.key is None or held is None:
            return
        held.fees += Decimal(fill.fee)
        instrument = held.plan.instrument
        price = _text(fill.price_ticks * Decimal(instrument.tick_size))
        quantity = _text(fill.lots * Decimal(instrument.lot_step) + Decimal(fill.dust))
        if fill.side is not closing_side(event.key.side):
            self.tell(f"{_name(event.key)}  entered: {quantity} at {price}")
            return
        profit = Decimal(fill.realized_pnl)
        held.realised += profit
        r_text = f", {profit / held.risk:+.2f} R" if held.risk else ""
        self.tell(f"{_name(event.key)}  closed {quantity} at {price}{r_text}")

    def _take_closed(self, event: Closed) -> None:
        self.exits[event.reason] += 1
        held = self._open.pop(event.key, None)
        if held is None:
            return
        ratio = None
        if event.fills and held.risk:
            ratio = float(held.realised / held.risk)
        self.ended.append(
            Ended(
                key=event.key,
                reason=event.reason,
                realised=held.realised,
                fees=held.fees,
                r_multiple=ratio,
            )
        )
        shown = "R unknown" if ratio is None else f"{ratio:+.2f} R in all"
        left = "" if event.dust == "0" else f"; {event.dust} is left, too small for any order"
        self.tell(f"{_name(event.key)}  gone by {event.reason}: {shown}{left}")


def closing_side(side: Side) -> OrderSide:
    """The side of an order that closes a position."""
    return OrderSide.SELL if side is Side.LONG else OrderSide.BUY


def kind_of(event: Event) -> str:
    """Name of an event in figures."""
    kind = f"_{event.kind}" if isinstance(event, Alarm | Trouble) else ""
    return type(event).__name__.lower() + kind


def _name(key: PositionKey | None) -> str:
    return "account" if key is None else f"{key.symbol} {key.side}"


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"
