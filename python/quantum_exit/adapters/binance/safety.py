"""Checks before the first order: what the key may do, and whether the account is as expected.

A dead-man switch of the venue is never armed: it would cancel our stops when we die. No endpoint
of this adapter could (see `endpoints`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from quantum_exit.adapters.binance.calls import Calls
from quantum_exit.adapters.binance.endpoints import KEY_RIGHTS
from quantum_exit.adapters.binance.rest_messages import KeyRightsReply
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


class Settings(Protocol):
    """How an account is set up."""

    async def hedge_mode(self) -> bool:
        """Whether it holds long and short positions of a symbol side by side."""

    async def leverages(self) -> Mapping[str, int]:
        """The leverage that is set for each symbol."""


async def check_account(
    account: Settings, expected: Expected, symbols: Sequence[str]
) -> tuple[str, ...]:
    """What about the account differs from what is expected, in words; nothing is changed.

    Only what something is expected of is read: a start costs little of the rate limits, however
    many follow each other.

    Raises:
        VenueReadError: The account could not be read.
    """
    findings = []
    if expected.hedge is not None and (hedge := await account.hedge_mode()) is not expected.hedge:
        names = ("one-way", "hedge")
        found, wanted = names[hedge], names[expected.hedge]
        findings.append(f"the account is in {found} mode; expected {wanted} mode")
    if expected.max_leverage is not None:
        leverages = await account.leverages()
        findings += _leverage_findings(leverages, expected.max_leverage, symbols)
    return tuple(findings)


def _leverage_findings(
    leverages: Mapping[str, int], highest: int, symbols: Sequence[str]
) -> list[str]:
    return [
        f"{symbol}: leverage {leverage}; expected at most {highest}"
        for symbol, leverage in leverages.items()
        if symbol in symbols and leverage > highest
    ]
