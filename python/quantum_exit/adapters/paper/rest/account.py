"""Endpoints that show an account."""

from functools import partial
from typing import Any

from quantum_exit._core import VenueHolding
from quantum_exit.adapters.paper.desk import Call
from quantum_exit.adapters.paper.rest.endpoint import Endpoint, Weight
from quantum_exit.adapters.paper.shapes import accounts as shapes
from quantum_exit.adapters.paper.symbols import Symbol, cash_text, fixed, trimmed
from quantum_exit.adapters.paper.wire import JsonObject

_DAY_MS = 86_400_000
_INCOME_KEPT_MS = 90 * _DAY_MS
_INCOME_RECENT_MS = 7 * _DAY_MS
_INCOME_FILTERS = ("symbol", "incomeType", "startTime", "endTime", "page")
_PPM_DIGITS = 6


def account_v2(call: Call) -> JsonObject:
    """`GET /fapi/v2/account`."""
    return shapes.account_v2(
        call.venue.balance(call.account),
        call.venue.holdings(call.account),
        call.desk.info.symbols,
        call.desk.asset,
    )


def account_v3(call: Call) -> JsonObject:
    """`GET /fapi/v3/account`."""
    return shapes.account_v3(
        call.venue.balance(call.account),
        call.venue.holdings(call.account),
        call.desk.info.symbols,
        call.desk.asset,
    )


def balance(call: Call) -> list[JsonObject]:
    """`GET /fapi/v2/balance` and `/fapi/v3/balance`."""
    return [shapes.balance_entry(call.venue.balance(call.account), call.desk.asset)]


def position_risk_v2(call: Call) -> list[JsonObject]:
    """`GET /fapi/v2/positionRisk`: all symbols."""
    symbols = call.desk.info.symbols
    return [shapes.risk_v2(found, symbols.get(found.symbol)) for found in _holdings(call)]


def position_risk_v3(call: Call) -> list[JsonObject]:
    """`GET /fapi/v3/positionRisk`: symbols with a position or open orders."""
    symbols = call.desk.info.symbols
    return [
        shapes.risk_v3(found, symbols.get(found.symbol))
        for found in _holdings(call)
        if shapes.is_used(found)
    ]


def position_mode(call: Call) -> JsonObject:
    """`GET /fapi/v1/positionSide/dual`."""
    return {"dualSidePosition": call.venue.hedge_mode(call.account)}


def multi_assets_mode(call: Call) -> JsonObject:
    """`GET /fapi/v1/multiAssetsMargin`: the exchange has no such mode."""
    del call
    return {"multiAssetsMargin": False}


def fee_burn(call: Call) -> JsonObject:
    """`GET /fapi/v1/feeBurn`: fees are paid in the margin asset."""
    del call
    return {"feeBurn": False}


def account_config(call: Call) -> JsonObject:
    """`GET /fapi/v1/accountConfig`."""
    return {
        "feeTier": 0,
        "canTrade": call.key is not None and call.key.can_trade,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": call.venue.hedge_mode(call.account),
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/symbolConfig`."""

    def shown(symbol: Symbol) -> JsonObject:
        settings = call.venue.settings(call.account, symbol.name)
        return {
            "symbol": symbol.name,
            "marginType": settings.margin_type,
            "isAutoAddMargin": False,
            "leverage": settings.leverage,
            "maxNotionalValue": trimmed(cash_text(settings.max_notional_e8)),
        }

    return [shown(symbol) for symbol in call.symbol_or_all()]


def leverage_bracket(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/leverageBracket`."""
    return [
        {
            "symbol": symbol.name,
            "notionalCoef": 1.0,
            "brackets": [
                bracket.document(number)
                for number, bracket in enumerate(call.desk.brackets.of(symbol.name), 1)
            ],
        }
        for symbol in call.symbol_or_all()
    ]


def commission_rate(call: Call) -> JsonObject:
    """`GET /fapi/v1/commissionRate`."""
    symbol = call.symbol()
    maker_ppm, taker_ppm = call.desk.fees_ppm[call.account]
    return {
        "symbol": symbol.name,
        "makerCommissionRate": fixed(maker_ppm, _PPM_DIGITS),
        "takerCommissionRate": fixed(taker_ppm, _PPM_DIGITS),
        "rpiCommissionRate": fixed(maker_ppm, _PPM_DIGITS),
    }


def income(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/income`."""
    params = call.params
    symbol = params.optional_symbol()
    kind = params.optional_text("incomeType")
    start_ms = params.optional_integer("startTime")
    end_ms = params.optional_integer("endTime")
    limit = call.limit(100, 1_000)
    skipped = (params.optional_integer("page", low=1) or 1) * limit - limit
    has_times = start_ms is not None or end_ms is not None
    oldest_ms = call.now_ms - (_INCOME_KEPT_MS if has_times else _INCOME_RECENT_MS)
    found = [
        entry
        for entry in call.venue.incomes(call.account, limit=call.reach(limit, *_INCOME_FILTERS))
        if entry.ts_ms >= oldest_ms
        and (symbol is None or entry.symbol == symbol)
        and (kind is None or entry.type == kind)
        and (start_ms is None or entry.ts_ms >= start_ms)
        and (end_ms is None or entry.ts_ms <= end_ms)
    ]
    first = skipped if start_ms is not None else max(0, len(found) - skipped - limit)
    last = skipped + limit if start_ms is not None else max(0, len(found) - skipped)
    chosen = found[first:last]
    return [shapes.income(entry, call.desk.asset) for entry in chosen]


def trading_status(call: Call) -> JsonObject:
    """`GET /fapi/v1/apiTradingStatus`: no quantitative rule is ever broken here."""
    return {"indicators": {}, "updateTime": call.now_ms}


def order_limits(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/rateLimit/order`."""
    return call.desk.limits.rules.order_documents()


def adl_quantile(call: Call) -> list[JsonObject]:
    """`GET /fapi/v1/adlQuantile`: nobody waits in a queue."""
    return [
        {"symbol": name, "adlQuantile": {"LONG": 0, "SHORT": 0, "BOTH": 0}}
        for name in dict.fromkeys(found.symbol for found in _holdings(call) if found.lots)
    ]


def api_restrictions(call: Call) -> JsonObject:
    """`GET /sapi/v1/account/apiRestrictions`."""
    key = call.key
    return {
        "ipRestrict": False,
        "createTime": 0,
        "enableReading": True,
        "enableFutures": key is not None and key.can_trade,
        "enableWithdrawals": key is not None and key.can_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableSpotAndMarginTrading": False,
        "enableVanillaOptions": False,
        "permitsUniversalTransfer": False,
        "enablePortfolioMarginTrading": False,
    }


def coins(call: Call) -> list[Any]:
    """`GET /sapi/v1/capital/config/getall`: nothing can be deposited or withdrawn."""
    del call
    return []


def _holdings(call: Call) -> list[VenueHolding]:
    name = call.params.optional_symbol()
    if name is not None:
        call.desk.info.symbols.get(name)
    return call.venue.holdings(call.account, name)


def margin_pairs(call: Call) -> list[Any]:
    """`GET /sapi/v1/margin/allPairs`: there is no margin trading of spot pairs."""
    del call
    return []


_read = partial(Endpoint, method="GET")

ENDPOINTS: tuple[Endpoint, ...] = (
    _read(path="/fapi/v2/account", handler=account_v2, weight=Weight(5)),
    _read(path="/fapi/v3/account", handler=account_v3, weight=Weight(5)),
    _read(path="/fapi/v2/balance", handler=balance, weight=Weight(5)),
    _read(path="/fapi/v3/balance", handler=balance, weight=Weight(5)),
    _read(path="/fapi/v2/positionRisk", handler=position_risk_v2, weight=Weight(5)),
    _read(path="/fapi/v3/positionRisk", handler=position_risk_v3, weight=Weight(5)),
    _read(path="/fapi/v1/positionSide/dual", handler=position_mode, weight=Weight(30)),
    _read(path="/fapi/v1/multiAssetsMargin", handler=multi_assets_mode, weight=Weight(30)),
    _read(path="/fapi/v1/feeBurn", handler=fee_burn, weight=Weight(30)),
    _read(path="/fapi/v1/accountConfig", handler=account_config, weight=Weight(5)),
    _read(path="/fapi/v1/symbolConfig", handler=symbol_config, weight=Weight(5)),
    _read(path="/fapi/v1/leverageBracket", handler=leverage_bracket),
    _read(path="/fapi/v1/commissionRate", handler=commission_rate, weight=Weight(20)),
    _read(path="/fapi/v1/income", handler=income, weight=Weight(30)),
    _read(path="/fapi/v1/apiTradingStatus", handler=trading_status, weight=Weight(1, 10)),
    _read(path="/fapi/v1/rateLimit/order", handler=order_limits),
    _read(path="/fapi/v1/adlQuantile", handler=adl_quantile, weight=Weight(5)),
    _read(path="/sapi/v1/account/apiRestrictions", handler=api_restrictions),
    _read(path="/sapi/v1/capital/config/getall", handler=coins, weight=Weight(10)),
    _read(path="/sapi/v1/margin/allPairs", handler=margin_pairs),
    _read(path="/sapi/v1/margin/isolated/allPairs", handler=margin_pairs),
)
