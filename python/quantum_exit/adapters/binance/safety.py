"""Checks before the first order: what the key may do, and whether the account is as expected.

A dead-man switch of the venue is never armed: it would cancel our stops when we die. No endpoint
of this adapter could (see `endpoints`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quantum_exit.adapters.binance.calls import Calls
from quantum_exit.adapters.binance.endpoints import KEY_RIGHTS, POSITION_MODE, SYMBOL_CONFIG
from quantum_exit.adapters.binance.rest_messages import (
    KeyRightsReply,
    PositionModeReply,
    SymbolConfigReply,
)
from quantum_exit.errors import QuantumExitError


class UnsafeKeyError(QuantumExitError):
    """The key may do too much or too little: nothing is started with it.

    Attributes:
        reason: Which right is wrong, and what is expected.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the account should be set to.

    Attributes:
        hedge: Whether in hedge mode, or None = either.
        max_leverage: Highest leverage of a symbol, or None = any.
    """

    hedge: bool | None = None
    max_leverage: int | None = None


async def check_key(calls: Calls) -> tuple[str, ...]:
    """Refuses a key that could move funds away.

    Returns:
        Warnings, in words.

    Raises:
        UnsafeKeyError: The key may withdraw, or may not trade futures.
        VenueReadError: Its rights could not be read; without proof it is not to be used.
    """
    rights = await calls.read("rights of the key", KEY_RIGHTS, {}, KeyRightsReply)
    if rights.enable_withdrawals:
        raise UnsafeKeyError("the key may withdraw; expected one without enableWithdrawals")
    if not rights.enable_futures:
        raise UnsafeKeyError("the key may not trade futures; expected one with enableFutures")
    findings = (
        (not rights.ip_restrict, "the key has no list of allowed addresses"),
        (rights.enable_internal_transfer, "the key may transfer to other accounts"),
        (rights.permits_universal_transfer, "the key may move funds between wallets"),
    )
    return tuple(text for found, text in findings if found)


async def check_account(
    calls: Calls, expected: Expected, symbols: Sequence[str]
) -> tuple[str, ...]:
    """What about the account differs from what is expected, in words; nothing is changed.

    Raises:
        VenueReadError: The account could not be read.
    """
    mode = await calls.read("position mode", POSITION_MODE, {}, PositionModeReply)
    configs = await calls.read("symbol settings", SYMBOL_CONFIG, {}, list[SymbolConfigReply])
    return (*_mode_findings(mode, expected), *_leverage_findings(configs, expected, symbols))


def _mode_findings(mode: PositionModeReply, expected: Expected) -> tuple[str, ...]:
    if expected.hedge is None or mode.dual_side_position is expected.hedge:
        return ()
    names = ("one-way", "hedge")
    found = names[mode.dual_side_position]
    return (f"the account is in {found} mode; expected {names[expected.hedge]} mode",)


def _leverage_findings(
    configs: Sequence[SymbolConfigReply], expected: Expected, symbols: Sequence[str]
) -> tuple[str, ...]:
    highest = expected.max_leverage
    if highest is None:
        return ()
    return tuple(
        f"{each.symbol}: leverage {each.leverage}; expected at most {highest}"
        for each in configs
        if each.symbol in symbols and each.leverage > highest
    )
