"""The exchange's symbols and filters: from a Binance exchangeInfo file, or built in."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.symbols import Grid, Symbol, Symbols
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.domain.instruments import BUILT_IN, built_in_instrument
from quantum_exit.errors import InputFileError, InvalidInputError

_FILTERS = (
    ("PRICE_FILTER", ("minPrice", "maxPrice", "tickSize")),
    ("LOT_SIZE", ("minQty", "maxQty", "stepSize")),
    ("MARKET_LOT_SIZE", ("minQty", "maxQty", "stepSize")),
    ("MAX_NUM_ORDERS", ("limit",)),
    ("MAX_NUM_ALGO_ORDERS", ("limit",)),
    ("MIN_NOTIONAL", ("notional",)),
    ("PERCENT_PRICE", ("multiplierUp", "multiplierDown", "multiplierDecimal")),
)
_TEXTS = (
    "symbol",
    "pair",
    "contractType",
    "status",
    "baseAsset",
    "quoteAsset",
    "marginAsset",
    "triggerProtect",
    "liquidationFee",
    "marketTakeBound",
)
_INTEGERS = (
    "deliveryDate",
    "onboardDate",
    "pricePrecision",
    "quantityPrecision",
    "baseAssetPrecision",
    "quotePrecision",
    "settlePlan",
    "maxMoveOrderLimit",
)
_NEVER_DELIVERED_MS = 4_133_404_800_000
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ExchangeInfo:
    """What `GET /fapi/v1/exchangeInfo` tells.

    Attributes:
        symbols: The symbols.
        assets: Margin assets as the reply lists them.
    """

    symbols: Symbols
    assets: tuple[JsonObject, ...]

    def document(self, limits: LimitRules, now_ms: int) -> JsonObject:
        """The reply at `now_ms`, exchange time in ms since the UNIX epoch.

        It stays as it is: while it is on its way the filters may change.
        """
        return {
            "timezone": "UTC",
            "serverTime": now_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": limits.documents(),
            "exchangeFilters": [],
            "assets": list(self.assets),
            "symbols": [
                symbol.document | {"filters": [dict(one) for one in symbol.document["filters"]]}
                for symbol in self.symbols
            ],
        }


def built_in_info(names: Iterable[str] = BUILT_IN) -> ExchangeInfo:
    """Perpetuals of Binance USD-M with their filters of March 2025.

    Args:
        names: Which; symbols of `domain.instruments.BUILT_IN`.

    Raises:
        InvalidInputError: A name is not built in, or there is none.
    """
    return _info([_built_in(name) for name in names])


def read_exchange_info(path: str | Path, names: Iterable[str] | None = None) -> ExchangeInfo:
    """The symbols of a Binance file, plain or gzip.

    Either the body of `GET /fapi/v1/exchangeInfo`, or the array of its `symbols` alone, whose
    integers some clients keep as text.

    Args:
        path: The file.
        names: Keep these alone; `None` keeps all.

    Raises:
        InputFileError: The file cannot be read, lacks a key, or has no such symbol.
    """
    where = str(path)
    raw = _read_json(Path(path), where)
    entries = raw.get("symbols") if isinstance(raw, Mapping) else raw
    if not isinstance(entries, list) or not entries:
        raise InputFileError(where, "symbols", "expected a list of one symbol or more")
    documents = [_document(entry, where, f"symbols[{i}]") for i, entry in enumerate(entries)]
    if names is not None:
        documents = _chosen(documents, names, where)
    try:
        return _info(documents)
    except InvalidInputError as error:
        raise InputFileError(where, error.field, f"{error.value}: {error.allowed}") from error


def symbol_of(document: JsonObject) -> Symbol:
    """The symbol that an entry of exchangeInfo describes.

    Raises:
        InvalidInputError: A step is no decimal above 0.
    """
    filters = {entry["filterType"]: entry for entry in document["filters"]}
    return Symbol(
        name=document["symbol"],
        margin_asset=document["marginAsset"],
        price=Grid.of(filters["PRICE_FILTER"]["tickSize"]),
        qty=Grid.of(filters["LOT_SIZE"]["stepSize"]),
        document=document,
        filters=filters,
    )


def _info(documents: list[JsonObject]) -> ExchangeInfo:
    symbols = Symbols(symbol_of(document) for document in documents)
    names = dict.fromkeys(symbol.margin_asset for symbol in symbols)
    assets = tuple(
        {"asset": name, "marginAvailable": True, "autoAssetExchange": "-10000"} for name in names
    )
    return ExchangeInfo(symbols, assets)


def _read_json(path: Path, where: str) -> Any:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        return json.loads(data)
    except (OSError, EOFError) as error:
        raise InputFileError(where, None, f"cannot be read: {error}") from error
    except ValueError as error:
        raise InputFileError(where, None, f"not JSON: {error}") from error


def _chosen(documents: list[JsonObject], names: Iterable[str], where: str) -> list[JsonObject]:
    by_name = {document["symbol"]: document for document in documents}
    for name in names:
        if name not in by_name:
            raise InputFileError(where, "symbols", f"has no symbol {name}")
    return [by_name[name] for name in dict.fromkeys(names)]


def _document(entry: object, where: str, place: str) -> JsonObject:
    if not isinstance(entry, Mapping):
        raise InputFileError(where, place, "expected an object")
    document = dict(entry)
    document.setdefault("settlePlan", 0)
    document.setdefault("maxMoveOrderLimit", 10_000)
    for key in _TEXTS:
        if not isinstance(document.get(key), str):
            raise InputFileError(where, f"{place}.{key}", "missing; expected text")
    for key in _INTEGERS:
        document[key] = _integer(document.get(key), where, f"{place}.{key}")
    document["filters"] = _filters(document.get("filters"), where, f"{place}.filters")
    return document


def _filters(given: object, where: str, place: str) -> list[JsonObject]:
    if not isinstance(given, list):
        raise InputFileError(where, place, "missing; expected a list")
    filters = [dict(entry) for entry in given if isinstance(entry, Mapping)]
    by_type = {entry.get("filterType"): entry for entry in filters}
    for name, keys in _FILTERS:
        for key in keys:
            if key not in by_type.get(name, {}):
                raise InputFileError(where, f"{place}.{name}.{key}", "missing")
        if "limit" in keys:
            limit = by_type[name]["limit"]
            by_type[name]["limit"] = _integer(limit, where, f"{place}.{name}.limit")
    return filters


def _integer(value: object, where: str, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputFileError(where, place, "missing; expected a whole number")
    try:
        return int(value)
    except ValueError as error:
        raise InputFileError(where, place, f"{value!r} is no whole number") from error


def _built_in(name: str) -> JsonObject:
    instrument = built_in_instrument(name)
    tick, step = instrument.tick_size, instrument.lot_step
    price_digits, qty_digits = Grid.of(tick).decimals, Grid.of(step).decimals
    max_qty = instrument.max_qty or "1000000"
    quote = "USDT"
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_DELIVERED_MS,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": name.removesuffix(quote),
        "quoteAsset": quote,
        "marginAsset": quote,
        "pricePrecision": price_digits,
        "quantityPrecision": qty_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": tick,
                "maxPrice": "4529764",
                "tickSize": tick,
            },
            _lot_filter("LOT_SIZE", instrument.min_qty, max_qty, step),
            _lot_filter("MARKET_LOT_SIZE", instrument.min_qty, max_qty, step),
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": instrument.min_notional},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.0500",
                "multiplierDown": "0.9500",
                "multiplierDecimal": "4",
            },
        ],
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _lot_filter(name: str, min_qty: str, max_qty: str, step: str) -> JsonObject:
    return {"filterType": name, "minQty": min_qty, "maxQty": max_qty, "stepSize": step}
