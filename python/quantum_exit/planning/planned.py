"""The result of planning: a plan that the core accepts, with what is to be done at once and why."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from quantum_exit._core import ExitPlan
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskMode
from quantum_exit.domain.rules import ExitRules
from quantum_exit.planning.book import ProfileBook, Selection
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.profiles import TPKind
from quantum_exit.planning.why import Factor, explain

_HOUR_NS = 3_600_000_000_000


class Planner(StrEnum):
    """Who plans."""

    EXIT_BRAIN = "exit-brain"
    LEGACY = "legacy"
    """The exit brain without profiles."""
    DYNAMIC = "dynamic"
    HYBRID = "hybrid"
    POLICY = "policy"


class PlanStrategy(StrEnum):
    """What kind of exit a plan is."""

    STANDARD_LADDER = "STANDARD_LADDER"
    LEGACY_LADDER = "LEGACY_LADDER"
    PROFIT_LOCK = "PROFIT_LOCK"
    EMERGENCY_EXIT = "EMERGENCY_EXIT"
    DYNAMIC_TPSL = "DYNAMIC_TPSL"
    HYBRID_TPSL = "HYBRID_TPSL"
    EXIT_POLICY = "EXIT_POLICY"
    ATR_REGIME = "ATR_REGIME"


class PlannedLeg(NamedTuple):
    """A take-profit leg as planned, before lots that are too small are merged.

    Attributes:
        r_multiple: Distance from the entry in R.
        size_fraction: Share of the initial quantity, a fraction.
        kind: Execution.
        profile_leg_index: 0-based place in the profile; the `leg` of the core's events.
    """

    r_multiple: float
    size_fraction: float
    kind: TPKind
    profile_leg_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExit:
    """An exit plan with what planning knows about it.

    Attributes:
        plan: What the core guards the position by. Its stop, on the loss side, defines R.
        rules: What the plan was made of besides the position and its stop.
        planner: Who planned.
        strategy: What kind of exit it is.
        stop_frac: Distance of the initial stop as a fraction of the entry price.
        why: Every factor applied, in order.
        close_now: Why everything is to be closed at once, or None. The plan's stop guards the
            position until it is flat.
        tighten_to: Stop to set right after the plan (`tighten_stop`) unless a tighter one is in
            force, quote currency, or None. It is the live stop where that is tighter than the
            plan's, or a profit lock, which lies on the profit side, where no initial stop may be.
        size_factor: Advice for the size of an entry, a factor in (0, 1].
        selection: The profile chosen, or None where no profile was asked for.
        book_version: Version of the book that was asked, or None.
        book_hash: Content hash of that book, or None.
        market_regime: The regime planned for.
        risk_mode: The risk mode planned for.
        confidence: Confidence of the models behind the plan, 0..1, or None where none was given.
        as_of_ns: When it was planned, ns since the UNIX epoch, or None.
    """

    plan: ExitPlan
    rules: ExitRules
    planner: Planner
    strategy: PlanStrategy
    stop_frac: float
    why: tuple[Factor, ...]
    market_regime: MarketRegime
    risk_mode: RiskMode
    close_now: str | None = None
    tighten_to: Decimal | None = None
    size_factor: float = 1.0
    selection: Selection | None = None
    book_version: int | None = None
    book_hash: str | None = None
    confidence: float | None = None
    as_of_ns: int | None = None

    @property
    def profile_name(self) -> str | None:
        """Name of the profile, or None where the plan is not made of one."""
        return None if self.selection is None else self.selection.profile.name

    @property
    def legs(self) -> tuple[PlannedLeg, ...]:
        """The take-profit legs; see `plan.levels` for their prices and lots."""
        return tuple(
            PlannedLeg(leg.r_multiple, leg.size_fraction, TPKind(leg.kind), index)
            for index, leg in enumerate(self.rules.legs)
        )

    @property
    def protective_stop(self) -> float:
        """The stop in force once the plan is applied, quote currency."""
        return self.plan.stop_price if self.tighten_to is None else float(self.tighten_to)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What moves the stop or closes the position by profit or time, as text."""
        plan, said = self.plan, []
        if (at := plan.break_even_at_price) is not None:
            said.append(f"stop to {plan.break_even_price:.10g} from {at:.10g}")
        if plan.time_stop is not None:
            after_ns, price = plan.time_stop
            said.append(f"close after {after_ns / _HOUR_NS:g} h while short of {price:.10g}")
        if plan.max_hold_ns is not None:
            said.append(f"close after {plan.max_hold_ns / _HOUR_NS:g} h")
        return tuple(said)

    def explain(self) -> str:
        """The plan and every factor that led to it, as text."""
        plan = self.plan
        position = f"{plan.instrument.symbol} {plan.side} {plan.quantity:g}"
        lines = [
            f"{position} at {plan.entry_price:.10g}: {self.strategy} by {self.planner}",
            f"stop {plan.stop_price:.10g} = 1 R of {plan.r_price:.10g} ({self.stop_frac:.4%})",
        ]
        if self.close_now is not None:
            lines.append(f"close now: {self.close_now}")
        if self.tighten_to is not None:
            lines.append(f"tighten at once to {self.tighten_to}")
        for index, price, quantity, kind in plan.levels:
            r = self.rules.legs[index].r_multiple
            lines.append(f"TP{index + 1} {quantity:g} at {price:.10g} ({r:g} R, {kind})")
        if (trailing := self.rules.trailing) is not None:
            leg = plan.trail_scope == "LEG"
            scope = f"the last {plan.remainder:g}" if leg else "all that is open"
            at = plan.activation_price
            start = "at once" if at is None else f"from {at:.10g}"
            lines.append(f"trail {scope} by {trailing.callback_pct:g} {start}")
        elif plan.remainder > 0:
            lines.append(f"run {plan.remainder:g} without a target")
        lines += self.conditions
        return "\n".join([*lines, "", explain(self.why)])


def assemble(
    context: ExitContext,
    ruler: Ruler,
    rules: ExitRules,
    why: list[Factor],
    *,
    planner: Planner,
    strategy: PlanStrategy,
    stop_frac: float,
    lock: Decimal | None = None,
    close_now: str | None = None,
    size_factor: float = 1.0,
    selection: Selection | None = None,
    book: ProfileBook | None = None,
    confidence: float | None = None,
) -> PlannedExit:
    """The plan of a position under `rules`, never looser than the stop that guards it already.

    Args:
        context: The position and what is known around it.
        ruler: Its R.
        rules: Legs, trailing, ratchet and time limits.
        why: The factors so far; what is added here is appended.
        planner: Who plans.
        strategy: What kind of exit it is.
        stop_frac: Distance of the initial stop as a fraction of the entry price.
        lock: Gain of a stop to set at once, on the ruler's scale, or None.
        close_now: Why everything is to be closed at once, or None.
        size_factor: Advice for the size of an entry.
        selection: The profile chosen, or None.
        book: The book that was asked, or None.
        confidence: Confidence of the models behind the plan, or None.

    Raises:
        InvalidInputError: The core refuses the position, such as a quantity off the lot grid.
    """
    position = context.position
    plan = rules.plan(
        position.instrument,
        side=position.side,
        entry_price=position.entry_price,
        quantity=position.quantity,
        stop_price=ruler.stop_price,
    )
    tightest = _tightest(position, ruler, lock, why)
    stop = ruler.stop if tightest is None else tightest
    if close_now is None and ruler.sign * position.last_price <= stop:
        close_now = f"the price {position.last_price} is at or through the stop {ruler.price(stop)}"
        why.append(Factor("market", position.last_price, "last price", "close now"))
    return PlannedExit(
        plan=plan,
        rules=rules,
        planner=planner,
        strategy=strategy,
        stop_frac=stop_frac,
        why=tuple(why),
        market_regime=context.market.regime,
        risk_mode=context.risk_mode,
        close_now=close_now,
        tighten_to=None if tightest is None else ruler.price(tightest),
        size_factor=size_factor,
        selection=selection,
        book_version=None if book is None else book.version,
        book_hash=None if book is None else book.content_hash,
        confidence=confidence,
        as_of_ns=context.as_of_ns,
    )


def _tightest(
    position: Position, ruler: Ruler, lock: Decimal | None, why: list[Factor]
) -> Decimal | None:
    """The gain of the stop to set at once, where it is tighter than the plan's."""
    stop = ruler.stop
    if lock is not None:
        stop = max(stop, lock)
    if position.stop_price is not None:
        live = ruler.sign * position.stop_price
        if live >= stop:
            why.append(Factor("live stop", position.stop_price, "a stop never loosens", "kept"))
        stop = max(stop, live)
    return stop if stop > ruler.stop else None
