"""The exit policy engine: stop and target in ATR, 2.5 to 1 (seed 004)."""

from dataclasses import dataclass
from decimal import Decimal

from quantum_exit.domain.checks import above_zero, in_range
from quantum_exit.domain.rules import ExitRules, Leg, Ratchet, TimeStop, Trailing
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.levels import Ruler, tighter
from quantum_exit.planning.limits import StopLimits, bounded_stop
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy, assemble
from quantum_exit.planning.why import Factor

HOUR_NS = 3_600_000_000_000
_LARGEST_CALLBACK = 0.499999
_SMALLEST_CALLBACK = 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPolicyParams:
    """The numbers of the exit policy (seed 004).

    Attributes:
        sl_atr: Stop in ATR, 1.5.
        tp_atr: Target in ATR, 3.75; 2.5 R of the stop.
        partial_frac: Share taken at the partial target, 0.5; 0 = none.
        partial_at_r: Partial target in R, 2.0; none where the target is not beyond it.
        break_even_at_r: Profit in R from which the stop is at break-even, 1.0.
        break_even_offset_frac: Break-even beyond the entry as a fraction of it, 0.001.
        trail_atr: Trailing distance in ATR, 1.0.
        trail_from_r: Profit in R from which it trails, 2.0.
        time_exit_ns: Time from which on a position is closed that is short of `time_exit_under_r`,
            in ns, 24 h; None = never.
        time_exit_under_r: Profit in R that keeps it open, 0.5.
        max_hold_ns: Time after which it is closed whatever its profit, in ns, or None.

    Raises:
        InvalidInputError: A number is out of range.
    """

    sl_atr: float = 1.5
    tp_atr: float = 3.75
    partial_frac: float = 0.5
    partial_at_r: float = 2.0
    break_even_at_r: float = 1.0
    break_even_offset_frac: float = 0.001
    trail_atr: float = 1.0
    trail_from_r: float = 2.0
    time_exit_ns: int | None = 24 * HOUR_NS
    time_exit_under_r: float = 0.5
    max_hold_ns: int | None = None

    def __post_init__(self) -> None:
        for name in ("sl_atr", "tp_atr", "trail_atr"):
            above_zero(f"exit_policy.{name}", getattr(self, name))
        in_range("exit_policy.partial_frac", self.partial_frac, 0.0, 0.99)
        for name in ("partial_at_r", "break_even_at_r", "trail_from_r", "time_exit_under_r"):
            in_range(f"exit_policy.{name}", getattr(self, name), 0.0, 100.0)
        in_range("exit_policy.break_even_offset_frac", self.break_even_offset_frac, 0.0, 0.05)
        for name in ("time_exit_ns", "max_hold_ns"):
            value: int | None = getattr(self, name)
            if value is not None and not 0 < value < 1 << 63:
                raise InvalidInputError(
                    f"exit_policy.{name}", value, "expected ns above 0, or None"
                )

    @property
    def target_r(self) -> float:
        """The target in R: reward to risk."""
        return self.tp_atr / self.sl_atr


class ExitPolicyEngine:
    """Plans exits in ATR; it has no state of its own.

    Args:
        params: The numbers.
        limits: The risk floor.
    """

    __slots__ = ("limits", "params")

    def __init__(
        self, params: ExitPolicyParams | None = None, limits: StopLimits | None = None
    ) -> None:
        self.params = ExitPolicyParams() if params is None else params
        self.limits = StopLimits() if limits is None else limits

    def build_exit_plan(
        self, context: ExitContext, *, strategy: PlanStrategy = PlanStrategy.EXIT_POLICY
    ) -> PlannedExit:
        """The exit of one position by the ATR of its market.

        The stop moves to break-even at 1 R or with the first leg, whichever comes first, and from
        24 h on the position is closed while it has less than 0.5 R.

        Args:
            context: The position; `market.atr` must be known.
            strategy: What the plan is called.

        Raises:
            InvalidInputError: The ATR is unknown, or the core refuses the position.
            PlanRefusedError: The leverage leaves no room for a stop; live: close now.
        """
        p = self.params
        atr = context.market.atr
        if atr is None:
            allowed = "expected the average true range in quote currency; it is not guessed"
            raise InvalidInputError("market.atr", None, allowed)
        position = context.position
        atr_frac = atr / float(position.entry_price)
        wanted = p.sl_atr * atr_frac
        why = [
            Factor("atr", atr, "market", atr_frac),
            Factor("stop", p.sl_atr, "exit_policy.sl_atr", wanted),
        ]
        stop_frac = bounded_stop(position, wanted, self.limits, why)
        ruler = Ruler.at_frac(position, stop_frac)
        why.append(Factor("target", p.target_r, "tp_atr / sl_atr, in R", p.target_r))
        callback = tighter(min(max(p.trail_atr * atr_frac, _SMALLEST_CALLBACK), _LARGEST_CALLBACK))
        why.append(Factor("callback", p.trail_atr, "exit_policy.trail_atr", callback))
        rules = ExitRules(
            legs=self._legs(ruler),
            trailing=Trailing(callback, _r(p.trail_from_r)),
            ratchet=Ratchet(
                1,
                _r(p.break_even_offset_frac),
                break_even_at_r=ruler.reachable(_r(p.break_even_at_r)),
            ),
            max_hold_ns=p.max_hold_ns,
            time_stop=None
            if p.time_exit_ns is None
            else TimeStop(p.time_exit_ns, _r(p.time_exit_under_r)),
        )
        return assemble(
            context,
            ruler,
            rules,
            why,
            planner=Planner.POLICY,
            strategy=strategy,
            stop_frac=stop_frac,
            confidence=context.advice.signal_confidence,
        )

    def _legs(self, ruler: Ruler) -> tuple[Leg, ...]:
        p = self.params
        target = ruler.reachable(_r(p.target_r))
        if p.partial_frac == 0.0 or p.partial_at_r >= p.target_r:
            return (Leg(target, 1),)
        share = Decimal(repr(tighter(p.partial_frac)))
        partial = ruler.reachable(_r(p.partial_at_r))
        return (Leg(partial, share), Leg(max(target, partial), 1 - share))


def _r(value: float) -> float:
    """A number of R with the six decimals of the core; 3.75 / 1.5 stays what it is."""
    return round(value, 6)
