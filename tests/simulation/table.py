"""What many schedules showed, added up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from quantum_exit.adapters.paper.faults.catalogue import FAULTS
from tests.simulation import bad_input, marks, pair_world, watched_disk
from tests.simulation.runner import Result

PROMISES = (
    *("P1a", "P1b", "P1c", "P1d", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"),
    *("P11", "P12", "P13", "P14", "P15", "P16", "P17", "P18", "P19", "P20"),
)
BATCHES = "F23"
"""The fault of batches: it can happen only where the service sends some."""
EVERY_FAULT = {
    **FAULTS,
    **marks.WORLD,
    **watched_disk.MARKS,
    **pair_world.MARKS,
    **bad_input.MARKS,
}


@dataclass(slots=True)
class Table:
    """Results added up.

    Attributes:
        schedules: How many there were.
        checked: Schedules in which each promise was put to the test.
        broken: Schedules in which it was not kept.
        hits: How often each fault happened.
        failures: One line for each finding.
        gaps_ms: Gaps of cover around restarts, available time.
        traces: Hash of each schedule.
        requests: Requests that arrived.
        batches: Those that were about several orders at once.
    """

    schedules: int = 0
    checked: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    traces: dict[int, str] = field(default_factory=dict)
    requests: int = 0
    batches: int = 0

    def add(self, result: Result) -> None:
        """Adds one schedule."""
        self.schedules += 1
        self.requests += result.requests
        self.batches += result.batches
        self.checked.update(result.checked)
        self.broken.update({one.promise for one in result.broken})
        self.hits.update(result.hits)
        self.traces[result.seed] = result.trace
        if result.broken:
            first = result.broken[0]
            self.failures.append(
                f"python -m tests.simulation --start {result.seed} --seeds 1"
                f"  # {result.story}: {first.promise} at {first.at_ms} ms: {first.text}"
            )

    @property
    def unmet(self) -> list[str]:
        """Faults that never happened."""
        return [one for one in EVERY_FAULT if one not in self.hits]

    @property
    def lacking(self) -> list[str]:
        """Faults that never happened though they could have."""
        return [one for one in self.unmet if one != BATCHES or self.batches]

    @property
    def unchecked(self) -> list[str]:
        """Promises that no schedule put to the test."""
        return [name for name in PROMISES if not self.checked[name]]

    def lines(self) -> Iterable[str]:
        """The table as text."""
        yield f"{'promise':<8}{'schedules':>10}{'violations':>12}"
        for name in PROMISES:
            yield f"{name:<8}{self.checked[name]:>10}{self.broken[name]:>12}"
        met = ", ".join(f"{name} {self.hits[name]}" for name in EVERY_FAULT if name in self.hits)
        yield f"{self.schedules} schedules, {self.requests} requests; faults met: {met}"
        for name in self.lacking:
            yield f"{name} was not met: {EVERY_FAULT[name]}"
        if BATCHES not in self.hits and not self.batches:
            none = f"not one of {self.requests} requests was a batch"
            yield f"{BATCHES} is not tested: {EVERY_FAULT[BATCHES]}; {none}"
        for name, why in marks.UNTESTED.items():
            yield f"{name} is not tested: {why}"
        for name, (what, where) in marks.ELSEWHERE.items():
            yield f"{name} is tested elsewhere: {what}, {where}"

    def as_json(self) -> dict[str, Any]:
        """The table as JSON values."""
        return {
            "schedules": self.schedules,
            "requests": self.requests,
            "promises": {
                name: {"schedules": self.checked[name], "violations": self.broken[name]}
                for name in PROMISES
            },
            "faults": dict(sorted(self.hits.items())),
            "not_met": self.lacking,
            "not_tested": [one for one in self.unmet if one not in self.lacking],
            "batches": self.batches,
            "failures": self.failures,
        }
