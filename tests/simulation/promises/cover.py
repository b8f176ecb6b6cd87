"""P1: a position is covered soon, stays covered, and its stops work."""

from dataclasses import replace

from quantum_exit.execution.ids import identity_of
from tests.simulation.promises.base import Promise, Sight, direction
from tests.simulation.seen import Asked, Moment, Place, stops_of

SOON_MS = 500
RECOVERY_MS = 5_000
AUDIT_MS = 10_500
CLOSE_MS = 3_500
SIZE_MS = 2_500
PROOF_MS = 17_000
_FIRING_MS = 2_500
_E8_PER_TICK = 10**7
_SLOW_TRIGGERS = frozenset({"F14", "F19"})
_NO_ROOM = -4045
# A refused stop is tried again after 10 s.
_FULL_MS = 10_500
_PRICE_PASSED = (-2021, -4142)


class CoveredSoon(Promise):
    """P1a and P1c: uncovered positions are covered within their time, lost cover comes back.

    What a grid that is told meanwhile makes dust needs no cover any more.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._naked: dict[Place, tuple[int, bool]] = {}
        self._had_cover: set[Place] = set()
        self._passed_at: dict[str, int] = {}
        self.gaps_ms: list[int] = []

    def replied(self, asked: Asked) -> None:
        if asked.code in _PRICE_PASSED:
            self._passed_at[asked.place[0]] = self.sight.now_ms
        for place in [one for one in self._naked if self.sight.is_dust(one)]:
            self._judge(place, *self._naked.pop(place), kept=True)

    def changed(self, before: Moment, after: Moment) -> None:
        for place in {*before.held, *after.held}:
            self._look(place, before, after)

    def passed(self, now_ms: int) -> None:
        for place, (since_ms, had) in list(self._naked.items()):
            if self.sight.now_ms - since_ms > self._bound_ms(place, since_ms):
                self._judge(place, since_ms, had, kept=False)
                del self._naked[place]

    def _look(self, place: Place, before: Moment, after: Moment) -> None:
        held = after.held.get(place, 0)
        if direction(held) != direction(before.held.get(place, 0)):
            self._had_cover.discard(place)
            self._naked.pop(place, None)
        if self.sight.is_covered(after, place, _FIRING_MS):
            gap = self._naked.pop(place, None)
            if gap is not None and held:
                self._judge(place, *gap, kept=True)
            if held:
                self._had_cover.add(place)
        elif place not in self._naked:
            self._naked[place] = (self.sight.now_ms, place in self._had_cover)

    def _judge(self, place: Place, since_ms: int, had: bool, *, kept: bool) -> None:
        gap_ms = self.sight.now_ms - since_ms
        self.gaps_ms.append(gap_ms)
        text = f"{place} uncovered for {gap_ms} ms of available time"
        self.check("P1c" if had else "P1a", kept, text)
        if self.sight.restarted_since(since_ms) and self.sight.life > 1:
            self.check("P6", kept, f"{text} around a restart")

    def _bound_ms(self, place: Place, since_ms: int) -> int:
        bound_ms = SOON_MS
        if self.sight.restarted_since(since_ms):
            bound_ms = RECOVERY_MS
        if self._passed_at.get(place[0], -1) >= since_ms or self.sight.rough & _SLOW_TRIGGERS:
            bound_ms = max(bound_ms, CLOSE_MS)
        if self.sight.deaf_since(since_ms):
            bound_ms = max(bound_ms, AUDIT_MS)
        return bound_ms


class Recovery(Promise):
    """P6: after a restart the service is ready, and what was open is covered, within its time.

    Where the price is past every stop that it may place, the position has to be closed. A close that
    the life before has written down, and that had no outcome, may be inside the exchange: the next
    one leaves when it is proven absent (P3, P12), which takes longer.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._life = 1
        self._closing: frozenset[str] = frozenset()
        self._passed: set[str] = set()
        self._open: dict[Place, int] | None = None
        self.took_ms: list[int] = []

    def changed(self, before: Moment, after: Moment) -> None:
        self.passed(after.now_ms)

    def passed(self, now_ms: int) -> None:
        sight = self.sight
        if sight.life > self._life:
            self._life = sight.life
            sight.journal.read()
            self._closing, self._passed = sight.journal.unanswered_closes(), set()
            self._open = {place: direction(held) for place, held in sight.moment.held.items()}
        if self._open is None or not sight.available.up:
            return
        took_ms = sight.now_ms - sight.available.began_at_ms
        bound_ms = RECOVERY_MS + (PROOF_MS if self._passed & self._closing else 0)
        is_done = sight.available.is_ready and not any(map(self._is_naked, self._open.items()))
        if is_done or took_ms > bound_ms:
            if self._open and is_done:
                self.took_ms.append(took_ms)
            self._open = None
            text = f"not ready and covered {took_ms} ms after a restart"
            self.check("P6", took_ms <= bound_ms, text)

    def replied(self, asked: Asked) -> None:
        if asked.code in _PRICE_PASSED:
            self._passed.add(asked.place[0])

    def _is_naked(self, was: tuple[Place, int]) -> bool:
        place, sign = was
        moment = self.sight.moment
        same = direction(moment.held.get(place, 0)) == sign
        return same and not self.sight.is_covered(moment, place, _FIRING_MS)


class NoGapOfOurOwn(Promise):
    """P1b and P1c: what we ask for never uncovers a position, nor takes its floor.

    A request and the news of what happened before it arrived may pass each other. A floor that the
    exchange ended then is not missed; nor is, by a position that somebody opened anew then, a stop
    of the one before it: it inherits nothing.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._expired_ms: dict[Place, int] = {}
        self._opened_ms: dict[Place, int] = {}

    def changed(self, before: Moment, after: Moment) -> None:
        if after.cause is None:
            self._note_news(before, after)
            return
        # A stop whose time to fire has passed was not taken by what was asked for now.
        before = replace(before, now_ms=after.now_ms)
        for place, held in after.held.items():
            if before.held.get(place) != held or not self.sight.is_covered(
                before, place, _FIRING_MS
            ):
                continue
            if self._is_news(self._opened_ms.get(place), after.now_ms):
                continue
            asked = after.cause
            text = f"{place}: {asked.method} of {asked.client_id} took the cover of {held} lots"
            self.check("P1b", self.sight.is_covered(after, place, _FIRING_MS), text)
            if _has_floor(before, place, held):
                text = f"{place}: {asked.method} of {asked.client_id} took the floor"
                needed = self.sight.whole(place, held)
                if self._is_news(self._expired_ms.get(place), after.now_ms):
                    continue
                # Who is deaf knows an older size.
                size = 1 if self.sight.available.is_deaf else needed
                self.check("P1c", needed == 0 or _has_floor(after, place, size), text)

    def _note_news(self, before: Moment, after: Moment) -> None:
        """Takes down when a position was opened, and when the exchange ended a floor or stand-in."""
        for place, held in after.held.items():
            if direction(before.held.get(place, 0)) != direction(held):
                self._opened_ms[place] = after.now_ms
            if before.held.get(place) == held:
                for stop in stops_of(before, place, held, _FIRING_MS):
                    is_floor = stop.close_position or _is_standin(stop.client_id)
                    if is_floor and stop.client_id in after.ended:
                        self._expired_ms[place] = after.now_ms

    def _is_news(self, happened_ms: int | None, now_ms: int) -> bool:
        """Whether a request that arrives now left before it could be known."""
        return happened_ms is not None and now_ms - happened_ms < 2 * self.sight.latency_ms


class StopsWork(Promise):
    """P1d and P15: live stops are on the loss side, before liquidation, and of the right size."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._wrong: dict[Place, int] = {}
        self._behind: dict[tuple[Place, str], int] = {}
        self._by_hand = False
        self._no_room_ms: dict[str, int] = {}

    def replied(self, asked: Asked) -> None:
        if asked.code == _NO_ROOM:
            self._no_room_ms[asked.place[0]] = self.sight.now_ms

    def changed(self, before: Moment, after: Moment) -> None:
        if after.fills and after.cause is None:
            self._by_hand = self._by_hand or any(
                not fill.client_id.startswith(("x1", "autoclose-", "adl", "settle"))
                for fill in after.fills
            )
        for place, held in after.held.items():
            self._sizes(place, held, after)
            self._liquidation(place, held, after)
        for place in [one for one in self._wrong if one not in after.held]:
            del self._wrong[place]

    def passed(self, now_ms: int) -> None:
        for place, since_ms in list(self._wrong.items()):
            late_ms = self.sight.now_ms - max(since_ms, self._room_at_ms(place))
            bound_ms = AUDIT_MS + SIZE_MS if self.sight.deaf_since(since_ms) else SIZE_MS
            if self.sight.life > 1 and self.sight.restarted_since(since_ms - PROOF_MS):
                # An order that was under way at the end of a life has to be proven absent first.
                bound_ms += PROOF_MS
            if late_ms > bound_ms:
                # A stop that was firing may have had its time meanwhile: it is live no more.
                moment = replace(self.sight.moment, now_ms=now_ms)
                if not self._fits(place, moment.held.get(place, 0), moment):
                    self._report(place, late_ms, kept=False)
                del self._wrong[place]

    def _sizes(self, place: Place, held: int, after: Moment) -> None:
        if not self._fits(place, held, after):
            self._wrong.setdefault(place, self.sight.now_ms)
        elif place in self._wrong:
            self._report(place, self.sight.now_ms - self._wrong.pop(place), kept=True)

    def _fits(self, place: Place, held: int, moment: Moment) -> bool:
        """Whether one of the live stops with a size has the right one, where there are any."""
        live = stops_of(moment, place, held, _FIRING_MS)
        sizes = [self.sight.whole(place, one.lots) for one in live if not one.close_position]
        return not sizes or self.sight.whole(place, abs(held)) in sizes

    def _room_at_ms(self, place: Place) -> int:
        """When a stop of another size is due; the one that rests stays where there is no room."""
        refused_ms = self._no_room_ms.get(place[0])
        return 0 if refused_ms is None else refused_ms + _FULL_MS

    def _report(self, place: Place, late_ms: int, *, kept: bool) -> None:
        held = self.sight.moment.held.get(place, 0)
        stops = stops_of(self.sight.moment, place, held, _FIRING_MS)
        sizes = [(one.client_id, one.lots, one.status) for one in stops]
        text = f"{place}: stops {sizes} for {held} lots after {late_ms} ms"
        self.check("P1d", kept, text)
        if self._by_hand:
            self.check("P15", kept, text)

    def _liquidation(self, place: Place, held: int, after: Moment) -> None:
        limit_e8 = after.liquidation.get(place)
        if limit_e8 is None or (limit_e8 > 0) is False:
            return
        sign = direction(held)
        for stop in stops_of(after, place, held, 0):
            beyond = sign * (stop.trigger_ticks * _E8_PER_TICK - limit_e8) <= 0
            text = f"{place}: {stop.client_id} at {stop.trigger_ticks} lies beyond liquidation"
            if stop.created_ms == after.now_ms:
                self.check("P1d", not beyond, text)
            if not beyond:
                self._behind.pop((place, stop.client_id), None)
                continue
            since_ms = self._behind.setdefault((place, stop.client_id), self.sight.now_ms)
            # No event tells that price: an audit does.
            self.check("P1d", self.sight.now_ms - since_ms <= AUDIT_MS + SIZE_MS, text)


def _has_floor(moment: Moment, place: Place, held: int) -> bool:
    """Whether a floor is live, or a stand-in that covers as much."""
    return any(
        stop.close_position or (_is_standin(stop.client_id) and stop.lots >= abs(held))
        for stop in stops_of(moment, place, moment.held.get(place, 0), _FIRING_MS)
    )


def _is_standin(client_id: str) -> bool:
    identity = identity_of(client_id)
    return identity is not None and identity.rung == 1
