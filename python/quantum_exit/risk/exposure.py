"""How exposure is spread over symbols, exchanges and strategies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from quantum_exit.risk.inputs import Holding

HOTSPOT_SHARE = 0.30
"""Share from which a symbol, exchange or strategy is a hotspot (risk v3 of the original)."""

_SYMBOL_RISK_PER_LEVERAGE = 0.2
_EXCHANGE_RISK_PER_POSITION = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Exposure along one axis.

    Attributes:
        shares: Share of the gross notional by name, largest first; they sum to 1.
        hhi: Herfindahl-Hirschman index, the sum of squared shares: 1/n (even) to 1 (all in one);
            None where nothing is held.
        hotspots: Names with a share of at least the limit, largest first.
    """

    shares: Mapping[str, float]
    hhi: float | None
    hotspots: tuple[str, ...]

    @property
    def largest(self) -> float:
        """Largest share, 0 where nothing is held."""
        return max(self.shares.values(), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Gross exposure of an account.

    Attributes:
        gross_notional: Sum of the notionals, quote currency.
        net_notional: LONG minus SHORT.
        notional_by_exchange: Gross notional by exchange, largest first.
        by_symbol: Shares of symbols.
        by_exchange: Shares of exchanges.
        by_strategy: Shares of strategies.
        symbol_risk: min(share * (1 + 0.2 (leverage - 1)), 1) by symbol, with the symbol's leverage
            weighted by notional; largest first.
        exchange_risk: min(share * (1 + 0.1 positions), 1) by exchange, largest first.
    """

    gross_notional: float
    net_notional: float
    notional_by_exchange: Mapping[str, float]
    by_symbol: Axis
    by_exchange: Axis
    by_strategy: Axis
    symbol_risk: Mapping[str, float]
    exchange_risk: Mapping[str, float]


def exposure_of(holdings: Sequence[Holding], hotspot_share: float = HOTSPOT_SHARE) -> Exposure:
    """How the notional of `holdings` is spread.

    Args:
        holdings: All open positions; a LONG and a SHORT of one symbol add up, they do not cancel.
        hotspot_share: Share from which a name is a hotspot, 0..1.
    """
    total = sum(one.notional for one in holdings)
    by_symbol = _axis(holdings, lambda one: one.symbol, total, hotspot_share)
    by_exchange = _axis(holdings, lambda one: one.exchange, total, hotspot_share)
    return Exposure(
        gross_notional=total,
        net_notional=sum(one.signed_notional for one in holdings),
        notional_by_exchange=_totals(holdings, lambda one: one.exchange),
        by_symbol=by_symbol,
        by_exchange=by_exchange,
        by_strategy=_axis(holdings, lambda one: one.strategy_id, total, hotspot_share),
        symbol_risk=_sorted(
            {
                symbol: min(share * _leverage_weight(holdings, symbol), 1.0)
                for symbol, share in by_symbol.shares.items()
            }
        ),
        exchange_risk=_sorted(
            {
                exchange: min(share * _count_weight(holdings, exchange), 1.0)
                for exchange, share in by_exchange.shares.items()
            }
        ),
    )


def gross_leverage(holdings: Sequence[Holding], equity: float) -> float:
    """Gross notional over equity."""
    return sum(one.notional for one in holdings) / equity


def _leverage_weight(holdings: Sequence[Holding], symbol: str) -> float:
    held = [one for one in holdings if one.symbol == symbol]
    leverage = sum(one.notional * one.leverage for one in held) / sum(one.notional for one in held)
    return 1.0 + _SYMBOL_RISK_PER_LEVERAGE * (leverage - 1.0)


def _count_weight(holdings: Sequence[Holding], exchange: str) -> float:
    count = sum(one.exchange == exchange for one in holdings)
    return 1.0 + _EXCHANGE_RISK_PER_POSITION * count


def _axis(
    holdings: Sequence[Holding], name_of: Callable[[Holding], str], total: float, limit: float
) -> Axis:
    shares = {name: part / total for name, part in _totals(holdings, name_of).items()}
    return Axis(
        shares=MappingProxyType(shares),
        hhi=sum(share * share for share in shares.values()) if shares else None,
        hotspots=tuple(name for name, share in shares.items() if share >= limit),
    )


def _totals(holdings: Sequence[Holding], name_of: Callable[[Holding], str]) -> Mapping[str, float]:
    totals: dict[str, float] = {}
    for one in holdings:
        totals[name_of(one)] = totals.get(name_of(one), 0.0) + one.notional
    return _sorted(totals)


def _sorted(values: Mapping[str, float]) -> Mapping[str, float]:
    # Equal values go by name, so that the order never depends on that of the holdings.
    return MappingProxyType(dict(sorted(values.items(), key=lambda item: (-item[1], item[0]))))
