"""Whether the plan of an open position is to be replaced, and by what (seed 000)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from quantum_exit.domain.checks import above_zero, in_range, time_ns
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskMode, RiskReading
from quantum_exit.domain.rules import ExitRules, Leg
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.dynamic_tpsl import RiskAdjustments
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.planned import PlannedExit, PlanStrategy
from quantum_exit.planning.why import Factor

_CARE = (
    RiskMode.AGGRESSIVE,
    RiskMode.OPTIMISTIC,
    RiskMode.NORMAL,
    RiskMode.CONSERVATIVE,
    RiskMode.CRITICAL,
    RiskMode.ESS_ACTIVE,
)
_WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRules:
    """When a plan is replaced.

    Attributes:
        replace_move_r: Price move since planning, in R, above which a new plan is considered; 0.5.
        min_change_ticks: A level must differ by more than this many ticks, 1.
        min_change_r: And by more than this many R of the plan in force, 0.1.
        min_replace_interval_ns: At most one replacement in this time, 30 s, unless the risk mode
            has worsened.
        risk: The thresholds at which the risk of the account counts as changed.

    Raises:
        InvalidInputError: A number is out of range.
    """

    replace_move_r: float = 0.5
    min_change_ticks: int = 1
    min_change_r: float = 0.1
    min_replace_interval_ns: int = 30_000_000_000
    risk: RiskAdjustments = field(default_factory=RiskAdjustments)

    def __post_init__(self) -> None:
        above_zero("replacement.replace_move_r", self.replace_move_r)
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
        filled_to: Level of the furthest leg that has filled, or None.
    """

    planned: PlannedExit
    context: ExitContext
    since_ns: int
    filled_to: Decimal | None = None


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

        The new plan is one for what is open: legs up to the furthest fill are left out, and no leg
        lies behind the market. Its stop is never looser than `context.position.stop_price`.

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
        planned = _for_the_rest(self.plan(context), context, live.filled_to)
        changes = tuple(self._changes(live.planned, planned, context.position))
        if planned.close_now is None and not changes:
            return _keep(reasons, "no level differs enough")
        return ReplaceDecision(
            replacement=planned, reasons=reasons, changes=changes, kept_because=None
        )

    def _reasons(self, live: LivePlan, context: ExitContext) -> Iterator[str]:
        then = live.context
        move = abs(context.position.last_price - then.position.last_price)
        r = Decimal(repr(live.planned.plan.r_price))
        if move > r * Decimal(repr(self.rules.replace_move_r)):
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
        before, after = _levels(old), _levels(new)
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


def _levels(planned: PlannedExit) -> dict[str, float]:
    plan = planned.plan
    levels = {"stop": planned.protective_stop}
    # Numbered from the last, so that the legs that have filled do not shift the names of the rest.
    for back, (_, price, _, _) in enumerate(reversed(plan.levels)):
        levels[f"leg {back + 1} from the last"] = price
    if (trailing := planned.rules.trailing) is not None:
        at = plan.activation_price
        levels["activation"] = plan.entry_price if at is None else at
        levels["callback"] = trailing.callback_pct * plan.entry_price
    return levels


def _text(level: float | None) -> str:
    return "none" if level is None else f"{level:.10g}"


def _for_the_rest(
    planned: PlannedExit, context: ExitContext, filled_to: Decimal | None
) -> PlannedExit:
    """`planned` without the legs that have been taken, their shares spread over what is left."""
    if planned.strategy is PlanStrategy.EMERGENCY_EXIT or not planned.rules.legs:
        return planned
    position = context.position
    ruler = Ruler.at_frac(position, planned.stop_frac)
    taken = None if filled_to is None else ruler.sign * filled_to
    least = ruler.r_at(ruler.sooner(ruler.sign * position.last_price) + ruler.tick)
    legs = [
        leg
        for leg in planned.rules.legs
        if taken is None or ruler.sooner(ruler.entry + ruler.r * _exact(leg.r_multiple)) > taken
    ] or [planned.rules.legs[-1]]
    dropped = len(planned.rules.legs) - len(legs)
    moved = tuple(
        Leg(max(leg.r_multiple, least), share, leg.kind)
        for leg, share in zip(legs, _shares(planned.rules, legs), strict=True)
    )
    if dropped == 0 and all(
        leg.r_multiple == new.r_multiple for leg, new in zip(legs, moved, strict=True)
    ):
        return planned
    rules = replace(planned.rules, legs=moved)
    plan = rules.plan(
        position.instrument,
        side=position.side,
        entry_price=position.entry_price,
        quantity=position.quantity,
        stop_price=ruler.stop_price,
    )
    note = Factor("legs taken", dropped, "furthest fill; none behind the market", len(moved))
    return replace(planned, plan=plan, rules=rules, why=(*planned.why, note))


def _shares(rules: ExitRules, legs: list[Leg]) -> list[Decimal]:
    """Shares of `legs` in what is left once the other legs of `rules` are gone, in millionths."""
    fractions = [round(leg.size_fraction * _WHOLE_PPM) for leg in legs]
    all_legs = sum(round(leg.size_fraction * _WHOLE_PPM) for leg in rules.legs)
    remainder = _WHOLE_PPM - all_legs
    left = sum(fractions) + remainder
    shares = [fraction * _WHOLE_PPM // left for fraction in fractions]
    if remainder == 0:
        shares[-1] += _WHOLE_PPM - sum(shares)
    return [Decimal(share).scaleb(-6) for share in shares]


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
