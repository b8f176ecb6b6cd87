"""What the core was told, short enough to be kept in a snapshot: telling it again rebuilds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.watch import Watch
from quantum_exit.execution.watch_plan import WatchPlan


class _Step(NamedTuple):
    key: PositionKey
    what: str
    values: tuple[Any, ...]


@dataclass(slots=True)
class WatchLog:
    """Plans and steps of every watched position, in the order in which the core was told.

    A step is a decisive price or a command. Of watermarks of one position without another step of
    it between them only the last is kept, for a trailing stop depends on nothing but the best
    price; so a log grows with what happens, not with the time for which prices rise.
    """

    _steps: dict[int, _Step] = field(default_factory=dict)
    _newest: dict[PositionKey, int] = field(default_factory=dict)
    _count: int = 0

    @classmethod
    def empty(cls) -> Self:
        """A log of nothing."""
        return cls()

    def opened(self, plan: WatchPlan) -> None:
        """A position is watched from now on, or under a new plan."""
        self.closed(plan.key)
        self._add(_Step(plan.key, "open", (plan,)))

    def closed(self, key: PositionKey) -> None:
        """A position is watched no longer: nothing of it is needed again."""
        if self._newest.pop(key, None) is not None:
            self._steps = {place: step for place, step in self._steps.items() if step.key != key}

    def saw(self, key: PositionKey, price: Price, *, watermark: bool) -> None:
        """A price was decisive for a position."""
        what = "peak" if watermark else "tick"
        newest = self._newest.get(key)
        if watermark and newest is not None and self._steps[newest].what == what:
            del self._steps[newest]
        self._add(_Step(key, what, (price,)))

    def told(self, key: PositionKey, what: str, value: int) -> None:
        """A command: `resize` to lots, `fill` a leg, `tighten` to ticks."""
        self._add(_Step(key, what, (value,)))

    def plan_of(self, key: PositionKey) -> WatchPlan | None:
        """The plan under which a position is watched."""
        for step in self._steps.values():
            if step.key == key and step.what == "open":
                plan: WatchPlan = step.values[0]
                return plan
        return None

    def plans(self) -> dict[PositionKey, WatchPlan]:
        """The plan of every watched position."""
        return {step.key: step.values[0] for step in self._steps.values() if step.what == "open"}

    def tell(self, watch: Watch) -> None:
        """Tells everything to a new core."""
        for step in self._steps.values():
            tell(watch, step.key, step.what, step.values[0])

    def as_json(self) -> list[list[Any]]:
        """Plain JSON values that `from_json` reads back."""
        return [
            [list(step.key), step.what, _plain(step.values[0])] for step in self._steps.values()
        ]

    @classmethod
    def from_json(cls, body: list[list[Any]]) -> Self:
        """The log that `as_json` gave.

        Raises:
            InvalidInputError: It is none.
        """
        log = cls()
        try:
            for row in body:
                log._add(_step(row))
        except (TypeError, ValueError, KeyError) as error:
            raise InvalidInputError("watch log", error, "expected its steps") from error
        return log

    def _add(self, step: _Step) -> None:
        self._steps[self._count] = step
        self._newest[step.key] = self._count
        self._count += 1


def tell(watch: Watch, key: PositionKey, what: str, value: Any) -> None:
    """Tells one step to the core; what it decides then is known already."""
    match what:
        case "open":
            watch.open(value)
        case "tick" | "peak":
            watch.replay(value)
        case "resize":
            watch.resize(key, value)
        case "fill":
            watch.leg_filled(key, value)
        case "tighten":
            watch.tighten(key, value)
        case _:
            raise InvalidInputError("watch step", what, "expected a step of this version")


def price_as_json(price: Price) -> list[Any]:
    """A price as plain JSON values."""
    return [price.symbol, price.ticks, price.mark, price.ts_ns]


def price_from_json(row: list[Any]) -> Price:
    """The price that `price_as_json` gave.

    Raises:
        ValueError: It is none.
    """
    symbol, ticks, mark, ts_ns = row
    return Price(symbol=symbol, ticks=ticks, mark=mark, ts_ns=ts_ns)


def _plain(value: Any) -> Any:
    if isinstance(value, WatchPlan):
        return value.as_json()
    return price_as_json(value) if isinstance(value, Price) else value


def _step(row: list[Any]) -> _Step:
    (account, symbol, side, epoch), what, value = row
    made: Any = value
    if isinstance(value, Mapping):
        made = WatchPlan.from_json(value)
    elif isinstance(value, list):
        made = price_from_json(value)
    return _Step(PositionKey(account, symbol, Side(side), epoch), what, (made,))
