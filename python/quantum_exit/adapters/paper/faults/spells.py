"""Faults that last: outages, bans, revoked keys, maintenance: F06, F07, F08, F25."""

from collections.abc import Callable
from dataclasses import dataclass

from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.faults.arrival import Arrival
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.limits import LimitRules

_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_FIRST_BAN_MS = 2 * _MINUTE_MS
_LONGEST_BAN_MS = 3 * 24 * 60 * _MINUTE_MS
_REFUSALS_BEFORE_BAN = LimitRules().refusals_before_ban


@dataclass(slots=True)
class Spell:
    """One time of trouble.

    Attributes:
        occasion: Why it began.
        until_ms: When it ends, exchange time.
        refused: Requests that it has refused so far.
    """

    occasion: Occasion
    until_ms: int
    refused: int = 0


Refuses = Callable[[Arrival, Spell], RequestPlan | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellFault:
    """A fault that lasts.

    Attributes:
        shortest_ms: Shortest spell.
        longest_ms: Longest spell; lengths in between are log-uniform.
        refuses: What becomes of a request during a spell, `None` where it is not touched.
    """

    shortest_ms: int
    longest_ms: int
    refuses: Refuses

    def begin(self, occasion: Occasion, now_ms: int) -> Spell:
        """A spell that begins now."""
        length_ms = occasion.spread("length", self.shortest_ms, self.longest_ms)
        return Spell(occasion, now_ms + length_ms)


def _outage(arrival: Arrival, spell: Spell) -> RequestPlan | None:
    del arrival
    how = spell.occasion.one_of("how", ("refuse", "drop", "silence"))
    if how == "drop":
        return RequestPlan(execute=False, drop_connection=True)
    if how == "silence":
        return RequestPlan(execute=False, never_reply=True)
    return RequestPlan(execute=False, answer=answers.always(answers.unavailable()))


def silences_streams(spell: Spell) -> bool:
    """Whether the streams are down in this outage, too."""
    return spell.occasion.unit("streams") < 1 / 2


def _too_many(arrival: Arrival, spell: Spell) -> RequestPlan | None:
    spell.refused += 1
    bans = spell.refused - _REFUSALS_BEFORE_BAN
    if bans <= 0:
        reply = answers.too_many(LimitRules().weight_1m, _seconds_left(arrival, spell))
        return RequestPlan(execute=False, answer=answers.always(reply))
    if bans == 1:
        length_ms = spell.occasion.spread("ban", _FIRST_BAN_MS, _LONGEST_BAN_MS)
        spell.until_ms = arrival.now_ms + length_ms
    reply = answers.banned(spell.until_ms, _seconds_left(arrival, spell))
    return RequestPlan(execute=False, answer=answers.always(reply))


def _not_let_in(arrival: Arrival, spell: Spell) -> RequestPlan | None:
    if spell.occasion.unit("who") < 1 / 2:
        return RequestPlan(execute=False, answer=answers.always(answers.page(403)))
    if not arrival.api_key:
        return None
    return RequestPlan(execute=False, answer=answers.always(answers.coded(-2015)))


def _maintenance(arrival: Arrival, spell: Spell) -> RequestPlan | None:
    mode = spell.occasion.one_of("mode", ("no orders", "cancel only", "post only"))
    if not arrival.changes_orders:
        return None
    if mode != "no orders" and arrival.kind.startswith("DELETE"):
        return None
    if mode == "post only" and arrival.params.get("timeInForce") == "GTX":
        return None
    return RequestPlan(execute=False, answer=answers.always(answers.coded(-4088)))


def _seconds_left(arrival: Arrival, spell: Spell) -> int:
    return max(1, -(-(spell.until_ms - arrival.now_ms) // _SECOND_MS))


SPELLS = {
    "F06": SpellFault(shortest_ms=_SECOND_MS, longest_ms=120 * _MINUTE_MS, refuses=_outage),
    "F07": SpellFault(shortest_ms=_SECOND_MS, longest_ms=_MINUTE_MS, refuses=_too_many),
    "F08": SpellFault(shortest_ms=_SECOND_MS, longest_ms=10 * _MINUTE_MS, refuses=_not_let_in),
    "F25": SpellFault(shortest_ms=_SECOND_MS, longest_ms=30 * _MINUTE_MS, refuses=_maintenance),
}
