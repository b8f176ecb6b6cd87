"""Scripted rules: which of them a request or a message meets."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

from quantum_exit.adapters.paper.faults.arrival import Arrival
from quantum_exit.adapters.paper.faults.events import event_type, order_of
from quantum_exit.adapters.paper.faults.spec import EventRule, FaultSpec, Match, RequestRule
from quantum_exit.adapters.paper.wire import Json

_Rule = TypeVar("_Rule", RequestRule, EventRule)


class RuleBook:
    """The scripted rules of a run, and how often each was met so far.

    Args:
        spec: The run.
    """

    def __init__(self, spec: FaultSpec) -> None:
        self._spec = spec
        self._met: Counter[Hashable] = Counter()

    def change(self, spec: FaultSpec) -> None:
        """Takes the rules of a run that begins with the rules of this one."""
        self._spec = spec

    def for_request(self, arrival: Arrival, since_start_ms: int) -> RequestRule | None:
        """The first rule for `arrival`, or `None`."""
        found = [
            (("request", number), rule)
            for number, rule in enumerate(self._spec.requests)
            if rule.kind == arrival.kind
            and rule.match.covers(arrival.symbol, arrival.client_id, since_start_ms)
        ]
        return self._first(found)

    def for_event(self, message: Json, since_start_ms: int) -> EventRule | None:
        """The first rule for `message`, or `None`."""
        kind = event_type(message)
        symbol, client_id = order_of(message)
        found = [
            (("event", number), rule)
            for number, rule in enumerate(self._spec.events)
            if rule.event == kind and rule.match.covers(symbol, client_id, since_start_ms)
        ]
        return self._first(found)

    def _first(self, found: Sequence[tuple[Hashable, _Rule]]) -> _Rule | None:
        # Each rule counts what it matches, also where an earlier one has it.
        for key, _ in found:
            self._met[key] += 1
        return next((rule for key, rule in found if _is_turn(rule.match, self._met[key])), None)


def _is_turn(match: Match, met: int) -> bool:
    return match.nth in (None, met)
