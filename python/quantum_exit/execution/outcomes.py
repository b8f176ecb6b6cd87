"""What became of a request: done, not done, or unknown, which is not the same as not done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from quantum_exit.domain.facts import OrderView


class Reaction(StrEnum):
    """What a refusal asks for; one per row of a venue's error table."""

    RESEND = "RESEND"
    """Not carried out for a passing reason: the same id again, with back-off."""
    WAIT = "WAIT"
    """Rate limit or ban: nothing before `retry_after_ms`."""
    RESYNC_CLOCK = "RESYNC_CLOCK"
    """Read the venue's time, sign again, the same id again."""
    ADOPT = "ADOPT"
    """An order with this id exists: read it."""
    ADOPT_SINGLETON = "ADOPT_SINGLETON"
    """Another close-position stop exists: find it."""
    PRICE_THROUGH = "PRICE_THROUGH"
    """The price is past the trigger: the stop is hit. Never push it away."""
    NOTHING_TO_REDUCE = "NOTHING_TO_REDUCE"
    """Read the position: it is flat, or other orders are in the way."""
    REDUCED_BY_OTHERS = "REDUCED_BY_OTHERS"
    """Other orders use up what can be reduced: read the position, and wait for them."""
    FREE_SLOT = "FREE_SLOT"
    """Too many orders: give up one that is not the last cover."""
    TRIGGERING = "TRIGGERING"
    """It is firing now: wait for the fill, send nothing bigger."""
    LOOK_IN_BOTH_BOOKS = "LOOK_IN_BOTH_BOOKS"
    """Unknown order: weak evidence; it may have triggered, or the reply is stale."""
    REQUANTISE = "REQUANTISE"
    """The filters changed: read them, round again, a new attempt."""
    SPLIT = "SPLIT"
    """Larger than one order may be: read the filters, and carry it out in smaller ones."""
    GO_MARKET = "GO_MARKET"
    """A limit cannot be placed as asked: take liquidity."""
    SWITCH_MODE = "SWITCH_MODE"
    """The account's position mode is another: read it."""
    FREE_MARGIN = "FREE_MARGIN"
    """Margin is short: reduce-only orders and the closing of legs remain."""
    REROUTE = "REROUTE"
    """Sent to the wrong endpoint: a defect of ours or a change of the venue."""
    ALARM = "ALARM"
    """A person is needed; never repeat by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The venue carried it out.

    Attributes:
        order: The order as the reply showed it, or None where the reply shows none.
    """

    order: OrderView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """The venue proved that it did not carry it out.

    Attributes:
        code: The venue's error code, or the HTTP status where there is none.
        message: The venue's text.
        reaction: What this asks for.
        retry_after_ms: Earliest next try, ms from now, or None.
    """

    code: int
    message: str
    reaction: Reaction
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have been carried out: only proof ends this.

    Attributes:
        why: What happened, such as `timeout after 2000 ms` or `-1007`.
    """

    why: str


Outcome: TypeAlias = Done | NotDone | Unknown
