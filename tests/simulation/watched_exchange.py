"""The simulated exchange with a witness: it changes nothing and misses nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from quantum_exit._core import VenueAlgoUpdate, VenueFill, VenueOrderUpdate
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.front import Front
from quantum_exit.adapters.paper.hooks import (
    AS_IT_SHOULD_BE,
    EventFaults,
    RequestFaults,
    RequestPlan,
    VenueFaults,
)
from quantum_exit.adapters.paper.streams.channels import USER_CHANNEL, Connection
from quantum_exit.adapters.paper.streams.user_events import UserEvent
from quantum_exit.adapters.paper.wire import Json, Reply, Request
from tests.simulation.frozen_loop import PROCESS
from tests.simulation.seen import FIRING, Asked, Moment

_FINAL = frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED", "FINISHED"})
_UNSENT = frozenset({"ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL", "listenKeyExpired"})


class Witness(Protocol):
    """Hears of everything that happens at the exchange."""

    def arrived(self, asked: Asked) -> None:
        """A request arrived."""

    def harmed(self, asked: Asked) -> None:
        """A fault has taken hold of a request."""

    def met(self, hits: frozenset[str]) -> None:
        """These faults have happened so far."""

    def replied(self, asked: Asked) -> None:
        """Its reply left, true or false."""

    def changed(self, moment: Moment) -> None:
        """The account is another now."""

    def passed(self, now_ms: int) -> None:
        """Time has passed."""

    def told(self, client_id: str, status: str, due_ms: Sequence[int], now_ms: int) -> None:
        """An event of the user's stream reaches the service at `due_ms`, once, twice or never."""

    def deaf(self) -> None:
        """The streams have ended, or fallen silent."""

    def listening(self) -> None:
        """The user's stream was opened anew."""


class Faults(RequestFaults, EventFaults, VenueFaults, Protocol):
    """What goes wrong, and how often it has."""

    @property
    def hits(self) -> Mapping[str, int]:
        """How often each fault really happened."""


class Wire:
    """Stands before a fault plan, tells a witness, and lets no fault through once it has healed.

    Args:
        plan: The faults.
        witness: Hears of requests, replies and events.
        life: Tells the number of the service's life.
        now_ms: Tells exchange time.
    """

    def __init__(
        self,
        plan: Faults,
        witness: Witness,
        life: Callable[[], int],
        now_ms: Callable[[], int],
    ) -> None:
        self._plan = plan
        self._witness = witness
        self._life = life
        self._now_ms = now_ms
        self._deafened = 0
        self.healed = False
        self.running: Asked | None = None

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        """What becomes of a request; see `hooks.RequestFaults`."""
        asked = Asked(
            method=request.method,
            path=request.path,
            params=request.params(),
            at_ms=request.received_ms,
            life=self._life(),
            sender=PROCESS.get(),
        )
        self._witness.arrived(asked)
        plan = AS_IT_SHOULD_BE if self.healed else self._plan.on_request(kind, request)
        self._listen_for_silence()
        asked.harmed = not plan.execute or bool(
            plan.execute_after_ms or plan.reply_after_ms or plan.never_reply or plan.drop_connection
        )

        if asked.harmed:
            self._witness.harmed(asked)

        def answer(true: Reply) -> Reply:
            sent = true if plan.answer is None else plan.answer(true)
            asked.harmed = asked.harmed or sent != true
            asked.status, asked.body = sent.status, sent.body
            asked.retry_after_ms = int(sent.headers.get("Retry-After", "0")) * 1_000
            lost = plan.never_reply or plan.drop_connection
            asked.answered_ms = None if lost else self._now_ms() + plan.reply_after_ms
            self._witness.replied(asked)
            return sent

        self.running = asked if plan.execute else None
        if plan.execute_after_ms:
            self.running = None
        return RequestPlan(
            execute=plan.execute,
            execute_after_ms=plan.execute_after_ms,
            answer=answer,
            reply_after_ms=plan.reply_after_ms,
            never_reply=plan.never_reply,
            drop_connection=plan.drop_connection,
        )

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        """What becomes of a message; see `hooks.EventFaults`."""
        sent = ((0, message),) if self.healed else self._plan.on_event(channel, message, now_ms)
        if channel == USER_CHANNEL and isinstance(message, dict):
            true = [now_ms + delay_ms for delay_ms, body in sent if body is message]
            self._tell(message, true, now_ms)
        return sent

    def _tell(self, message: dict[str, Any], due_ms: Sequence[int], now_ms: int) -> None:
        if message.get("e") not in _UNSENT:
            client_id, status = _order_in(message)
            self._witness.told(client_id, status, due_ms, now_ms)

    def next_due_ms(self) -> int | None:
        """When something may happen next; see `hooks.VenueFaults`."""
        return self._plan.next_due_ms()

    def happen(self, now_ms: int) -> None:
        """Lets happen what is due; see `hooks.VenueFaults`."""
        self._plan.happen(now_ms)
        self._listen_for_silence()

    def _listen_for_silence(self) -> None:
        hits = self._plan.hits
        self._witness.met(frozenset(hits))
        deafened = hits.get("F06", 0) + hits.get("F42", 0) + hits.get("F43", 0)
        if deafened > self._deafened:
            self._deafened = deafened
            self._witness.deaf()


class WatchedExchange(PaperExchange):
    """Tells a witness of every change of the first account.

    Args:
        wire: Its faults, which know the request that is carried out.
        witness: Hears of changes.
        setup: The other arguments of `PaperExchange`.
    """

    def __init__(self, wire: Wire, witness: Witness, **setup: Any) -> None:
        self._events: list[UserEvent] = []
        self._witness = witness
        self._wire = wire
        super().__init__(request_faults=wire, event_faults=wire, venue_faults=wire, **setup)
        self._front: Front

    def advance(self, now_ms: int) -> None:
        """Moves time forward."""
        super().advance(now_ms)
        self._witness.passed(now_ms)

    def open(self, path: str, query: str = "") -> Connection | None:
        """A new WebSocket."""
        connection = super().open(path, query)
        if connection is not None and "private" in path:
            self._witness.listening()
        return connection

    def request(self, request: Request) -> Any:
        """Takes a REST request."""
        delivery = super().request(request)
        self._wire.running = None
        return delivery

    def _tell_account(self, event: UserEvent) -> None:
        if event.account == 0:
            self._events.append(event)
        super()._tell_account(event)

    def _tell(self) -> None:
        super()._tell()
        if self._events:
            events, self._events = self._events, []
            self._witness.changed(self._moment(events))

    def _moment(self, events: Sequence[UserEvent]) -> Moment:
        venue = self.desk.venue
        open_ = [one for one in venue.holdings(0) if one.lots]
        fills: list[VenueFill] = []
        ended: list[str] = []
        fired: list[str] = []
        for event in events:
            if isinstance(event, VenueOrderUpdate):
                if event.fill is not None:
                    fills.append(event.fill)
                if event.order.status in _FINAL:
                    ended.append(event.order.client_id)
            elif isinstance(event, VenueAlgoUpdate) and event.algo.status in _FINAL:
                ended.append(event.algo.client_id)
            elif isinstance(event, VenueAlgoUpdate) and event.algo.status in FIRING:
                fired.append(event.algo.client_id)
        return Moment(
            now_ms=self.now_ms,
            held={(one.symbol, one.position_side): one.lots for one in open_},
            orders=venue.open_orders(0),
            algos=venue.open_algos(0),
            fills=fills,
            ended=ended,
            fired=fired,
            cause=self._wire.running,
            liquidation={
                (one.symbol, one.position_side): one.liquidation_e8
                for one in open_
                if one.liquidation_e8
            },
        )


def _order_in(message: dict[str, Any]) -> tuple[str, str]:
    order = message.get("o", message)
    if not isinstance(order, dict):
        return "", ""
    client_id = order.get("caid") or order.get("c") or ""
    return str(client_id), str(order.get("X", ""))
