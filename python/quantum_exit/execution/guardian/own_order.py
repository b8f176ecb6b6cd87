"""An order of ours: what is known about it, and what speaks for its absence."""

from dataclasses import dataclass, field
from enum import StrEnum

from quantum_exit.domain.facts import OrderBook, OrderStatus
from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.orders import Role


class Phase(StrEnum):
    """What is known about an order of ours."""

    ASKED = "ASKED"
    """Asked for; nothing has been heard."""
    UNKNOWN = "UNKNOWN"
    """It may exist; being proven."""
    LIVE = "LIVE"
    """The venue showed it."""
    FIRING = "FIRING"
    """It has triggered; its child may fill or end."""
    ENDED = "ENDED"
    """It existed, and the venue says that it has ended."""
    ABSENT = "ABSENT"
    """It never came into being: refused, or proven absent."""

    @property
    def is_over(self) -> bool:
        """Whether it can do nothing any more."""
        return self in (Phase.ENDED, Phase.ABSENT)


class Leaving(StrEnum):
    """What is known about the cancel of an order."""

    NO = "NO"
    ASKED = "ASKED"
    REFUSED = "REFUSED"
    """Nobody knows whether it was carried out: it may be asked for again."""


@dataclass(slots=True, kw_only=True)
class Proof:
    """What speaks for the absence of an order whose outcome is unknown.

    Attributes:
        since_ms: When the request left, or when the order was missed.
        not_found_ms: When the questions left that were answered with "not found": the first and the
            last one that count.
        lists_ms: When the last complete list of open orders without it was asked for.
        trades_ms: When the last list of trades without it was asked for.
        asked_ms: When it was last asked for.
        asks: Questions so far.
    """

    since_ms: int
    not_found_ms: list[int] = field(default_factory=list)
    lists_ms: int | None = None
    trades_ms: int | None = None
    asked_ms: int | None = None
    asks: int = 0


@dataclass(slots=True, kw_only=True)
class OwnOrder:
    """An order of ours.

    Attributes:
        client_id: Our id.
        key: The position that it is for.
        role: What it is for.
        rung: Rung of its id: the leg, or which of several of its role.
        book: Where it lives.
        lots: Its quantity in lots; 0 of a floor, which closes whatever is open.
        ticks: Its trigger or limit price in ticks; None of a market or trailing order.
        phase: What is known.
        status: The venue's status, or None before the first.
        asked_ms: When it was asked for.
        sent_ms: When the last try left, or None before the first outcome.
        updated_ms: The venue's time of its status; 0 before the first.
        confirmed_ms: When the venue last showed it, our time; 0 before.
        filled_lots: Lots filled, as order updates say.
        booked_lots: Lots filled, as known trades say.
        venue_id: The venue's number, or None before the first sight.
        child_id: `orderId` of the child of a conditional order, or None.
        firing_ms: Since when it fires, our time, or None.
        leaving: What is known about its cancel.
        leave_ms: When its cancel was last asked for.
        proof: While its existence is being proven.
        refusal: Code of the refusal, or None.
    """

    client_id: str
    key: PositionKey
    role: Role
    rung: int
    book: OrderBook
    lots: int
    ticks: int | None
    phase: Phase
    asked_ms: int
    status: OrderStatus | None = None
    sent_ms: int | None = None
    updated_ms: int = 0
    confirmed_ms: int = 0
    filled_lots: int = 0
    booked_lots: int = 0
    venue_id: int | None = None
    child_id: int | None = None
    firing_ms: int | None = None
    leaving: Leaving = Leaving.NO
    leave_ms: int = 0
    proof: Proof | None = None
    refusal: int | None = None

    @property
    def trade_number(self) -> int | None:
        """The `orderId` that its trades bear: of a conditional order its child's, not its own.

        The two are counted apart, so that an `algoId` may be the `orderId` of somebody's order.
        """
        return self.child_id if self.book is OrderBook.ALGO else self.venue_id

    @property
    def left_lots(self) -> int:
        """Lots that it may still close; 0 of a floor."""
        return max(0, self.lots - self.filled_lots)

    @property
    def may_rest(self) -> bool:
        """Whether it may be at the venue now or later."""
        return not self.phase.is_over

    @property
    def is_resting(self) -> bool:
        """Whether it is proven to rest, and nobody has asked to cancel it."""
        return self.phase is Phase.LIVE and self.leaving is Leaving.NO
