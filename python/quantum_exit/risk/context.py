"""The risk context: every number computed, every input that was not there named."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from quantum_exit.domain.checks import time_ns
from quantum_exit.domain.risk import RiskContext
from quantum_exit.errors import InvalidInputError
from quantum_exit.risk.correlation import (
    MIN_SAMPLES,
    Correlations,
    ReturnTable,
    shrunk_correlations,
)
from quantum_exit.risk.exposure import Exposure, exposure_of
from quantum_exit.risk.inputs import INPUTS, Holding, RiskInputs
from quantum_exit.risk.stress import AccountLimits, Stress, portfolio_heat, stress_of
from quantum_exit.risk.systemic import (
    Signal,
    SystemicLimits,
    cascade_signal,
    concentration_signal,
    correlation_spike_signal,
    imbalance_signal,
    liquidity_signal,
    volatility_signal,
)
from quantum_exit.risk.var import historical_es, historical_var

MAX_AGE_NS = 60_000_000_000
"""Age beyond which an input is stale, in ns."""

_VAR_LEVEL = 0.95
_ES_LEVEL = 0.975


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskConfig:
    """Limits that risk is measured against.

    Attributes:
        account: Limits of the account.
        systemic: When systemic signals are raised.
        max_age_ns: Age beyond which an input is stale, in ns, 0 or more.
        min_samples: Returns that correlations need, 2 or more.
    """

    account: AccountLimits = field(default_factory=AccountLimits)
    systemic: SystemicLimits = field(default_factory=SystemicLimits)
    max_age_ns: int = MAX_AGE_NS
    min_samples: int = MIN_SAMPLES

    def __post_init__(self) -> None:
        if self.max_age_ns < 0:
            raise InvalidInputError("max_age_ns", self.max_age_ns, "expected 0 or more")
        if self.min_samples < len(("one return", "another")):
            raise InvalidInputError("min_samples", self.min_samples, "expected 2 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    """The risk context with everything that it was made of.

    Attributes:
        context: What planning takes.
        exposure: How the notional is spread, None where the holdings are unknown.
        correlations: None where they are unknown.
        stress: The parts of the stress score.
        signals: Systemic signals, the most severe first.
    """

    context: RiskContext
    exposure: Exposure | None
    correlations: Correlations | None
    stress: Stress
    signals: tuple[Signal, ...]


def build_risk_context(
    inputs: RiskInputs, as_of_ns: int, config: RiskConfig | None = None
) -> RiskContext:
    """The `context` of `assess_risk`."""
    return assess_risk(inputs, as_of_ns, config).context


def assess_risk(inputs: RiskInputs, as_of_ns: int, config: RiskConfig | None = None) -> RiskReport:
    """Computes the risk of an account from what is known of it at `as_of_ns`.

    Inputs that are missing, stale or of later than `as_of_ns` are named in `missing`, and so is
    every number that needs them. `ess_factor` and `systemic_risk_level` are then the least that
    they can be, so that a consumer takes the worse of them and of the conservative ones; the other
    numbers are None.

    Args:
        inputs: What is known, and since when.
        as_of_ns: Now, ns since the UNIX epoch.
        config: Limits; None = the defaults.
    """
    rules = config or RiskConfig()
    time_ns("as_of_ns", as_of_ns)
    known, gaps = _fresh(inputs, as_of_ns, rules.max_age_ns)
    exposure = None if known.holdings is None else exposure_of(known.holdings)
    correlations, correlation_gaps = _correlations(known, rules.min_samples)
    stress = stress_of(known.account, known.holdings, known.volatility, rules.account)
    signals, systemic_complete = _signals(known, exposure, correlations, rules.systemic)
    heat = portfolio_heat(known.account, known.holdings, rules.account)
    pnl_returns = _profit_and_loss(known.returns, known.holdings)
    numbers = {
        "correlation_risk": None if correlations is None else correlations.mean_absolute,
        "portfolio_heat": heat,
        "var_95": None if pnl_returns is None else historical_var(pnl_returns, _VAR_LEVEL),
        "es_975": None if pnl_returns is None else historical_es(pnl_returns, _ES_LEVEL),
    }
    unknown = [name for name, value in numbers.items() if value is None]
    if not systemic_complete:
        unknown.insert(0, "systemic_risk_level")
    if not stress.complete:
        unknown.insert(0, "ess_factor")
    used = [inputs.known_at_ns[name] for name in INPUTS if getattr(known, name) is not None]
    context = RiskContext(
        as_of_ns=min(used, default=as_of_ns),
        ess_factor=stress.factor,
        systemic_risk_level=max((one.severity for one in signals), default=0.0),
        missing=(*gaps, *correlation_gaps, *_without_stop(known.holdings), *unknown),
        **numbers,
    )
    return RiskReport(
        context=context,
        exposure=exposure,
        correlations=correlations,
        stress=stress,
        signals=signals,
    )


def _fresh(
    inputs: RiskInputs, as_of_ns: int, max_age_ns: int
) -> tuple[RiskInputs, tuple[str, ...]]:
    """`inputs` without what is stale or from the future, and the names of all that is not there."""
    gaps = []
    for name in INPUTS:
        known_ns = inputs.known_at_ns.get(name)
        fresh = known_ns is not None and 0 <= as_of_ns - known_ns <= max_age_ns
        if getattr(inputs, name) is None or not fresh:
            gaps.append(name)
    times = {name: at for name, at in inputs.known_at_ns.items() if name not in gaps}
    dropped = dict.fromkeys(gaps, None)
    return replace(inputs, known_at_ns=times, **dropped), tuple(gaps)


def _correlations(
    known: RiskInputs, min_samples: int
) -> tuple[Correlations | None, tuple[str, ...]]:
    """Correlations of what is held, and the symbols without enough returns for them."""
    if known.holdings is None:
        return None, ()
    symbols = tuple(sorted({one.symbol for one in known.holdings}))
    if len(symbols) < len(("one symbol", "another")):
        # Nothing goes together with anything: that is known without a single return.
        return Correlations(
            symbols=symbols, matrix=np.eye(len(symbols)), shrinkage=0.0, samples=0
        ), ()
    if known.returns is None:
        return None, ()
    found = shrunk_correlations(known.returns, symbols, min_samples)
    if found is not None:
        return found, ()
    return None, tuple(
        f"returns[{symbol}]" for symbol in symbols if not _moves(known.returns, symbol, min_samples)
    )


def _moves(table: ReturnTable, symbol: str, min_samples: int) -> bool:
    column = table.of(symbol)
    return column is not None and column.size >= min_samples and bool(np.ptp(column) > 0.0)


def _signals(
    known: RiskInputs,
    exposure: Exposure | None,
    correlations: Correlations | None,
    limits: SystemicLimits,
) -> tuple[tuple[Signal, ...], bool]:
    """The signals that are raised, and whether every one of them could be asked for."""
    found: list[Signal | None] = []
    if exposure is not None:
        found += [concentration_signal(exposure, limits), imbalance_signal(exposure, limits)]
    if correlations is not None and known.correlation_history is not None:
        history = known.correlation_history
        found.append(correlation_spike_signal(correlations.mean_absolute, history, limits))
    if correlations is not None and known.holdings is not None:
        found.append(cascade_signal(correlations, known.holdings, limits))
    if known.liquidity_score is not None:
        found.append(liquidity_signal(known.liquidity_score, limits))
    if known.volatility is not None:
        found.append(volatility_signal(known.volatility, limits))
    raised = sorted((one for one in found if one is not None), key=lambda one: -one.severity)
    asked_for = len(("concentration", "imbalance", "spike", "cascade", "liquidity", "volatility"))
    return tuple(raised), len(found) == asked_for


def _profit_and_loss(
    table: ReturnTable | None, holdings: Sequence[Holding] | None
) -> NDArray[np.float64] | None:
    """What the holdings of today would have made in each stretch of the returns, quote currency."""
    if holdings is None or table is None:
        return None
    total = np.zeros(len(table))
    for one in holdings:
        column = table.of(one.symbol)
        if column is None:
            return None
        total += one.signed_notional * column
    return total


def _without_stop(holdings: Sequence[Holding] | None) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(f"stop[{one.symbol}]" for one in holdings or () if one.loss_at_stop is None)
    )
