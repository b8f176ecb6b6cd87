"""Positions as a replay takes them: when they begin and under which plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from quantum_exit._core import ExitPlan, Instrument, Replay
from quantum_exit.domain.numbers import Number
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPlan:
    """The plan of a position that is entered at the price of its first tick.

    Exactly one of the two stops is given.

    Attributes:
        side: "LONG" or "SHORT".
        quantity: Base currency, on the lot grid.
        rules: Legs, trailing, ratchet and longest time.
        stop_price: Initial stop, quote currency.
        stop_frac: Distance of the initial stop as a fraction of the entry price, in (0, 1), at most
            six decimals.
    """

    side: str
    quantity: Number
    rules: ExitRules
    stop_price: Number | None = None
    stop_frac: Number | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A position of a replay.

    Attributes:
        entry_ns: ns since the UNIX epoch; the first tick at or after it is the first one evaluated.
        plan: Its plan, made beforehand or at the price of its first tick.
        position_id: Its id in the results; None = its place among all entries, counted from 0.
        symbol: Symbol whose ticks it lives on; None = that of the plan, or the only one there is.
    """

    entry_ns: int
    plan: ExitPlan | MarketPlan
    position_id: int | None = None
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with its id."""

    position_id: int
    entry: Entry

    def add_to(self, replay: Replay) -> None:
        """Adds the position to a replay of its symbol.

        Raises:
            InvalidInputError: The plan does not fit; the message names the position.
        """
        plan = self.entry.plan
        try:
            if isinstance(plan, ExitPlan):
                replay.add(self.position_id, self.entry.entry_ns, plan)
                return
            replay.add_at_market(
                self.position_id,
                self.entry.entry_ns,
                side=plan.side,
                quantity=plan.quantity,
                stop_price=plan.stop_price,
                stop_frac=plan.stop_frac,
                legs=plan.rules.legs,
                trailing=plan.rules.trailing,
                ratchet=plan.rules.ratchet,
                max_hold_ns=plan.rules.max_hold_ns,
                time_stop=plan.rules.time_stop,
            )
        except InvalidInputError as error:
            field = f"position {self.position_id}: {error.field}"
            raise InvalidInputError(field, error.value, error.allowed) from error


def numbered(entries: Iterable[Entry]) -> Iterator[Numbered]:
    """`entries` with their ids: the given one, or the place counted from 0."""
    for place, entry in enumerate(entries):
        yield Numbered(place if entry.position_id is None else entry.position_id, entry)


def by_symbol(
    entries: Sequence[Entry], instruments: Mapping[str, Instrument]
) -> dict[str, list[Numbered]]:
    """The numbered entries of each symbol, every symbol of `instruments` among them.

    Raises:
        InvalidInputError: An id is given twice, or a symbol is missing or unknown.
    """
    groups: dict[str, list[Numbered]] = {symbol: [] for symbol in instruments}
    ids: set[int] = set()
    for one in numbered(entries):
        if one.position_id in ids:
            allowed = "an id that no other entry has (the place of an entry is its id by default)"
            raise InvalidInputError("position_id", one.position_id, allowed)
        ids.add(one.position_id)
        symbol = _symbol_of(one, instruments)
        if symbol not in groups:
            allowed = f"expected one of {', '.join(groups)}"
            raise InvalidInputError(f"position {one.position_id}: symbol", symbol, allowed)
        groups[symbol].append(one)
    return groups


def every(first_ns: int, every_ns: int, plans: Sequence[ExitPlan | MarketPlan]) -> Iterator[Entry]:
    """All of `plans` at `first_ns` and every `every_ns` after it, without end, by time.

    Raises:
        InvalidInputError: `every_ns` is not above 0.
    """
    if every_ns <= 0:
        raise InvalidInputError("every_ns", every_ns, "expected ns above 0")
    return _every(first_ns, every_ns, plans)


def _every(first_ns: int, every_ns: int, plans: Sequence[ExitPlan | MarketPlan]) -> Iterator[Entry]:
    entry_ns = first_ns
    while True:
        for plan in plans:
            yield Entry(entry_ns, plan)
        entry_ns += every_ns


def _symbol_of(one: Numbered, instruments: Mapping[str, Instrument]) -> str:
    entry = one.entry
    if entry.symbol is not None:
        return entry.symbol
    if isinstance(entry.plan, ExitPlan):
        return entry.plan.instrument.symbol
    if len(instruments) == 1:
        return next(iter(instruments))
    allowed = "expected a symbol: there are ticks of several"
    raise InvalidInputError(f"position {one.position_id}: symbol", None, allowed)
