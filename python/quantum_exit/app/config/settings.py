"""Everything that can be set, with its default: the defaults run the simulated exchange."""

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


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSettings:
    """The venue.

    Attributes:
        url: A simulated exchange on this machine, such as `http://127.0.0.1:8899`; None = one in
            this process. Only with mode `paper`.
        hedge: Whether the account is in hedge mode.
        timeout_ms: Longest time until the whole answer to one request.
        max_leverage: A higher leverage of a symbol is warned of; None = any.
    """

    url: str | None = None
    hedge: bool = False
    timeout_ms: int = 2_000
    max_leverage: int | None = None

    def __post_init__(self) -> None:
        if self.max_leverage is not None:
            in_range("max_leverage", self.max_leverage, 1, _MOST_LEVERAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySettings:
    """The key of the venue: from the environment, or from a file that only its owner can read.

    Attributes:
        api_key: Public part.
        api_secret: HMAC secret, or an Ed25519 private key in PEM form.
        file: A TOML file with `api_key` and `api_secret`.
    """

    api_key: Secret | None = None
    api_secret: Secret | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Journal, snapshots and leases.

    Attributes:
        kind: sqlite or postgres.
        folder: Folder of the SQLite journal and of the control socket; None = that of the user.
        url: Address of the PostgreSQL database.
    """

    kind: StoreKind = StoreKind.SQLITE
    folder: str | None = None
    url: Secret | None = None

    def __post_init__(self) -> None:
        if (self.kind is StoreKind.POSTGRES) != (self.url is not None):
            given = "given" if self.url else "missing"
            raise InvalidInputError("url", given, "expected it with kind postgres, and only there")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSettings:
    """The simulated exchange in this process.

    Attributes:
        wallet: Cash in the quote currency.
        latency_ms: One way to the exchange.
        seed: Seed of whatever is drawn at random.
    """

    wallet: Decimal = Decimal(100_000)
    latency_ms: float = 20.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
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
        enable_tp_optimizer_logging: Log what the optimizer of targets sees.
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
class BoundSettings:
    """What is promised.

    Attributes:
        unprotected_ms: A position that was without protection for longer makes the exit code 3.
        reserve_frac: Share of each rate limit that is kept for protection, 0.2 to 0.9.
    """

    unprotected_ms: int = 500
    reserve_frac: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The log: JSON lines.

    Attributes:
        level: The least severe line.
        file: Where to; None = stderr.
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
class Settings:
    """The whole configuration.

    Attributes:
        mode: Where orders go.
        account: Name of the account, part of every order id.
        symbols: Symbols whose prices are followed from the start.
        venue: The venue.
        keys: The key of the venue.
        store: Journal, snapshots and leases.
        paper: The simulated exchange in this process.
        plan: How positions are planned.
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
        lease: The right to trade on the account.
        bounds: What is promised.
        log: The log.
        metrics: Figures for Prometheus.
    """

    mode: Mode = Mode.PAPER
    account: str = "main"
    symbols: tuple[str, ...] = ()
    venue: VenueSettings = field(default_factory=VenueSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    paper: PaperSettings = field(default_factory=PaperSettings)
    plan: PlanSettings = field(default_factory=PlanSettings)
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
    lease: LeaseSettings = field(default_factory=LeaseSettings)
    bounds: BoundSettings = field(default_factory=BoundSettings)
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
