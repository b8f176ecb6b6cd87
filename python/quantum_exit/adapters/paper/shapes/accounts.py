"""Balances and positions as REST replies."""

from collections.abc import Sequence

from quantum_exit._core import VenueBalance, VenueHolding, VenueIncome
from quantum_exit.adapters.paper.symbols import Symbol, Symbols, cash_text, trimmed
from quantum_exit.adapters.paper.wire import JsonObject


def is_used(holding: VenueHolding) -> bool:
    """`True` for a side with a position or open orders; the newer replies list no others."""
    return holding.lots != 0 or holding.open_order_margin_e8 != 0


def account_v2(
    balance: VenueBalance, holdings: Sequence[VenueHolding], symbols: Symbols, asset: str
) -> JsonObject:
    """`GET /fapi/v2/account`."""
    return {
        "feeTier": 0,
        "feeBurn": False,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        **_totals(balance),
        "assets": [{**_asset(balance, asset), "marginAvailable": True}],
        "positions": [_position_v2(h, symbols.get(h.symbol)) for h in holdings],
    }


def account_v3(
    balance: VenueBalance, holdings: Sequence[VenueHolding], symbols: Symbols, asset: str
) -> JsonObject:
    """`GET /fapi/v3/account`."""
    return {
        **_totals(balance),
        "assets": [_asset(balance, asset)],
        "positions": [_position_v3(h, symbols.get(h.symbol)) for h in holdings if is_used(h)],
    }


def balance_entry(balance: VenueBalance, asset: str) -> JsonObject:
    """An entry of `GET /fapi/v2/balance` and `/fapi/v3/balance`."""
    return {
        "accountAlias": f"sim{balance.account}",
        "asset": asset,
        "balance": cash_text(balance.wallet_e8),
        "crossWalletBalance": cash_text(balance.cross_wallet_e8),
        "crossUnPnl": cash_text(balance.cross_unrealized_e8),
        "availableBalance": cash_text(balance.available_e8),
        "maxWithdrawAmount": cash_text(_withdrawable_e8(balance)),
        "marginAvailable": True,
        "updateTime": balance.updated_ms,
    }


def risk_v2(holding: VenueHolding, symbol: Symbol) -> JsonObject:
    """An entry of `GET /fapi/v2/positionRisk`."""
    return {
        "symbol": holding.symbol,
        "positionAmt": symbol.qty.text(holding.lots),
        **_prices(holding, symbol),
        "leverage": str(holding.leverage),
        "maxNotionalValue": trimmed(cash_text(holding.max_notional_e8)),
        "marginType": "isolated" if holding.margin_type == "ISOLATED" else "cross",
        "isolatedMargin": cash_text(_isolated_margin_e8(holding)),
        "isAutoAddMargin": "false",
        "positionSide": holding.position_side,
        "notional": trimmed(cash_text(holding.notional_e8)),
        "isolatedWallet": trimmed(cash_text(holding.isolated_wallet_e8)),
        "updateTime": holding.updated_ms,
    }


def risk_v3(holding: VenueHolding, symbol: Symbol) -> JsonObject:
    """An entry of `GET /fapi/v3/positionRisk`."""
    return {
        "symbol": holding.symbol,
        "positionSide": holding.position_side,
        "positionAmt": symbol.qty.text(holding.lots),
        **_prices(holding, symbol),
        "isolatedMargin": cash_text(_isolated_margin_e8(holding)),
        "notional": trimmed(cash_text(holding.notional_e8)),
        "marginAsset": symbol.margin_asset,
        "isolatedWallet": trimmed(cash_text(holding.isolated_wallet_e8)),
        "initialMargin": cash_text(holding.initial_margin_e8 + holding.open_order_margin_e8),
        "maintMargin": cash_text(holding.maintenance_margin_e8),
        "positionInitialMargin": cash_text(holding.initial_margin_e8),
        "openOrderInitialMargin": cash_text(holding.open_order_margin_e8),
        "adl": 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": holding.updated_ms,
    }


def income(entry: VenueIncome, asset: str) -> JsonObject:
    """An entry of `GET /fapi/v1/income`."""
    return {
        "symbol": entry.symbol,
        "incomeType": entry.type,
        "income": cash_text(entry.amount_e8),
        "asset": asset,
        "info": entry.type,
        "time": entry.ts_ms,
        "tranId": entry.income_id,
        "tradeId": str(entry.trade_id) if entry.trade_id else "",
    }


def entry_price(holding: VenueHolding, symbol: Symbol) -> str:
    """Average entry price of a position, `0.0` for none."""
    return _price(symbol.average(holding.entry_cost_e8, holding.lots, 8))


def break_even_price(holding: VenueHolding, symbol: Symbol) -> str:
    """Price at which closing costs nothing, `0.0` for no position."""
    return _price(symbol.average(holding.break_even_cost_e8, holding.lots, 8))


def _price(text: str) -> str:
    short = trimmed(text)
    return short if "." in short else f"{short}.0"


def _prices(holding: VenueHolding, symbol: Symbol) -> JsonObject:
    liquidation_e8 = holding.liquidation_e8
    return {
        "entryPrice": entry_price(holding, symbol),
        "breakEvenPrice": break_even_price(holding, symbol),
        "markPrice": cash_text(holding.mark_e8),
        "unRealizedProfit": cash_text(holding.unrealized_e8),
        "liquidationPrice": cash_text(liquidation_e8) if liquidation_e8 else "0",
    }


def _isolated_margin_e8(holding: VenueHolding) -> int:
    if holding.margin_type != "ISOLATED":
        return 0
    return holding.isolated_wallet_e8 + holding.unrealized_e8


def _withdrawable_e8(balance: VenueBalance) -> int:
    return max(0, min(balance.available_e8, balance.cross_wallet_e8))


def _totals(balance: VenueBalance) -> JsonObject:
    sums = _sums(balance)
    return {
        "totalInitialMargin": sums["initialMargin"],
        "totalMaintMargin": sums["maintMargin"],
        "totalWalletBalance": sums["walletBalance"],
        "totalUnrealizedProfit": sums["unrealizedProfit"],
        "totalMarginBalance": sums["marginBalance"],
        "totalPositionInitialMargin": sums["positionInitialMargin"],
        "totalOpenOrderInitialMargin": sums["openOrderInitialMargin"],
        "totalCrossWalletBalance": sums["crossWalletBalance"],
        "totalCrossUnPnl": sums["crossUnPnl"],
        "availableBalance": sums["availableBalance"],
        "maxWithdrawAmount": sums["maxWithdrawAmount"],
    }


def _asset(balance: VenueBalance, asset: str) -> JsonObject:
    return {"asset": asset, **_sums(balance), "updateTime": balance.updated_ms}


def _sums(balance: VenueBalance) -> JsonObject:
    initial_e8 = balance.position_margin_e8 + balance.open_order_margin_e8
    return {
        "walletBalance": cash_text(balance.wallet_e8),
        "unrealizedProfit": cash_text(balance.unrealized_e8),
        "marginBalance": cash_text(balance.wallet_e8 + balance.unrealized_e8),
        "maintMargin": cash_text(balance.maintenance_margin_e8),
        "initialMargin": cash_text(initial_e8),
        "positionInitialMargin": cash_text(balance.position_margin_e8),
        "openOrderInitialMargin": cash_text(balance.open_order_margin_e8),
        "crossWalletBalance": cash_text(balance.cross_wallet_e8),
        "crossUnPnl": cash_text(balance.cross_unrealized_e8),
        "availableBalance": cash_text(balance.available_e8),
        "maxWithdrawAmount": cash_text(_withdrawable_e8(balance)),
    }


def _position_v2(holding: VenueHolding, symbol: Symbol) -> JsonObject:
    return {
        "symbol": holding.symbol,
        **_margins(holding),
        "positionInitialMargin": cash_text(holding.initial_margin_e8),
        "openOrderInitialMargin": cash_text(holding.open_order_margin_e8),
        "leverage": str(holding.leverage),
        "isolated": holding.margin_type == "ISOLATED",
        "entryPrice": entry_price(holding, symbol),
        "breakEvenPrice": break_even_price(holding, symbol),
        "maxNotional": trimmed(cash_text(holding.max_notional_e8)),
        "bidNotional": "0",
        "askNotional": "0",
        "positionSide": holding.position_side,
        "positionAmt": symbol.qty.text(holding.lots),
        "notional": trimmed(cash_text(holding.notional_e8)),
        "isolatedWallet": trimmed(cash_text(holding.isolated_wallet_e8)),
        "updateTime": holding.updated_ms,
    }


def _position_v3(holding: VenueHolding, symbol: Symbol) -> JsonObject:
    return {
        "symbol": holding.symbol,
        "positionSide": holding.position_side,
        "positionAmt": symbol.qty.text(holding.lots),
        "isolatedMargin": cash_text(_isolated_margin_e8(holding)),
        "notional": trimmed(cash_text(holding.notional_e8)),
        "isolatedWallet": trimmed(cash_text(holding.isolated_wallet_e8)),
        **_margins(holding),
        "updateTime": holding.updated_ms,
    }


def _margins(holding: VenueHolding) -> JsonObject:
    return {
        "unrealizedProfit": cash_text(holding.unrealized_e8),
        "initialMargin": cash_text(holding.initial_margin_e8 + holding.open_order_margin_e8),
        "maintMargin": cash_text(holding.maintenance_margin_e8),
    }
