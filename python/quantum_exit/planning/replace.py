"""Whether the plan of an open position is to be replaced, and by what (seed 000)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal

from quantum_exit.domain.checks import above_zero, in_range, time_ns
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskMode, RiskReading
from quantum_exit.domain.rules import Leg
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.dynamic_tpsl import RiskAdjustments
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.planned import PlannedExit
from quantum_exit.planning.why import Factor

_CARE = (
    RiskMode.AGGRESSIVE,
    RiskMode.OPTIMISTIC,
    RiskMode.NORMAL,
    RiskMode.CONSERVATIVE,
    RiskMode.CRITICAL,
    RiskMode.ESS_ACTIVE,
)
_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRules:
    """When a plan is replaced.

    Attributes:
        replace_move_frac: Price move since planning, as a fraction of R, above which a new plan is
            considered; 0.5.
        min_change_ticks: A level must differ by more than this many ticks, 1.
        min_change_r: And by more than this many R of the plan in force, 0.1.
        min_replace_interval_ns: At most one replacement in this time, 30 s, unless the risk mode
            has worsened.
        risk: The thresholds at which the risk of the account counts as changed.

    Raises:
        InvalidInputError: A number is out of range.
    """

    replace_move_frac: float = 0.5
    min_change_ticks: int = 1
    min_change_r: float = 0.1
    min_replace_interval_ns: int = 30_000_000_000
    risk: RiskAdjustments = field(default_factory=RiskAdjustments)

    def __post_init__(self) -> None:
        above_zero("replacement.replace_move_frac", self.replace_move_frac)
        in_range("replacement.min_change_ticks", self.min_change_ticks, 0, 1_000_000)
        in_range("replacement.min_change_r", self.min_change_r, 0.0, 100.0)
        time_ns("replacement.min_replace_interval_ns", self.min_replace_interval_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """The plan in force, and what it was made under.

    Attributes:
        planned: The plan.
        context: The context that it was planned from; its price is where the move counts from.
        since_ns: When it came into force, ns since the UNIX epoch.
        initial_quantity: Quantity of the position at its entry, base currency; the fractions of a
            profile are shares of it.
    """

    planned: PlannedExit
    context: ExitContext
    since_ns: int
    initial_quantity: Decimal

    def __post_init__(self) -> None:
        time_ns("since_ns", self.since_ns)
        if not self.initial_quantity > 0:
            raise InvalidInputError("initial_quantity", self.initial_quantity, "expected above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceDecision:
    """What becomes of a plan.

    Attributes:
        replacement: The plan to hand to execution as one `replace_plan`, or None = keep.
        reasons: What spoke for a new plan.
        changes: Levels that differ enough, such as `leg 1: 51000 to 50800`.
        kept_because: Why the plan is kept, or None where it is replaced.
    """

    replacement: PlannedExit | None
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    kept_because: str | None


class TPReplacer:
    """Decides on replacements; it has no state of its own.

    Args:
        plan: Plans a context, such as `ExitBrain(book).build_exit_plan`.
        book_hash: Content hash of the book that `plan` asks, or None.
        rules: When a plan is replaced.
    """

    __slots__ = ("book_hash", "plan", "rules")

    def __init__(
        self,
        plan: Callable[[ExitContext], PlannedExit],
        book_hash: str | None = None,
        rules: ReplaceRules | None = None,
    ) -> None:
        self.plan = plan
        self.book_hash = book_hash
        self.rules = ReplaceRules() if rules is None else rules

    def decide(self, live: LivePlan, context: ExitContext) -> ReplaceDecision:
        """Whether `live` is to be replaced now, and by what.

        The new plan is one for what is open: the share of the initial quantity that is gone counts
        as taken from the first legs of the new ladder, and no leg lies behind the market. Its stop
        is never looser than `context.position.stop_price`.

        Args:
            live: The plan in force.
            context: The position as it is now: open quantity, last price, stop in force, time.

        Raises:
            PlanRefusedError: No stop can protect the position any more; live: close it now.
            InvalidInputError: The context has no time, or its position another side.
        """
        if context.as_of_ns is None:
            raise InvalidInputError("as_of_ns", None, "expected the time of the decision, in ns")
        if context.position.side != live.context.position.side:
            allowed = f"expected {live.context.position.side}, the side of the plan"
            raise InvalidInputError("side", context.position.side, allowed)
        reasons = tuple(self._reasons(live, context))
        if not reasons:
            return _keep(reasons, "nothing has changed")
        worse = _CARE.index(context.risk_mode) > _CARE.index(live.context.risk_mode)
        age_ns = context.as_of_ns - live.since_ns
        if age_ns < self.rules.min_replace_interval_ns and not worse:
            return _keep(reasons, f"replaced {age_ns / 1e9:.1f} s ago")
        planned = _for_the_rest(self.plan(context), context, live.initial_quantity)
        changes = tuple(self._changes(live.planned, planned, context.position))
        if planned.close_now is None and not changes:
            return _keep(reasons, "no level differs enough")
        # Only now: a leg of the plan in force that the price has reached is about to fill, and
        # moving it would be a change that nobody asked for.
        ahead = _ahead_of_the_market(planned, context)
        return ReplaceDecision(
            replacement=ahead, reasons=reasons, changes=changes, kept_because=None
        )

    def _reasons(self, live: LivePlan, context: ExitContext) -> Iterator[str]:
        then = live.context
        move = abs(context.position.last_price - then.position.last_price)
        r = Decimal(repr(live.planned.plan.r_price))
        if move > r * Decimal(repr(self.rules.replace_move_frac)):
            yield f"price moved {float(move / r):.2f} R since planning"
        if context.market.regime is not then.market.regime:
            yield f"regime {then.market.regime} to {context.market.regime}"
        if context.risk_mode is not then.risk_mode:
            yield f"risk mode {then.risk_mode} to {context.risk_mode}"
        if self._bands(context) != self._bands(then):
            yield "risk of the account crossed a threshold"
        if live.planned.book_hash != self.book_hash and live.planned.book_hash is not None:
            yield "profile book changed"

    def _bands(self, context: ExitContext) -> tuple[bool, bool, bool]:
        """Which risk thresholds are exceeded; between them a number may wander without effect."""
        reading = RiskReading.of(context.risk, context.as_of_ns)
        risk = self.rules.risk
        return (
            reading.ess_factor > risk.ess_above,
            reading.systemic_risk_level > risk.systemic_above,
            reading.correlation_risk > risk.correlation_above,
        )

    def _changes(self, old: PlannedExit, new: PlannedExit, position: Position) -> Iterator[str]:
        """Levels that differ by more than the ticks and the R of the rules."""
        tick = float(old.plan.instrument.tick_size)
        # A difference of exactly the ticks allowed must not count for a rounding of its floats.
        least = max(
            self.rules.min_change_ticks * tick * (1 + 1e-9),
            self.rules.min_change_r * old.plan.r_price,
        )
        closed = Decimal(repr(old.plan.quantity)) - position.quantity
        before, after = _levels(old, closed), _levels(new, Decimal(0))
        if position.stop_price is not None:
            # The core may have raised the stop since; that is no difference between the plans.
            before["stop"] = float(position.stop_price)
        for name in dict.fromkeys((*before, *after)):
            was, now = before.get(name), after.get(name)
            if was is None or now is None:
                if was is not now:
                    yield f"{name}: {_text(was)} to {_text(now)}"
            elif abs(was - now) > least and (name != "stop" or _is_tighter(new, was, now)):
                yield f"{name}: {_text(was)} to {_text(now)}"


def _keep(reasons: tuple[str, ...], because: str) -> ReplaceDecision:
    return ReplaceDecision(replacement=None, reasons=reasons, changes=(), kept_because=because)


def _is_tighter(planned: PlannedExit, was: float, now: float) -> bool:
    return now > was if planned.plan.side == "LONG" else now < was


def _levels(planned: PlannedExit, closed: Decimal) -> dict[str, float]:
    """The levels still to come once `closed` of the plan's quantity is gone."""
    plan = planned.plan
    levels = {"stop": planned.protective_stop}
    to_come = []
    for _, price, quantity, _ in plan.levels:
        closed -= Decimal(repr(quantity))
        if closed < 0:
            to_come.append(price)
    # Numbered from the last, so that legs that have filled do not shift the names of the rest.
    for back, price in enumerate(reversed(to_come), 1):
        levels[f"leg {back} from the last"] = price
    if (trailing := planned.rules.trailing) is not None:
        at = plan.activation_price
        levels["activation"] = plan.entry_price if at is None else at
        levels["callback"] = trailing.callback_pct * plan.entry_price
    if plan.break_even_at_price is not None:
        levels["break-even"] = plan.break_even_at_price
    if plan.time_stop is not None:
        _, levels["time stop"] = plan.time_stop
    return levels


def _text(level: float | None) -> str:
    return "none" if level is None else f"{level:.10g}"


def _for_the_rest(
    planned: PlannedExit, context: ExitContext, initial_quantity: Decimal
) -> PlannedExit:
    """`planned` without the share of the initial quantity that is gone already."""
    gone = 1 - context.position.quantity / initial_quantity
    if gone <= 0 or not planned.rules.legs:
        return planned
    lot = Decimal(context.position.instrument.lot_step) / initial_quantity
    legs = tuple(_rest_of_legs(planned.rules.legs, gone, lot))
    ruler = Ruler.at_frac(context.position, planned.stop_frac)
    note = Factor("taken already", round(gone, 6), "share of the initial quantity", len(legs))
    return _with_legs(planned, context, ruler, legs, note)


def _rest_of_legs(legs: Sequence[Leg], gone: Decimal, lot: Decimal) -> Iterator[Leg]:
    """What is left of `legs` after `gone` of the initial quantity, as shares of what is open.

    A leg of which less than one `lot` (a share, too) is left has been taken: the rest is rounding.
    """
    reached = Decimal(0)
    given = Decimal(0)
    total = sum((Decimal(repr(leg.size_fraction)) for leg in legs), Decimal(0))
    for place, leg in enumerate(legs):
        before = max(reached, gone)
        reached += Decimal(repr(leg.size_fraction))
        left = reached - before
        share = (left / (1 - gone)).quantize(_MICRO, ROUND_FLOOR) if left >= lot else Decimal(0)
        if place == len(legs) - 1 and total == 1:
            # The millionths that rounding took are the last leg's: without a remainder in the
            # ladder there must be none here.
            share = 1 - given
        if share > 0:
            given += share
            yield Leg(leg.r_multiple, share, leg.kind)


def _ahead_of_the_market(planned: PlannedExit, context: ExitContext) -> PlannedExit:
    """`planned` with the legs that the price has reached one tick beyond it."""
    if planned.close_now is not None:
        return planned
    ruler = Ruler.at_frac(context.position, planned.stop_frac)
    price = ruler.sign * context.position.last_price
    legs = planned.rules.legs
    behind = sum(_gain(ruler, leg) <= price for leg in legs)
    if behind == 0:
        return planned
    least = ruler.r_at(ruler.sooner(price) + ruler.tick)
    moved = (
        Leg(max(leg.r_multiple, least), Decimal(repr(leg.size_fraction)), leg.kind) for leg in legs
    )
    note = Factor("legs behind the market", behind, "last price", "one tick beyond it")
    return _with_legs(planned, context, ruler, tuple(moved), note)


def _with_legs(
    planned: PlannedExit, context: ExitContext, ruler: Ruler, legs: tuple[Leg, ...], note: Factor
) -> PlannedExit:
    position = context.position
    rules = replace(planned.rules, legs=legs)
    plan = rules.plan(
        position.instrument,
        side=position.side,
        entry_price=position.entry_price,
        quantity=position.quantity,
        stop_price=ruler.stop_price,
    )
    return replace(planned, plan=plan, rules=rules, why=(*planned.why, note))


def _gain(ruler: Ruler, leg: Leg) -> Decimal:
    return ruler.sooner(ruler.entry + ruler.r * Decimal(repr(leg.r_multiple)))
