"""Leases in memory, for deterministic simulation and for tests."""

from collections.abc import Callable

from anyio.lowlevel import checkpoint

from quantum_exit.execution.leases import (
    Lease,
    LeaseScope,
    check_acquire,
    check_not_held,
    check_ttl,
    released,
    renewed,
    taken_over,
)


class MemoryLeases:
    """Leases of a simulated service that several machines share: a `LeasePort`."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._leases: dict[LeaseScope, Lease] = {}

    async def acquire(
        self, scope: LeaseScope, owner: str, ttl_ms: int, *, above_epoch: int = 0
    ) -> Lease:
        """Takes over `scope`; see `LeasePort.acquire`."""
        check_acquire(scope, owner, ttl_ms, above_epoch)
        await checkpoint()
        lease = taken_over(
            self._leases.get(scope),
            scope,
            owner,
            now_ms=self._now_ms(),
            ttl_ms=ttl_ms,
            above_epoch=above_epoch,
        )
        self._leases[scope] = lease
        return lease

    async def check_free(self, scope: LeaseScope, owner: str) -> None:
        """Whether `scope` can be had; see `LeasePort.check_free`."""
        await checkpoint()
        check_not_held(self._leases.get(scope), scope, owner, now_ms=self._now_ms())

    async def renew(self, lease: Lease, ttl_ms: int) -> Lease:
        """Prolongs `lease`; see `LeasePort.renew`."""
        check_ttl(ttl_ms)
        await checkpoint()
        known = self._leases.get(lease.scope)
        longer = renewed(known, lease, now_ms=self._now_ms(), ttl_ms=ttl_ms)
        self._leases[lease.scope] = longer
        return longer

    async def release(self, lease: Lease) -> None:
        """Gives `lease` back; see `LeasePort.release`."""
        await checkpoint()
        self._leases[lease.scope] = released(self._leases.get(lease.scope), lease)
