"""The guardian on the model venue through a network that delays, drops, doubles and lies."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from quantum_exit.domain.facts import OrderBook, OrderStatus, OrderView, StreamGap
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import (
    Adopt,
    Alarm,
    Answer,
    Booked,
    Cancel,
    Closed,
    Effect,
    Find,
    LegFilled,
    Place,
    ReadAccount,
    ReadTrades,
    Resize,
)
from quantum_exit.execution.guardian.facts import (
    Action,
    Audit,
    Fact,
    Found,
    LeaseEpoch,
    LegKind,
    LegTarget,
    PositionOpened,
    Sent,
    StreamBack,
    Timer,
    TradesRead,
)
from quantum_exit.execution.guardian.guardian import Guardian
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Unknown
from tests.unit.guardian.checker import Checker
from tests.unit.guardian.venue import ModelVenue, refused

ACCOUNT = "main"
SYMBOL = "BTCUSDT"
START_MS = 1_000_000
AUDIT_MS = 10_000


@dataclass
class Faults:
    """What goes wrong, with which probability; everything 0 by default."""

    seed: int = 0
    lost: float = 0.0  # not executed, no reply
    reply_lost: float = 0.0  # executed, no reply
    late: float = 0.0  # no reply, executed up to the receive window later
    refusal: float = 0.0  # -1008: not executed
    event_lost: float = 0.0
    event_twice: float = 0.0
    event_late_ms: int = 0
    stale: float = 0.0  # "not found" for an order that exists; lists from a second ago
    read_lost: float = 0.0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def hits(self, rate: float) -> bool:
        return rate > 0 and self.rng.random() < rate

    def delay(self, most_ms: int) -> int:
        return self.rng.randint(1, most_ms)


class World:
    """Virtual time, one account, one venue.

    `plan` makes the plan of an adopted position from (key, lots, hedge).
    """

    def __init__(
        self,
        venue: ModelVenue | None = None,
        faults: Faults | None = None,
        config: GuardianConfig | None = None,
        parts: Parts | None = None,
        *,
        audits: bool = True,
        strict: bool = True,
        judge: type[Checker] = Checker,
    ) -> None:
        self.venue = ModelVenue() if venue is None else venue
        self.faults = Faults() if faults is None else faults
        self.config = GuardianConfig() if config is None else config
        self.parts = parts
        self.guardian = Guardian(self.config, ACCOUNT, parts)
        self.now_ms = self.venue.now_ms = START_MS
        self.queue: list[tuple[int, int, int, Callable[[], object]]] = []
        self.sequence = 0
        self.life = 0
        self.effects: list[Effect] = []
        self.booked: set[int] = set()
        self.booked_before: set[int] = set()
        self.checker = judge(self, strict=strict)
        self.lease = 0
        self.loosened = False
        self.answer: dict[str, list[Outcome]] = {}
        self.fates: dict[str, list[str]] = {}
        self.streaming = True
        self.requests: list[tuple[int, str, str]] = []
        self.feed(LeaseEpoch(epoch=1))
        if audits:
            self.at(1, self._audit_forever)

    # Time.

    def at(self, delay_ms: int, act: Callable[[], object], *, life: int | None = None) -> None:
        """Acts later, unless the life of the guardian that it belongs to has ended by then."""
        self.sequence += 1
        entry = (self.now_ms + delay_ms, self.sequence, -1 if life is None else life, act)
        heapq.heappush(self.queue, entry)

    def run(self, for_ms: int) -> None:
        until_ms = self.now_ms + for_ms
        while True:
            timer_ms = self.guardian.next_timer_ms()
            due_ms = self.queue[0][0] if self.queue else until_ms + 1
            if timer_ms is not None and max(timer_ms, self.now_ms) < due_ms:
                if timer_ms > until_ms:
                    break
                self._set(max(timer_ms, self.now_ms))
                self.feed(Timer())
                continue
            if due_ms > until_ms:
                break
            at_ms, _, life, act = heapq.heappop(self.queue)
            self._set(at_ms)
            if life in (-1, self.life):
                act()
        self._set(until_ms)

    def _set(self, now_ms: int) -> None:
        self.now_ms = self.venue.now_ms = now_ms

    # Facts and effects.

    def feed(self, fact: Fact) -> tuple[Effect, ...]:
        self.checker.before_step(fact)
        effects = self.guardian.step(fact, self.now_ms)
        self.effects += effects
        for effect in effects:
            self._carry_out(effect)
        self.checker.after_step()
        return effects

    def tell(self) -> None:
        """Passes what the venue has to say to the stream."""
        for told in self.venue.drain():
            if not self.streaming or self.faults.hits(self.faults.event_lost):
                continue
            for _ in range(2 if self.faults.hits(self.faults.event_twice) else 1):
                late_ms = self.faults.delay(10 + self.faults.event_late_ms)
                self.at(late_ms, partial(self.feed, told), life=self.life)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Place():
                self.checker.on_intent(effect)
                self._request(effect.client_id, Action.PLACE, lambda: self._place(effect))
            case Cancel():
                self._request(effect.client_id, Action.CANCEL, lambda: self._cancel(effect))
            case Find():
                self._read(lambda: self._find(effect))
            case ReadAccount():
                self._read(lambda: self.audit(effect.symbol))
            case ReadTrades():
                self._read(lambda: self._trades(effect))
            case Adopt():
                self.adopt(effect)
            case Booked():
                self.checker.on_booked(effect)
            case _:
                pass

    def adopt(self, effect: Adopt) -> None:
        opened = plan(effect.key, effect.lots, self.now_ms, self.venue, hedge=effect.hedge)
        self.at(1, lambda: self._register(opened), life=self.life)

    def _register(self, opened: PositionOpened) -> None:
        """A service does not plan a position that has been planned in between."""
        guarded = {
            (one.key.symbol, one.key.side) for one in self.guardian.status(self.now_ms).positions
        }
        if (opened.key.symbol, opened.key.side) not in guarded:
            self.feed(opened)

    # Requests.

    def _request(
        self, client_id: str, action: Action, act: Callable[[], OrderView | NotDone]
    ) -> None:
        self.requests.append((self.now_ms, action, client_id))
        kind = action.value
        scripted = self.fates.get(kind)
        fate = scripted.pop(0) if scripted else self._fate()
        answer: list[OrderView | NotDone] = []
        sent_ms = self.now_ms

        def reply(outcome: Outcome) -> None:
            fact = Sent(client_id=client_id, action=action, outcome=outcome, sent_ms=sent_ms)
            self.feed(fact)

        def arrive() -> None:
            answer.append(self.checker.around(client_id, action, act))
            self.tell()

        def answered() -> None:
            found = answer[0]
            reply(found if isinstance(found, NotDone) else Done(order=found))

        out_ms, back_ms = self.faults.delay(50), self.faults.delay(50)
        if fate in ("ok", "reply_lost", "late"):
            late_ms = self.faults.delay(3_000) if fate == "late" else 0
            self.checker.in_flight[client_id] = self.checker.in_flight.get(client_id, 0) + 1
            self.at(out_ms + late_ms, arrive)
        if fate == "ok":
            self.at(out_ms + back_ms, answered, life=self.life)
        elif fate.startswith("-"):
            code = int(fate)
            self.at(out_ms + back_ms, lambda: reply(refused(code)), life=self.life)
        else:
            self.at(1_000, lambda: reply(Unknown(why=fate)), life=self.life)

    def _fate(self) -> str:
        for fate in ("lost", "reply_lost", "late"):
            if self.faults.hits(getattr(self.faults, fate)):
                return fate
        return "-1008" if self.faults.hits(self.faults.refusal) else "ok"

    def _place(self, effect: Place) -> OrderView | NotDone:
        return self.venue.place(effect.order, effect.client_id)

    def _cancel(self, effect: Cancel) -> OrderView | NotDone:
        return self.venue.cancel(effect.client_id)

    # Questions.

    def _read(self, answer: Callable[[], None]) -> None:
        if not self.faults.hits(self.faults.read_lost):
            self.at(self.faults.delay(50), answer, life=self.life)

    def _find(self, effect: Find) -> None:
        order = self.venue.orders.get(effect.client_id)
        if order is not None and order.book is not effect.book:
            order = None
        if self.faults.hits(self.faults.stale) and not self._is_old(order):
            order = None
        self._later(
            Found(
                symbol=effect.symbol,
                client_id=effect.client_id,
                book=effect.book,
                order=order,
                asked_ms=self.now_ms,
            )
        )

    def _is_old(self, order: OrderView | None) -> bool:
        """A replica is at most five seconds behind."""
        return order is not None and order.updated_ms + 5_000 < self.now_ms

    def _trades(self, effect: ReadTrades) -> None:
        fills = tuple(
            one
            for one in self.venue.trades
            if one.symbol == effect.symbol
            and (effect.from_id is None or one.trade_id >= effect.from_id)
        )
        self._later(
            TradesRead(
                symbol=effect.symbol, from_id=effect.from_id, fills=fills, asked_ms=self.now_ms
            )
        )

    def audit(self, symbol: str | None = None) -> None:
        orders = self.venue.open(symbol)
        if self.faults.hits(self.faults.stale):
            orders = [one for one in orders if self._is_old(one)]
        self._later(
            Audit(
                symbol=symbol,
                positions=tuple(
                    self.venue.view_of(name, side)
                    for (name, side), held in self.venue.positions.items()
                    if held.lots and symbol in (None, name)
                ),
                open_orders=tuple(orders),
                taken_at_ms=self.now_ms,
                complete=True,
            )
        )

    def _later(self, fact: Fact) -> None:
        self.at(self.faults.delay(50), lambda: self.feed(fact), life=self.life)

    def _audit_forever(self) -> None:
        if not self.faults.hits(self.faults.read_lost):
            self.audit()
        self.at(AUDIT_MS, self._audit_forever)

    # What happens to us.

    def crash(self, *, forget: bool = False) -> None:
        """Kills the guardian and starts it again from its snapshot, or from nothing."""
        self.life += 1
        self.lease += 1
        if forget:
            self.checker.forgot_ms = self.now_ms
            self.booked_before |= {fill.trade_id for fill in self.venue.trades}
            self.booked = set()
            self.guardian = Guardian(self.config, ACCOUNT, self.parts)
        else:
            snapshot = self.guardian.snapshot()
            self.guardian = Guardian.restore(self.config, ACCOUNT, snapshot, self.parts)
        self.feed(LeaseEpoch(epoch=1 + self.lease))

    def gap(self, for_ms: int) -> None:
        """The user stream delivers nothing for a while, and then says so."""
        self.streaming = False
        self.feed(StreamGap(stream="user", why="test"))

        def back() -> None:
            self.streaming = True
            self.feed(StreamBack(stream="user"))

        self.at(for_ms, back)

    # What people do, told at once.

    def trade(self, lots: int, side: Side = Side.LONG, symbol: str = SYMBOL) -> None:
        self.checker.by_hand(uncovers=lots > 0)
        self.venue.trade(symbol, side, lots)
        self.tell()

    def move(self, price: int) -> None:
        self.venue.move(price)
        self.tell()

    def end(self, client_id: str, status: OrderStatus = OrderStatus.CANCELED) -> None:
        self.checker.by_hand(uncovers=True)
        self.venue.end(client_id, status)
        self.tell()

    # What there is to see.

    def key(self, side: Side = Side.LONG, symbol: str = SYMBOL) -> PositionKey:
        return next(
            one.key
            for one in self.guardian.status(self.now_ms).positions
            if (one.key.symbol, one.key.side) == (symbol, side)
        )

    def lots(self, side: Side = Side.LONG, symbol: str = SYMBOL) -> int:
        return self.venue.position(symbol, side).lots

    def of_kind(self, kind: str, *, close: bool = False) -> list[OrderView]:
        return [
            view for view in self.venue.open() if view.kind == kind and view.close_position is close
        ]

    def floors(self) -> list[OrderView]:
        return self.of_kind("STOP_MARKET", close=True)

    def stops(self) -> list[OrderView]:
        return self.of_kind("STOP_MARKET")

    def profits(self) -> list[OrderView]:
        return self.of_kind("LIMIT")

    def seen(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def alarms(self) -> set[str]:
        return {str(one.kind) for one in self.seen(Alarm)}

    def closed(self) -> list[Closed]:
        return self.seen(Closed)

    def answers(self) -> list[Answer]:
        return self.seen(Answer)

    def resized(self) -> list[Resize]:
        return self.seen(Resize)

    def legs_filled(self) -> list[LegFilled]:
        return self.seen(LegFilled)

    def closes_sent(self) -> list[str]:
        """Ids of the market closes that were asked for."""
        return [
            effect.client_id
            for effect in self.seen(Place)
            if effect.order.book is OrderBook.REGULAR
            and effect.order.role in ("CLOSE", "EMERGENCY")
        ]


def plan(
    key: PositionKey,
    lots: int,
    now_ms: int,
    venue: ModelVenue,
    *,
    hedge: bool = False,
    **more: Any,
) -> PositionOpened:
    """Stop 100 ticks away, floor 150; a third of the lots every 50 ticks, twice."""
    sign, entry = key.side.sign, venue.price
    size = lots // 3
    targets = tuple(
        LegTarget(leg=leg, price_ticks=entry + sign * 50 * (leg + 1), lots=size, kind=LegKind.SOFT)
        for leg in range(2)
        if size
    )
    values: dict[str, Any] = {
        "key": key,
        "lots": lots,
        "entry_price": str(entry),
        "hard_stop_ticks": entry - sign * 150,
        "stop_ticks": entry - sign * 100,
        "legs": targets,
        "hedge": hedge,
        "opened_ms": now_ms,
    }
    return PositionOpened(**(values | more))
