"""Holds the lease of an account for as long as the service lives."""

from dataclasses import dataclass

import anyio

from quantum_exit.errors import InvalidInputError, JournalUnavailableError, LeaseLostError
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.leases import WHOLE_ACCOUNT, Lease, LeasePort, LeaseScope
from quantum_exit.execution.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseConfig:
    """How the lease is held.

    Attributes:
        owner: Name of this process; two that run at once have different names.
        ttl_ms: How long it lasts without being renewed, ms.
        margin_ms: Receive window and longest way to the venue: nothing leaves in this last stretch.

    Raises:
        InvalidInputError: The margin leaves no time to renew.
    """

    owner: str
    ttl_ms: int = 30_000
    margin_ms: int = 4_000

    def __post_init__(self) -> None:
        if self.margin_ms * 3 > self.ttl_ms:
            allowed = f"expected at most a third of ttl_ms {self.ttl_ms}"
            raise InvalidInputError("margin_ms", self.margin_ms, allowed)


class LeaseKeeper:
    """Acquires, renews and gives back one lease, and tells the fence.

    Args:
        leases: Who grants it.
        fence: Learns how long requests may leave.
        clock: Time.
        account: Name of the account.
        config: Owner and times.
    """

    def __init__(
        self, leases: LeasePort, fence: Fence, clock: Clock, account: str, config: LeaseConfig
    ) -> None:
        self._leases = leases
        self._fence = fence
        self._clock = clock
        self._scope = LeaseScope(account, WHOLE_ACCOUNT)
        self._config = config
        self._lease: Lease | None = None

    async def check_free(self) -> None:
        """Asks, before anything costly is done, whether somebody else has the lease.

        Raises:
            LeaseHeldError: Another process has it.
            JournalUnavailableError: The store cannot tell.
        """
        await self._leases.check_free(self._scope, self._config.owner)

    async def acquire(self, above_epoch: int = 0) -> int:
        """Wins the lease and gives its epoch.

        Args:
            above_epoch: Newest epoch that is known from elsewhere, such as the journal.

        Raises:
            LeaseHeldError: Another process has it.
            JournalUnavailableError: The store cannot grant it.
        """
        asked_ns = self._clock.monotonic_ns()
        config = self._config
        lease = await self._leases.acquire(
            self._scope, config.owner, config.ttl_ms, above_epoch=above_epoch
        )
        self._lease = lease
        self._fence.grant(lease.epoch, asked_ns, config.ttl_ms)
        return lease.epoch

    async def keep(self) -> None:
        """Renews until it is cancelled.

        Raises:
            LeaseLostError: Somebody else took over; nothing leaves any more.
        """
        while (lease := self._lease) is not None:
            await anyio.sleep(self._config.ttl_ms / 3000)
            asked_ns = self._clock.monotonic_ns()
            renewed = await self._renewed(lease)
            # It may have been given back while it was being renewed.
            if renewed is not None and self._lease is not None:
                self._lease = renewed
                self._fence.grant(renewed.epoch, asked_ns, self._config.ttl_ms)

    async def _renewed(self, lease: Lease) -> Lease | None:
        """The prolonged lease; None where the store cannot say, or it was given back meanwhile."""
        try:
            return await self._leases.renew(lease, self._config.ttl_ms)
        except JournalUnavailableError:
            # The fence closes by itself before the lease runs out.
            return None
        except LeaseLostError:
            self._fence.lose()
            if self._lease is None:
                return None
            raise

    async def release(self) -> None:
        """Gives the lease back, so that a successor need not wait; harmless where it is lost."""
        lease, self._lease = self._lease, None
        self._fence.lose()
        if lease is None:
            return
        try:
            await self._leases.release(lease)
        except (JournalUnavailableError, LeaseLostError):
            # It runs out by itself.
            return
