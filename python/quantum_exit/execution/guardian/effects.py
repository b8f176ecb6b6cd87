"""Everything that the guardian asks for.

`Place` and `Cancel` are intents: whoever carries them out makes them durable, together with the
fact that caused them, before anything is sent. The other effects may be lost: what they are for is
asked for again.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from quantum_exit.domain.facts import Fill, OrderBook
from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.orders import ExitOrder
from quantum_exit.execution.ports import Steps


class Priority(IntEnum):
    """What goes first where the rate limit or a queue has to choose; lower is sooner."""

    EMERGENCY = 0
    FLOOR = 1
    CLOSE = 2
    WORKING = 3
    CANCEL = 4
    TAKE_PROFIT = 5
    READ = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Place this order under this id.

    Attributes:
        order: The order.
        client_id: Our id, a pure function of the intent.
        priority: What goes first.
        steps: The grid in whose ticks and lots it was decided; None = no rules were known.
    """

    order: ExitOrder
    client_id: str
    priority: Priority
    steps: Steps | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel this order of ours.

    Attributes:
        key: The position that it is for.
        symbol: Symbol.
        client_id: Our id.
        book: Where it lives.
        priority: What goes first.
    """

    key: PositionKey
    symbol: str
    client_id: str
    book: OrderBook
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Ask the venue for one order; answered by `Found`.

    Attributes:
        symbol: Symbol.
        client_id: Our id.
        book: The book to ask.
    """

    symbol: str
    client_id: str
    book: OrderBook


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrades:
    """Read the trades of a symbol; answered by `TradesRead`.

    Attributes:
        symbol: Symbol.
        from_id: First trade id wanted, or None = the latest.
        needed: Whether the proof about an order, or of a position's end, waits for it; otherwise
            trades are only booked.
    """

    symbol: str
    from_id: int | None
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTradedSymbols:
    """Read in which symbols the account has traded; answered by `TradedSymbolsRead`.

    Attributes:
        since_ms: The venue's time from which on they are wanted, ms since the UNIX epoch.
    """

    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccount:
    """Read positions and open orders of both books; answered by `Audit`.

    Attributes:
        symbol: Symbol, or None = all.
    """

    symbol: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRules:
    """Read the rules of a symbol; answered by `RulesChanged`.

    Attributes:
        symbol: Symbol.
    """

    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """A position that nobody guards: plan it and answer with `PositionOpened` of this key.

    Asked for again, under the same key, by every audit that shows it.

    Attributes:
        key: Its key; the epoch is reserved for it.
        lots: Open lots.
        entry_price: Average entry price, decimal text.
        hedge: Whether it is one of two hedge-mode positions.
    """

    key: PositionKey
    lots: int
    entry_price: str
    hedge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """The grid of the symbol has changed: answer with `PositionOpened` of the same key.

    Attributes:
        key: The position.
    """

    key: PositionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """Tell the core that the position has another size.

    Attributes:
        key: The position.
        lots: Open lots, above 0.
    """

    key: PositionKey
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFilled:
    """Tell the core that a leg's order has filled.

    Attributes:
        key: The position.
        leg: Leg of the profile.
        lots: Lots that the leg has closed.
    """

    key: PositionKey
    leg: int
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWatch:
    """Tell the core that the position is gone.

    Attributes:
        key: The position.
    """

    key: PositionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A trade of the account that was not known before; asked for exactly once a trade.

    Attributes:
        key: The position that it belongs to, or None where none is guarded.
        fill: The trade.
    """

    key: PositionKey | None
    fill: Fill


class AlarmKind(StrEnum):
    """What a person has to hear about."""

    NAKED = "naked"
    FLOOR_MISSING = "floor_missing"
    FLOOR_BLOCKED = "floor_blocked"
    TRAILING_DEGRADED = "trailing_degraded"
    STOP_THROUGH = "stop_through"
    STOP_LOST = "stop_lost"
    EXIT_STRUGGLES = "exit_struggles"
    UNKNOWN_LASTS = "unknown_lasts"
    REFUSED = "refused"
    FORCED_CLOSE = "forced_close"
    MODE_CHANGED = "mode_changed"
    STOP_TOO_LARGE = "stop_too_large"
    VENUE_DOWN = "venue_down"
    TRADES_UNREAD = "trades_unread"
    LIQUIDATION_NEAR = "liquidation_near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A breach, or protection that is weaker than planned.

    Attributes:
        kind: What it is about.
        key: The position, or None where it concerns the account.
        text: What happened, with the numbers.
    """

    kind: AlarmKind
    key: PositionKey | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a command.

    Attributes:
        command_id: The command.
        accepted: Whether it is being carried out.
        why: Why not, or what it started.
    """

    command_id: str
    accepted: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The position is gone, but for what no order can close: two sources agree.

    Attributes:
        key: The position.
        opened_ms: When it was registered, ms since the UNIX epoch.
        closed_ms: When it was found to be gone.
        filled_lots: Lots that known trades closed.
        reason: What closed it: `exit`, `stop`, `take_profit`, `liquidation`, `adl`, `settlement`,
            `hand`, or `unknown` where no trade tells.
        fills: Trades that closed it.
        dust: Quantity that is left and that no order can express, in base currency, decimal text.
    """

    key: PositionKey
    opened_ms: int
    closed_ms: int
    filled_lots: int
    reason: str
    fills: int
    dust: str = "0"


Effect: TypeAlias = (
    Place
    | Cancel
    | Find
    | ReadTrades
    | ReadTradedSymbols
    | ReadAccount
    | ReadRules
    | Adopt
    | Replan
    | Resize
    | LegFilled
    | CloseWatch
    | Booked
    | Alarm
    | Answer
    | Closed
)
