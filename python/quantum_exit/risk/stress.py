"""The effective stress score: how near an account is to its limits."""

from dataclasses import dataclass

from quantum_exit.domain.checks import above_zero
from quantum_exit.risk.exposure import gross_leverage
from quantum_exit.risk.inputs import Account, Holding, VolatilityState

_SPAN = 1.5
_VOLATILITY_MULTIPLE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """What an account should stay below (risk v3 package of the original, where it names them).

    Attributes:
        max_gross_leverage: Gross notional over equity.
        max_drawdown_frac: Loss from the peak as a fraction of it.
        max_heat_frac: Money at risk over equity: Elder's 6 % rule.

    Raises:
        InvalidInputError: A limit is not above 0.
    """

    max_gross_leverage: float = 5.0
    max_drawdown_frac: float = 0.05
    max_heat_frac: float = 0.06

    def __post_init__(self) -> None:
        for field in ("max_gross_leverage", "max_drawdown_frac", "max_heat_frac"):
            above_zero(field, getattr(self, field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """The parts of the stress score, each 0 (calm) to 1 (at its limit), None where unknown.

    Attributes:
        leverage: Gross leverage over its limit.
        drawdown: Drawdown over its limit.
        margin: Share of the equity that is bound as margin.
        volatility: Volatility over twice its 30-day median.
    """

    leverage: float | None
    drawdown: float | None
    margin: float | None
    volatility: float | None

    @property
    def complete(self) -> bool:
        """Whether every part is known."""
        return None not in self._parts

    @property
    def factor(self) -> float:
        """1 + 1.5 x the mean of the four parts: 1.0 (calm) to 2.5 (all at their limits).

        A part that is unknown counts as 0, so that the factor of an incomplete score is the least
        that it can be.
        """
        return 1.0 + _SPAN * sum(part or 0.0 for part in self._parts) / len(self._parts)

    @property
    def _parts(self) -> tuple[float | None, ...]:
        return (self.leverage, self.drawdown, self.margin, self.volatility)


def stress_of(
    account: Account | None,
    holdings: tuple[Holding, ...] | None,
    volatility: VolatilityState | None,
    limits: AccountLimits,
) -> Stress:
    """How near the account is to its limits; what is None leaves its parts unknown."""
    leverage = drawdown = margin = None
    if account is not None:
        drawdown = _clipped(account.drawdown_frac / limits.max_drawdown_frac)
        margin = _clipped(account.margin_used_frac)
        if holdings is not None:
            leverage = _clipped(
                gross_leverage(holdings, account.equity) / limits.max_gross_leverage
            )
    stretched = None if volatility is None else _clipped(volatility.ratio / _VOLATILITY_MULTIPLE)
    return Stress(leverage=leverage, drawdown=drawdown, margin=margin, volatility=stretched)


def portfolio_heat(
    account: Account | None, holdings: tuple[Holding, ...] | None, limits: AccountLimits
) -> float | None:
    """Money lost if every stop is hit, over its limit: 1 = at the limit, 0 or more.

    Returns:
        None where the account or the holdings are unknown, or a holding has no known stop.
    """
    if account is None or holdings is None:
        return None
    losses = [one.loss_at_stop for one in holdings]
    known = [loss for loss in losses if loss is not None]
    if len(known) != len(losses):
        return None
    return sum(known) / (limits.max_heat_frac * account.equity)


def _clipped(value: float) -> float:
    return min(max(value, 0.0), 1.0)
