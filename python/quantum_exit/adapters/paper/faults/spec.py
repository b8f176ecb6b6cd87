"""What a run of faults consists of: rates, scripted rules, and things that happen at given times."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from quantum_exit.adapters.paper.faults.actions import Action
from quantum_exit.adapters.paper.faults.bundles import BUNDLES
from quantum_exit.adapters.paper.faults.catalogue import FAULTS, SCRIPT
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests or messages a rule is for; what is `None` or empty does not matter.

    Attributes:
        nth: The how manieth of those that match otherwise, from 1; `None` is every one.
        symbol: Symbol of the order.
        client_id: Beginning of the order's client id.
        from_ms: Not before, ms since the start of the run.
        to_ms: Not from then on, ms since the start of the run.
    """

    nth: int | None = None
    symbol: str = ""
    client_id: str = ""
    from_ms: int = 0
    to_ms: int | None = None

    def after(self, ms: int) -> "Match":
        """The same, with its times counted from `ms` after the start."""
        to_ms = None if self.to_ms is None else self.to_ms + ms
        return replace(self, from_ms=self.from_ms + ms, to_ms=to_ms)

    def covers(self, symbol: str, client_id: str, since_start_ms: int) -> bool:
        """Whether all but `nth` is met."""
        return (
            self.symbol in ("", symbol)
            and client_id.startswith(self.client_id)
            and self.from_ms <= since_start_ms
            and (self.to_ms is None or since_start_ms < self.to_ms)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRule:
    """What becomes of some requests.

    Attributes:
        kind: Method and path, such as `POST /fapi/v1/algoOrder`.
        match: Which of them.
        plan: How they are carried out and answered.
        events_after_ms: User events of the order come so much later, ms.
        fault: A fault whose usual course they take in place of `plan`.
        mark: Under which name it is counted.
    """

    kind: str
    match: Match = Match()
    plan: RequestPlan = AS_IT_SHOULD_BE
    events_after_ms: int = 0
    fault: str | None = None
    mark: str = SCRIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """What becomes of some messages.

    Attributes:
        event: Their type, such as `ORDER_TRADE_UPDATE`.
        match: Which of them.
        delays_ms: One copy arrives so many ms later for each; none is a loss.
        mark: Under which name it is counted.
    """

    event: str
    match: Match = Match()
    delays_ms: tuple[int, ...] = ()
    mark: str = SCRIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedAction:
    """Something that happens at a given time.

    Attributes:
        at_ms: When, ms since the start of the run.
        action: What.
        mark: Under which name it is counted.
    """

    at_ms: int
    action: Action
    mark: str = SCRIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """One run of faults; the same one does the same to the same requests.

    Attributes:
        seed: Of all chance, 0 or more.
        rates: How often each fault happens of the times that it could, 0 to 1, by its number.
        bundles: Faults that come together for a while.
        requests: Scripted rules of requests; the first that matches counts, before all rates.
        events: Scripted rules of messages, likewise.
        actions: What happens at given times.
        period_ms: How often the venue and its users have an occasion for a fault of their own.

    Raises:
        InvalidInputError: A rate, a bundle, a time or a period is not allowed.
    """

    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    bundles: tuple[str, ...] = ()
    requests: tuple[RequestRule, ...] = ()
    events: tuple[EventRule, ...] = ()
    actions: tuple[TimedAction, ...] = ()
    period_ms: int = 10_000

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InvalidInputError("seed", self.seed, "expected 0 or more")
        if self.period_ms < 1:
            raise InvalidInputError("period_ms", self.period_ms, "expected 1 or more")
        for fault, rate in self.rates.items():
            _check_rate(fault, rate)
        for name in self.bundles:
            if name not in BUNDLES:
                raise InvalidInputError("bundles", name, f"expected one of {', '.join(BUNDLES)}")

    def joined(self, other: "FaultSpec", after_ms: int) -> "FaultSpec":
        """This run, and `other` from `after_ms` on, whose rules come after and whose rates count.

        The seed and the period stay, so that what was drawn so far stays as well.
        """
        return replace(
            self,
            rates={**self.rates, **other.rates},
            bundles=tuple(dict.fromkeys((*self.bundles, *other.bundles))),
            requests=(*self.requests, *_shifted(other.requests, after_ms)),
            events=(*self.events, *_shifted(other.events, after_ms)),
            actions=(
                *self.actions,
                *(replace(timed, at_ms=timed.at_ms + after_ms) for timed in other.actions),
            ),
        )


_Rule = TypeVar("_Rule", RequestRule, EventRule)


def _shifted(rules: tuple[_Rule, ...], ms: int) -> tuple[_Rule, ...]:
    return tuple(replace(rule, match=rule.match.after(ms)) for rule in rules)


def _check_rate(fault: str, rate: float) -> None:
    if fault not in FAULTS:
        raise InvalidInputError("rates", fault, f"expected one of {', '.join(FAULTS)}")
    # Written so that a NaN is refused, too.
    if not 0 <= rate <= 1:
        raise InvalidInputError(f"rates.{fault}", rate, "expected 0 to 1")
