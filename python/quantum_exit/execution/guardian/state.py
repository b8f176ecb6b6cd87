"""What the guardian remembers: plain data that can be written down and read again.

Invariant: every field is a value that `codec` knows, so a snapshot is the whole truth.
"""

from dataclasses import dataclass, field

from quantum_exit.domain.facts import OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.facts import PositionOpened
from quantum_exit.execution.guardian.own_order import OwnOrder
from quantum_exit.execution.guardian.replacement import Replacement
from quantum_exit.execution.ports import SymbolRules


@dataclass(slots=True, kw_only=True)
class Holding:
    """What is known about the size of a position.

    Attributes:
        lots: Lots of the newest report that was not flat; 0 before the first.
        as_of_ms: The venue's time of that report.
        entry_price: Its average entry price, decimal text.
        assumed: Whether no report has come yet and the plan's lots stand in.
        later: Trades newer than the report: trade id -> (ms, signed lots).
        since_ms: The venue's time of the report before that one.
        traded_lots: Lots at the end of the report's millisecond, by the trades since the report
            before it.
        parts: Trades within the report's millisecond: trade id and signed lots.
        flat_stream_ms: The venue's time of a flat report of the stream since, or None.
        flat_audit_ms: When the first and the last audit were taken that showed it flat since.
        refused_ms: Since when the venue says that nothing is left to reduce, our time, or None.
        gone_ms: Since when two sources agree that it is flat, our time, or None.
        ledger_lots: Lots by the known trades alone.
        ended_ms: The venue's time of the last news of a position that has ended; what the stream
            tells of that time or before belongs to it, however late it comes.
        ended_dust: Quantity that it left and that no order could express, decimal text.
        lost_stop: When a stop of ours that nothing was known of ended before there was a plan, the
            venue's time, and its trigger in ticks.
    """

    lots: int = 0
    as_of_ms: int = 0
    entry_price: str = "0"
    assumed: bool = True
    later: dict[int, tuple[int, int]] = field(default_factory=dict)
    since_ms: int = 0
    traded_lots: int = 0
    parts: list[tuple[int, int]] = field(default_factory=list)
    flat_stream_ms: int | None = None
    flat_audit_ms: tuple[int, int] | None = None
    refused_ms: int | None = None
    gone_ms: int | None = None
    ledger_lots: int = 0
    ended_ms: int = 0
    ended_dust: str = "0"
    lost_stop: tuple[int, int] | None = None


@dataclass(slots=True, kw_only=True)
class Exit:
    """One decision to close at the market.

    Attributes:
        number: Its number on this side.
        reason: Why.
        leg: The leg that it carries out, or None.
        goal_lots: Lots to close, or None = all that is open.
        emergency: Whether the position could not be protected.
        order: Id of the attempt in the air, or None between two.
        done_lots: Lots that ended attempts closed.
        attempts: Attempts so far.
        failures: Attempts in a row that closed nothing.
        not_before_ms: Earliest next attempt.
    """

    number: int
    reason: str
    leg: int | None
    goal_lots: int | None
    emergency: bool
    order: str | None = None
    done_lots: int = 0
    attempts: int = 0
    failures: int = 0
    not_before_ms: int = 0


@dataclass(slots=True, kw_only=True)
class LegState:
    """What became of one take-profit leg.

    Attributes:
        filled_lots: Lots that ended orders have closed, less what orders that go on had closed
            before the plan in force.
        told_lots: Lots that the core was told of.
        taker: Whether post-only was refused.
        not_before_ms: Earliest next order.
    """

    filled_lots: int = 0
    told_lots: int = 0
    taker: bool = False
    not_before_ms: int = 0


@dataclass(slots=True, kw_only=True)
class SideState:
    """One side of one symbol: its position, if any, and our orders for it.

    Attributes:
        symbol: Symbol.
        side: Direction.
        plan: The plan in force, or None where no position is guarded.
        replanning: Whether its grid has changed and its plan in the new one is awaited.
        grid_since_ms: When its plan was made that ended `replanning` last, ms since the UNIX epoch.
        reserved_epoch: Epoch that was given to a position that waits for its plan, or None.
        ended_unseen_ms: Since when no position is guarded here and one may have been opened again
            unheard, until a newer reading shows nothing open; else None.
        hard_ticks: Trigger that the floor should have.
        stop_ticks: Trigger that the working stop should have.
        floor_loosened: Whether a command asked for a looser floor than rests.
        stop_loosened: Whether a command asked for a looser working stop than rests.
        released: Whether only the floor is to stay.
        holding: Size.
        dust: Quantity besides the lots that no order can express, decimal text.
        rest_lots: Lots of the dust that an exit of all that was open has left, once a finer step
            makes lots of it; 0 until then, None after any other end.
        orders: Our orders that may still do something, or whose trades are not all known.
        ended: Ids of our latest orders that have ended; news of them is old.
        foreign: Open orders of others that close this side.
        working: The working stop and its replacement.
        replaced_ms: When the working stop was last replaced.
        exits: Exits that are being carried out, by number.
        exit_count: Exits so far.
        due_legs: Legs that were decided to be closed at the market.
        legs: Take-profit legs by number.
        revisions: Orders so far, by role and rung.
        floor_not_before_ms: Earliest next floor.
        standin_not_before_ms: Earliest next stand-in beside one that stays.
        working_not_before_ms: Earliest next working stop.
        trail_not_before_ms: Earliest next trailing order.
        trail_active: Whether a trailing order goes without its activation price.
        trail_done: Whether what trailed alone was closed.
        best_ticks: Best price since trailing began or tightened, or None.
        budget_used: Whether a refusal showed that resting orders use up what a close can reduce.
        core_lots: Lots that the core was told of.
        naked_since_ms: Since when it is not covered, or None.
        floorless_since_ms: Since when no floor is proven live, or None.
        trusted_ms: What the venue showed before counts as cover only until something is cancelled.
        read_ms: When the account was last asked about this symbol.
        alarms: Alarms that stand.
        fills: Trades since the plan began.
        closed_lots: Lots that they closed.
        last_close: What the last of them came from.
        last_close_trade: Id of that trade, -1 before the first.
        last_close_order: The venue's number of its order.
    """

    symbol: str
    side: Side
    plan: PositionOpened | None = None
    replanning: bool = False
    grid_since_ms: int = 0
    reserved_epoch: int | None = None
    ended_unseen_ms: int | None = None
    hard_ticks: int = 0
    stop_ticks: int = 0
    floor_loosened: bool = False
    stop_loosened: bool = False
    released: bool = False
    holding: Holding = field(default_factory=Holding)
    dust: str = "0"
    rest_lots: int | None = None
    orders: dict[str, OwnOrder] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    foreign: dict[str, OrderView] = field(default_factory=dict)
    working: Replacement = field(default_factory=Replacement)
    replaced_ms: int = 0
    exits: dict[int, Exit] = field(default_factory=dict)
    exit_count: int = 0
    due_legs: set[int] = field(default_factory=set)
    legs: dict[int, LegState] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    floor_not_before_ms: int = 0
    standin_not_before_ms: int = 0
    working_not_before_ms: int = 0
    trail_not_before_ms: int = 0
    trail_active: bool = False
    trail_done: bool = False
    best_ticks: int | None = None
    budget_used: bool = False
    core_lots: int = 0
    naked_since_ms: int | None = None
    floorless_since_ms: int | None = None
    trusted_ms: int = 0
    read_ms: int = 0
    alarms: set[str] = field(default_factory=set)
    fills: int = 0
    closed_lots: int = 0
    last_close: str = "unknown"
    last_close_trade: int = -1
    last_close_order: int | None = None

    @property
    def key(self) -> PositionKey | None:
        """The guarded position."""
        return None if self.plan is None else self.plan.key

    @property
    def is_in_use(self) -> bool:
        """Whether a position or orders of ours are remembered, in ticks and lots of its grid."""
        return self.plan is not None or self.holding.lots > 0 or bool(self.orders)


@dataclass(slots=True, kw_only=True)
class Trades:
    """Which trades of a symbol are known.

    Attributes:
        read_to: Every trade up to this id is known, or None before the first read.
        first_id: First trade since the account is watched, or None where nobody has named it.
        seen: Known ids above it.
        read_ms: When the trades were last asked for.
        read_needed: Whether that question was one that a proof waits for.
        answered_ms: When the last reading left that was answered.
        wanted: Whether some may be missing.
        order_of: Ids of our orders by the venue's number of the order that trades.
    """

    read_to: int | None = None
    first_id: int | None = None
    seen: set[int] = field(default_factory=set)
    read_ms: int = 0
    read_needed: bool = False
    answered_ms: int = 0
    wanted: bool = False
    order_of: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class SymbolState:
    """What concerns both sides of a symbol.

    Attributes:
        trades: Known trades.
        rules: Rules as last read, or None.
        rules_ms: When they were last asked for.
        grid_ms: When its grid last changed, our time; 0 = never.
        stale: Whether its price has aged.
        learnt_most_lots: Largest order that refusals for its size have left possible, or None.
    """

    trades: Trades = field(default_factory=Trades)
    rules: SymbolRules | None = None
    rules_ms: int = 0
    grid_ms: int = 0
    stale: bool = False
    learnt_most_lots: int | None = None


@dataclass(slots=True, kw_only=True)
class TradedState:
    """Which symbols were traded in.

    Attributes:
        since_ms: The venue's time up to which every one is known; 0 = the account was never
            watched.
        wanted: Whether the venue is to be asked.
        wanted_ms: Since when, at the latest gap.
        asks: Questions without an answer so far.
        answered_ms: When the question was asked that has had the last answer; 0 = none has.
    """

    since_ms: int = 0
    wanted: bool = False
    wanted_ms: int = 0
    asks: int = 0
    answered_ms: int = 0


@dataclass(slots=True, kw_only=True)
class AccountState:
    """The whole account.

    Attributes:
        name: Name of the account.
        sides: By `SYMBOL:SIDE`.
        symbols: By symbol.
        lease_epoch: The lease, or None before the first.
        lease_ms: When it was won.
        accepting: Whether the venue takes orders; what is asked for does not depend on it.
        audited: Whether the whole account was read since the lease was won; before that nobody
            knows which epochs are taken.
        gaps: Streams that are interrupted.
        last_epoch: Largest epoch of a position that was ever seen.
        traded: Which symbols were traded in.
        commands: Ids of the latest commands.
        due: When sides are to be looked at again, by `SYMBOL:SIDE`.
    """

    name: str
    sides: dict[str, SideState] = field(default_factory=dict)
    symbols: dict[str, SymbolState] = field(default_factory=dict)
    lease_epoch: int | None = None
    lease_ms: int = 0
    accepting: bool = True
    audited: bool = False
    gaps: set[str] = field(default_factory=set)
    last_epoch: int = 0
    traded: TradedState = field(default_factory=TradedState)
    commands: list[str] = field(default_factory=list)
    due: dict[str, int] = field(default_factory=dict)
