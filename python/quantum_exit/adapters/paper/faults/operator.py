"""What the operator of the venue does, each one thing at one instant."""

from dataclasses import dataclass

from quantum_exit.adapters.paper.faults.actions import PositionSide, first_algo, nothing_there
from quantum_exit.adapters.paper.faults.stage import Stage, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlgoLimit:
    """Another number of algo orders is allowed.

    Attributes:
        symbol: Symbol.
        limit: MAX_NUM_ALGO_ORDERS.
    """

    symbol: str
    limit: int

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.set_algo_limit(self.symbol, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTriggerLatency:
    """Stops take longer, or shorter, from their price to their order.

    Attributes:
        latency_ms: From one to the other, ms, 0 or more.
    """

    latency_ms: int

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.venue.set_trigger_latency(self.latency_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFilters:
    """Other filters; what is `None` stays.

    Attributes:
        symbol: Symbol.
        price_multiple: Tick size in ticks of the listing.
        lot_multiple: Step size in lots of the listing.
        min_notional_e8: MIN_NOTIONAL in 1e-8 quote.
    """

    symbol: str
    price_multiple: int | None = None
    lot_multiple: int | None = None
    min_notional_e8: int | None = None

    def carry_out(self, stage: Stage) -> None:
        """Sets them."""
        stage.set_filters(
            self.symbol,
            price_multiple=self.price_multiple,
            lot_multiple=self.lot_multiple,
            min_notional_e8=self.min_notional_e8,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Another status of a symbol.

    Attributes:
        symbol: Symbol.
        status: Such as `SETTLING`.
    """

    symbol: str
    status: Status

    def carry_out(self, stage: Stage) -> None:
        """Sets it."""
        stage.set_status(self.symbol, self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """A symbol is delisted, its positions closed.

    Attributes:
        symbol: Symbol.
        price_ticks: Price of the settlement in ticks; `None` is the last price.
    """

    symbol: str
    price_ticks: int | None = None

    def carry_out(self, stage: Stage) -> None:
        """Settles it."""
        price_ticks = self.price_ticks or stage.venue.prices(self.symbol).last_ticks
        stage.settle(self.symbol, price_ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidate:
    """A position is liquidated.

    Attributes:
        symbol: Symbol.
        account: Whose.
        position_side: Which of its positions.
    """

    symbol: str
    account: int = 0
    position_side: PositionSide = "BOTH"

    def carry_out(self, stage: Stage) -> None:
        """Liquidates it."""
        if stage.venue.liquidate(self.account, self.symbol, self.position_side) is None:
            raise nothing_there()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleverage:
    """A position is closed by auto-deleveraging.

    Attributes:
        symbol: Symbol.
        lots: At most so many, 1 or more.
        account: Whose.
        position_side: Which of its positions.
    """

    symbol: str
    lots: int
    account: int = 0
    position_side: PositionSide = "BOTH"

    def carry_out(self, stage: Stage) -> None:
        """Closes it."""
        stage.venue.adl(self.account, self.symbol, self.position_side, self.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFees:
    """Other fee rates.

    Attributes:
        maker_fee_ppm: In millionths, negative for a rebate.
        taker_fee_ppm: In millionths.
        account: Whose.
    """

    maker_fee_ppm: int
    taker_fee_ppm: int
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Sets them."""
        stage.set_fees(
            self.account, maker_fee_ppm=self.maker_fee_ppm, taker_fee_ppm=self.taker_fee_ppm
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAlgo:
    """The venue expires a waiting algo order.

    Attributes:
        client_id: The order, or the beginning of its id.
        account: Whose.
        reason: What it says.
    """

    client_id: str
    account: int = 0
    reason: str = ""

    def carry_out(self, stage: Stage) -> None:
        """Expires the first that matches."""
        algo_id = first_algo(stage, self.account, self.client_id)
        stage.venue.expire_algo(self.account, algo_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectAtTrigger:
    """A waiting algo order will be refused by the matching engine when it triggers.

    Attributes:
        client_id: The order, or the beginning of its id.
        account: Whose.
        reason: What it will say.
    """

    client_id: str
    account: int = 0
    reason: str = "Margin is insufficient."

    def carry_out(self, stage: Stage) -> None:
        """Dooms the first that matches."""
        algo_id = first_algo(stage, self.account, self.client_id)
        stage.venue.reject_at_trigger(self.account, algo_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder:
    """The venue expires a resting order.

    Attributes:
        client_id: The order, or the beginning of its id.
        account: Whose.
    """

    client_id: str
    account: int = 0

    def carry_out(self, stage: Stage) -> None:
        """Expires the first that matches."""
        for order in stage.venue.open_orders(self.account):
            if order.client_id.startswith(self.client_id):
                stage.venue.expire_order(self.account, order.order_id)
                return
        raise nothing_there()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropStreams:
    """All WebSockets are closed."""

    def carry_out(self, stage: Stage) -> None:
        """Closes them."""
        if not stage.drop_streams():
            raise nothing_there()


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceStreams:
    """All WebSockets stay open, and nothing comes through.

    Attributes:
        length_ms: For how long, ms.
    """

    length_ms: int

    def carry_out(self, stage: Stage) -> None:
        """Silences them."""
        stage.silence(self.length_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndListenKeys:
    """All listen keys end without a word; their streams fall silent and stay open."""

    def carry_out(self, stage: Stage) -> None:
        """Ends them."""
        if not stage.end_listen_keys():
            raise nothing_there()
