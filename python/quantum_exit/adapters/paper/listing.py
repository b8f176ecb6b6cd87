"""Lists a symbol of exchangeInfo on the matching core."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Literal, TypeAlias

from quantum_exit._core import Venue
from quantum_exit.adapters.paper.brackets import Bracket
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import InvalidInputError

_E8 = 10**8
_PPM = 10**6
_LARGEST = 1 << 40
_SCALED_FROM = 1_000

Status: TypeAlias = Literal["TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE"]
_STATUSES: tuple[Status, ...] = ("TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE")


def list_symbol(venue: Venue, symbol: Symbol, brackets: Sequence[Bracket]) -> None:
    """Lists `symbol` with its filters.

    Raises:
        InvalidInputError: A filter is off the grid, or finer than 1e-8.
    """
    tick, lot = Decimal(symbol.tick_size), Decimal(symbol.lot_step)
    filters = symbol.filters
    price, qty, market = filters["PRICE_FILTER"], filters["LOT_SIZE"], filters["MARKET_LOT_SIZE"]
    percent = filters["PERCENT_PRICE"]
    document = symbol.document
    venue.add_symbol(
        symbol.name,
        tick_e8=_scaled(tick, "tickSize"),
        lot_e8=_scaled(lot, "stepSize"),
        min_price_ticks=max(1, _steps_up(price["minPrice"], tick)),
        max_price_ticks=_steps(price["maxPrice"], tick),
        min_lots=max(1, _steps_up(qty["minQty"], lot)),
        max_lots=_steps(qty["maxQty"], lot),
        market_min_lots=max(1, _steps_up(market["minQty"], lot)),
        market_max_lots=_steps(market["maxQty"], lot),
        market_lot_multiple=max(1, _steps(market["stepSize"], lot)),
        min_notional_e8=_scaled(Decimal(filters["MIN_NOTIONAL"]["notional"]), "notional"),
        multiplier_up_ppm=_multiplier_ppm(percent, "multiplierUp"),
        multiplier_down_ppm=_multiplier_ppm(percent, "multiplierDown"),
        market_take_bound_ppm=_ppm(document["marketTakeBound"]),
        trigger_protect_ppm=_ppm(document["triggerProtect"]),
        max_orders=filters["MAX_NUM_ORDERS"]["limit"],
        max_algo_orders=filters["MAX_NUM_ALGO_ORDERS"]["limit"],
        liquidation_fee_ppm=_ppm(document["liquidationFee"]),
        brackets=[bracket.for_venue() for bracket in brackets],
        status=_status(document["status"]),
    )


def _scaled(value: Decimal, name: str) -> int:
    units = value * _E8
    if units != units.to_integral_value():
        raise InvalidInputError(name, value, "expected a multiple of 1e-8")
    return int(units)


def _steps(text: str, step: Decimal) -> int:
    return min(_LARGEST, int(Decimal(text) // step))


def _steps_up(text: str, step: Decimal) -> int:
    return int((Decimal(text) / step).to_integral_value(rounding=ROUND_CEILING))


def _multiplier_ppm(percent: JsonObject, name: str) -> int:
    value = Decimal(percent[name])
    if value >= _SCALED_FROM:
        # Some symbols that are not traded yet have 8500 for 0.8500.
        value = value.scaleb(-int(percent["multiplierDecimal"]))
    return int(value * _PPM)


def _status(text: str) -> Status:
    for status in _STATUSES:
        if status == text:
            return status
    # Such as PRE_DELIVERING: nothing may be traded.
    return "BREAK"


def _ppm(text: str) -> int:
    return int(Decimal(text) * _PPM)
