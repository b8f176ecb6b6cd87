"""P11 and P12: an exit completes, and an unknown outcome ends by proof only."""

from tests.simulation.promises.base import Promise, Sight
from tests.simulation.seen import Asked, Moment, Place, is_ours

CLOSE_MS = 3_000
_RECOVERY_MS = 5_000
_AUDIT_MS = 10_500
_WINDOW_MS = 13_000
_SPACING_MS = 2_000
_PATIENCE_MS = 2_000
_CLOSES = frozenset("CE")
_ILLIQUID = frozenset({"F16", "F20", "F26", "F15"})
_FINAL = frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED", "FINISHED"})
_UNKNOWN_CODES = (-1007, -1006, -1000)
_SERVER_ERROR = 500
_THROTTLED = -1008
_NO_BUDGET = -4118


class ExitsComplete(Promise):
    """P11: what was decided to be closed is closed soon, and is never given up.

    Its time is available time: it stands still while the exchange refuses the close because resting
    orders of others use up all that may be reduced (-4118). They are not ours to cancel (P14), and
    nothing may leave that does not only reduce (P2).
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._running: dict[Place, tuple[int, int]] = {}
        self._seen: set[str] = set()
        self._records = 0
        self._refused: set[Place] = set()
        self._looked_ms = 0
        self.took_ms: list[int] = []

    def replied(self, asked: Asked) -> None:
        for place in [one for one in self._running if self.sight.is_dust(one)]:
            # A grid that was told now leaves nothing that an order could close.
            self._judge(place, self._running.pop(place)[1])
        if not asked.places or asked.client_id[2:3] not in _CLOSES:
            return
        if asked.code == _NO_BUDGET:
            self._refused.add(asked.place)
        else:
            self._refused.discard(asked.place)

    def changed(self, before: Moment, after: Moment) -> None:
        self._stand_still(before)
        self._begin(after)
        for place, (sign, since_ms) in list(self._running.items()):
            if self._held(after, place) * sign <= 0:
                del self._running[place]
                self._judge(place, since_ms)

    def passed(self, now_ms: int) -> None:
        self._stand_still(self.sight.moment)
        self._begin(self.sight.moment)
        for place, (_, since_ms) in list(self._running.items()):
            if self.sight.now_ms - since_ms > self._bound_ms(since_ms):
                del self._running[place]
                self._judge(place, since_ms)

    def ended(self, now_ms: int) -> None:
        for place in self._running:
            if not self._is_kept_out(self.sight.moment, place):
                self.check("P11", False, f"{place}: the exit is not complete at the end")

    def _stand_still(self, moment: Moment) -> None:
        """The time since the last look does not count where the account has kept the close out."""
        since_ms, self._looked_ms = self._looked_ms, self.sight.now_ms
        for place, (sign, began_ms) in self._running.items():
            if self._is_kept_out(moment, place):
                out_ms = self.sight.now_ms - max(since_ms, began_ms)
                self._running[place] = (sign, began_ms + out_ms)

    def _is_kept_out(self, moment: Moment, place: Place) -> bool:
        held = self._held(moment, place)
        if held == 0 or place not in self._refused:
            return False
        closing = "SELL" if held > 0 else "BUY"
        others = sum(
            order.lots - order.filled_lots
            for order in moment.orders
            if (order.symbol, order.position_side) == place
            and order.side == closing
            and (order.reduce_only or self.sight.hedge)
            and not is_ours(order.client_id)
        )
        return others >= abs(held)

    def _begin(self, moment: Moment) -> None:
        """Takes decisions in as soon as they are durable."""
        self.sight.journal.read()
        if self.sight.journal.records == self._records:
            return
        self._records = self.sight.journal.records
        placed = self.sight.journal.placed
        for client_id in [one for one in placed if one not in self._seen]:
            self._seen.add(client_id)
            order = placed[client_id]
            is_void = client_id in self.sight.journal.void
            if is_void or order["t"] != "MarketClose" or order.get("leg") is not None:
                continue
            _, symbol, side, _ = order["key"]
            place = (symbol, side if self.sight.hedge else "BOTH")
            sign = 1 if side == "LONG" else -1
            held = self._held(moment, place) * sign
            if held > 0 and order["lots"] >= held:
                self._running.setdefault(place, (sign, self.sight.now_ms))

    def _held(self, moment: Moment, place: Place) -> int:
        return self.sight.whole(place, moment.held.get(place, 0))

    def _judge(self, place: Place, since_ms: int) -> None:
        took_ms = self.sight.now_ms - since_ms
        if self.sight.rough & _ILLIQUID and not self.sight.healed:
            return
        self.took_ms.append(took_ms)
        text = f"{place}: the exit took {took_ms} ms of available time"
        self.check("P11", took_ms <= self._bound_ms(since_ms), text)

    def _bound_ms(self, since_ms: int) -> int:
        bound_ms = CLOSE_MS
        if self.sight.restarted_since(since_ms):
            # A close that was under way at the end of a life has to be proven absent first.
            bound_ms += _RECOVERY_MS + _WINDOW_MS
        if self.sight.deaf_since(since_ms):
            bound_ms += _AUDIT_MS
        return bound_ms


class ProvenOnly(Promise):
    """P12 and P3: the next try of a close leaves after proof that the last one is dead."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._tries: dict[str, Asked] = {}
        self._not_found_ms: dict[str, list[int]] = {}
        self._shown: set[str] = set()
        self._told_ms: dict[str, int] = {}
        self._lists_ms: list[int] = []
        self._trades_ms: list[int] = []

    def arrived(self, asked: Asked) -> None:
        if asked.places and asked.client_id[2:3] in _CLOSES and is_ours(asked.client_id):
            self._next_try(asked)
        elif asked.method == "GET" and asked.path.endswith("penOrders"):
            self._lists_ms.append(asked.at_ms)
        elif asked.method == "GET" and asked.path.endswith("userTrades"):
            self._trades_ms.append(asked.at_ms)

    def replied(self, asked: Asked) -> None:
        if asked.method != "GET" or asked.answered_ms is None:
            return
        if asked.code == -2013:
            self._not_found_ms.setdefault(asked.client_id, []).append(asked.at_ms)
        if asked.status != 200:
            return
        rows = asked.body if isinstance(asked.body, list) else [asked.body]
        for row in rows:
            if isinstance(row, dict) and row.get("status", "FILLED") in _FINAL:
                self._shown.add(str(row.get("clientOrderId", "")))
                self._shown.add(str(row.get("orderId", "")))

    def told(self, client_id: str, status: str, due_ms: list[int]) -> None:
        if due_ms and (status in _FINAL or not status):
            self._told_ms[client_id] = min(due_ms)

    def _next_try(self, asked: Asked) -> None:
        intent = asked.client_id[:-4]
        last = self._tries.get(intent)
        self._tries[intent] = asked
        if last is None or last.client_id == asked.client_id or last.life != asked.life:
            return
        kept = not self._is_unknown(last) or self._is_proven(last, asked.at_ms)
        text = f"{asked.client_id} was sent while {last.client_id} was unknown"
        self.check("P12", kept, text)

    def _is_unknown(self, asked: Asked) -> bool:
        """Whether its reply left the service without an answer that says what happened."""
        # The service waits so long for the whole way there and back, and hears nothing after that.
        most_ms = _PATIENCE_MS - 2 * self.sight.latency_ms
        if asked.answered_ms is None or asked.answered_ms - asked.at_ms > most_ms:
            return True
        if not asked.harmed:
            return False
        failed = (asked.status or 0) >= _SERVER_ERROR and asked.code != _THROTTLED
        return failed or asked.code in _UNKNOWN_CODES

    def _is_proven(self, last: Asked, now_ms: int) -> bool:
        if last.client_id in self._shown or self._told_ms.get(last.client_id, now_ms) < now_ms:
            return True
        over_ms = last.at_ms + _WINDOW_MS - 500
        not_found = self._not_found_ms.get(last.client_id, [])
        return (
            now_ms > over_ms
            and len(not_found) > 1
            and not_found[-1] - not_found[0] >= _SPACING_MS - 200
            and any(at_ms > over_ms for at_ms in self._lists_ms)
            and any(at_ms > over_ms for at_ms in self._trades_ms)
        )
