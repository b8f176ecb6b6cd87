"""The venue's rules, out of `exchangeInfo`."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from quantum_exit._core import Instrument
from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.adapters.binance.rest_messages import FilterReply, RateLimitReply, SymbolReply
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.ports import SymbolRules

_ZERO: Final = Decimal(0)
_NO_FILTER: Final = FilterReply(filter_type="")
_LIMIT_NAMES: Final = MappingProxyType({"REQUEST_WEIGHT": "weight", "ORDERS": "orders"})
_INTERVALS_MS: Final = MappingProxyType({"SECOND": 1_000, "MINUTE": 60_000})


def symbol_rules(reply: SymbolReply) -> SymbolRules:
    """The rules of one symbol.

    The precision fields of the reply are not looked at: they are not the tick and the step.

    Raises:
        InvalidInputError: A filter that orders need is missing or makes no sense.
    """
    filters = {each.filter_type: each for each in reply.filters}
    price, lot = filters.get("PRICE_FILTER", _NO_FILTER), filters.get("LOT_SIZE", _NO_FILTER)
    if not price.tick_size or not lot.step_size:
        allowed = "expected PRICE_FILTER with tickSize and LOT_SIZE with stepSize, above 0"
        raise InvalidInputError("filters", sorted(filters), allowed)
    instrument = Instrument(
        reply.symbol,
        price.tick_size,
        lot.step_size,
        lot.min_qty or _ZERO,
        filters.get("MIN_NOTIONAL", _NO_FILTER).notional or _ZERO,
        lot.max_qty or None,
    )
    market_max = filters.get("MARKET_LOT_SIZE", _NO_FILTER).max_qty
    return SymbolRules(
        instrument=instrument,
        trading=reply.status == "TRADING",
        max_algo_orders=filters.get("MAX_NUM_ALGO_ORDERS", _NO_FILTER).limit,
        max_orders=filters.get("MAX_NUM_ORDERS", _NO_FILTER).limit,
        market_max_lots=Grid.of(instrument).lots(market_max) if market_max else None,
        # The band of trigger prices (-4210, -4211) is in no filter.
        trigger_band_frac=None,
    )


def rate_limit(reply: RateLimitReply) -> tuple[str, int, int] | None:
    """Name, window in ms and units of a rate limit; None where it is none that the budget counts."""
    name = _LIMIT_NAMES.get(reply.rate_limit_type)
    window_ms = _INTERVALS_MS.get(reply.interval, 0) * reply.interval_num
    return (name, window_ms, reply.limit) if name and window_ms > 0 and reply.limit > 0 else None
