"""What can happen to a message on its way: F40."""

from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.wire import Json

_OVERTAKEN_MS = 500
_LATEST_MS = 60_000
_ORDER_KEYS = ("caid", "c")


def delays(occasion: Occasion) -> tuple[int, ...]:
    """F40: lost, twice, overtaken by those behind it, or up to a minute late.

    Returns:
        When each copy arrives, in ms from now.
    """
    how = occasion.one_of("how", ("lost", "twice", "overtaken", "late"))
    if how == "lost":
        return ()
    if how == "twice":
        return (0, occasion.whole("second", 0, _OVERTAKEN_MS))
    if how == "overtaken":
        return (occasion.whole("delay", 1, _OVERTAKEN_MS),)
    return (occasion.spread("delay", _OVERTAKEN_MS, _LATEST_MS),)


def event_type(message: Json) -> str:
    """The type of a message, such as `ORDER_TRADE_UPDATE`; empty where it has none."""
    return str(message.get("e", "")) if isinstance(message, dict) else ""


def order_of(message: Json) -> tuple[str, str]:
    """Symbol and client id of the order that a message is about; empty where it is about none."""
    if not isinstance(message, dict):
        return "", ""
    order = message.get("o", message)
    if not isinstance(order, dict):
        return str(message.get("s", "")), ""
    client_id = next((str(order[key]) for key in _ORDER_KEYS if key in order), "")
    return str(order.get("s", "")), client_id
