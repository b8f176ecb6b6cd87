"""What the venue's refusals mean, as data: one row a code, and what an unlisted one means.

Sources: Binance USD-M REST documentation, "Error codes" and "HTTP return codes".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from quantum_exit.execution.outcomes import Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One refusal.

    Attributes:
        reaction: What it asks for, or None where the outcome is unknown.
        text: What it means.
        unknown_if_traded: Whether an order that can trade at once counts as unknown all the same.
            It may be over and its id free again, so that a resend that rested on a wrong "not
            done" would execute twice.
    """

    reaction: Reaction | None
    text: str
    unknown_if_traded: bool = False


def _unknown(text: str) -> Row:
    return Row(reaction=None, text=text)


def _same(reaction: Reaction, texts: Mapping[int, str]) -> Iterable[tuple[int, Row]]:
    return ((code, Row(reaction=reaction, text=text)) for code, text in texts.items())


def _overloaded(text: str) -> Row:
    return Row(reaction=Reaction.RESEND, text=text, unknown_if_traded=True)


CODES: Final[Mapping[int, Row]] = MappingProxyType(
    {
        -1006: _unknown("unexpected response from the message bus; execution status unknown"),
        -1007: _unknown("timeout waiting for the engine; execution status unknown"),
        -1000: _overloaded("unknown error while processing"),
        -1001: _overloaded("internal error; unable to process"),
        -1008: _overloaded("server overloaded; throttled"),
        **dict(
            _same(
                Reaction.WAIT,
                {
                    -1003: "request weight used up, or the address is banned",
                    -1015: "too many new orders",
                },
            )
        ),
        **dict(
            _same(
                Reaction.RESYNC_CLOCK,
                {
                    -1021: "time stamp outside of the receive window",
                    -5028: "time stamp outside of the engine's receive window",
                },
            )
        ),
        -4116: Row(reaction=Reaction.ADOPT, text="an open order with this client id exists"),
        -4130: Row(reaction=Reaction.ADOPT_SINGLETON, text="a close-position stop exists"),
        **dict(
            _same(
                Reaction.PRICE_THROUGH,
                {
                    -2021: "order would trigger at once",
                    -4142: "order would trigger at once",
                },
            )
        ),
        **dict(
            _same(
                Reaction.NOTHING_TO_REDUCE,
                {
                    -2022: "reduce-only order refused",
                },
            )
        ),
        **dict(
            _same(
                Reaction.REDUCED_BY_OTHERS,
                {
                    -4112: "reduce-only order type refused",
                    -4118: "resting reduce-only orders use up the position",
                },
            )
        ),
        **dict(
            _same(
                Reaction.FREE_SLOT,
                {
                    -2025: "too many open orders",
                    -4045: "too many open stop orders",
                },
            )
        ),
        -4117: Row(reaction=Reaction.TRIGGERING, text="the stop is triggering"),
        **dict(
            _same(
                Reaction.LOOK_IN_BOTH_BOOKS,
                {
                    -2011: "cancel refused: unknown order",
                    -2013: "order does not exist",
                },
            )
        ),
        **dict(
            _same(
                Reaction.REQUANTISE,
                {
                    -1013: "a filter refused the order",
                    -1102: "mandatory parameter missing or malformed",
                    -1106: "parameter sent when not required",
                    -1111: "precision over the maximum of this asset",
                    -2007: "invalid callback rate",
                    -4001: "price below 0",
                    -4002: "price above the maximum",
                    -4003: "quantity below or at 0",
                    -4004: "quantity below the minimum",
                    -4006: "stop price below 0",
                    -4007: "stop price above the maximum",
                    -4013: "price below the minimum",
                    -4014: "price not on the tick grid",
                    -4023: "quantity not on the step grid",
                    -4137: "close-position orders carry no quantity",
                    -4138: "reduce-only must be set for close-position orders",
                    -4139: "order type cannot be a market type",
                    -4164: "value below the minimum notional",
                    -4210: "stop price above the multiplier cap",
                    -4211: "stop price below the multiplier floor",
                },
            )
        ),
        -4005: Row(reaction=Reaction.SPLIT, text="quantity above the maximum"),
        **dict(
            _same(
                Reaction.GO_MARKET,
                {
                    -4016: "price above the mark price's multiplier cap",
                    -4024: "price below the mark price's multiplier floor",
                    -4131: "the counterparty's best price is outside the price band",
                    -4183: "price above the stop price's multiplier cap",
                    -4184: "price below the stop price's multiplier floor",
                    -5021: "fill-or-kill order could not be filled at once",
                    -5022: "post-only order would have taken liquidity",
                    -5024: "the change keeps price and quantity",
                    -5025: "only limit orders can be changed",
                    -5026: "the order was changed too often",
                    -5027: "the change keeps price and quantity",
                    -5041: "no depth matches this price match",
                },
            )
        ),
        **dict(
            _same(
                Reaction.SWITCH_MODE,
                {
                    -4060: "invalid position side",
                    -4061: "position side does not match the account's setting",
                },
            )
        ),
        **dict(
            _same(
                Reaction.FREE_MARGIN,
                {
                    -2018: "balance insufficient",
                    -2019: "margin insufficient",
                    -2024: "position insufficient",
                    -2027: "position over the maximum at this leverage",
                },
            )
        ),
        -4120: Row(reaction=Reaction.REROUTE, text="order type belongs to the algo endpoints"),
        **dict(
            _same(
                Reaction.ALARM,
                {
                    -1002: "not authorized",
                    -1022: "signature invalid",
                    -1121: "invalid symbol",
                    -1125: "listen key does not exist",
                    -2014: "key format invalid",
                    -2015: "key, address or permission invalid",
                    -4087: "the account may only reduce",
                    -4140: "the symbol takes no opening orders",
                    -4141: "the symbol is closing",
                    -4192: "trading is forbidden in the cooling-off period",
                    -4400: "quantitative rules: only reduce-only orders",
                    -4401: "compliance: only reduce-only orders",
                },
            )
        ),
    }
)
"""Rows by the venue's code."""

BODIES: Final[tuple[tuple[str, Row], ...]] = (
    ("unknown error, please check your request", _unknown("503: execution status unknown")),
    ("service unavailable", _overloaded("503: service unavailable")),
    ("internal error; unable to process your request", _overloaded("503: not processed")),
)
"""Rows by a part of the text of an answer with status 503, in lower case."""

STATUSES: Final[Mapping[int, Row]] = MappingProxyType(
    {
        401: Row(reaction=Reaction.ALARM, text="key refused"),
        403: Row(reaction=Reaction.ALARM, text="refused by the web application firewall"),
        404: Row(reaction=Reaction.REROUTE, text="no such endpoint"),
        405: Row(reaction=Reaction.REROUTE, text="method not allowed"),
        408: _unknown("timeout at the venue's front; execution status unknown"),
        418: Row(reaction=Reaction.WAIT, text="address banned"),
        429: Row(reaction=Reaction.WAIT, text="rate limit broken"),
    }
)
"""Rows by HTTP status, for an answer whose body names no code."""

UNLISTED_REFUSAL: Final = Row(reaction=Reaction.ALARM, text="refusal that is not in the table")
"""A 4xx answer: the venue documents these as malformed requests, so nothing was carried out."""

UNLISTED: Final = _unknown("answer that is not in the table; execution status unknown")
"""Every other answer that is no success: 5xx, a redirect, an error code under status 200."""
