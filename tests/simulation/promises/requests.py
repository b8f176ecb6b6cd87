"""P2, P3, P7, P8, P13, P14, P18, P20: what we ask for, judged as it arrives."""

from collections import Counter

from quantum_exit._core import VenueAlgo, VenueOrder
from tests.simulation.promises.base import Promise, Sight, direction
from tests.simulation.seen import Asked, Moment, Place, is_ours, stops_of

_ORPHAN_MS = 5_000
_CLOSES = frozenset("CE")
_WITHOUT_JOURNAL = frozenset("CEF")
_LADDER = "L"
_NO_ROOM = frozenset({-2022, -4118})
_MOST_STOPS = 3
_MOST_STOPS_MS = 15_000
_AUDIT_MS = 10_500
_FIRING = ("TRIGGERING", "TRIGGERED")
_TWICE = "F13"
_ON_THE_WAY_MS = 200
_GIVEN_UP_MS = 1_850
# Longer than anything is on its way, or the process stands still.
_STAMP_MS = 10_000


class OnlyReduces(Promise):
    """P2: no order of ours adds, and no fill of ours grows or turns a position."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._held: Counter[Place] = Counter()

    def arrived(self, asked: Asked) -> None:
        if not asked.places:
            return
        if self.sight.hedge:
            closing = {"LONG": "SELL", "SHORT": "BUY"}.get(asked.params.get("positionSide", ""))
            reduces = closing == asked.params.get("side")
        else:
            flags = (asked.params.get("reduceOnly"), asked.params.get("closePosition"))
            reduces = "true" in flags
        self.check("P2", reduces, f"{asked.client_id} could add: {dict(asked.params)}")

    def changed(self, before: Moment, after: Moment) -> None:
        for fill in after.fills:
            place = (fill.symbol, fill.position_side)
            was, signed = self._held[place], fill.lots if fill.side == "BUY" else -fill.lots
            self._held[place] += signed
            if is_ours(fill.client_id):
                reduces = direction(signed) == -direction(was) and abs(signed) <= abs(was)
                self.check("P2", reduces, f"{fill.client_id} filled {signed} of {was} lots")
        self._held = Counter(after.held)


class OncePerIntent(Promise):
    """P3: an id is one order, a close closes no more than was intended, one try at a time."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._orders: dict[str, set[int]] = {}
        self._done: Counter[str] = Counter()
        self._goals: dict[str, int] = {}
        self._open: set[str] = set()

    def changed(self, before: Moment, after: Moment) -> None:
        for fill in after.fills:
            identity = is_ours(fill.client_id)
            if not identity or fill.client_id[2] not in _CLOSES:
                continue
            orders = self._orders.setdefault(fill.client_id, set())
            orders.add(fill.order_id)
            if _TWICE not in self.sight.rough:
                text = f"{fill.client_id} became the orders {sorted(orders)}"
                self.check("P3", len(orders) == 1, text)
            self._count(fill.client_id, fill.lots)

    def _count(self, client_id: str, lots: int) -> None:
        self.sight.journal.read()
        order = self.sight.journal.placed.get(client_id)
        if order is None or order.get("leg") is None:
            return
        intent = _intent(client_id)
        # What is left of a leg after a try is what the next try is for: the first one has it all.
        leg = (order["key"][3], order["leg"])
        goal = self._goals.setdefault(intent, self.sight.journal.due.get(leg, order["lots"]))
        self._done[intent] += lots
        if _TWICE not in self.sight.rough and self.sight.grid.is_that_of_listing:
            text = f"{intent} closed {self._done[intent]} of {goal} lots"
            self.check("P3", self._done[intent] <= goal, text)


class FewStops(Promise):
    """P3: at most three stops a side, however a replacement goes (rule 3.3.3)."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._since: dict[Place, int] = {}

    def changed(self, before: Moment, after: Moment) -> None:
        for place, held in after.held.items():
            stops = stops_of(after, place, held, 0)
            if len(stops) > 1:
                text = f"{place}: {[(s.client_id, s.lots) for s in stops]}"
                self.check("P3", len(stops) <= _MOST_STOPS, text)


class InOrder(Promise):
    """P7: no order of an older lease arrives after a newer one's; one request at a time a side.

    A floor or a close does not wait for the answer to something that is less urgent. A process that
    was stopped between its last look at the fence and the wire sends when it wakes: what is older
    than its receive window by then the exchange refuses, whatever it asks for.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._newest = 0
        self._under_way: dict[int, list[Asked]] = {}

    def arrived(self, asked: Asked) -> None:
        if asked.identity is None or not (asked.places or asked.cancels) or asked.is_too_old:
            return
        self._look_for_overlap(asked, asked.identity.position_epoch)
        if not asked.places:
            return
        epoch = asked.identity.lease_epoch
        text = f"{asked.client_id} of lease {epoch} after lease {self._newest}"
        self.check("P7", epoch >= self._newest, text)
        self._newest = max(self._newest, epoch)

    def _look_for_overlap(self, asked: Asked, epoch: int) -> None:
        open_ = [one for one in self._under_way.get(epoch, ()) if _is_open(one, asked)]
        names = [one.client_id for one in open_]
        text = f"{asked.method} {asked.client_id} left while {names} were under way"
        self.check("P7", not open_ or (len(open_) == 1 and _may_overlap(open_[0], asked)), text)
        self._under_way[epoch] = [*open_, asked]


class ClockProof(Promise):
    """P8: whoever sets the wall clock, requests bear the venue's time, else it refuses them all."""

    def arrived(self, asked: Asked) -> None:
        if self.sight.jumped and "timestamp" in asked.params:
            off_ms = abs(int(asked.params["timestamp"]) - asked.at_ms)
            text = f"{asked.method} {asked.path} was stamped {off_ms} ms off the venue's time"
            self.check("P8", off_ms <= _STAMP_MS, text)


class KeepsBudget(Promise):
    """P13: nothing that can wait leaves between a 429 and its Retry-After."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._until_ms = 0
        self._from_ms = 0
        self._life, self._sender = 0, ""

    def replied(self, asked: Asked) -> None:
        if asked.status == 418 and not asked.harmed:
            self.check("P13", False, "banned for asking too much")
        if asked.status == 429 and asked.answered_ms is not None:
            self.check("P13", asked.harmed, "asked more than the venue allows")
            # What left before the reply was there could not know; 100 ms is the longest way back.
            self._from_ms = asked.answered_ms + 200
            self._until_ms = asked.at_ms + asked.retry_after_ms - 200
            self._life, self._sender = self.sight.life, asked.sender

    def arrived(self, asked: Asked) -> None:
        if not self._from_ms < asked.at_ms < self._until_ms or self.sight.life != self._life:
            return
        if asked.sender != self._sender:
            # What one process was told, another one of another address was not.
            return
        protects = asked.is_order and asked.client_id[2:3] not in ("L", "V")
        text = f"{asked.method} {asked.path} {asked.client_id} before Retry-After"
        self.check("P13", protects, text)


class NoStrangers(Promise):
    """P14: no order of ours outlives its position, and no order of others is cancelled."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._orphans: dict[str, int] = {}

    def arrived(self, asked: Asked) -> None:
        if asked.cancels:
            text = f"{asked.path} {asked.client_id} is not ours"
            self.check("P14", asked.identity is not None, text)

    def changed(self, before: Moment, after: Moment) -> None:
        alive = {}
        orders: list[VenueOrder | VenueAlgo] = [*after.orders, *after.algos]
        for order in orders:
            if order.status in _FIRING:
                # The venue refuses to cancel what is firing (-4117): it ends by itself.
                continue
            held = after.held.get((order.symbol, order.position_side), 0)
            useless = held == 0 or (order.side == "SELL") != (held > 0)
            if useless and is_ours(order.client_id):
                alive[order.client_id] = self._orphans.get(order.client_id, self.sight.now_ms)
        for client_id in self._orphans.keys() - alive.keys():
            self.check("P14", True, client_id)
        self._orphans = alive

    def passed(self, now_ms: int) -> None:
        for client_id, since_ms in list(self._orphans.items()):
            bound_ms = _AUDIT_MS + _ORPHAN_MS if self.sight.deaf_since(since_ms) else _ORPHAN_MS
            if self.sight.restarted_since(since_ms):
                bound_ms += _ORPHAN_MS
            if self.sight.now_ms - since_ms > bound_ms:
                self.check("P14", False, f"{client_id} has outlived its position")
                del self._orphans[client_id]

    def ended(self, now_ms: int) -> None:
        if not self.sight.available.counts:
            # Its time is available time: a ban that outlasts the schedule has stopped it.
            return
        for client_id in self._orphans:
            self.check("P14", False, f"{client_id} is left over at the end")


class JournalFirst(Promise):
    """P18 and P19: what arrives was durable before; without a disk only closes and floors leave.

    A close that the venue refuses because resting take-profits have used up what can be reduced
    needs room: then such an order may be cancelled without a disk.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._closes: list[Asked] = []

    def arrived(self, asked: Asked) -> None:
        if asked.places and asked.client_id[2:3] in _CLOSES:
            self._closes.append(asked)
        if not (asked.places or asked.cancels):
            return
        self.sight.journal.read()
        journal = self.sight.journal
        known = journal.placed if asked.places else journal.cancelled
        just_failed = self.sight.now_ms - self.sight.disk_failed_ms < _ON_THE_WAY_MS
        if (self.sight.disk_fails or just_failed) and asked.client_id not in known:
            role = asked.client_id[2:3]
            text = f"{asked.method} {asked.client_id} left without a journal"
            may_leave = role in _WITHOUT_JOURNAL if asked.places else self._makes_room(role)
            self.check("P19", may_leave, text)
            return
        text = f"{asked.method} {asked.client_id} is not durable"
        self.check("P18", asked.client_id in known, text)

    def _makes_room(self, role: str) -> bool:
        return role == _LADDER and any(close.code in _NO_ROOM for close in self._closes)


def _may_overlap(earlier: Asked, now: Asked) -> bool:
    """Whether the later one is urgent; of two that arrive at once nobody can tell which it is."""
    return _is_urgent(now) or (earlier.at_ms == now.at_ms and _is_urgent(earlier))


def _is_urgent(asked: Asked) -> bool:
    return asked.places and asked.client_id[2] in _WITHOUT_JOURNAL


def _is_open(earlier: Asked, now: Asked) -> bool:
    """Whether the service cannot have had an answer to a request yet, nor given it up."""
    if earlier.harmed or earlier.life != now.life or now.at_ms - earlier.at_ms >= _GIVEN_UP_MS:
        return False
    return earlier.answered_ms is None or earlier.answered_ms >= now.at_ms


def _intent(client_id: str) -> str:
    """An id without its attempt and its checksum."""
    return client_id[:-4]
