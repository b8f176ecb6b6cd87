"""Where faults that are no matter of requests happen: the exchange, and what one must know to act."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias

from quantum_exit._core import Venue, VenueAlgo, VenueHolding
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.faults.listing import announce_filters, min_notional_e8
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.paper.symbols import CASH_DECIMALS, Symbol

Status: TypeAlias = Literal["TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE"]


class Stage:
    """The exchange as the faults act on it.

    Args:
        exchange: The exchange.
        trigger_latency_ms: Trigger latency that it has without faults.
    """

    def __init__(self, exchange: PaperExchange, trigger_latency_ms: int = 0) -> None:
        self._exchange = exchange
        self.trigger_latency_ms = trigger_latency_ms
        self._silent_until_ms = 0
        self._held: dict[str, tuple[int, str]] = {}

    @property
    def venue(self) -> Venue:
        """The matching core."""
        return self._exchange.desk.venue

    @property
    def now_ms(self) -> int:
        """Exchange time, ms since the UNIX epoch."""
        return self._exchange.now_ms

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self._exchange.desk.fees_ppm)

    def positions(self) -> list[VenueHolding]:
        """All that is held, by account."""
        return [
            holding
            for account in range(self.accounts)
            for holding in self.venue.holdings(account)
            if holding.lots
        ]

    def waiting_algos(self) -> list[VenueAlgo]:
        """All algo orders that wait for their price, by account."""
        return [
            algo
            for account in range(self.accounts)
            for algo in self.venue.open_algos(account)
            if algo.status == "NEW"
        ]

    def quoted(self) -> Iterator[str]:
        """The symbols that have a price."""
        for symbol in self._exchange.desk.info.symbols:
            if self.venue.prices(symbol.name).last_ticks:
                yield symbol.name

    def ticks(self, symbol: str, price: str) -> int | None:
        """`price` of a request as ticks, or `None` where it is no price of a quoted `symbol`."""
        if symbol not in self.quoted():
            return None
        try:
            return self._symbol(symbol).price.count(Decimal(price))
        except InvalidOperation:
            return None

    def trade(self, symbol: str, price_ticks: int, lots: int) -> None:
        """Prints a market trade."""
        now_ms = self._exchange.now_ms
        self._exchange.feed(Print(ts_ms=now_ms, symbol=symbol, ticks=price_ticks, lots=lots))

    def mark(self, symbol: str, price_ticks: int) -> None:
        """Sets a mark price."""
        grid = self._symbol(symbol).price
        mark_e8 = price_ticks * grid.step * 10 ** (CASH_DECIMALS - grid.decimals)
        self._exchange.feed(Mark(ts_ms=self._exchange.now_ms, symbol=symbol, mark_e8=mark_e8))

    def fund(self, symbol: str, rate_e8: int) -> None:
        """Charges funding."""
        self._exchange.charge_funding(symbol, rate_e8)

    def set_fees(self, account: int, *, maker_fee_ppm: int, taker_fee_ppm: int) -> None:
        """Sets the fee rates of an account."""
        self.venue.set_fees(account, maker_fee_ppm=maker_fee_ppm, taker_fee_ppm=taker_fee_ppm)
        self._exchange.desk.fees_ppm[account] = (maker_fee_ppm, taker_fee_ppm)

    def set_filters(
        self,
        symbol: str,
        *,
        price_multiple: int | None,
        lot_multiple: int | None,
        min_notional_e8: int | None,
    ) -> None:
        """Changes filters of new orders, and announces them; what is `None` stays."""
        self.venue.set_filters(
            symbol,
            price_multiple=price_multiple,
            lot_multiple=lot_multiple,
            market_lot_multiple=lot_multiple,
            min_notional_e8=min_notional_e8,
        )
        announce_filters(
            self._symbol(symbol),
            price_multiple=price_multiple,
            lot_multiple=lot_multiple,
            min_notional_e8=min_notional_e8,
        )

    def set_status(self, symbol: str, status: Status) -> None:
        """Changes the status of a symbol, and announces it."""
        self.venue.set_symbol_status(symbol, status)
        self._symbol(symbol).document["status"] = status

    def set_algo_limit(self, symbol: str, limit: int) -> None:
        """Changes how many algo orders are allowed, and announces it."""
        self.venue.set_algo_limit(symbol, limit)
        self._symbol(symbol).filters["MAX_NUM_ALGO_ORDERS"]["limit"] = limit

    def settle(self, symbol: str, price_ticks: int) -> None:
        """Delists a symbol: its positions are closed at `price_ticks`."""
        self.venue.settle(symbol, price_ticks)
        self._symbol(symbol).document["status"] = "CLOSE"

    def min_notional_e8(self, symbol: str) -> int:
        """The announced MIN_NOTIONAL in 1e-8 quote."""
        return min_notional_e8(self._symbol(symbol))

    def end_listen_keys(self) -> bool:
        """Ends all listen keys without a word; `False` where there was none."""
        keys = self._exchange.desk.listen_keys
        ended = [keys.close(account) for account in range(self.accounts)]
        return any(key is not None for key in ended)

    def drop_streams(self) -> bool:
        """Closes all WebSockets; `False` where there was none."""
        return self._exchange.channels.drop(self._exchange.now_ms) > 0

    def silence(self, length_ms: int) -> None:
        """Lets nothing through any WebSocket for `length_ms`."""
        until_ms = self._exchange.now_ms + length_ms
        self._silent_until_ms = max(self._silent_until_ms, until_ms)

    def is_silent(self, now_ms: int) -> bool:
        """Whether the WebSockets are silenced."""
        return now_ms < self._silent_until_ms

    def hold_events(self, client_id: str, length_ms: int, mark: str) -> None:
        """Holds the user events of an order back for `length_ms`; each one counts as `mark`."""
        self._held[client_id] = (self._exchange.now_ms + length_ms, mark)

    def held(self, client_id: str, now_ms: int) -> tuple[int, str] | None:
        """For how many ms a user event of an order is held back, and why; `None` where it is not."""
        until_ms, mark = self._held.get(client_id, (0, ""))
        return (until_ms - now_ms, mark) if now_ms < until_ms else None

    def algo_limit(self, symbol: str) -> int:
        """How many algo orders are allowed of `symbol`."""
        return int(self._symbol(symbol).filters["MAX_NUM_ALGO_ORDERS"]["limit"])

    def tell(self) -> None:
        """Tells the accounts what happened to them."""
        self._exchange.settle()

    def _symbol(self, name: str) -> Symbol:
        return self._exchange.desk.info.symbols.get(name)
