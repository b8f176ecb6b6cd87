"""What happened to an account as the messages of the user-data stream."""

from typing import TypeAlias

from quantum_exit._core import (
    VenueAccountUpdate,
    VenueAlgo,
    VenueAlgoUpdate,
    VenueConfigUpdate,
    VenueFill,
    VenueHolding,
    VenueMarginCall,
    VenueOrder,
    VenueOrderUpdate,
    VenueTradeLite,
)
from quantum_exit.adapters.paper.shapes import accounts, algo
from quantum_exit.adapters.paper.symbols import Symbol, Symbols, cash_text, trimmed
from quantum_exit.adapters.paper.wire import JsonObject

UserEvent: TypeAlias = (
    VenueTradeLite
    | VenueOrderUpdate
    | VenueAccountUpdate
    | VenueAlgoUpdate
    | VenueConfigUpdate
    | VenueMarginCall
)


def user_message(event: UserEvent, symbols: Symbols, asset: str) -> JsonObject:
    """The message that tells `event` to its account.

    Args:
        event: What happened.
        symbols: The symbols of the exchange.
        asset: The asset of all purses.
    """
    match event:
        case VenueTradeLite():
            return _trade_lite(event, symbols)
        case VenueOrderUpdate():
            return _order_update(event, symbols, asset)
        case VenueAccountUpdate():
            return _account_update(event, symbols, asset)
        case VenueAlgoUpdate():
            return _algo_update(event, symbols)
        case VenueConfigUpdate():
            return _config_update(event)
        case VenueMarginCall():
            return _margin_call(event, symbols)


def listen_key_expired(listen_key: str, now_ms: int) -> JsonObject:
    """The message that ends a user-data stream."""
    return {"e": "listenKeyExpired", "E": now_ms, "listenKey": listen_key}


def _trade_lite(event: VenueTradeLite, symbols: Symbols) -> JsonObject:
    fill, order = event.fill, event.order
    symbol = symbols.get(fill.symbol)
    return {
        "e": "TRADE_LITE",
        "E": event.ts_ms,
        "T": fill.ts_ms,
        "s": fill.symbol,
        "q": symbol.qty.text(order.lots),
        "p": symbol.price.text(order.price_ticks),
        "m": fill.maker,
        "c": fill.client_id,
        "S": fill.side,
        "L": symbol.price.text(fill.price_ticks),
        "l": symbol.qty.text(fill.lots),
        "t": fill.trade_id,
        "i": fill.order_id,
    }


def _order_update(event: VenueOrderUpdate, symbols: Symbols, asset: str) -> JsonObject:
    order = event.order
    symbol = symbols.get(order.symbol)
    return {
        "e": "ORDER_TRADE_UPDATE",
        "T": event.ts_ms,
        "E": event.ts_ms,
        "o": {
            "s": order.symbol,
            "c": order.client_id,
            "S": order.side,
            "o": order.type,
            "f": order.time_in_force,
            "q": symbol.qty.text(order.lots),
            "p": _price_or_zero(order.price_ticks, symbol),
            "ap": _average(order, symbol),
            "sp": _price_or_zero(order.stop_price_ticks, symbol),
            "x": event.execution,
            "X": event.status,
            "i": order.order_id,
            **_last_fill(event.fill, order, symbol, asset),
            "T": event.ts_ms,
            "b": trimmed(cash_text(event.bid_notional_e8)),
            "a": trimmed(cash_text(event.ask_notional_e8)),
            "R": order.reduce_only,
            "wt": order.working_type,
            "ot": order.orig_type,
            "ps": order.position_side,
            "cp": order.close_position,
            "pP": order.price_protect,
            "si": 0,
            "ss": 0,
            "V": order.stp_mode,
            "pm": order.price_match,
            "gtd": order.good_till_ms,
            "er": "0",
        },
    }


def _last_fill(fill: VenueFill | None, order: VenueOrder, symbol: Symbol, asset: str) -> JsonObject:
    done = symbol.qty.text(order.filled_lots) if order.filled_lots else "0"
    if fill is None:
        return {
            "l": "0",
            "z": done,
            "L": "0",
            "n": "0",
            "N": asset,
            "t": 0,
            "m": False,
            "rp": "0",
        }
    return {
        "l": symbol.qty.text(fill.lots),
        "z": done,
        "L": symbol.price.text(fill.price_ticks),
        "n": cash_text(fill.fee_e8),
        "N": asset,
        "t": fill.trade_id,
        "m": fill.maker,
        "rp": cash_text(fill.realized_e8) if fill.realized_e8 else "0",
    }


def _account_update(event: VenueAccountUpdate, symbols: Symbols, asset: str) -> JsonObject:
    purse = {
        "a": asset,
        "wb": cash_text(event.wallet_e8),
        "cw": cash_text(event.cross_wallet_e8),
        "bc": trimmed(cash_text(event.change_e8)),
    }
    return {
        "e": "ACCOUNT_UPDATE",
        "T": event.ts_ms,
        "E": event.ts_ms,
        "a": {
            "B": [purse],
            "P": [_holding(held, symbols.get(held.symbol), asset) for held in event.holdings],
            "m": event.reason,
        },
    }


def _holding(held: VenueHolding, symbol: Symbol, asset: str) -> JsonObject:
    return {
        "s": held.symbol,
        "pa": symbol.qty.text(held.lots) if held.lots else "0",
        "ep": trimmed(accounts.entry_price(held, symbol)),
        "cr": cash_text(held.realized_e8) if held.realized_e8 else "0",
        "up": cash_text(held.unrealized_e8) if held.unrealized_e8 else "0",
        "mt": _margin_type(held),
        "iw": trimmed(cash_text(held.isolated_wallet_e8)),
        "ps": held.position_side,
        "ma": asset,
        "bep": trimmed(accounts.break_even_price(held, symbol)),
    }


def _algo_update(event: VenueAlgoUpdate, symbols: Symbols) -> JsonObject:
    found = event.algo
    symbol = symbols.get(found.symbol)
    message = {
        "caid": found.client_id,
        "aid": found.algo_id,
        "at": "CONDITIONAL",
        "o": found.type,
        "s": found.symbol,
        "S": found.side,
        "ps": found.position_side,
        "f": found.time_in_force,
        "q": symbol.qty.text(found.lots) if found.lots else "0",
        "X": found.status,
        "ai": algo.child_id(found),
        **_child(found, symbol),
        "tp": _price_or_zero(found.trigger_ticks, symbol),
        "p": _price_or_zero(found.price_ticks, symbol),
        "V": found.stp_mode,
        "wt": found.working_type,
        "pm": found.price_match,
        "cp": found.close_position,
        "pP": found.price_protect,
        "R": found.reduce_only,
        "tt": found.triggered_ms,
        "gtd": found.good_till_ms,
        "ia": found.activated,
    }
    if found.reason:
        message["rm"] = found.reason
    return {"e": "ALGO_UPDATE", "T": event.ts_ms, "E": event.ts_ms, "o": message}


def _child(found: VenueAlgo, symbol: Symbol) -> JsonObject:
    if not found.order_id:
        return {}
    price = symbol.average(found.child_quote_e8, found.child_filled_lots, symbol.price_digits)
    return {
        "ap": trimmed(price),
        "aq": symbol.qty.text(found.child_filled_lots) if found.child_filled_lots else "0",
        "act": algo.child_type(found),
    }


def _config_update(event: VenueConfigUpdate) -> JsonObject:
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "E": event.ts_ms,
        "T": event.ts_ms,
        "ac": {"s": event.symbol, "l": event.leverage},
    }


def _margin_call(event: VenueMarginCall, symbols: Symbols) -> JsonObject:
    return {
        "e": "MARGIN_CALL",
        "E": event.ts_ms,
        "cw": cash_text(event.cross_wallet_e8),
        "p": [_called(held, symbols.get(held.symbol)) for held in event.holdings],
    }


def _called(held: VenueHolding, symbol: Symbol) -> JsonObject:
    return {
        "s": held.symbol,
        "ps": held.position_side,
        "pa": symbol.qty.text(held.lots),
        "mt": held.margin_type,
        "iw": trimmed(cash_text(held.isolated_wallet_e8)),
        "mp": cash_text(held.mark_e8),
        "up": cash_text(held.unrealized_e8),
        "mm": cash_text(held.maintenance_margin_e8),
    }


def _margin_type(held: VenueHolding) -> str:
    return "isolated" if held.margin_type == "ISOLATED" else "cross"


def _price_or_zero(ticks: int, symbol: Symbol) -> str:
    return symbol.price.text(ticks) if ticks else "0"


def _average(order: VenueOrder, symbol: Symbol) -> str:
    if not order.filled_lots:
        return "0"
    return symbol.average(order.quote_e8, order.filled_lots, symbol.price_digits)
