"""A venue in memory: matches orders, keeps the truth, and tells nobody anything by itself."""

from dataclasses import dataclass, field, replace

from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderSide,
    OrderStatus,
    OrderView,
    VenuePosition,
)
from quantum_exit.domain.position import Side
from quantum_exit.execution.orders import (
    ExitOrder,
    FloorStop,
    MarketClose,
    TakeProfitLimit,
    TakeProfitMarket,
    VenueTrail,
    WorkingStop,
    closing_side,
)
from quantum_exit.execution.outcomes import NotDone, Reaction

REFUSALS = {
    -2021: Reaction.PRICE_THROUGH,
    -2022: Reaction.NOTHING_TO_REDUCE,
    -4118: Reaction.REDUCED_BY_OTHERS,
    -4130: Reaction.ADOPT_SINGLETON,
    -4045: Reaction.FREE_SLOT,
    -4116: Reaction.ADOPT,
    -4117: Reaction.TRIGGERING,
    -2011: Reaction.LOOK_IN_BOTH_BOOKS,
    -1008: Reaction.RESEND,
    -1021: Reaction.RESYNC_CLOCK,
    -1111: Reaction.REQUANTISE,
    -4005: Reaction.SPLIT,
    -5022: Reaction.GO_MARKET,
}
STOPS = ("STOP_MARKET",)
Told = OrderView | Fill | VenuePosition


def refused(code: int) -> NotDone:
    return NotDone(code=code, message=f"refused {code}", reaction=REFUSALS[code])


@dataclass
class Position:
    lots: int = 0
    entry: int = 1_000
    since_ms: int = 0


@dataclass
class ModelVenue:
    """One account, prices in ticks; last and mark price are one.

    `thin` lots at most trade at once for a triggered stop, the rest expires. `budget`: resting
    reduce-only limits use up what a market order may reduce. `most_lots`: largest order.
    """

    hedge: bool = False
    budget: bool = False
    most_algo: int = 10
    thin: int | None = None
    most_lots: int | None = None
    price: int = 1_000
    liquidation: str | None = None
    now_ms: int = 0
    positions: dict[tuple[str, Side], Position] = field(default_factory=dict)
    orders: dict[str, OrderView] = field(default_factory=dict)
    trades: list[Fill] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    numbers: int = 1_000
    opened_lots: int = 0

    # What is there.

    def position(self, symbol: str, side: Side) -> Position:
        return self.positions.setdefault((symbol, side), Position())

    def open(self, symbol: str | None = None) -> list[OrderView]:
        return [
            view
            for view in self.orders.values()
            if not view.status.is_final and symbol in (None, view.symbol)
        ]

    def closing(self, symbol: str, side: Side) -> list[OrderView]:
        return [
            view
            for view in self.open(symbol)
            if view.side is closing_side(side) and view.position_side in (None, side)
        ]

    def view_of(self, symbol: str, side: Side) -> VenuePosition:
        position = self.position(symbol, side)
        return VenuePosition(
            symbol=symbol,
            side=side,
            hedge=self.hedge,
            lots=position.lots,
            entry_price=str(position.entry) if position.lots else "0",
            mark_price=str(self.price),
            liquidation_price=self.liquidation,
            leverage=10,
            updated_ms=position.since_ms,
        )

    def drain(self) -> list[Told]:
        told, self.told = self.told, []
        return told

    # What people and prices do.

    def trade(self, symbol: str, side: Side, lots: int, client_id: str = "web_1") -> None:
        """Somebody opens (lots above 0) or reduces (below 0) by hand; one-way mode flips."""
        position = self.position(symbol, side)
        other = Side.SHORT if side is Side.LONG else Side.LONG
        if lots > 0 and not self.hedge and (opposite := self.position(symbol, other)).lots:
            take = min(lots, opposite.lots)
            self._change(symbol, other, -take, client_id, order_id=self._number())
            lots -= take
        if lots > 0:
            self.opened_lots += lots
            if position.lots == 0:
                position.entry = self.price
            self._change(symbol, side, lots, client_id, order_id=self._number())
        elif lots < 0:
            self._change(symbol, side, -min(-lots, position.lots), client_id, self._number())

    def foreign_stop(self, symbol: str, side: Side, ticks: int, client_id: str) -> None:
        self._put(self._view(symbol, side, client_id, "STOP_MARKET", 0, trigger=ticks, close=True))

    def foreign_limit(self, symbol: str, side: Side, ticks: int, lots: int, client_id: str) -> None:
        view = self._view(symbol, side, client_id, "LIMIT", lots, price=ticks)
        # In hedge mode the flag is not known.
        self._put(replace(view, reduce_only=not self.hedge))

    def end(self, client_id: str, status: OrderStatus) -> None:
        """A person cancels it, or the venue lets it expire."""
        view = self.orders[client_id]
        if not view.status.is_final:
            self._put(replace(view, status=status, updated_ms=self.now_ms))

    def move(self, price: int) -> None:
        self.price = price
        for view in self.open():
            self._match(view)

    # What we ask for.

    def place(self, order: ExitOrder, client_id: str) -> OrderView | NotDone:
        view = self._made(order, client_id)
        if self.most_lots is not None and view.lots > self.most_lots:
            return refused(-4005)
        if (code := self._refusal(view)) is not None:
            return refused(code)
        self._put(view)
        self._match(view)
        return view

    def cancel(self, client_id: str) -> OrderView | NotDone:
        view = self.orders.get(client_id)
        if view is None or view.status.is_final:
            return refused(-2011)
        self._put(replace(view, status=OrderStatus.CANCELED, updated_ms=self.now_ms))
        return self.orders[client_id]

    def _refusal(self, view: OrderView) -> int | None:
        side = view_side(view)
        if (known := self.orders.get(view.client_id)) is not None and not known.status.is_final:
            return -4116
        if view.kind == "MARKET":
            return self._market_refusal(view, side)
        if view.book is OrderBook.REGULAR:
            return -2022 if self.position(view.symbol, side).lots == 0 else None
        if self._is_through(view):
            return -2021
        resting = [one for one in self.open(view.symbol) if one.book is OrderBook.ALGO]
        if view.close_position and any(
            one.close_position and view_side(one) is side for one in resting
        ):
            return -4130
        return -4045 if len(resting) >= self.most_algo else None

    def _market_refusal(self, view: OrderView, side: Side) -> int | None:
        lots = self.position(view.symbol, side).lots
        if lots == 0:
            return -2022
        used = sum(
            one.lots - one.filled_lots
            for one in self.closing(view.symbol, side)
            if one.book is OrderBook.REGULAR
        )
        return -4118 if self.budget and lots - used < view.lots else None

    def _is_through(self, view: OrderView) -> bool:
        if view.trigger_ticks is None:
            return False
        distance = view_side(view).sign * (self.price - view.trigger_ticks)
        return distance >= 0 if view.kind.startswith("TAKE_PROFIT") else distance <= 0

    def _match(self, view: OrderView) -> None:
        side = view_side(view)
        if self.orders[view.client_id].status.is_final:
            return
        if view.kind == "MARKET":
            self._execute(view, self._take(view, side, None), OrderStatus.EXPIRED)
        elif view.kind == "LIMIT" and view.price_ticks is not None:
            if side.sign * (self.price - view.price_ticks) > 0:
                self._execute(view, self._take(view, side, None), None)
        elif self._is_through(view):
            self._trigger(view, side)

    def _trigger(self, view: OrderView, side: Side) -> None:
        fired = replace(view, status=OrderStatus.TRIGGERED, updated_ms=self.now_ms)
        self._put(fired)
        lots = self._take(fired, side, self.thin)
        self._execute(fired, lots, OrderStatus.FINISHED)

    def _take(self, view: OrderView, side: Side, most: int | None) -> int:
        held = self.position(view.symbol, side).lots
        lots = held if view.close_position else min(held, view.lots - view.filled_lots)
        return lots if most is None else min(lots, most)

    def _execute(self, view: OrderView, lots: int, otherwise: OrderStatus | None) -> None:
        """Trades `lots`; an order that is not filled then ends as `otherwise`, or rests."""
        side = view_side(view)
        filled = view.filled_lots + lots
        order_id = self._number() if view.book is OrderBook.ALGO else view.venue_id
        if lots:
            self._change(view.symbol, side, -lots, view.client_id, order_id)
        status = view.status
        if view.book is OrderBook.ALGO:
            status = OrderStatus.FINISHED
        elif filled >= view.lots:
            status = OrderStatus.FILLED
        elif otherwise is not None:
            status = otherwise
        elif lots:
            status = OrderStatus.PARTIALLY_FILLED
        child = order_id if view.book is OrderBook.ALGO else None
        self._put(
            replace(
                view,
                status=status,
                filled_lots=filled,
                child_venue_id=child,
                updated_ms=self.now_ms,
            )
        )

    def _change(self, symbol: str, side: Side, lots: int, client_id: str, order_id: int) -> None:
        if lots == 0:
            return
        position = self.position(symbol, side)
        position.lots += lots
        position.since_ms = self.now_ms
        direction = closing_side(side)
        if lots > 0:
            direction = OrderSide.BUY if side is Side.LONG else OrderSide.SELL
        fill = Fill(
            symbol=symbol,
            trade_id=self._number(),
            venue_order_id=order_id,
            client_id=client_id,
            side=direction,
            position_side=side if self.hedge else None,
            lots=abs(lots),
            price_ticks=self.price,
            fee="0",
            fee_asset="USDT",
            realized_pnl="0",
            maker=False,
            ts_ms=self.now_ms,
        )
        self.trades.append(fill)
        self.told += [fill, self.view_of(symbol, side)]

    def _put(self, view: OrderView) -> None:
        self.orders[view.client_id] = view
        self.told.append(view)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _made(self, order: ExitOrder, client_id: str) -> OrderView:
        symbol, side = order.key.symbol, order.key.side
        match order:
            case FloorStop():
                return self._view(
                    symbol,
                    side,
                    client_id,
                    "STOP_MARKET",
                    0,
                    trigger=order.trigger_ticks,
                    close=True,
                )
            case WorkingStop():
                return self._view(
                    symbol, side, client_id, "STOP_MARKET", order.lots, trigger=order.trigger_ticks
                )
            case TakeProfitMarket():
                kind = "TAKE_PROFIT_MARKET"
                return self._view(
                    symbol, side, client_id, kind, order.lots, trigger=order.trigger_ticks
                )
            case TakeProfitLimit():
                return self._view(
                    symbol, side, client_id, "LIMIT", order.lots, price=order.price_ticks
                )
            case MarketClose():
                return self._view(symbol, side, client_id, "MARKET", order.lots)
            case VenueTrail():
                return self._view(symbol, side, client_id, "TRAILING_STOP_MARKET", order.lots)

    def _view(
        self,
        symbol: str,
        side: Side,
        client_id: str,
        kind: str,
        lots: int,
        *,
        trigger: int | None = None,
        price: int | None = None,
        close: bool = False,
    ) -> OrderView:
        regular = kind in ("MARKET", "LIMIT")
        return OrderView(
            client_id=client_id,
            venue_id=self._number(),
            symbol=symbol,
            side=closing_side(side),
            position_side=side if self.hedge else None,
            book=OrderBook.REGULAR if regular else OrderBook.ALGO,
            kind=kind,
            status=OrderStatus.NEW,
            lots=lots,
            filled_lots=0,
            price_ticks=price,
            trigger_ticks=trigger,
            on_mark=True,
            reduce_only=not close,
            close_position=close,
            child_venue_id=None,
            updated_ms=self.now_ms,
        )


def view_side(view: OrderView) -> Side:
    """The side of the position that an order closes."""
    if view.position_side is not None:
        return view.position_side
    return Side.LONG if view.side is OrderSide.SELL else Side.SHORT
