"""What the exchange announces of a symbol while its filters change."""

from decimal import Decimal

from quantum_exit.adapters.paper.symbols import CASH_DECIMALS, Symbol, fixed, trimmed


def announce_filters(
    symbol: Symbol,
    *,
    price_multiple: int | None,
    lot_multiple: int | None,
    min_notional_e8: int | None,
) -> None:
    """Changes the filters in the symbol's entry of exchangeInfo; what is `None` stays.

    Args:
        symbol: The symbol.
        price_multiple: Tick size in ticks of the listing.
        lot_multiple: Step size in lots of the listing.
        min_notional_e8: MIN_NOTIONAL in 1e-8 quote.
    """
    filters = symbol.filters
    if price_multiple is not None:
        filters["PRICE_FILTER"]["tickSize"] = symbol.price.text(price_multiple)
    if lot_multiple is not None:
        filters["LOT_SIZE"]["stepSize"] = symbol.qty.text(lot_multiple)
        filters["MARKET_LOT_SIZE"]["stepSize"] = symbol.qty.text(lot_multiple)
    if min_notional_e8 is not None:
        filters["MIN_NOTIONAL"]["notional"] = trimmed(fixed(min_notional_e8, CASH_DECIMALS))


def min_notional_e8(symbol: Symbol) -> int:
    """The announced MIN_NOTIONAL in 1e-8 quote."""
    return int(Decimal(symbol.filters["MIN_NOTIONAL"]["notional"]).scaleb(CASH_DECIMALS))
