"""Everything that enters the guardian, besides what `domain.facts` names."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from quantum_exit.domain.checks import in_range
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderView,
    Price,
    StreamGap,
    TradedSymbol,
    VenuePosition,
)
from quantum_exit.domain.keys import PositionKey
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.outcomes import Outcome
from quantum_exit.execution.ports import SymbolRules

_MOST_LEGS = 16
_MOST_STEPS = 30
_INFINITE = float("inf")


class LegKind(StrEnum):
    """How a take-profit leg is carried out."""

    SOFT = "SOFT"
    """Resting reduce-only limit."""
    HARD = "HARD"
    """Market order when the core sees the level, or resident at the venue where asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTarget:
    """One take-profit leg that is still to come.

    Attributes:
        leg: Leg of the profile, 0 to 15.
        price_ticks: Its level in ticks, above 0.
        lots: Lots that it closes, above 0.
        kind: SOFT or HARD.
    """

    leg: int
    price_ticks: int
    lots: int
    kind: LegKind

    def __post_init__(self) -> None:
        in_range("legs.leg", self.leg, 0, _MOST_LEGS - 1)
        in_range("legs.price_ticks", self.price_ticks, 1, _INFINITE)
        in_range("legs.lots", self.lots, 1, _INFINITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """From a best price on, the venue's trailing order is tighter.

    Attributes:
        best_ticks: That price in ticks.
        callback_tenths: Distance from the best price in tenths of a percent, 1 to 100.
    """

    best_ticks: int
    callback_tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailTarget:
    """The venue's own trailing order.

    Attributes:
        lots: It rests while no more lots than these are open, for it closes all that is open; None =
            always.
        activation_ticks: Price in ticks from which it follows, or None = at once.
        callback_tenths: Distance from the best price in tenths of a percent, 1 to 100.
        steps: Where it becomes tighter, nearest first; at most 30.

    Raises:
        InvalidInputError: There are too many steps.
    """

    lots: int | None
    activation_ticks: int | None
    callback_tenths: int
    steps: tuple[TrailStep, ...] = ()

    def __post_init__(self) -> None:
        in_range("trail.steps", len(self.steps), 0, _MOST_STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionOpened:
    """A position to guard, or a new plan for one that is guarded already (the same key).

    A new plan replaces the legs; its stops only ever tighten.

    Attributes:
        key: The position; its epoch is `Guardian.next_epoch` for one that is new.
        lots: Lots that the plan was made for, above 0.
        entry_price: Average entry price, decimal text.
        hard_stop_ticks: Trigger of the floor, mark price in ticks.
        stop_ticks: Trigger of the working stop in ticks.
        legs: Legs still to come, nearest first; together at most `lots`.
        stop_on_mark: Whether the working stop listens to the mark price.
        hedge: Whether the account holds it as one of two hedge-mode positions.
        post_only: Whether SOFT legs refuse to take liquidity.
        hard_tp_resident: Whether HARD legs rest at the venue as conditional orders.
        trail: The venue's trailing order, or None = the core trails.
        opened_ms: When the plan was made, ms since the UNIX epoch.
        adopted: Whether it was found, and not handed over.
        leverage: Leverage for which it was planned, or None = it was not known, and the plan is one
            without leverage.

    Raises:
        InvalidInputError: A number is out of range, a stop is not on the loss side of the other, or
            the legs close more than `lots`.
    """

    key: PositionKey
    lots: int
    entry_price: str
    hard_stop_ticks: int
    stop_ticks: int
    legs: tuple[LegTarget, ...] = ()
    stop_on_mark: bool = False
    hedge: bool = False
    post_only: bool = False
    hard_tp_resident: bool = False
    trail: TrailTarget | None = None
    opened_ms: int
    adopted: bool = False
    leverage: float | None = None

    def __post_init__(self) -> None:
        in_range("key.epoch", self.key.epoch, 1, _INFINITE)
        in_range("lots", self.lots, 1, _INFINITE)
        in_range("hard_stop_ticks", self.hard_stop_ticks, 1, _INFINITE)
        in_range("stop_ticks", self.stop_ticks, 1, _INFINITE)
        sign = self.key.side.sign
        if sign * self.hard_stop_ticks > sign * self.stop_ticks:
            allowed = f"expected not nearer to the market than stop_ticks {self.stop_ticks}"
            raise InvalidInputError("hard_stop_ticks", self.hard_stop_ticks, allowed)
        if (total := sum(leg.lots for leg in self.legs)) > self.lots:
            raise InvalidInputError("legs", f"{total} lots", f"expected at most lots {self.lots}")
        if len({leg.leg for leg in self.legs}) < len(self.legs):
            raise InvalidInputError("legs", self.legs, "expected each leg once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the account looked like when it was read; both books.

    Attributes:
        symbol: The symbol that was read, or None = the whole account.
        positions: Every position that is not flat.
        open_orders: Open orders of both books.
        taken_at_ms: When the first of the requests left, ms since the UNIX epoch.
        complete: Whether every request was answered; what is absent from an incomplete audit says
            nothing.
    """

    symbol: str | None
    positions: tuple[VenuePosition, ...]
    open_orders: tuple[OrderView, ...]
    taken_at_ms: int
    complete: bool


class Action(StrEnum):
    """What a request asked for."""

    PLACE = "place"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a request.

    Attributes:
        client_id: The order that was placed or cancelled.
        action: Which of the two.
        outcome: Done, not done, or unknown.
        sent_ms: When the last try left, ms since the UNIX epoch: from here the settle window runs.
    """

    client_id: str
    action: Action
    outcome: Outcome
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a `Find` that was answered.

    Attributes:
        symbol: Symbol.
        client_id: The id asked for.
        book: The book asked.
        order: The order, or None = the venue says that it knows none.
        asked_ms: When the question left, ms since the UNIX epoch.
    """

    symbol: str
    client_id: str
    book: OrderBook
    order: OrderView | None
    asked_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradesRead:
    """The answer to a `ReadTrades`, or a page of it: every trade of the symbol from an id on.

    Attributes:
        symbol: Symbol.
        from_id: First id that was asked for, or None = the latest trades.
        fills: The trades, oldest first.
        asked_ms: When the question left, ms since the UNIX epoch.
        more: Whether another page follows: what is not in this one may be in that.
    """

    symbol: str
    from_id: int | None
    fills: tuple[Fill, ...]
    asked_ms: int
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedSymbolsRead:
    """The answer to a `ReadTradedSymbols`.

    Attributes:
        since_ms: From when on symbols were asked for.
        symbols: The symbols, by name.
        next_ms: From when on the venue has more to tell, or None = that was all.
        asked_ms: When the question left, ms since the UNIX epoch.
    """

    STORED_AS: ClassVar = "TradedRead"

    since_ms: int
    symbols: tuple[TradedSymbol, ...]
    next_ms: int | None
    asked_ms: int


class CoreKind(StrEnum):
    """What the core decided."""

    STOP_MOVED = "STOP_MOVED"
    LEG_DUE = "LEG_DUE"
    TRAIL_MOVED = "TRAIL_MOVED"
    """The trailing stop follows from now on, or more closely."""
    PART_DUE = "PART_DUE"
    """What the trailing stop guards alone is to be closed; the legs stay."""
    CLOSE_ALL = "CLOSE_ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreEvent:
    """A decision of the Rust engine about one position.

    Attributes:
        key: The position.
        kind: What it decided.
        reason: Why, as the engine names it (`STOP`, `TRAIL`, `TIME`, ...).
        leg: The leg that is due, or None.
        lots: Lots that are to be closed, or None = all that is open.
        stop_ticks: The stop in force, or None where the decision is not about it.
        best_ticks: The best price that trailing has seen, or None.
        ts_ns: Time of the tick that caused it, ns since the UNIX epoch.
    """

    key: PositionKey
    kind: CoreKind
    reason: str
    leg: int | None = None
    lots: int | None = None
    stop_ticks: int | None = None
    best_ticks: int | None = None
    ts_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStale:
    """The price of a symbol has aged, or is fresh again: no stop is tightened on an old one.

    Attributes:
        symbol: Symbol.
        stale: Whether it is too old now.
    """

    symbol: str
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBack:
    """A stream delivers again after a `StreamGap`.

    Attributes:
        stream: "user" or "market".
    """

    stream: str


class CommandKind(StrEnum):
    """What a person or another program asks for."""

    CLOSE = "close"
    CLOSE_ALL = "close_all"
    TIGHTEN = "tighten"
    LOOSEN = "loosen"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An order to the guardian; one id is carried out once.

    Attributes:
        command_id: Chosen by whoever commands.
        kind: What is asked for.
        key: The position, or None for `close_all`.
        lots: Lots to close, or None = all.
        stop_ticks: New working stop of `tighten` and `loosen`.
        hard_stop_ticks: New floor of `tighten` and `loosen`, or None = stays.
    """

    command_id: str
    kind: CommandKind
    key: PositionKey | None = None
    lots: int | None = None
    stop_ticks: int | None = None
    hard_stop_ticks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Time has passed; due at the latest at `Guardian.next_timer_ms`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseEpoch:
    """The right to send was won: first fact after every start, and after every change of owner.

    Whatever was in flight before has an unknown outcome from here on.

    Attributes:
        epoch: Number of the lease, 1 or more, growing.
        watched_ms: When the account was first watched, ms since the UNIX epoch, or None = now.
        won_ago_ms: How long ago it was won, ms: since then nothing of a life before has left.
    """

    epoch: int
    watched_ms: int | None = None
    won_ago_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """Rules of a symbol as they were just read.

    Attributes:
        rules: The rules; the symbol is that of their instrument.
    """

    rules: SymbolRules


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueState:
    """Whether the venue takes orders from us.

    Attributes:
        accepting: False in an outage or a maintenance.
    """

    accepting: bool


Fact: TypeAlias = (
    PositionOpened
    | OrderView
    | Fill
    | VenuePosition
    | Price
    | StreamGap
    | StreamBack
    | Audit
    | Sent
    | Found
    | TradesRead
    | TradedSymbolsRead
    | CoreEvent
    | PriceStale
    | Command
    | Timer
    | LeaseEpoch
    | RulesChanged
    | VenueState
)
