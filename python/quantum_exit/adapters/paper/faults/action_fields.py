"""What happens at a given time, read from a table."""

from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import fields as fields_of
from types import MappingProxyType
from typing import Any

from quantum_exit.adapters.paper.faults import actions, operator, users
from quantum_exit.adapters.paper.faults.actions import Action
from quantum_exit.domain.fields import Fields

_ACTIONS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "print": actions.Print,
        "mark": actions.Mark,
        "fund": actions.Fund,
        "set_depth": actions.SetDepth,
        "restore_depth": actions.RestoreDepth,
        "split_fills": actions.SplitFills,
        "set_algo_limit": operator.SetAlgoLimit,
        "set_trigger_latency": operator.SetTriggerLatency,
        "set_filters": operator.SetFilters,
        "set_status": operator.SetStatus,
        "settle": operator.Settle,
        "liquidate": operator.Liquidate,
        "deleverage": operator.Deleverage,
        "set_fees": operator.SetFees,
        "expire_algo": operator.ExpireAlgo,
        "expire_order": operator.ExpireOrder,
        "reject_at_trigger": operator.RejectAtTrigger,
        "drop_streams": operator.DropStreams,
        "silence_streams": operator.SilenceStreams,
        "end_listen_keys": operator.EndListenKeys,
        "user_order": users.UserOrder,
        "user_stop": users.UserStop,
        "user_cancel": users.UserCancel,
        "user_position": users.UserPosition,
        "set_leverage": users.SetLeverage,
        "set_margin_type": users.SetMarginType,
        "set_hedge_mode": users.SetHedgeMode,
    }
)
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "side": ("BUY", "SELL"),
        "position_side": ("BOTH", "LONG", "SHORT"),
        "margin_type": ("CROSSED", "ISOLATED"),
        "change": ("reduce", "add", "flip", "close"),
        "status": ("TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE"),
    }
)
_TEXTS = frozenset({"symbol", "client_id", "reason", *_CHOICES})
_FLAGS = frozenset({"reduce_only", "dual"})
_LOWEST: Mapping[str, int] = MappingProxyType(
    {
        "account": 0,
        "latency_ms": 0,
        "levels": 0,
        "rate_e8": -(10**8),
        "maker_fee_ppm": -100_000,
        "taker_fee_ppm": -100_000,
    }
)
"""Whole numbers that may be less than 1."""

ACTION_KEYS = tuple(
    dict.fromkeys(field.name for action in _ACTIONS.values() for field in fields_of(action))
)


def action_from(fields: Fields) -> Action:
    """The action that the key `action` names, with its own keys beside it.

    Raises:
        InputFileError: Names the file, the key, and what is allowed.
    """
    name = fields.text("action")
    kind = _ACTIONS.get(name)
    if kind is None:
        fields.refuse("action", f"{name!r} is not allowed; expected one of {', '.join(_ACTIONS)}")
    own = {field.name: field for field in fields_of(kind)}
    for key in ACTION_KEYS:
        if key not in own and fields.has(key):
            allowed = ", ".join(own) or "none"
            fields.refuse(key, f"{name} has no such key; expected one of {allowed}")
    found = {
        key: _value(fields, key)
        for key, field in own.items()
        if fields.has(key) or field.default is MISSING
    }
    action: Action = kind(**found)
    return action


def _value(fields: Fields, key: str) -> object:
    if key in _FLAGS:
        return fields.flag(key)
    if key in _TEXTS:
        return _text(fields, key)
    value = fields.integer(key)
    low = _LOWEST.get(key, 1)
    if value < low:
        fields.refuse(key, f"{value} is not allowed; expected {low} or more")
    return value


def _text(fields: Fields, key: str) -> str:
    value = fields.text(key)
    allowed = _CHOICES.get(key)
    if allowed is not None and value not in allowed:
        fields.refuse(key, f"{value!r} is not allowed; expected one of {', '.join(allowed)}")
    return value
