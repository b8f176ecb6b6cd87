"""Leases: who may act for a symbol of an account, and since which takeover.

A venue cannot check a lease, so the gateway does: it stamps the epoch into its order ids, refuses
epochs older than the newest it has seen, and stops sending before its lease can run out. For that
it counts the time to live on its own monotonic clock, from before the request; `expires_ms` is of
the store's clock and decides only whether somebody else may take over.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from quantum_exit.errors import InvalidInputError, LeaseHeldError, LeaseLostError

WHOLE_ACCOUNT = "*"
"""Symbol of the lease that covers every symbol of an account."""
# What four base-32 digits of a client order id can tell.
MAX_EPOCH = (1 << 20) - 1
_MAX_NAME = 128


class LeaseScope(NamedTuple):
    """What one lease covers.

    Attributes:
        account: Our name of the account.
        symbol: A symbol of it.
    """

    account: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.symbol} of {self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to act for a scope.

    Attributes:
        scope: What it covers.
        owner: Who has it; a name of this process, told by the configuration.
        epoch: Number of the takeover, from 1; it grows with each one and never goes back.
        expires_ms: From when on others may take over, ms of the store's clock; 0 = released.
    """

    scope: LeaseScope
    owner: str
    epoch: int
    expires_ms: int


class LeasePort(Protocol):
    """Grants leases by compare-and-set."""

    async def acquire(
        self, scope: LeaseScope, owner: str, ttl_ms: int, *, above_epoch: int = 0
    ) -> Lease:
        """Takes over `scope` for `ttl_ms`, under an epoch newer than all before and `above_epoch`.

        An owner that asks again gets a new epoch at once: it is its own successor. Where the scope
        is a whole account and the store holds its journal too, nothing of an older epoch can be
        appended to that journal from here on.

        Raises:
            InvalidInputError: A name is empty or too long, or a number is out of range.
            LeaseHeldError: Another owner's lease has not run out.
            JournalUnavailableError: The store cannot grant it.
        """

    async def check_free(self, scope: LeaseScope, owner: str) -> None:
        """Tells a process that waits for `scope` that it need not try yet; changes nothing.

        Raises:
            LeaseHeldError: Another owner's lease has not run out.
            JournalUnavailableError: The store cannot tell.
        """

    async def renew(self, lease: Lease, ttl_ms: int) -> Lease:
        """Prolongs `lease` to `ttl_ms` from now; one that ran out, if nobody took over.

        Raises:
            LeaseLostError: It was taken over or released.
            JournalUnavailableError: The store cannot prolong it.
        """

    async def release(self, lease: Lease) -> None:
        """Gives `lease` back; the epoch stays known.

        Raises:
            LeaseLostError: It was taken over or released.
            JournalUnavailableError: The store cannot take it back.
        """


def check_acquire(scope: LeaseScope, owner: str, ttl_ms: int, above_epoch: int) -> None:
    """Checks what `LeasePort.acquire` is given.

    Raises:
        InvalidInputError: A name is empty or too long, or a number is out of range.
    """
    names = (("account", scope.account), ("symbol", scope.symbol), ("owner", owner))
    for field, name in names:
        if not 0 < len(name) <= _MAX_NAME or "\0" in name:
            raise InvalidInputError(field, repr(name), f"expected 1 to {_MAX_NAME} characters")
    check_ttl(ttl_ms)
    if not 0 <= above_epoch < MAX_EPOCH:
        raise InvalidInputError("above_epoch", above_epoch, f"expected 0 to {MAX_EPOCH - 1}")


def check_ttl(ttl_ms: int) -> None:
    """Checks a time to live.

    Raises:
        InvalidInputError: It is not above 0, or longer than a day.
    """
    longest = 86_400_000
    if not 0 < ttl_ms <= longest:
        raise InvalidInputError("ttl_ms", ttl_ms, f"expected 1 to {longest} ms")


def check_not_held(known: Lease | None, scope: LeaseScope, owner: str, *, now_ms: int) -> None:
    """Checks that nobody but `owner` has the `known` lease.

    Raises:
        LeaseHeldError: It is another owner's and has not run out at `now_ms`.
    """
    if known is not None and known.owner != owner and known.expires_ms > now_ms:
        raise LeaseHeldError(str(scope), known.owner, known.expires_ms)


def taken_over(
    known: Lease | None,
    scope: LeaseScope,
    owner: str,
    *,
    now_ms: int,
    ttl_ms: int,
    above_epoch: int,
) -> Lease:
    """The lease that `owner` gets after the `known` one.

    Raises:
        LeaseHeldError: It is another owner's and has not run out at `now_ms`.
        InvalidInputError: The epochs of the scope are used up.
    """
    check_not_held(known, scope, owner, now_ms=now_ms)
    epoch = max(above_epoch, 0 if known is None else known.epoch) + 1
    if epoch > MAX_EPOCH:
        raise InvalidInputError("epoch", epoch, f"expected at most {MAX_EPOCH}")
    return Lease(scope=scope, owner=owner, epoch=epoch, expires_ms=now_ms + ttl_ms)


def kept(known: Lease | None, lease: Lease) -> Lease:
    """The `known` lease, if it is still `lease`.

    Raises:
        LeaseLostError: It was taken over or released.
    """
    same = known is not None and (known.owner, known.epoch) == (lease.owner, lease.epoch)
    if known is None or not same or known.expires_ms == 0:
        newest = None if known is None else known.epoch
        raise LeaseLostError(str(lease.scope), lease.epoch, newest)
    return known


def renewed(known: Lease | None, lease: Lease, *, now_ms: int, ttl_ms: int) -> Lease:
    """`lease`, prolonged to `ttl_ms` after `now_ms`.

    Raises:
        LeaseLostError: It was taken over or released.
    """
    return replace(kept(known, lease), expires_ms=now_ms + ttl_ms)


def released(known: Lease | None, lease: Lease) -> Lease:
    """`lease`, given back.

    Raises:
        LeaseLostError: It was taken over or released.
    """
    return replace(kept(known, lease), expires_ms=0)
