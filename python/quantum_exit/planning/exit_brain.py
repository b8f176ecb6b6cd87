"""The exit brain: one stop, one R, and the ladder that profile, regime and risk call for."""

from collections.abc import Callable

from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.risk import RiskMode
from quantum_exit.domain.rules import ExitRules
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.context import ExitContext
from quantum_exit.planning.exit_brain_config import ExitBrainConfig
from quantum_exit.planning.ladders import legacy_ladder, lock_gain, lock_ladder, profile_ladder
from quantum_exit.planning.levels import Ruler
from quantum_exit.planning.limits import bounded_stop, risk_floor
from quantum_exit.planning.planned import PlannedExit, Planner, PlanStrategy, assemble
from quantum_exit.planning.why import Factor

_TRAILING_REGIMES = (MarketRegime.NORMAL, MarketRegime.TREND, MarketRegime.CHOP)


class ExitBrain:
    """Plans exits from a profile book; it has no state of its own.

    Args:
        book: The profiles.
        config: The numbers.
    """

    __slots__ = ("book", "config")

    def __init__(self, book: ProfileBook, config: ExitBrainConfig | None = None) -> None:
        self.book = book
        self.config = ExitBrainConfig() if config is None else config

    def build_exit_plan(self, context: ExitContext) -> PlannedExit:
        """The exit of one position.

        Decisions are taken in this order: emergency, stop (risk mode, regime, clamp, risk floor),
        profit lock, ladder (profile or legacy), target zone.

        Raises:
            PlanRefusedError: The leverage leaves no room for a stop; live: close now.
            InvalidInputError: The core refuses the position, such as a quantity off the lot grid.
        """
        why: list[Factor] = []
        if context.risk_mode is RiskMode.ESS_ACTIVE:
            return self._emergency(context, why)
        stop_frac = bounded_stop(
            context.position, self._wanted_stop(context, why), self.config.stop_limits, why
        )
        ruler = Ruler.at_frac(context.position, stop_frac)
        why.append(Factor("one R", ruler.r, "entry to the stop on the grid", ruler.stop_price))
        plan: Callable[[ExitContext, Ruler, float, list[Factor]], PlannedExit]
        if self._locks_profit(context, why):
            plan = self._profit_lock
        elif self.config.use_profiles:
            plan = self._standard_ladder
        else:
            plan = self._legacy_ladder
        return plan(context, ruler, stop_frac, why)

    def _wanted_stop(self, context: ExitContext, why: list[Factor]) -> float:
        """The stop as a fraction of the entry price, before the risk floor."""
        config = self.config
        stop = config.default_sl_pct
        hint = context.advice.rl_sl_hint
        if hint is not None and self._trusts(context, "rl_sl_hint", hint, why):
            stop = hint
        else:
            why.append(Factor("base stop", stop, "exit_brain.default_sl_pct", stop))
        factor = config.risk_mode_factors.of(context.risk_mode)
        stop *= factor
        why.append(Factor("risk mode", factor, context.risk_mode, stop))
        regime = context.market.regime
        factor = config.stop_factors.of(regime)
        stop *= factor
        why.append(Factor("regime", factor, f"stop factor of {regime}", stop))
        clamped = min(max(stop, config.min_sl_pct), config.max_sl_pct)
        if clamped != stop:
            limits = f"{config.min_sl_pct:g} to {config.max_sl_pct:g}"
            why.append(Factor("clamp", stop, limits, clamped))
        return clamped

    def _trusts(self, context: ExitContext, name: str, hint: float, why: list[Factor]) -> bool:
        """Whether a hint of the policy counts; a confidence that nobody gave is none."""
        confidence = context.advice.rl_confidence
        if confidence is not None and confidence >= self.config.min_rl_confidence:
            why.append(Factor(name, hint, f"policy, confidence {confidence:g}", hint))
            return True
        given = "not given" if confidence is None else f"{confidence:g}"
        needed = f"confidence {given}, {self.config.min_rl_confidence:g} needed"
        why.append(Factor(name, hint, needed, "ignored"))
        return False

    def _emergency(self, context: ExitContext, why: list[Factor]) -> PlannedExit:
        position = context.position
        furthest, source = risk_floor(position, self.config.stop_limits)
        wanted = self._wanted_stop(context, why)
        # Not refused: the position is being closed, and until then any stop is better than none.
        stop_frac = max(min(wanted, furthest), self.config.stop_limits.min_stop_frac)
        why.append(Factor("risk floor", furthest, source, stop_frac))
        ruler = Ruler.at_frac(position, stop_frac)
        why.append(Factor("emergency", context.risk_mode, "risk mode", "close now"))
        return assemble(
            context,
            ruler,
            ExitRules(),
            why,
            planner=Planner.EXIT_BRAIN,
            strategy=PlanStrategy.EMERGENCY_EXIT,
            stop_frac=stop_frac,
            close_now="the emergency stop of the account is active",
        )

    def _locks_profit(self, context: ExitContext, why: list[Factor]) -> bool:
        position = context.position
        if not position.adopted:
            return False
        profit = float(position.move / position.entry_price) * position.leverage
        threshold = self.config.profit_lock.above_margin_frac
        locks = profit > threshold
        result = "profit lock" if locks else "no profit lock"
        why.append(Factor("profit on margin", profit, f"threshold {threshold:g}", result))
        return locks

    def _profit_lock(
        self, context: ExitContext, ruler: Ruler, stop_frac: float, why: list[Factor]
    ) -> PlannedExit:
        config = self.config.profit_lock
        callback = self._callback(context, why)
        lock = lock_gain(ruler, context.position, callback, config)
        source = "beyond the entry, a callback behind the price"
        why.append(Factor("lock", config.lock_frac, source, ruler.price(lock)))
        rules = lock_ladder(ruler, context.position, config)
        why.append(
            Factor("target", config.target_of_move, "of the move so far", rules.legs[0].r_multiple)
        )
        return assemble(
            context,
            ruler,
            rules,
            why,
            planner=self._planner(),
            strategy=PlanStrategy.PROFIT_LOCK,
            stop_frac=stop_frac,
            lock=lock,
            confidence=context.advice.rl_confidence,
        )

    def _standard_ladder(
        self, context: ExitContext, ruler: Ruler, stop_frac: float, why: list[Factor]
    ) -> PlannedExit:
        book = self.book
        selection = book.lookup(context.symbol, context.strategy_id, context.market.regime)
        source = f"book version {book.version}, level {selection.level} {selection.key}"
        why.append(Factor("profile", selection.profile.name, source))
        if selection.scale != 1.0:
            why.append(Factor("runtime scale", selection.scale, "optimizer", "distances in R"))
        rules = profile_ladder(ruler, selection.profile, _zone(context, why))
        return assemble(
            context,
            ruler,
            rules,
            why,
            planner=Planner.EXIT_BRAIN,
            strategy=PlanStrategy.STANDARD_LADDER,
            stop_frac=stop_frac,
            selection=selection,
            book=book,
            confidence=context.advice.rl_confidence,
        )

    def _legacy_ladder(
        self, context: ExitContext, ruler: Ruler, stop_frac: float, why: list[Factor]
    ) -> PlannedExit:
        target = self._target(context, why)
        regime = context.market.regime
        trails = regime in _TRAILING_REGIMES
        why.append(Factor("trailing", trails, f"allowed in {', '.join(_TRAILING_REGIMES)}", regime))
        callback = self._callback(context, why) if trails else None
        rules = legacy_ladder(ruler, target, callback, _zone(context, why), self.config.legacy)
        return assemble(
            context,
            ruler,
            rules,
            why,
            planner=Planner.LEGACY,
            strategy=PlanStrategy.LEGACY_LADDER,
            stop_frac=stop_frac,
            confidence=context.advice.rl_confidence,
        )

    def _target(self, context: ExitContext, why: list[Factor]) -> float:
        """The base target of the legacy ladder as a fraction of the entry price."""
        config = self.config
        target = config.legacy.default_tp_pct
        hint = context.advice.rl_tp_hint
        if hint is not None and self._trusts(context, "rl_tp_hint", hint, why):
            target = hint
        else:
            why.append(Factor("base target", target, "legacy.default_tp_pct", target))
        factor = config.risk_mode_factors.of(context.risk_mode)
        target *= factor
        why.append(Factor("risk mode", factor, context.risk_mode, target))
        regime = context.market.regime
        factor = config.target_factors.of(regime)
        target *= factor
        why.append(Factor("regime", factor, f"target factor of {regime}", target))
        clamped = min(max(target, config.legacy.min_tp_pct), config.legacy.max_tp_pct)
        if clamped != target:
            limits = f"{config.legacy.min_tp_pct:g} to {config.legacy.max_tp_pct:g}"
            why.append(Factor("clamp", target, limits, clamped))
        return clamped

    def _callback(self, context: ExitContext, why: list[Factor]) -> float:
        hint = context.advice.trail_hint
        callback = self.config.legacy.callback_pct if hint is None else hint
        source = "legacy.callback_pct" if hint is None else "trail_hint"
        why.append(Factor("callback", callback, source))
        return callback

    def _planner(self) -> Planner:
        return Planner.EXIT_BRAIN if self.config.use_profiles else Planner.LEGACY


def _zone(context: ExitContext, why: list[Factor]) -> float:
    """Factor of the legs' distances; 1 where no head of the policy is trained for it."""
    multiplier = context.advice.tp_zone_multiplier
    if multiplier is None:
        return 1.0
    why.append(Factor("tp_zone_multiplier", multiplier, "policy", "leg distances"))
    return multiplier
