"""What users do by hand, and other bots: each one thing at one instant."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from quantum_exit.adapters.paper.faults.actions import (
    OrderSide,
    PositionSide,
    first_algo,
    nothing_there,
)
from quantum_exit.adapters.paper.faults.stage import Stage

Change: TypeAlias = Literal["reduce", "add", "flip", "close"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOrder:
    """A user trades: at the market, or with a limit order.

    Attributes:
        symbol: Symbol.
        side: BUY or SELL.
        lots: Lots, 1 or more.
        price_ticks: Limit price, or `None` for a market order.
        reduce_only: Whether it can only reduce.
        account: Whose.
        position_side: In hedge mode LONG or SHORT.
        client_id: Its client id; without, the venue makes one.
    """

    symbol: str
    side: OrderSide
    lots: int
    price_ticks: int | None = None
    reduce_only: bool = False
    account: int = 0
    position_side: PositionSide = "BOTH"
    client_id: str | None = None

    def carry_out(self, stage: Stage) -> None:
        """Places it."""
        stage.venue.place(
            self.account,
            self.symbol,
            self.side,
            "MARKET" if self.price_ticks is None else "LIMIT",
            self.lots,
            self.price_ticks or 0,
            reduce_only=self.reduce_only,
            position_side=self.position_side,
            client_id=self.client_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStop:
    """A user places a stop that closes the position.

    Attributes:
        symbol: Symbol.
        side: BUY or SELL.
        trigger_ticks: Trigger price.
        account: Whose.
        position_side: In hedge mode LONG or SHORT.
        client_id: Its client id; without, the venue makes one.
    """

    symbol: str
    side: OrderSide
    trigger_ticks: int
    account: int = 0
    position_side: PositionSide = "BOTH"
    client_id: str | None = None

    def carry_out(self, stage: Stage) -> None:
        """Places it."""
        stage.venue.place_algo(
            self.account,
            self.symbol,
            self.side,
            "STOP_MARKET",
            trigger_ticks=self.trigger_ticks,
            close_position=True,
            position_side=self.position_side,
            client_id=self.client_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCancel:
    """A user cancels a waiting algo order.

    Attributes:
        client_id: The order, or the beginning of its id.
        account: Whose.
    """

    client_id: str
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Cancels the first that matches."""
        algo_id = first_algo(stage, self.account, self.client_id)
        stage.venue.cancel_algo(self.account, algo_id=algo_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPosition:
    """A user changes a position at the market.

    Attributes:
        symbol: Symbol.
        change: Takes half of it away, adds half, turns it round, or closes it.
        account: Whose.
        position_side: Which of its positions.
    """

    symbol: str
    change: Change
    account: int = 0
    position_side: PositionSide = "BOTH"

    def carry_out(self, stage: Stage) -> None:
        """Places the order that does it."""
        held = next(
            (
                holding.lots
                for holding in stage.venue.holdings(self.account, self.symbol)
                if holding.position_side == self.position_side and holding.lots
            ),
            0,
        )
        if held == 0:
            raise nothing_there()
        size = abs(held)
        lots = {"reduce": -(-size // 2), "add": -(-size // 2), "flip": 2 * size, "close": size}
        grows = self.change == "add"
        UserOrder(
            symbol=self.symbol,
            side="BUY" if (held > 0) == grows else "SELL",
            lots=lots[self.change],
            account=self.account,
            position_side=self.position_side,
        ).carry_out(stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLeverage:
    """A user changes the leverage of a symbol.

    Attributes:
        symbol: Symbol.
        leverage: 1 to 125.
        account: Whose.
    """

    symbol: str
    leverage: int
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_leverage(self.account, self.symbol, self.leverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMarginType:
    """A user changes the margin type of a symbol.

    Attributes:
        symbol: Symbol.
        margin_type: CROSSED or ISOLATED.
        account: Whose.
    """

    symbol: str
    margin_type: Literal["CROSSED", "ISOLATED"]
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_margin_type(self.account, self.symbol, self.margin_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHedgeMode:
    """A user changes between one-way and hedge mode.

    Attributes:
        dual: Whether LONG and SHORT are held apart.
        account: Whose.
    """

    dual: bool
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_hedge_mode(self.account, self.dual)
