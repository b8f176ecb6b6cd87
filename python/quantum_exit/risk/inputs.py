"""What the risk of an account is computed from, each part with the time at which it was known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType

from quantum_exit.domain.checks import above_zero, in_range, time_ns
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.risk.correlation import ReturnTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An open position as risk sees it.

    Attributes:
        symbol: What is held.
        side: LONG or SHORT.
        notional: Value at the current price, quote currency, above 0.
        leverage: Notional over margin, 1 or more.
        exchange: Where it is held.
        strategy_id: Who entered.
        loss_at_stop: What is lost from the current price if every lot exits at its stop, quote
            currency, 0 or more (0 where the stop locks in a profit); None = no stop is known.

    Raises:
        InvalidInputError: A number is NaN or out of range, or a name is empty.
    """

    symbol: str
    side: Side
    notional: float
    leverage: float = 1.0
    exchange: str = "default"
    strategy_id: str = "DEFAULT"
    loss_at_stop: float | None = None

    def __post_init__(self) -> None:
        for name in ("symbol", "exchange", "strategy_id"):
            if not getattr(self, name):
                raise InvalidInputError(f"holding.{name}", "''", "expected a name")
        object.__setattr__(self, "side", _side(self.side))
        above_zero("holding.notional", self.notional)
        in_range("holding.leverage", self.leverage, 1.0, inf)
        if self.loss_at_stop is not None:
            in_range("holding.loss_at_stop", self.loss_at_stop, 0.0, inf)

    @property
    def signed_notional(self) -> float:
        """Notional, negative for a SHORT."""
        return self.side.sign * self.notional


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Money of an account.

    Attributes:
        equity: Balance with unrealised profit, quote currency, above 0.
        peak_equity: Highest equity that drawdown is counted from, at least `equity`.
        margin_used_frac: Margin bound by positions over equity, 0 or more.

    Raises:
        InvalidInputError: A number is NaN or out of range.
    """

    equity: float
    peak_equity: float
    margin_used_frac: float

    def __post_init__(self) -> None:
        above_zero("account.equity", self.equity)
        in_range("account.peak_equity", self.peak_equity, self.equity, inf)
        in_range("account.margin_used_frac", self.margin_used_frac, 0.0, inf)

    @property
    def drawdown_frac(self) -> float:
        """Loss from the peak as a fraction of it, 0..1."""
        return 1.0 - self.equity / self.peak_equity


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatilityState:
    """Volatility of the market that the account is in.

    Attributes:
        current: Standard deviation of returns now, as a fraction; 0 or more.
        median_30d: Median of the same measure over the last 30 days, above 0.

    Raises:
        InvalidInputError: A number is NaN or out of range.
    """

    current: float
    median_30d: float

    def __post_init__(self) -> None:
        in_range("volatility.current", self.current, 0.0, inf)
        above_zero("volatility.median_30d", self.median_30d)

    @property
    def ratio(self) -> float:
        """Now over the median, 0 or more."""
        return self.current / self.median_30d


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskInputs:
    """Everything that a risk context is built from; what is not known is None, never a guess.

    Attributes:
        account: Money of the account.
        holdings: All open positions; empty where it is known that there are none.
        returns: Aligned returns of what is held.
        volatility: Volatility of the market.
        liquidity_score: 0 (nothing can be sold) to 1 (depth as usual).
        correlation_history: Earlier mean absolute correlations, oldest first, each 0..1.
        known_at_ns: When each of these inputs was known, by its name here, ns since the UNIX epoch.
            An input without a time counts as missing.

    Raises:
        InvalidInputError: A number is NaN or out of range, or `known_at_ns` names no input.
    """

    account: Account | None = None
    holdings: tuple[Holding, ...] | None = None
    returns: ReturnTable | None = None
    volatility: VolatilityState | None = None
    liquidity_score: float | None = None
    correlation_history: tuple[float, ...] | None = None
    known_at_ns: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.holdings is not None:
            object.__setattr__(self, "holdings", tuple(self.holdings))
        if self.liquidity_score is not None:
            in_range("liquidity_score", self.liquidity_score, 0.0, 1.0)
        if self.correlation_history is not None:
            history = tuple(self.correlation_history)
            object.__setattr__(self, "correlation_history", history)
            for index, value in enumerate(history):
                in_range(f"correlation_history[{index}]", value, 0.0, 1.0)
        for name, known_ns in self.known_at_ns.items():
            if name not in INPUTS:
                raise InvalidInputError("known_at_ns", name, f"expected one of {', '.join(INPUTS)}")
            time_ns(f"known_at_ns[{name}]", known_ns)
        object.__setattr__(self, "known_at_ns", MappingProxyType(dict(self.known_at_ns)))


INPUTS = (
    "account",
    "holdings",
    "returns",
    "volatility",
    "liquidity_score",
    "correlation_history",
)
"""Names of the inputs, as a context lists those that are missing."""


def _side(value: str) -> Side:
    try:
        return Side(value)
    except ValueError:
        raise InvalidInputError("holding.side", repr(value), "expected LONG or SHORT") from None
