"""What a live service is told: numbers and switches, and the ports that it works through."""

from dataclasses import dataclass, field
from typing import Protocol

from quantum_exit.domain.checks import in_range
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.adoption import AdoptionConfig
from quantum_exit.execution.budget import Limit
from quantum_exit.execution.clock_sync import SteeredClock
from quantum_exit.execution.emergencies import ReservePort
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.leases import LeasePort
from quantum_exit.execution.leverages import LeverageConfig
from quantum_exit.execution.monitor import MonitorConfig
from quantum_exit.execution.ports import RejectionPort, StreamPort, UsagePort
from quantum_exit.execution.reach import ReachConfig
from quantum_exit.execution.reads import Readable, ReadConfig
from quantum_exit.execution.restoring import Store
from quantum_exit.execution.sending import SendingConfig
from quantum_exit.execution.watch import WatchConfig


class LiveVenue(Readable, StreamPort, UsagePort, Protocol):
    """A venue that can be traded on and followed."""

    @property
    def quarantine(self) -> RejectionPort:
        """Where messages go that make no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What is outside.

    Attributes:
        venue: The venue.
        store: Journal and snapshots.
        leases: Grants the lease.
        clock: Time.
        reserve: Ids for emergencies, in a file apart from the journal, or None.
    """

    venue: LiveVenue
    store: Store
    leases: LeasePort
    clock: SteeredClock
    reserve: ReservePort | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """Numbers and switches of a live service.

    Attributes:
        account: Name of the account, a part of every order id.
        lease: Owner and times of the lease.
        symbols: Symbols to stream from the start; others are added when a position appears.
        hedge: Whether positions that are handed over are hedge-mode positions.
        guardian: Times and tolerances of the guardian.
        watch: How prices are judged.
        sending: Tries and deadlines of orders.
        reads: Deadlines of questions.
        monitor: How often the venue is looked at.
        adoption: Whether and when positions that were found are guarded.
        reach: When the venue counts as lost.
        leverages: When the leverages of symbols are read.
        limits: Rate limits to keep; None = those that the venue tells, and until then those of
            Binance USD-M.
        reserve_frac: Share of each limit kept for protection, 0.2 to 0.9.
        most_symbols: Most symbols of one run.
        inbox_most: Inputs that wait at most before the streams are slowed down.
        slot_patience_ms: How long another holder of a slot is waited for.
        protect_deadline_ms: How long `protect` waits for proof.
        clock_ms: Time between two looks at the venue's clock.
        shutdown_ms: How long a clean end waits for requests that are under way.
        blocked_ms: From which delay on the event loop counts as blocked.
        snapshot_every: Records between two snapshots.
        gap_bound_ms: Time without protection that is no breach: a new position takes two round
            trips to be covered.
        seed: Source of the jitter between tries.

    Raises:
        InvalidInputError: A number is out of range, or two do not fit each other.
    """

    account: str
    lease: LeaseConfig
    symbols: tuple[str, ...] = ()
    hedge: bool = False
    guardian: GuardianConfig = field(default_factory=GuardianConfig)
    watch: WatchConfig = field(default_factory=WatchConfig)
    sending: SendingConfig = field(default_factory=SendingConfig)
    reads: ReadConfig = field(default_factory=ReadConfig)
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    adoption: AdoptionConfig = field(default_factory=AdoptionConfig)
    reach: ReachConfig = field(default_factory=ReachConfig)
    leverages: LeverageConfig = field(default_factory=LeverageConfig)
    limits: tuple[Limit, ...] | None = None
    reserve_frac: float = 0.4
    most_symbols: int = 1_000
    inbox_most: int = 10_000
    slot_patience_ms: int = 1_000
    protect_deadline_ms: int = 5_000
    clock_ms: int = 60_000
    shutdown_ms: int = 5_000
    blocked_ms: int = 250
    snapshot_every: int = 10_000
    gap_bound_ms: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        in_range("reserve_frac", self.reserve_frac, 0.2, 0.9)
        for name in (
            "most_symbols",
            "inbox_most",
            "protect_deadline_ms",
            "clock_ms",
            "shutdown_ms",
            "blocked_ms",
            "snapshot_every",
            "gap_bound_ms",
        ):
            in_range(name, getattr(self, name), 1, float("inf"))
        if self.lease.margin_ms <= self.guardian.recv_window_ms:
            allowed = f"expected more than guardian.recv_window_ms {self.guardian.recv_window_ms}"
            raise InvalidInputError("lease.margin_ms", self.lease.margin_ms, allowed)
