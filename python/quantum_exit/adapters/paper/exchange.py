"""The simulated exchange: requests in, replies and messages out, without I/O and without a clock.

A face (a server, or a transport in process) calls `advance` with the time and hands on what is due.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from quantum_exit._core import VenueOrderUpdate
from quantum_exit.adapters.paper.auth import ApiKey, Authenticator
from quantum_exit.adapters.paper.brackets import Brackets
from quantum_exit.adapters.paper.desk import Desk, FundingEntry
from quantum_exit.adapters.paper.errors import VenueRefusal, refusal, reply_of
from quantum_exit.adapters.paper.exchange_info import ExchangeInfo, built_in_info
from quantum_exit.adapters.paper.front import Front
from quantum_exit.adapters.paper.funding import FundingRule
from quantum_exit.adapters.paper.hooks import EventFaults, NoFaults, RequestFaults, VenueFaults
from quantum_exit.adapters.paper.limits import LimitRules, RateLimits
from quantum_exit.adapters.paper.listen_keys import ListenKeys
from quantum_exit.adapters.paper.listing import list_symbol
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.paper.streams.channels import Channels, Connection, Frame
from quantum_exit.adapters.paper.streams.publisher import Publisher
from quantum_exit.adapters.paper.streams.user_events import (
    UserEvent,
    listen_key_expired,
    user_message,
)
from quantum_exit.adapters.paper.streams.ws_api import Session
from quantum_exit.adapters.paper.symbols import CASH_DECIMALS
from quantum_exit.adapters.paper.tape import Tape
from quantum_exit.adapters.paper.trades import Trade
from quantum_exit.adapters.paper.wire import Delivery, Reply, Request
from quantum_exit.errors import InvalidInputError

_API_PATH = "/ws-fapi/v1"
_TOO_OLD = -1021
_LIQUIDATION = "autoclose-"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSetup:
    """One account when the exchange opens.

    Attributes:
        wallet: Cash in the quote currency, 0 or more.
        maker_fee_ppm: Fee of resting orders in millionths of the notional.
        taker_fee_ppm: Fee of other orders.
        hedge_mode: Long and short positions stand side by side.

    Raises:
        InvalidInputError: The wallet is below 0 or no multiple of 1e-8.
    """

    wallet: Decimal = Decimal(10_000)
    maker_fee_ppm: int = 200
    taker_fee_ppm: int = 500
    hedge_mode: bool = False

    def __post_init__(self) -> None:
        if not self.wallet.is_finite() or self.wallet < 0:
            raise InvalidInputError("wallet", self.wallet, "expected 0 or more")
        units = self.wallet.scaleb(CASH_DECIMALS)
        if units != units.to_integral_value():
            raise InvalidInputError("wallet", self.wallet, "expected a multiple of 1e-8")


class PaperExchange:
    """A Binance USD-M exchange that knows no other clients.

    Args:
        now_ms: Its time when it opens, ms since the UNIX epoch.
        info: Its symbols.
        keys: API keys; each names its account by its place in `accounts`.
        accounts: Its accounts.
        rules: Rules of the venue that are not known for certain.
        limits: Weights and order counts.
        brackets: Leverage brackets.
        funding: When funding is charged; `None` leaves it to `charge_funding`.
        seed: Listen keys follow from it.
        request_faults: Asked for every request.
        event_faults: Asked for every message.
        venue_faults: Asked as time moves.

    Raises:
        InvalidInputError: A key names an account that is not there, or a value is out of range.
    """

    def __init__(
        self,
        *,
        now_ms: int,
        info: ExchangeInfo | None = None,
        keys: Iterable[ApiKey] = (),
        accounts: Sequence[AccountSetup] = (AccountSetup(),),
        rules: VenueRules = VenueRules(),  # noqa: B008 - frozen
        limits: LimitRules = LimitRules(),  # noqa: B008 - frozen
        brackets: Brackets | None = None,
        funding: FundingRule | None = FundingRule(),  # noqa: B008 - frozen
        seed: int = 0,
        request_faults: RequestFaults = NoFaults(),  # noqa: B008 - stateless
        event_faults: EventFaults = NoFaults(),  # noqa: B008 - stateless
        venue_faults: VenueFaults = NoFaults(),  # noqa: B008 - stateless
    ) -> None:
        given = tuple(keys)
        for key in given:
            if not 0 <= key.account < len(accounts):
                allowed = f"expected an account from 0 to {len(accounts) - 1}"
                raise InvalidInputError("account", key.account, allowed)
        self.desk = Desk(
            venue=rules.venue(now_ms),
            info=info or built_in_info(),
            brackets=brackets or Brackets(),
            keys=Authenticator(given),
            limits=RateLimits(limits),
            listen_keys=ListenKeys(seed),
        )
        self.channels = Channels(self.desk.listen_keys, event_faults)
        self._publisher = Publisher(self.desk, self.channels)
        self._front = Front(self.desk)
        self._faults = request_faults
        self._venue_faults = venue_faults
        self._sessions: dict[int, Session] = {}
        self._now_ms = now_ms
        self._late: list[tuple[int, int, Callable[[], None]]] = []
        self._postponed = 0
        self._funding = funding
        self._next_funding_ms = None if funding is None else funding.after(now_ms)
        self._open(accounts)

    @property
    def now_ms(self) -> int:
        """Exchange time, ms since the UNIX epoch."""
        return self._now_ms

    # Time.

    def advance(self, now_ms: int) -> None:
        """Moves time forward and does what falls due on the way.

        Raises:
            InvalidInputError: `now_ms` lies before the exchange's time.
        """
        if now_ms < self._now_ms:
            raise InvalidInputError("now_ms", now_ms, f"expected {self._now_ms} or later")
        while (due_ms := self._next_step_ms()) is not None and due_ms <= now_ms:
            self._move(max(due_ms, self._now_ms))
            self._step(due_ms)
        self._move(now_ms)
        for listen_key in self.desk.listen_keys.expire(now_ms):
            self.channels.publish(listen_key, listen_key_expired(listen_key, now_ms), now_ms)
        self.channels.expire(now_ms)
        self._publisher.advance(now_ms)

    def next_due_ms(self) -> int | None:
        """When `advance` will next have something to do, or `None` where nothing is planned."""
        times = (
            self.desk.venue.next_due_ms(),
            self._next_step_ms(),
            self.channels.next_due_ms(),
            self._publisher.next_due_ms(),
            self.desk.listen_keys.next_expiry_ms(),
        )
        return min((time for time in times if time is not None), default=None)

    # The market.

    def feed(self, move: Move) -> None:
        """Does what the market does now; the time of `move` is the business of its source.

        Raises:
            InvalidInputError: The symbol is not known, or a number is out of range.
        """
        venue = self.desk.venue
        if isinstance(move, Print):
            tape = self.desk.tapes.get(move.symbol)
            if tape is None:
                raise InvalidInputError("symbol", move.symbol, "expected a symbol of the exchange")
            number = venue.trade(move.symbol, move.ticks, move.lots, move.buyer_is_maker)
            trade = Trade(number, self._now_ms, move.ticks, move.lots, move.buyer_is_maker)
            tape.add(trade)
            self._publisher.traded(trade, self.desk.info.symbols.get(move.symbol))
        else:
            venue.mark(move.symbol, move.mark_e8, index_e8=move.index_e8)
        self._tell()

    def charge_funding(self, symbol: str, rate_e8: int) -> None:
        """Charges funding of one symbol now.

        Args:
            symbol: The symbol.
            rate_e8: Rate in 1e-8; longs pay a positive one.
        """
        self.desk.venue.funding(symbol, rate_e8)
        mark_e8 = self.desk.venue.prices(symbol).mark_e8
        self.desk.fundings.append(FundingEntry(symbol, rate_e8, mark_e8, self._now_ms))
        self._tell()

    def settle(self) -> None:
        """Tells accounts what was done on the matching core directly, as a user or an operator."""
        self._tell()

    # Requests.

    def request(self, request: Request) -> Delivery:
        """Takes a REST request; the delivery says what becomes of it, and holds its reply."""

        def carry_out(at_ms: int) -> Reply:
            if at_ms == request.received_ms:
                return self._front.answer(request)
            return _too_late(self._front.answer(replace(request, received_ms=at_ms)))

        return self._schedule(request, carry_out, lambda delivery: None)

    def act(self, account: int, method: str, path: str, query: str) -> Reply:
        """Carries out a request as its user does by hand: without key, signature and weight."""
        reply = self._front.act(account, method, path, query, self._now_ms)
        self._tell()
        return reply

    def open(self, path: str, query: str = "") -> Connection | None:
        """A new WebSocket for `path`, or `None` where there is no such path."""
        if path.rstrip("/") != _API_PATH:
            return self.channels.open(path, query, self._now_ms)
        connection = self.channels.open_plain(self._now_ms)
        self._sessions[connection.number] = Session(self.desk.keys, self._now_ms)
        return connection

    def close(self, connection: Connection) -> None:
        """Forgets a WebSocket."""
        self._sessions.pop(connection.number, None)
        self.channels.close(connection)

    def receive(self, connection: Connection, text: str, address: str = "127.0.0.1") -> None:
        """Takes a message of a WebSocket; what it is answered with is among the frames."""
        session = self._sessions.get(connection.number)
        if session is None:
            self.channels.receive(connection, text, self._now_ms)
            return
        now_ms = self._now_ms

        def carry_out(at_ms: int) -> Reply:
            body = self._front.answer_message(session, text, now_ms=at_ms, address=address)
            return Reply(status=body["status"], body=body)

        def deliver(delivery: Delivery) -> None:
            if delivery.drop_connection:
                self.channels.end(connection, self._now_ms)
            elif delivery.reply is not None and delivery.reply_at_ms is not None:
                body = delivery.reply.body
                if not isinstance(body, str):
                    self.channels.send(connection, body, delivery.reply_at_ms)

        asked = Request(method="WS", path=_API_PATH, body=text, received_ms=now_ms, address=address)
        self._schedule(asked, carry_out, deliver)

    def frames(self) -> Iterator[Frame]:
        """Takes the WebSocket messages that have arrived by now, in order."""
        return self.channels.due(self._now_ms)

    def _schedule(
        self,
        request: Request,
        carry_out: Callable[[int], Reply],
        deliver: Callable[[Delivery], None],
    ) -> Delivery:
        plan = self._faults.on_request(f"{request.method} {request.path}", request)
        at_ms = self._now_ms + plan.execute_after_ms
        delivery = Delivery(
            execute_at_ms=at_ms,
            reply_at_ms=None if plan.never_reply else at_ms + plan.reply_after_ms,
            drop_connection=plan.drop_connection,
        )

        def execute() -> None:
            true = carry_out(at_ms) if plan.execute else reply_of(refusal(-1007))
            delivery.reply = true if plan.answer is None else plan.answer(true)
            deliver(delivery)
            self._tell()

        if plan.execute_after_ms == 0:
            execute()
        else:
            self._postponed += 1
            heapq.heappush(self._late, (at_ms, self._postponed, execute))
        return delivery

    # What happens by itself.

    def _open(self, accounts: Sequence[AccountSetup]) -> None:
        venue = self.desk.venue
        for symbol in self.desk.info.symbols:
            list_symbol(venue, symbol, self.desk.brackets.of(symbol.name))
            self.desk.tapes[symbol.name] = Tape()
        for setup in accounts:
            account = venue.add_account(
                maker_fee_ppm=setup.maker_fee_ppm, taker_fee_ppm=setup.taker_fee_ppm
            )
            self.desk.fees_ppm[account] = (setup.maker_fee_ppm, setup.taker_fee_ppm)
            venue.transfer(account, int(setup.wallet.scaleb(CASH_DECIMALS)))
            if setup.hedge_mode:
                venue.set_hedge_mode(account, True)
        self._announce_funding()
        venue.drain()

    def _next_step_ms(self) -> int | None:
        late_ms = self._late[0][0] if self._late else None
        times = (late_ms, self._next_funding_ms, self._venue_faults.next_due_ms())
        return min((time for time in times if time is not None), default=None)

    def _step(self, due_ms: int) -> None:
        if self._late and self._late[0][0] <= due_ms:
            heapq.heappop(self._late)[2]()
            return
        fault_ms = self._venue_faults.next_due_ms()
        if fault_ms is not None and fault_ms <= due_ms:
            self._venue_faults.happen(due_ms)
            return
        if self._funding is None:
            return
        for symbol in self.desk.info.symbols:
            if self.desk.venue.prices(symbol.name).mark_e8:
                self.charge_funding(symbol.name, self._funding.rate_e8)
        self._next_funding_ms = self._funding.after(due_ms)
        self._announce_funding()

    def _announce_funding(self) -> None:
        if self._funding is None or self._next_funding_ms is None:
            return
        for symbol in self.desk.info.symbols:
            self.desk.venue.schedule_funding(
                symbol.name, self._funding.rate_e8, self._next_funding_ms
            )

    def _move(self, now_ms: int) -> None:
        self.desk.venue.advance(now_ms)
        self._now_ms = now_ms
        self._tell()

    def _tell(self) -> None:
        for event in self.desk.venue.drain():
            self._tell_account(event)
            if isinstance(event, VenueOrderUpdate):
                self._tell_market(event)

    def _tell_account(self, event: UserEvent) -> None:
        listen_key = self.desk.listen_keys.of_account(event.account)
        if listen_key is not None and self.channels.has(listen_key):
            message = user_message(event, self.desk.info.symbols, self.desk.asset)
            self.channels.publish(listen_key, message, self._now_ms)

    def _tell_market(self, event: VenueOrderUpdate) -> None:
        symbol = self.desk.info.symbols.get(event.order.symbol)
        if event.fill is not None and event.order.client_id.startswith(_LIQUIDATION):
            self._publisher.liquidated(event, symbol)
        self._publisher.book_changed(symbol, self._now_ms)


def _too_late(reply: Reply) -> Reply:
    """Of a request that waited in the matching engine it is the engine's window that has passed."""
    if not isinstance(reply.body, dict) or reply.body.get("code") != _TOO_OLD:
        return reply
    text = "Timestamp for this request is outside of the ME recvWindow."
    return reply_of(VenueRefusal(-5028, text), reply.headers)
