"""Messages that make no sense, each made of a true one."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, TypeAlias

from quantum_exit.adapters.paper.faults.occasion import Occasion

Make: TypeAlias = Callable[[Any, Occasion], str | None]
"""The text that is sent in place of a true body; None where that body cannot be spoilt so."""

_PAGE = "<html><head><title>Proxy</title></head><body>please log in</body></html>"
_NONSENSE: Any = {"of": ["another", 1]}
_HUGE = (10**30, "9" * 40, "1e400", -(10**25))
_TINY = "1e-400"
_NO_PRICES = ("NaN", "Infinity", "-Infinity", "0", "-1", "1e308", "", "12,5")

# Fields without which nobody can read a message, by a field that tells its kind.
_NEEDED = MappingProxyType(
    {
        "algoStatus": ("symbol", "algoId", "clientAlgoId", "algoStatus", "side"),
        "clientAlgoId": ("clientAlgoId",),
        "positionAmt": ("symbol", "positionAmt", "entryPrice", "positionSide"),
        "realizedPnl": ("symbol", "id", "orderId", "side", "price", "qty", "time", "maker"),
        "origQty": ("symbol", "orderId", "clientOrderId", "status", "side", "type", "origQty"),
        "symbols": ("symbols",),
        "serverTime": ("serverTime",),
        "dualSidePosition": ("dualSidePosition",),
        "caid": ("caid", "aid", "o", "s", "S", "X"),
        "c": ("s", "c", "S", "o", "q", "x", "X", "i", "T", "z"),
        "pa": ("s", "pa", "ep", "ps"),
        "e": ("s", "p"),
    }
)
_NUMBERS = (
    *("orderId", "algoId", "origQty", "positionAmt", "id", "qty", "serverTime"),
    *("i", "aid", "q", "z", "pa"),
)
_IDS = ("orderId", "algoId", "id", "i", "aid")
_NAMES = ("status", "algoStatus", "side", "positionSide", "X", "S", "ps")
_UNLISTED_SYMBOL = "ZZZUSDT"


def truncated(body: Any, draw: Occasion) -> str | None:
    """It ends too early."""
    text = json.dumps(body)
    return text[: draw.whole("length", 1, len(text) - 1)]


def garbled(body: Any, draw: Occasion) -> str | None:
    """Bytes that are no UTF-8 where a name or a value belongs."""
    text = json.dumps(body)
    return f"{text[0]}\udcff\udcfe{text[1:]}"


def nested(body: Any, draw: Occasion) -> str | None:
    """Brackets without end."""
    return "[" * draw.whole("depth", 2_000, 20_000)


def empty(body: Any, draw: Occasion) -> str | None:
    """Nothing at all."""
    return ""


def page(body: Any, draw: Occasion) -> str | None:
    """The page of something that stands between us and the exchange."""
    return _PAGE


def wrong_type(body: Any, draw: Occasion) -> str | None:
    """An object where a text or a number belongs."""
    names = _needed(_first(body))
    return _changed(body, draw, names, lambda inner, name: inner.update({name: _NONSENSE}))


def missing_field(body: Any, draw: Occasion) -> str | None:
    """A field that is needed is not there; a cancel may be confirmed without a status."""
    names = tuple(name for name in _needed(_first(body)) if name != "status")
    return _changed(body, draw, names, lambda inner, name: inner.pop(name))


def unknown_name(body: Any, draw: Occasion) -> str | None:
    """A status or a direction that nobody has heard of."""
    return _changed(body, draw, _NAMES, lambda inner, name: inner.update({name: "MAGIC"}))


def huge_number(body: Any, draw: Occasion) -> str | None:
    """A number that fits nowhere, or an id that is none."""
    names = tuple(name for name in _needed(_first(body)) if name in _NUMBERS)

    def change(inner: dict[str, Any], name: str) -> None:
        inner[name] = draw.one_of("huge", (*_HUGE, _TINY) if name in _IDS else _HUGE)

    return _changed(body, draw, names, change)


def unknown_symbol(body: Any, draw: Occasion) -> str | None:
    """A symbol that the exchange does not list: one more row of a list, or the only one."""
    if isinstance(body, list):
        rows = [row for row in body if isinstance(row, dict) and "symbol" in row]
        if not rows:
            return None
        return json.dumps([*body, {**rows[0], "symbol": _UNLISTED_SYMBOL}])
    names = ("symbol", "s")
    return _changed(body, draw, names, lambda inner, name: inner.update({name: _UNLISTED_SYMBOL}))


def no_price(body: Any, draw: Occasion) -> str | None:
    """A price that is none."""
    if body.get("e") not in ("aggTrade", "markPriceUpdate"):
        return None
    return json.dumps({**body, "p": draw.one_of("price", _NO_PRICES)})


def no_time(body: Any, draw: Occasion) -> str | None:
    """A time that is none."""
    time = draw.one_of("time", (0, -1, 10**19, "yesterday", None))
    return json.dumps({**body, "E": time, "T": time})


SPOILT: Mapping[str, Make] = MappingProxyType(
    {
        "truncated": truncated,
        "garbled": garbled,
        "nested": nested,
        "wrong type": wrong_type,
        "missing field": missing_field,
        "unknown name": unknown_name,
        "huge number": huge_number,
        "unknown symbol": unknown_symbol,
    }
)
"""What may happen to a reply and to an event of the account."""

REPLIES: Mapping[str, Make] = MappingProxyType({**SPOILT, "page": page, "empty": empty})
PRICES: Mapping[str, Make] = MappingProxyType(
    {
        "truncated": truncated,
        "garbled": garbled,
        "nested": nested,
        "wrong type": wrong_type,
        "missing field": missing_field,
        "unknown symbol": unknown_symbol,
        "no price": no_price,
        "no time": no_time,
    }
)


def _changed(
    body: Any, draw: Occasion, names: tuple[str, ...], change: Callable[[dict[str, Any], str], Any]
) -> str | None:
    """`body` with a change of one of the fields `names`."""
    copied = deepcopy(body)
    inner = _first(copied)
    present = [name for name in names if name in inner]
    if not present:
        return None
    change(inner, draw.one_of("field", present))
    return json.dumps(copied)


def _needed(inner: dict[str, Any]) -> tuple[str, ...]:
    return next((names for kind, names in _NEEDED.items() if kind in inner), ())


def _first(body: Any) -> dict[str, Any]:
    """The object that tells something: the first row, the order of an event, a position of it."""
    if isinstance(body, list):
        return _first(body[0]) if body else {}
    if not isinstance(body, dict):
        return {}
    if isinstance(order := body.get("o"), dict):
        return order
    positions = body["a"].get("P") if isinstance(body.get("a"), dict) else None
    return body if positions is None else _first(positions)
