"""The positions of a replay, from the command line's options."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from quantum_exit._core import Instrument
from quantum_exit.adapters.definitions import load_plan, load_profile
from quantum_exit.adapters.entries_csv import EntryRow, read_entries
from quantum_exit.domain.numbers import stop_at_frac
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InputFileError, InvalidInputError
from quantum_exit.execution.entries import Entry, MarketPlan, every

DEFAULT_STOP_FRAC = Decimal("0.02")
DEFAULT_EVERY_NS = 3_600_000_000_000
_DEFAULT_NOTIONAL = Decimal(10_000)
_SIDES = ("LONG", "SHORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How positions are exited unless an entry says otherwise.

    Attributes:
        name: What the rules are called in tables and reports.
        rules: Legs, trailing, ratchet and longest time; None where every entry names a profile.
        stop_frac: Distance of the initial stop as a fraction of the entry price.
    """

    name: str | None
    rules: ExitRules | None
    stop_frac: Decimal


def load_rules(profile: str | None, plan_path: str | None, stop_frac: Decimal | None) -> Rules:
    """The rules of `--profile` or `--plan` and `--stop-frac`.

    Raises:
        InvalidInputError: Both are given, there is no such profile, or `stop_frac` is no fraction.
        InputFileError: The file was refused.
    """
    if stop_frac is not None and not 0 < stop_frac < 1:
        raise InvalidInputError("--stop-frac", stop_frac, "expected a fraction in (0, 1)")
    if plan_path is None:
        rules = None if profile is None else load_profile(profile)
        return Rules(
            name=None if rules is None else rules.name,
            rules=None if rules is None else rules.rules(),
            stop_frac=DEFAULT_STOP_FRAC if stop_frac is None else stop_frac,
        )
    if profile is not None:
        raise InvalidInputError("--profile", repr(profile), "expected one of --profile and --plan")
    plan = load_plan(plan_path)
    return Rules(
        name=plan_path,
        rules=plan.rules,
        stop_frac=stop_frac or plan.stop_frac or DEFAULT_STOP_FRAC,
    )


def scheduled(
    rules: Rules,
    instrument: Instrument,
    *,
    every_ns: int,
    qty: Decimal | None,
    first_ns: int,
    first_price: float,
) -> Iterator[Entry]:
    """One LONG and one SHORT at the market at `first_ns` and every `every_ns` after it, endless.

    Raises:
        InvalidInputError: No rules are given, or the quantity is not one of the instrument.
    """
    chosen = _needed(rules.rules)
    quantity = default_qty(instrument, first_price) if qty is None else qty
    with_side = [
        MarketPlan(side=side, quantity=quantity, rules=chosen, stop_frac=rules.stop_frac)
        for side in _SIDES
    ]
    # Refuses bad numbers before the first tick is replayed.
    for plan in with_side:
        price = Decimal(repr(first_price))
        stop_price = stop_at_frac(plan.side, price, rules.stop_frac)
        chosen.plan(
            instrument,
            side=plan.side,
            entry_price=price,
            quantity=quantity,
            stop_price=stop_price,
        )
    return every(first_ns, every_ns, with_side)


def default_qty(instrument: Instrument, price: float) -> Decimal:
    """The quantity on the lot grid that is worth about 10 000 at `price`, within the limits."""
    step = Decimal(instrument.lot_step)
    wanted = _DEFAULT_NOTIONAL / Decimal(repr(price))
    most = Decimal(instrument.max_qty) if instrument.max_qty is not None else wanted
    fewest = (Decimal(instrument.min_qty) / step).to_integral_value(ROUND_CEILING)
    lots = max(int(min(wanted, most) / step), int(fewest), 1)
    return lots * step


def from_file(path: str, rules: Rules, instrument: Instrument) -> list[Entry]:
    """The positions of an entries file, in its order.

    Raises:
        InputFileError: The file was refused; names line and column.
        InvalidInputError: A profile that it names does not exist.
    """
    profiles: dict[str, ExitRules] = {}
    entries = []
    for row in read_entries(path):
        try:
            if row.profile is not None and row.profile not in profiles:
                profiles[row.profile] = load_profile(row.profile).rules()
            own = rules.rules if row.profile is None else profiles[row.profile]
            entries.append(_entry(row, _needed(own), rules.stop_frac, instrument))
        except InvalidInputError as error:
            raise InputFileError(path, f"row {row.line}", str(error)) from error
    return entries


def _entry(row: EntryRow, rules: ExitRules, stop_frac: Decimal, instrument: Instrument) -> Entry:
    instrument.lots(row.qty)
    if row.entry_price is None:
        plan = MarketPlan(
            side=row.side,
            quantity=row.qty,
            rules=rules,
            stop_price=row.stop_price,
            stop_frac=stop_frac if row.stop_price is None else None,
        )
        return Entry(row.entry_ns, plan)
    stop_price = row.stop_price
    if stop_price is None:
        stop_price = stop_at_frac(row.side, row.entry_price, stop_frac)
    return Entry(
        row.entry_ns,
        rules.plan(
            instrument,
            side=row.side,
            entry_price=row.entry_price,
            quantity=row.qty,
            stop_price=stop_price,
        ),
    )


def _needed(rules: ExitRules | None) -> ExitRules:
    if rules is None:
        allowed = "expected --profile, --plan or, for every entry, a profile"
        raise InvalidInputError("--profile", "none", allowed)
    return rules


def remembered(entries: Iterator[Entry], drawn: list[Entry]) -> Iterator[Entry]:
    """`entries`, each of which is put into `drawn` when it is taken."""
    for entry in entries:
        drawn.append(entry)
        yield entry
