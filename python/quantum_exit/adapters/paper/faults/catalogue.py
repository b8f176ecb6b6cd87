"""The faults by their number, and what each of them is."""

from collections.abc import Mapping
from types import MappingProxyType

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "F01": "timeout before the execution (-1007)",
        "F02": "timeout after the execution (-1007)",
        "F03": "reply lost, connection closed after the execution",
        "F04": "late execution, up to recvWindow, or -5028",
        "F05": "500, 502, 503 and 504 in all their variants",
        "F06": "outage of all REST calls, streams up or down",
        "F07": "429 with Retry-After, then 418",
        "F08": "403 of the firewall, or 401 -2015",
        "F09": "the price passes the stop before the order arrives (-2021)",
        "F10": "nothing left to reduce, or no budget for it (-2022, -4118)",
        "F11": "another closePosition stop is there already (-4130)",
        "F12": "fewer algo orders allowed than before (-4045)",
        "F13": "the request arrives twice (-4116)",
        "F14": "a stop takes time to trigger (-4117 meanwhile)",
        "F15": "filters refuse the order (-4164, -4023)",
        "F16": "tick and step size change while trading goes on",
        "F17": "a stop is REJECTED when it triggers",
        "F18": "the exchange expires a resting order",
        "F19": "a stop triggers very late",
        "F20": "the book is thin: fills in part, the rest expires",
        "F21": "queries and lists do not know yet of what was done",
        "F22": "cancel says -2011 of a live order, or ok of a dead one",
        "F23": "a batch is answered in part",
        "F24": "the reply of another request",
        "F25": "maintenance: no orders, cancel only, post only",
        "F26": "the symbol is settled and delisted",
        "F27": "liquidation",
        "F28": "auto-deleveraging",
        "F29": "leverage or margin type changed by hand",
        "F30": "the position changed by hand: reduced, grown, flipped, closed",
        "F31": "a stop cancelled by hand, or the user's own stop added",
        "F32": "orders of another bot",
        "F33": "funding, or other fees",
        "F34": "many small fills",
        "F35": "take profit and stop reached in the same instant",
        "F40": "user events lost, doubled, out of order, late",
        "F41": "the event before the reply, and the reverse",
        "F42": "the listen key ends silently, or cannot be kept alive (-1125)",
        "F43": "streams cut, or silent while they look alive",
    }
)

SCRIPT = "script"
"""The mark of a scripted rule that names no fault."""
