"""Decides of every request, message and instant which fault happens, and counts those that did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from quantum_exit.adapters.paper.faults import events
from quantum_exit.adapters.paper.faults.arrival import Arrival
from quantum_exit.adapters.paper.faults.blow import Blow
from quantum_exit.adapters.paper.faults.bundles import RATE_FRAC, raised
from quantum_exit.adapters.paper.faults.clockwork import Clockwork
from quantum_exit.adapters.paper.faults.confusion import Mixup
from quantum_exit.adapters.paper.faults.envelope import enveloped
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.request_faults import request_faults
from quantum_exit.adapters.paper.faults.rules import RuleBook
from quantum_exit.adapters.paper.faults.spec import FaultSpec, RequestRule
from quantum_exit.adapters.paper.faults.spells import SPELLS, Spell, silences_streams
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.adapters.paper.streams.channels import USER_CHANNEL
from quantum_exit.adapters.paper.wire import Json, Reply, Request
from quantum_exit.errors import InvalidInputError

_AS_IT_SHOULD_BE = Blow(plan=AS_IT_SHOULD_BE, shows=lambda true, sent: False)


class FaultPlan:
    """The faults of one run: the same requests in the same order meet the same faults.

    It is given to the exchange for all three of its hooks, and then attached to it. At most one
    fault hits a request: scripted rules come first, then spells that last, then the rates in the
    order of the fault numbers.

    Args:
        spec: What may happen.
        start_ms: Exchange time at which scripted times count from 0.
    """

    def __init__(self, spec: FaultSpec, start_ms: int) -> None:
        self._spec = spec
        self._start_ms = start_ms
        self._attached: Stage | None = None
        self._hits: Counter[str] = Counter()
        self._chances: Counter[str] = Counter()
        self._spells: dict[str, Spell] = {}
        self._mixup = Mixup()
        self._faults = request_faults(self._mixup)
        self._rules = RuleBook(spec)
        self._clockwork = Clockwork(spec, start_ms)

    def attach(self, stage: Stage) -> None:
        """Tells where the faults happen; before the first request."""
        self._attached = stage

    def add(self, spec: FaultSpec) -> None:
        """Adds the rates, rules and actions of `spec`, whose times count from now."""
        now_ms = self._stage.now_ms
        joined = self._spec.joined(spec, now_ms - self._start_ms)
        added = joined.actions[len(self._spec.actions) :]
        self._clockwork.change(joined, added, now_ms)
        self._rules.change(joined)
        self._spec = joined

    @property
    def hits(self) -> Mapping[str, int]:
        """How often each fault really happened so far, by number; scripted rules by their mark."""
        return MappingProxyType(self._hits)

    @property
    def misses(self) -> Mapping[str, int]:
        """How many scripted actions the venue refused, by their mark."""
        return MappingProxyType(self._clockwork.misses)

    # What the exchange asks.

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        """What becomes of a request; see `hooks.RequestFaults`."""
        arrival = Arrival.of(kind, request)
        mark, blow = self._blow(arrival)
        if blow.shows is None:
            self._hits[mark] += 1

        def answer(true: Reply) -> Reply:
            sent = true if blow.plan.answer is None else blow.plan.answer(true)
            if blow.shows is not None and blow.shows(true, sent):
                self._hits[mark] += 1
            self._mixup.saw(arrival.kind, true)
            return sent

        return replace(blow.plan, answer=enveloped(answer, request))

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        """What becomes of a message; see `hooks.EventFaults`."""
        return tuple((delay_ms, message) for delay_ms in self._delays(channel, message, now_ms))

    def next_due_ms(self) -> int | None:
        """When something may happen next; see `hooks.VenueFaults`."""
        return self._clockwork.next_due_ms()

    def happen(self, now_ms: int) -> None:
        """Lets happen what is due; see `hooks.VenueFaults`."""
        marks = self._clockwork.run(now_ms, self._stage, lambda fault: self._rate(fault, now_ms))
        self._hits.update(marks)

    # Which fault it is.

    @property
    def _stage(self) -> Stage:
        if self._attached is None:
            raise InvalidInputError("stage", None, "expected `attach` before the first request")
        return self._attached

    def _blow(self, arrival: Arrival) -> tuple[str, Blow]:
        rule = self._rules.for_request(arrival, arrival.now_ms - self._start_ms)
        if rule is not None:
            return self._scripted(rule, arrival)
        return self._spell(arrival) or self._by_rate(arrival) or ("", _AS_IT_SHOULD_BE)

    def _scripted(self, rule: RequestRule, arrival: Arrival) -> tuple[str, Blow]:
        if rule.events_after_ms and arrival.client_id:
            self._stage.hold_events(arrival.client_id, rule.events_after_ms, rule.mark)
        if rule.fault is None:
            return rule.mark, Blow(plan=rule.plan)
        blow = self._faults[rule.fault].blow(arrival, self._occasion(rule.fault), self._stage)
        return rule.mark, blow or _AS_IT_SHOULD_BE

    def _spell(self, arrival: Arrival) -> tuple[str, Blow] | None:
        for fault, kind in SPELLS.items():
            if not self._lasts(fault, arrival.now_ms):
                continue
            plan = kind.refuses(arrival, self._spells[fault])
            if plan is not None:
                return fault, Blow(plan=plan)
        return None

    def _lasts(self, fault: str, now_ms: int) -> bool:
        return fault in self._spells and now_ms < self._spells[fault].until_ms

    def _by_rate(self, arrival: Arrival) -> tuple[str, Blow] | None:
        for fault in sorted({*SPELLS, *self._faults}):
            rate = self._rate(fault, arrival.now_ms)
            if rate == 0 or not self._may_hit(fault, arrival):
                continue
            occasion = self._occasion(fault)
            if not occasion.happens(rate):
                continue
            blow = self._begin(fault, occasion, arrival)
            if blow is not None:
                return fault, blow
        return None

    def _may_hit(self, fault: str, arrival: Arrival) -> bool:
        if fault in SPELLS:
            return not self._lasts(fault, arrival.now_ms)
        return self._faults[fault].hits(arrival)

    def _begin(self, fault: str, occasion: Occasion, arrival: Arrival) -> Blow | None:
        if fault not in SPELLS:
            return self._faults[fault].blow(arrival, occasion, self._stage)
        spell = SPELLS[fault].begin(occasion, arrival.now_ms)
        self._spells[fault] = spell
        if fault == "F06" and silences_streams(spell):
            self._stage.silence(spell.until_ms - arrival.now_ms)
        plan = SPELLS[fault].refuses(arrival, spell)
        return None if plan is None else Blow(plan=plan)

    def _delays(self, channel: str, message: Json, now_ms: int) -> Sequence[int]:
        rule = self._rules.for_event(message, now_ms - self._start_ms)
        if rule is not None:
            self._hits[rule.mark] += 1
            return rule.delays_ms
        if self._stage.is_silent(now_ms):
            return ()
        if channel != USER_CHANNEL:
            return (0,)
        held = self._stage.held(events.order_of(message)[1], now_ms)
        if held is not None:
            self._hits[held[1]] += 1
            return (held[0],)
        return self._channel_delays(now_ms)

    def _channel_delays(self, now_ms: int) -> Sequence[int]:
        rate = self._rate("F40", now_ms)
        if rate == 0:
            return (0,)
        occasion = self._occasion("F40")
        if not occasion.happens(rate):
            return (0,)
        self._hits["F40"] += 1
        return events.delays(occasion)

    def _rate(self, fault: str, now_ms: int) -> float:
        rate = self._spec.rates.get(fault, 0.0)
        if fault in raised(self._spec.seed, self._spec.bundles, now_ms):
            return max(rate, RATE_FRAC)
        return rate

    def _occasion(self, fault: str) -> Occasion:
        count = self._chances[fault]
        self._chances[fault] += 1
        return Occasion(self._spec.seed, fault, count)
