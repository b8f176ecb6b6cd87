"""What happens at its time: scripted actions, and the occasions of the venue's own faults."""

from collections import Counter
from collections.abc import Callable, Sequence

from quantum_exit.adapters.paper.faults.actions import Action
from quantum_exit.adapters.paper.faults.happenings import HAPPENINGS
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.spec import FaultSpec, TimedAction
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.faults.undo import undoing
from quantum_exit.errors import VenueReject


class Clockwork:
    """Scripted actions and periodic occasions of one run.

    Args:
        spec: The run.
        start_ms: Exchange time at which it starts.
    """

    def __init__(self, spec: FaultSpec, start_ms: int) -> None:
        self._spec = spec
        self._start_ms = start_ms
        self._waiting = _by_time(spec.actions)
        self._is_alive = _is_alive(spec)
        self._period = 0
        self.misses: Counter[str] = Counter()
        """Scripted actions that the venue refused, by their mark."""
        self._undo: dict[str, list[Action]] = {}

    def change(self, spec: FaultSpec, added: Sequence[TimedAction], now_ms: int) -> None:
        """Takes another run with the same seed and period, and further actions."""
        if not self._is_alive:
            # Periods that passed without an occasion do not count.
            self._period = (now_ms - self._start_ms) // spec.period_ms
        self._spec, self._is_alive = spec, _is_alive(spec)
        self._waiting = _by_time((*self._waiting, *added))

    def calm(self, spec: FaultSpec, stage: Stage) -> None:
        """Takes a run without anything in it, and takes back what was changed."""
        self._spec, self._is_alive = spec, _is_alive(spec)
        self._waiting.clear()
        for fault in tuple(self._undo):
            self._restore(fault, stage)

    def next_due_ms(self) -> int | None:
        """When something may happen next, exchange time, or `None` where nothing will."""
        times = [self._start_ms + timed.at_ms for timed in self._waiting[:1]]
        if self._is_alive:
            times.append(self._start_ms + (self._period + 1) * self._spec.period_ms)
        return min(times, default=None)

    def run(self, now_ms: int, stage: Stage, rate_of: Callable[[str], float]) -> list[str]:
        """Lets happen what is due by `now_ms`.

        Args:
            now_ms: Exchange time.
            stage: Where.
            rate_of: The rate of a fault now.

        Returns:
            The marks of what happened.
        """
        return [*self._run_script(now_ms, stage), *self._run_periods(now_ms, stage, rate_of)]

    def _run_script(self, now_ms: int, stage: Stage) -> list[str]:
        marks = []
        while self._waiting and self._start_ms + self._waiting[0].at_ms <= now_ms:
            timed = self._waiting.pop(0)
            if _carried_out(timed.action, stage):
                marks.append(timed.mark)
            else:
                self.misses[timed.mark] += 1
        return marks

    def _run_periods(self, now_ms: int, stage: Stage, rate_of: Callable[[str], float]) -> list[str]:
        marks: list[str] = []
        if not self._is_alive:
            return marks
        while self._start_ms + (self._period + 1) * self._spec.period_ms <= now_ms:
            self._period += 1
            marks += [fault for fault in HAPPENINGS if self._happens(fault, stage, rate_of)]
        return marks

    def _happens(self, fault: str, stage: Stage, rate_of: Callable[[str], float]) -> bool:
        occasion = Occasion(self._spec.seed, fault, self._period)
        if not occasion.happens(rate_of(fault)):
            self._restore(fault, stage)
            return False
        action = HAPPENINGS[fault](occasion, stage)
        if action is None:
            return False
        undo = undoing(action, stage)
        if not _carried_out(action, stage):
            return False
        if undo is not None:
            self._undo.setdefault(fault, []).append(undo)
        return True

    def _restore(self, fault: str, stage: Stage) -> None:
        for undo in reversed(self._undo.pop(fault, [])):
            _carried_out(undo, stage)


def _is_alive(spec: FaultSpec) -> bool:
    """Whether anything can happen by chance."""
    return bool(spec.bundles) or any(fault in HAPPENINGS for fault in spec.rates)


def _by_time(actions: Sequence[TimedAction]) -> list[TimedAction]:
    return sorted(actions, key=lambda timed: timed.at_ms)


def _carried_out(action: Action, stage: Stage) -> bool:
    try:
        action.carry_out(stage)
    except VenueReject:
        # The venue may refuse what chance asks of it; then it has not happened, and has no mark.
        return False
    finally:
        stage.tell()
    return True
