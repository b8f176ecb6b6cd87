"""The configuration of a live run: one closed schema, every key with a default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from quantum_exit.domain.risk import RiskMode
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.adoption import AdoptionConfig
from quantum_exit.execution.entering import OrderStyle
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.monitor import MonitorConfig
from quantum_exit.execution.reads import ReadConfig
from quantum_exit.execution.sending import SendingConfig
from quantum_exit.execution.watch import WatchConfig


class Mode(StrEnum):
    """Where orders go."""

    PAPER = "paper"
    """The simulated exchange."""
    TESTNET = "testnet"
    """Binance's test network: its orders are real, its money is not."""
    LIVE = "live"


class StoreKind(StrEnum):
    """Where the journal is."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MEMORY = "memory"
    """Nowhere: gone with the process; for trials only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """The journal.

    Attributes:
        kind: `sqlite`, `postgres` or `memory`; `memory` is refused in live mode.
        path: File of `sqlite`; its folder exists and belongs to one process at a time.
        dsn_env: Name of the variable that holds the address of `postgres`.
        journal: Name of the journal in the database of `postgres`.
    """

    kind: StoreKind = StoreKind.SQLITE
    path: str = "quantum-exit.db"
    dsn_env: str = "QUANTUM_EXIT_POSTGRES_DSN"
    journal: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """How long the right to send lasts.

    Attributes:
        ttl_ms: Without being renewed, ms.
        margin_ms: Nothing leaves in this last stretch.
    """

    ttl_ms: int = 30_000
    margin_ms: int = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningSection:
    """How positions are planned.

    Attributes:
        book: TOML file with the profiles, or None = the five defaults.
        risk_mode: How careful the account is.
        adopted_strategy: Strategy under which positions that were found are planned.
    """

    book: str | None = None
    risk_mode: RiskMode = RiskMode.NORMAL
    adopted_strategy: str = "DEFAULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSection:
    """The simulated exchange in the same process.

    Attributes:
        wallet: Cash in the quote currency, above 0.
        latency_ms: One way, 0 or more.
    """

    wallet: float = 10_000.0
    latency_ms: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSection:
    """Where `status` and `close` reach the running service: a loopback port and a token file.

    Attributes:
        enabled: Off = they cannot.
        file: File with port and token, readable by its owner only.
        port: Port on 127.0.0.1; 0 = a free one.
    """

    enabled: bool = True
    file: str = "quantum-exit.control"
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSection:
    """Prometheus metrics on 127.0.0.1.

    Attributes:
        port: Port, or None = off.
    """

    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """Structured log: one JSON object a line.

    Attributes:
        level: `debug`, `info`, `warning` or `error`.
        file: File to append to, or None = stderr.
    """

    level: str = "info"
    file: str | None = None

    def __post_init__(self) -> None:
        levels = ("debug", "info", "warning", "error")
        if self.level not in levels:
            raise InvalidInputError("level", self.level, f"expected one of {', '.join(levels)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything that a run is told, but keys and command-line switches.

    Attributes:
        mode: `paper`, `testnet` or `live`.
        account: Name of the account; a part of every order id, so it never changes.
        owner: Name of this process among those that may guard the account, or None = the host with
            the journal's file, or with the process id where that is no file.
        symbols: Symbols to stream from the start.
        hedge: Whether the account is in hedge mode.
        venue_url: Base address of a simulated exchange, such as http://127.0.0.1:8899, or None.
        keys_file: TOML file with `api_key` and `api_secret`, mode 0600, or None.
        reserve_frac: Share of the rate limits kept for protection.
        seed: Source of the jitter between tries.
    """

    mode: Mode = Mode.PAPER
    account: str = "main"
    owner: str | None = None
    symbols: tuple[str, ...] = ()
    hedge: bool = False
    venue_url: str | None = None
    keys_file: str | None = None
    reserve_frac: float = 0.2
    seed: int = 0
    store: StoreConfig = field(default_factory=StoreConfig)
    lease: LeaseTimes = field(default_factory=LeaseTimes)
    planning: PlanningSection = field(default_factory=PlanningSection)
    orders: OrderStyle = field(default_factory=OrderStyle)
    guardian: GuardianConfig = field(default_factory=GuardianConfig)
    watch: WatchConfig = field(default_factory=WatchConfig)
    sending: SendingConfig = field(default_factory=SendingConfig)
    reads: ReadConfig = field(default_factory=ReadConfig)
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    adoption: AdoptionConfig = field(default_factory=AdoptionConfig)
    paper: PaperSection = field(default_factory=PaperSection)
    control: ControlSection = field(default_factory=ControlSection)
    metrics: MetricsSection = field(default_factory=MetricsSection)
    log: LogSection = field(default_factory=LogSection)

    def __post_init__(self) -> None:
        if self.mode is not Mode.PAPER and self.venue_url is not None:
            allowed = "expected none: the mode says where the venue is"
            raise InvalidInputError("venue_url", self.venue_url, allowed)
        if self.mode is Mode.LIVE and self.store.kind is StoreKind.MEMORY:
            raise InvalidInputError("store.kind", "memory", "expected sqlite or postgres")


_OUTSIDE_SCHEMA = (
    "QUANTUM_EXIT_API_KEY",
    "QUANTUM_EXIT_API_SECRET",
    "QUANTUM_EXIT_SIM_API_KEY",
    "QUANTUM_EXIT_SIM_API_SECRET",
)
_PREFIX = "QUANTUM_EXIT_"
_OTHER_SECTIONS = ("exit_brain", "dynamic_tpsl")


def overrides_of_env(env: Mapping[str, str], skip: tuple[str, ...] = ()) -> dict[str, str]:
    """Dotted keys and texts of the variables that configure a run.

    `QUANTUM_EXIT_GUARDIAN__CLOSE_MS` is `guardian.close_ms`. Variables with keys, and those of the
    planning switches, are read elsewhere.

    Args:
        env: Names and values.
        skip: Names that something else reads.
    """
    found = {}
    for name, text in sorted(env.items()):
        if not name.startswith(_PREFIX) or name in _OUTSIDE_SCHEMA or name in skip:
            continue
        key = name.removeprefix(_PREFIX).lower().replace("__", ".")
        if key.partition(".")[0] not in _OTHER_SECTIONS:
            found[key] = text
    return found
