"""P4 and P16: stops only tighten, and never lie beyond the hard stop."""

from dataclasses import replace

from tests.simulation.promises.base import Promise, Sight, direction, grew
from tests.simulation.seen import Asked, Moment, Place, stops_of

_WORKING, _FLOOR = "T", "F"
_ROUNDED = "F16"


class OnlyTighten(Promise):
    """P4: the best stop of a position never goes to the loss side by our doing."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._best: dict[Place, int] = {}
        self._former: dict[Place, frozenset[str]] = {}

    def changed(self, before: Moment, after: Moment) -> None:
        for place, held in after.held.items():
            if direction(before.held.get(place, 0)) != direction(held):
                # Stops of the position before this one.
                self._former[place] = frozenset(one.client_id for one in before.algos)
        for place in {*before.held, *self._best}:
            if place not in after.held or grew(before, after, place):
                self._best.pop(place, None)
        for place, held in after.held.items():
            self._look(place, held, before, after)

    def _look(self, place: Place, held: int, before: Moment, after: Moment) -> None:
        triggers = self._triggers(after, place, held)
        if not triggers:
            if self.sight.whole(place, held) == 0:
                # Dust that no order can express is no position: one that it becomes part of later,
                # on a finer step, inherits nothing.
                self._best.pop(place, None)
            return
        best, now = self._best.get(place), max(triggers)
        if after.cause is not None and best is not None:
            slack = self.sight.grid.slack_ticks(place[0])
            # A stop whose time to fire has passed was not taken by what was asked for now.
            earlier = replace(before, now_ms=after.now_ms)
            was = self._triggers(earlier, place, held)
            if was and before.held.get(place) == held:
                text = f"{place}: {after.cause.client_id} loosened {max(was)} to {now}"
                self.check("P4", now >= max(was) - slack, text)
        self._best[place] = now if best is None else max(best, now)

    def _triggers(self, moment: Moment, place: Place, held: int) -> list[int]:
        """Of the position's own stops, larger where they are tighter."""
        former = self._former.get(place, frozenset())
        return [
            direction(held) * one.trigger_ticks
            for one in stops_of(moment, place, held, 2_500)
            if one.client_id not in former
        ]

    def arrived(self, asked: Asked) -> None:
        if not asked.places or asked.client_id[2:3] != _WORKING:
            return
        held = self.sight.moment.held.get(asked.place, 0)
        best = self._best.get(asked.place)
        # The stand-in of the floor is as wide as the floor.
        if best is None or held == 0 or (asked.identity and asked.identity.rung == 1):
            return
        sign = direction(held)
        trigger = _ticks(asked)
        loose = sign * trigger < best - self.sight.grid.slack_ticks(asked.place[0])
        if asked.params.get("side") == ("SELL" if held > 0 else "BUY"):
            self.check("P4", not loose, f"{asked.client_id} at {trigger} is looser than {best}")


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
        if _ROUNDED in self.sight.rough:
            # Ticks of the plan may be those of another grid.
            return
        sign = 1 if plans[0]["key"][2] == "LONG" else -1
        widest = min(sign * plan["hard_stop_ticks"] for plan in plans)
        text = f"{asked.client_id} at {_ticks(asked)} is beyond the hard stop {widest}"
        self.check("P16", sign * _ticks(asked) >= widest, text)


def _ticks(asked: Asked) -> int:
    return round(float(asked.params.get("triggerPrice", "0")) * 10)
