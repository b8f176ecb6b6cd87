"""The venue's rules of a symbol, out of `exchangeInfo`."""

from decimal import Decimal
from typing import Final

from quantum_exit._core import Instrument
from quantum_exit.adapters.binance.grids import Grid
from quantum_exit.adapters.binance.rest_messages import FilterReply, SymbolReply
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.ports import SymbolRules

_ZERO: Final = Decimal(0)
_NO_FILTER: Final = FilterReply(filter_type="")


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
