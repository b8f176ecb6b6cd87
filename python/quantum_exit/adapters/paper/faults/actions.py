"""What the market does, each one thing at one instant."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.errors import VenueReject

PositionSide: TypeAlias = Literal["BOTH", "LONG", "SHORT"]
OrderSide: TypeAlias = Literal["BUY", "SELL"]


class Action(Protocol):
    """Something that happens at the venue at one instant."""

    def carry_out(self, stage: Stage) -> None:
        """Lets it happen.

        Raises:
            VenueReject: The venue does not allow it, or there is nothing to do it to.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A market trade.

    Attributes:
        symbol: Symbol.
        price_ticks: Price in ticks, 1 or more.
        lots: Lots, 1 or more.
    """

    symbol: str
    price_ticks: int
    lots: int = 1

    def carry_out(self, stage: Stage) -> None:
        """Prints it."""
        stage.trade(self.symbol, self.price_ticks, self.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark price.

    Attributes:
        symbol: Symbol.
        price_ticks: Price in ticks, 1 or more.
    """

    symbol: str
    price_ticks: int

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.mark(self.symbol, self.price_ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """Two things in the same instant.

    Attributes:
        first: What happens first.
        second: What happens then.
    """

    first: Action
    second: Action

    def carry_out(self, stage: Stage) -> None:
        """Lets both happen."""
        self.first.carry_out(stage)
        self.second.carry_out(stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDepth:
    """The book has its usual shape again.

    Attributes:
        symbol: Symbol.
    """

    symbol: str

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_depth(self.symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDepth:
    """Another shape of the book.

    Attributes:
        symbol: Symbol.
        levels: Levels on each side, 0 or more.
        lots_per_level: Lots on each, 1 or more.
        spread_ticks: Best ask less best bid, 1 or more.
        step_ticks: Distance of two levels, 1 or more.
    """

    symbol: str
    levels: int
    lots_per_level: int
    spread_ticks: int = 1
    step_ticks: int = 1

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_depth(
            self.symbol,
            spread_ticks=self.spread_ticks,
            levels=self.levels,
            step_ticks=self.step_ticks,
            lots_per_level=self.lots_per_level,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFills:
    """Fills come in small trades, or whole again.

    Attributes:
        symbol: Symbol.
        max_lots: Lots of one trade, 1 or more, or `None`.
    """

    symbol: str
    max_lots: int | None = None

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_fill_split(self.symbol, self.max_lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """Funding is charged.

    Attributes:
        symbol: Symbol.
        rate_e8: Rate in 1e-8; longs pay a positive one.
    """

    symbol: str
    rate_e8: int

    def carry_out(self, stage: Stage) -> None:
        """Charges it."""
        stage.fund(self.symbol, self.rate_e8)


def nothing_there() -> VenueReject:
    """The refusal of an action that found nothing to act on."""
    return VenueReject(-2011, "Unknown order sent.")


def first_algo(stage: Stage, account: int, client_id: str) -> int:
    """The number of the first waiting algo order whose client id begins with `client_id`.

    Raises:
        VenueReject: -2011, there is none.
    """
    for algo in stage.venue.open_algos(account):
        if algo.status == "NEW" and algo.client_id.startswith(client_id):
            return algo.algo_id
    raise nothing_there()
