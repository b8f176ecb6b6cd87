"""P4 and P16: stops only tighten, and never lie beyond the hard stop."""

from dataclasses import dataclass, replace

from tests.simulation.promises.base import Promise, Sight, direction, grew
from tests.simulation.seen import Asked, Moment, Place, stops_of

_WORKING, _FLOOR = "T", "F"


@dataclass(slots=True)
class _Rested:
    """A stop that rested at the venue.

    Attributes:
        trigger: Larger where it is tighter.
        life: The last life of the service in which it did.
        fired: Whether the price has reached it.
    """

    trigger: int
    life: int
    fired: bool = False


@dataclass(frozen=True, slots=True)
class _Lost:
    """The tightest stop of a position that somebody else ended last.

    Attributes:
        trigger: Larger where it is tighter.
        at_ms: When.
    """

    trigger: int
    at_ms: int


class OnlyTighten(Promise):
    """P4: the best stop of a position never goes to the loss side by our doing.

    A life that never saw a stop, and whose journal does not name it, cannot know of it: where
    floors leave without a disk (P19), the venue alone knows them, and only while they rest.

    The cancel of an old stop leaves when the new one is proven live (replace protocol, step 1). If
    the venue or a person ends the new one while that cancel is on its way, nobody has loosened
    anything: the new one was lost, and is to be back (P1c, P15).

    A stop that has fired is live no more, and as long as the price is past it no other one can rest
    there: what takes the place of the best stop that still rests is to be as tight as that one.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._rested: dict[Place, dict[str, _Rested]] = {}
        self._former: dict[Place, frozenset[str]] = {}
        self._lost: dict[Place, _Lost] = {}

    def changed(self, before: Moment, after: Moment) -> None:
        for place, held in after.held.items():
            if direction(before.held.get(place, 0)) != direction(held):
                # Stops of the position before this one.
                self._former[place] = frozenset(one.client_id for one in before.algos)
                self._lost.pop(place, None)
        for place in {*before.held, *self._rested}:
            if place not in after.held or grew(before, after, place):
                self._rested.pop(place, None)
        for place, held in after.held.items():
            self._look(place, held, before, after)

    def _look(self, place: Place, held: int, before: Moment, after: Moment) -> None:
        if self.sight.whole(place, held) == 0:
            # Dust that no order can express is no position: its stops may leave, and one that it
            # becomes part of later, on a finer step, inherits nothing.
            self._rested.pop(place, None)
            return
        rested = self._rested.get(place, {})
        for one in before.algos:
            if one.client_id in rested:
                rested[one.client_id].life = self.sight.life
        for client_id in after.fired:
            if client_id in rested:
                rested[client_id].fired = True
        triggers = self._triggers(after, place, held)
        if after.cause is None:
            self._note_lost(place, held, before, after)
        if not triggers:
            return
        if after.cause is not None and rested:
            slack = self.sight.grid.slack_ticks(place[0])
            # A stop whose time to fire has passed was not taken by what was asked for now.
            earlier = replace(before, now_ms=after.now_ms)
            was = self._triggers(earlier, place, held)
            if was and before.held.get(place) == held:
                best = max(was.values())
                if max(triggers.values()) < best - slack:
                    self._claim_former(place, held, after, best - slack)
                    triggers = self._triggers(after, place, held)
                now = max(triggers.values())
                text = f"{place}: {after.cause.client_id} loosened {best} to {now}"
                crossed = after.cause.cancels and self._crossed(place, after.now_ms, best - slack)
                self.check("P4", now >= best - slack or crossed, text)
        life = self.sight.life
        for name, trigger in triggers.items():
            rested[name] = _Rested(trigger, life, name in rested and rested[name].fired)
        self._rested[place] = rested

    def _note_lost(self, place: Place, held: int, before: Moment, after: Moment) -> None:
        """Takes down what somebody else ended; a cancel of ours that is carried out late is ours."""
        self.sight.journal.read()
        ended = set(after.ended) - self.sight.journal.cancelled
        was = self._triggers(before, place, held)
        lost = [trigger for client_id, trigger in was.items() if client_id in ended]
        if lost:
            self._lost[place] = _Lost(max(lost), after.now_ms)

    def _crossed(self, place: Place, now_ms: int, least: int) -> bool:
        """Whether a stop as tight as `least` was lost while what arrives now was on its way."""
        lost = self._lost.get(place)
        if lost is None or lost.trigger < least:
            return False
        return now_ms - lost.at_ms < self.sight.latency_ms

    def _triggers(self, moment: Moment, place: Place, held: int) -> dict[str, int]:
        """Of the position's own stops by id, larger where they are tighter."""
        former = self._former.get(place, frozenset())
        return {
            one.client_id: direction(held) * one.trigger_ticks
            for one in stops_of(moment, place, held, 2_500)
            if one.client_id not in former
        }

    def _claim_former(self, place: Place, held: int, moment: Moment, least: int) -> None:
        """A stop of the position before this one that is as tight takes a lost one's place.

        From here on it is one of the position's own.
        """
        self._former[place] = self._former.get(place, frozenset()) - {
            one.client_id
            for one in stops_of(moment, place, held, 2_500)
            if direction(held) * one.trigger_ticks >= least
        }

    def _best(self, place: Place) -> int | None:
        """The tightest stop of the position that the service can know of."""
        return max(
            (
                one.trigger
                for client_id, one in self._rested.get(place, {}).items()
                if one.life == self.sight.life or self.sight.journal.names(client_id)
            ),
            default=None,
        )

    def arrived(self, asked: Asked) -> None:
        if not asked.places or asked.client_id[2:3] != _WORKING:
            return
        held = self.sight.moment.held.get(asked.place, 0)
        best = self._best(asked.place)
        # The stand-in of the floor is as wide as the floor.
        if best is None or held == 0 or (asked.identity and asked.identity.rung == 1):
            return
        sign = direction(held)
        trigger = _ticks(asked)
        least = best - self.sight.grid.slack_ticks(asked.place[0])
        loose = sign * trigger < least and not self._has_floor_at(asked.place, held, least)
        loose = loose and not self._keeps_what_rests(asked.place, held, sign * trigger)
        if asked.params.get("side") == ("SELL" if held > 0 else "BUY"):
            self.check("P4", not loose, f"{asked.client_id} at {trigger} is looser than {best}")

    def _has_floor_at(self, place: Place, held: int, least: int) -> bool:
        """Whether the best stop is a floor that rests: no working stop takes its place."""
        return any(
            one.close_position and direction(held) * one.trigger_ticks >= least
            for one in stops_of(self.sight.moment, place, held, 2_500)
        )

    def _keeps_what_rests(self, place: Place, held: int, trigger: int) -> bool:
        """Whether all tighter stops have fired, and the best one that rests is no tighter."""
        rested = self._rested.get(place, {})
        resting = [
            direction(held) * one.trigger_ticks
            for one in stops_of(self.sight.moment, place, held, 0)
            if one.client_id in rested and not one.close_position and one.status == "NEW"
        ]
        is_past = all(one.fired for one in rested.values() if one.trigger > trigger)
        return is_past and bool(resting) and trigger >= max(resting)


class NeverBeyondHardStop(Promise):
    """P16: whatever is advised, no stop is wider than the hard stop of its plan."""

    def arrived(self, asked: Asked) -> None:
        role = asked.client_id[2:3]
        if not asked.places or role not in (_WORKING, _FLOOR) or asked.identity is None:
            return
        self.sight.journal.read()
        plans = self.sight.journal.plans.get(asked.identity.position_epoch)
        if not plans or asked.client_id not in self.sight.journal.placed:
            return
        if not self.sight.grid.is_that_of_listing:
            return
        sign = 1 if plans[0]["key"][2] == "LONG" else -1
        widest = min(sign * plan["hard_stop_ticks"] for plan in plans)
        text = f"{asked.client_id} at {_ticks(asked)} is beyond the hard stop {widest}"
        self.check("P16", sign * _ticks(asked) >= widest, text)


def _ticks(asked: Asked) -> int:
    return round(float(asked.params.get("triggerPrice", "0")) * 10)
