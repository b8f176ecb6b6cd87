"""Everything that can be set, with its default: the defaults run the simulated exchange."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from quantum_exit.app.config.secret import Secret
from quantum_exit.domain.checks import in_range
from quantum_exit.domain.risk import RiskMode
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.adoption import AdoptionConfig
from quantum_exit.execution.entering import OrderStyle
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.monitor import MonitorConfig
from quantum_exit.execution.reads import ReadConfig
from quantum_exit.execution.sending import SendingConfig
from quantum_exit.execution.watch import WatchConfig

_MOST_PORT = 65_535
_MOST_LEVERAGE = 125
_INFINITE = float("inf")
_NAME = re.compile("[A-Za-z0-9_-]{1,32}")
_ACCOUNT = re.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Mode(StrEnum):
    """Where orders go."""

    PAPER = "paper"
    """A simulated exchange."""
    TESTNET = "testnet"
    """The test network of Binance."""
    LIVE = "live"
    """Binance, with money."""


class StoreKind(StrEnum):
    """Where the journal lives."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MEMORY = "memory"
    """Nowhere: gone with the process; not with money."""


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Journal, snapshots and leases.

    Attributes:
        kind: `sqlite`, `postgres` or `memory`.
        journal: Name of the journal: of its file in `folder`, or in the database of `postgres`.
        dsn: Address of `postgres`, such as `postgresql://user@host/database`.

    Raises:
        InvalidInputError: There is a `dsn` without `postgres`, or the other way round.
    """

    kind: StoreKind = StoreKind.SQLITE
    journal: str = "main"
    dsn: Secret | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.journal):
            allowed = "expected 1 to 32 letters, digits, - and _"
            raise InvalidInputError("journal", repr(self.journal), allowed)
        if (self.kind is StoreKind.POSTGRES) != (self.dsn is not None):
            given = "given" if self.dsn else "missing"
            raise InvalidInputError("dsn", given, "expected it with kind postgres, and only there")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSettings:
    """The simulated exchange in this process.

    Attributes:
        wallet: Cash in the quote currency.
        latency_ms: One way to the exchange.
    """

    wallet: Decimal = Decimal(100_000)
    latency_ms: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningSettings:
    """How positions are planned.

    Attributes:
        risk_mode: How careful the account is.
        adopted_strategy: Strategy under which found positions are planned, a key of the book.
        book: A profile book, TOML; None = the built-in one.
    """

    risk_mode: RiskMode = RiskMode.NORMAL
    adopted_strategy: str = "DEFAULT"
    book: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainSwitches:
    """The exit brain.

    Attributes:
        enabled: Off = the exit policy engine or the dynamic calculator plans.
        use_profiles: Off = the legacy ladder.
    """

    enabled: bool = True
    use_profiles: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicSwitches:
    """The dynamic calculator.

    Attributes:
        enabled: Off = it never plans.
        override_legacy: It plans in place of the exit policy engine.
    """

    enabled: bool = True
    override_legacy: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSwitches:
    """Learning.

    Attributes:
        enable_tp_optimizer_logging: Taken for the configurations that have it; a live service runs
            no optimizer of targets, so there is nothing that it would log.
    """

    enable_tp_optimizer_logging: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSettings:
    """The right to trade on the account.

    Attributes:
        ttl_ms: How long it lasts without being renewed; after a crash another host waits so long.
        margin_ms: Nothing leaves in this last stretch; above `guardian.recv_window_ms`.
    """

    ttl_ms: int = 30_000
    margin_ms: int = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The log: JSON lines.

    Attributes:
        level: The least severe line.
        file: Where to; None = a file beside the journal, `-` = stderr.
    """

    level: LogLevel = LogLevel.INFO
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Figures for Prometheus, on loopback.

    Attributes:
        port: Port of `/metrics`, 0 = a free one; None = none.
    """

    port: int | None = None

    def __post_init__(self) -> None:
        if self.port is not None:
            in_range("port", self.port, 0, _MOST_PORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """Where `status` and `close` reach the running service: a loopback port and a token.

    Attributes:
        enabled: Off = they cannot.
        port: Port on 127.0.0.1; 0 = a free one. Port and token stand in a file of `folder`, which
            only its owner can read.
    """

    enabled: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        in_range("port", self.port, 0, _MOST_PORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """The whole configuration.

    Attributes:
        mode: Where orders go.
        account: Name of the account; a part of every order id, so it never changes.
        owner: Name of this process among those that may guard the account; None = the host with the
            journal's file, or with the process id where that is no file.
        folder: Where journal and control file are; None = a folder of the user.
        symbols: Symbols whose prices are followed from the start.
        hedge: Whether the account is in hedge mode.
        max_leverage: A higher leverage of a symbol is warned of; None = any.
        venue_url: A simulated exchange on this machine, such as `http://127.0.0.1:8899`; None = one
            in this process. With mode `paper` only.
        api_key: Public part of the venue's key.
        api_secret: HMAC secret, or an Ed25519 private key in PEM form.
        keys_file: A TOML file with `api_key` and `api_secret`, mode 0600.
        reserve_frac: Share of each rate limit that is kept for protection, 0.2 to 0.9.
        gap_bound_ms: A position that was without protection for longer makes the exit code 3.
        seed: Seed of whatever is drawn at random.
        store: Journal, snapshots and leases.
        lease: The right to trade on the account.
        planning: How positions are planned.
        exit_brain: Switches of the exit brain.
        dynamic_tpsl: Switches of the dynamic calculator.
        clm: Switches of learning.
        orders: How plans become orders.
        guardian: Times and tolerances of the guardian.
        adoption: Whether and when positions that were found are guarded.
        monitor: How often the venue is looked at.
        watch: How prices are judged.
        sending: How often and how long a request is tried.
        reads: Deadlines and weights of questions.
        paper: The simulated exchange in this process.
        control: Where commands reach the running service.
        log: The log.
        metrics: Figures for Prometheus.

    Raises:
        InvalidInputError: Names the setting that does not fit another one, and what is allowed.
    """

    mode: Mode = Mode.PAPER
    account: str = "main"
    owner: str | None = None
    folder: str | None = None
    symbols: tuple[str, ...] = ()
    hedge: bool = False
    max_leverage: int | None = None
    venue_url: str | None = None
    api_key: Secret | None = None
    api_secret: Secret | None = None
    keys_file: str | None = None
    reserve_frac: float = 0.4
    gap_bound_ms: int = 500
    seed: int = 0
    store: StoreSettings = field(default_factory=StoreSettings)
    lease: LeaseSettings = field(default_factory=LeaseSettings)
    planning: PlanningSettings = field(default_factory=PlanningSettings)
    exit_brain: BrainSwitches = field(default_factory=BrainSwitches)
    dynamic_tpsl: DynamicSwitches = field(default_factory=DynamicSwitches)
    clm: LearningSwitches = field(default_factory=LearningSwitches)
    orders: OrderStyle = field(default_factory=OrderStyle)
    guardian: GuardianConfig = field(default_factory=GuardianConfig)
    adoption: AdoptionConfig = field(default_factory=AdoptionConfig)
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    watch: WatchConfig = field(default_factory=WatchConfig)
    sending: SendingConfig = field(default_factory=SendingConfig)
    reads: ReadConfig = field(default_factory=ReadConfig)
    paper: PaperSettings = field(default_factory=PaperSettings)
    control: ControlSettings = field(default_factory=ControlSettings)
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    def __post_init__(self) -> None:
        if _ACCOUNT.fullmatch(self.account) is None:
            # It is a part of file names.
            allowed = "expected 1 to 64 letters, digits and . _ @ -, the first a letter or a digit"
            raise InvalidInputError("account", repr(self.account), allowed)
        in_range("reserve_frac", self.reserve_frac, 0.2, 0.9)
        in_range("gap_bound_ms", self.gap_bound_ms, 1, _INFINITE)
        if self.max_leverage is not None:
            in_range("max_leverage", self.max_leverage, 1, _MOST_LEVERAGE)
        if self.venue_url is not None and self.mode is not Mode.PAPER:
            allowed = f"expected none: mode {self.mode} says where the venue is"
            raise InvalidInputError("venue_url", self.venue_url, allowed)
        if self.mode is Mode.LIVE and self.store.kind is StoreKind.MEMORY:
            raise InvalidInputError("store.kind", "memory", "expected sqlite or postgres")
        if (self.api_key is None) != (self.api_secret is None):
            lacking = "api_key" if self.api_key is None else "api_secret"
            raise InvalidInputError(lacking, "missing", "expected api_key and api_secret, or none")
