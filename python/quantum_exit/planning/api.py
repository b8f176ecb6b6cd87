"""Planning in one call."""

from dataclasses import replace

from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig
from quantum_exit.planning.context import Advice, ExitContext
from quantum_exit.planning.dynamic_plan import dynamic_plan
from quantum_exit.planning.exit_brain import ExitBrain
from quantum_exit.planning.exit_brain_config import ExitBrainConfig
from quantum_exit.planning.exit_policy import ExitPolicyEngine
from quantum_exit.planning.hybrid import hybrid_plan
from quantum_exit.planning.planned import PlannedExit, Planner


def plan_exit(
    position: Position,
    market: MarketContext | None = None,
    *,
    book: ProfileBook | None = None,
    risk: RiskContext | None = None,
    advice: Advice | None = None,
    risk_mode: RiskMode = RiskMode.NORMAL,
    config: PlanningConfig | None = None,
    planner: Planner | None = None,
    as_of_ns: int | None = None,
) -> PlannedExit:
    """Plans the exit of one position; a function of its arguments and nothing else.

    Args:
        position: What is held, or about to be entered.
        market: Reading of its market; None = nothing is known, the regime counts as NORMAL.
        book: The profiles; None = the five defaults.
        risk: Risk of the account; None = unknown, which the dynamic calculator takes for
            conservative. The exit brain follows `risk_mode` only.
        advice: What models suggest; None = nothing.
        risk_mode: How careful the account is. In ESS_ACTIVE every planner gives the emergency exit.
        config: Switches and numbers; None = the defaults, with which the exit brain plans.
        planner: Who plans, whatever the switches say; None = as they say.
        as_of_ns: When, ns since the UNIX epoch; None = do not ask how old `risk` is.

    Returns:
        The plan, accepted by the core, with what is to be done at once and why.

    Raises:
        PlanRefusedError: No stop can protect the position; live: close it now.
        InvalidInputError: Names the field, its value and what is allowed.
    """
    config = _DEFAULT_CONFIG if config is None else config
    context = ExitContext(
        position=position,
        market=_UNKNOWN_MARKET if market is None else market,
        risk_mode=risk_mode,
        risk=risk,
        advice=_NO_ADVICE if advice is None else advice,
        as_of_ns=as_of_ns,
    )
    return plan_context(context, _DEFAULT_BOOK if book is None else book, config, planner)


def plan_context(
    context: ExitContext,
    book: ProfileBook,
    config: PlanningConfig,
    planner: Planner | None = None,
) -> PlannedExit:
    """`plan_exit` for a context that is built already.

    Raises:
        PlanRefusedError: No stop can protect the position; live: close it now.
        InvalidInputError: Names the field, its value and what is allowed.
    """
    chosen = config.planner if planner is None else Planner(planner)
    limits = config.exit_brain.stop_limits
    if context.risk_mode is RiskMode.ESS_ACTIVE or chosen in {Planner.EXIT_BRAIN, Planner.LEGACY}:
        return ExitBrain(book, _brain(config.exit_brain, chosen)).build_exit_plan(context)
    if chosen is Planner.DYNAMIC:
        params = config.dynamic_tpsl.params
        return dynamic_plan(context, params, limits, config.exit_brain.min_rl_confidence)
    if chosen is Planner.HYBRID:
        return hybrid_plan(context, config.hybrid, limits)
    return ExitPolicyEngine(config.exit_policy, limits).build_exit_plan(context)


def _brain(config: ExitBrainConfig, planner: Planner) -> ExitBrainConfig:
    """The exit brain's configuration, with profiles on or off as the planner's name says."""
    use_profiles = planner is not Planner.LEGACY
    if config.use_profiles == use_profiles:
        return config
    return replace(config, use_profiles=use_profiles)


_DEFAULT_BOOK = ProfileBook.default()
_DEFAULT_CONFIG = PlanningConfig()
_NO_ADVICE = Advice()
_UNKNOWN_MARKET = MarketContext(source="unknown")
