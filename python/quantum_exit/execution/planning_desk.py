"""Plans positions for the service: those that are handed over and those that are found."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import VenuePosition
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.position import Position, Side
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.errors import PlanRefusedError
from quantum_exit.execution.entering import OrderStyle, opened, unplanned
from quantum_exit.execution.recording import Opened
from quantum_exit.planning.api import plan_exit
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig
from quantum_exit.planning.context import Advice
from quantum_exit.planning.planned import PlannedExit, Planner


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What is known where a position is handed over; None = unknown.

    Attributes:
        advice: What models suggest.
        market: Reading of the market.
        risk: Risk of the account.
        planner: Who plans, or None = as the configuration says.
    """

    advice: Advice | None = None
    market: MarketContext | None = None
    risk: RiskContext | None = None
    planner: Planner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningDesk:
    """How positions are planned.

    Attributes:
        book: The profiles.
        config: Switches and numbers.
        style: How a plan becomes orders.
        risk_mode: How careful the account is.
        adopted_strategy: Strategy under which found positions are planned, a key of the book.
    """

    book: ProfileBook = field(default_factory=ProfileBook.default)
    config: PlanningConfig = field(default_factory=PlanningConfig)
    style: OrderStyle = field(default_factory=OrderStyle)
    risk_mode: RiskMode = RiskMode.NORMAL
    adopted_strategy: str = "DEFAULT"

    def plan(self, position: Position, signal: Signal, now_ms: int) -> PlannedExit:
        """The exit of a position.

        Raises:
            PlanRefusedError: No stop can protect it.
            InvalidInputError: Names what is out of range, or what the planner lacks.
        """
        return plan_exit(
            position,
            signal.market,
            book=self.book,
            risk=signal.risk,
            advice=signal.advice,
            risk_mode=self.risk_mode,
            config=self.config,
            planner=signal.planner,
            as_of_ns=now_ms * 1_000_000,
        )

    def opened(
        self,
        planned: PlannedExit,
        position: Position,
        key: PositionKey,
        *,
        hedge: bool,
        now_ms: int,
    ) -> Opened:
        """What guardian and core are told of a planned position."""
        return opened(
            planned,
            position,
            key,
            style=self.style,
            limits=self.config.exit_brain.stop_limits,
            hedge=hedge,
            now_ms=now_ms,
        )

    def found(
        self,
        position: Position,
        key: PositionKey,
        *,
        leverage: float | None,
        hedge: bool,
        now_ms: int,
    ) -> tuple[Opened, str | None]:
        """What is told of a position that was found, and why it is to be closed at once, or None.

        Args:
            position: The position.
            key: Its identity.
            leverage: Its leverage as far as anybody told, or None.
            hedge: Whether the account holds it as one of two hedge-mode positions.
            now_ms: The time, ms since the UNIX epoch.

        Raises:
            InvalidInputError: The core refuses the position.
        """
        try:
            planned = self.plan(position, Signal(), now_ms)
        except PlanRefusedError as refusal:
            made = unplanned(position, key, style=self.style, hedge=hedge, now_ms=now_ms)
            return _with(made, leverage, position), str(refusal)
        made = self.opened(planned, position, key, hedge=hedge, now_ms=now_ms)
        return _with(made, leverage, position), planned.close_now

    def found_position(
        self,
        instrument: Instrument,
        *,
        side: Side,
        lots: int,
        entry_price: str,
        shown: VenuePosition | None,
        leverage: float | None,
        last_ticks: int | None,
        adopted: bool = True,
    ) -> Position:
        """A position that was found, as planning sees it.

        Args:
            instrument: Grid and minimums.
            side: Direction.
            lots: Open lots.
            entry_price: Average entry price, decimal text.
            shown: What the venue last showed of it, or None.
            leverage: Its leverage, or None = not known: it is planned as one without.
            last_ticks: Last known trade price in ticks, or None.
            adopted: Whether it was found, and not handed over.

        Raises:
            InvalidInputError: What the venue shows makes no position.
        """
        price = Decimal(entry_price)
        if last_ticks is not None:
            price = last_ticks * Decimal(instrument.tick_size)
        elif shown is not None and shown.mark_price is not None:
            price = Decimal(shown.mark_price)
        liquidation = None
        if shown is not None and shown.liquidation_price is not None:
            liquidation = Decimal(shown.liquidation_price)
            # Of a position that is over-collateralised the venue shows one on the profit side.
            if side.sign * (Decimal(entry_price) - liquidation) <= 0:
                liquidation = None
        return Position(
            instrument=instrument,
            side=side,
            entry_price=Decimal(entry_price),
            quantity=lots * Decimal(instrument.lot_step),
            leverage=1.0 if leverage is None else float(leverage),
            current_price=price,
            strategy_id=self.adopted_strategy,
            liquidation_price=liquidation,
            adopted=adopted,
        )


def _with(made: Opened, leverage: float | None, position: Position) -> Opened:
    known = None if leverage is None else float(leverage)
    fact = replace(made.fact, adopted=position.adopted, leverage=known)
    return replace(made, fact=fact)
