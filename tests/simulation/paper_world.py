"""The service against the simulated exchange, in process and in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from urllib.parse import urlencode

import anyio

from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.hooks import EventFaults, NoFaults, RequestFaults
from quantum_exit.adapters.paper.in_process import InProcess
from quantum_exit.adapters.paper.in_process_client import InProcessConnector, InProcessTransport
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.prices import Print
from quantum_exit.adapters.store.memory import MemoryDisk, MemoryStore
from quantum_exit.adapters.store.memory_leases import MemoryLeases
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.position import Position, Side
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports, ServiceConfig
from tests.simulation.memory_reserve import MemoryReserve
from tests.simulation.virtual_clock import VirtualClock

START_MS = 1_760_000_000_000
KEY = ApiKey(key="sim-key-0", secret="sim-secret-0")
BTC = built_in_instrument("BTCUSDT")


@dataclass
class PaperWorld:
    """An exchange with one account, a machine with a disk, and a market moved by hand.

    Attributes:
        latency_ms: One way to the exchange.
    """

    latency_ms: float = 20.0
    hedge: bool = False
    config: ServiceConfig = field(
        default_factory=lambda: ServiceConfig(account="main", lease=LeaseConfig(owner="one"))
    )
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    reserved: dict[str, tuple[str, ...]] | None = None
    request_faults: RequestFaults = field(default_factory=NoFaults)
    event_faults: EventFaults = field(default_factory=NoFaults)
    limits: LimitRules = field(default_factory=LimitRules)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START_MS)
        self.exchange = PaperExchange(
            now_ms=START_MS,
            keys=[KEY],
            accounts=[AccountSetup(wallet=Decimal(1_000_000), hedge_mode=self.hedge)],
            request_faults=self.request_faults,
            event_faults=self.event_faults,
            limits=self.limits,
        )
        self.face = InProcess(self.exchange, self.clock.true_ms)
        self.leases = MemoryLeases(self._now_ms)
        self.last_price = 100_000.0

    def reboot(self, *, keep_bytes: int = 0) -> None:
        """The machine comes back after its process was killed; the exchange went on living."""
        self.disk.crash(keep_bytes=keep_bytes)
        self.clock = VirtualClock(self.exchange.now_ms)
        self.face = InProcess(self.exchange, self.clock.true_ms)

    def _now_ms(self) -> int:
        """Time of the machine's present life."""
        return self.clock.true_ms()

    @asynccontextmanager
    async def market(self) -> AsyncIterator[None]:
        """The exchange runs, and its price is known."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.face.run)
            self.price(self.last_price)
            yield
            group.cancel_scope.cancel()

    @asynccontextmanager
    async def service(self, desk: PlanningDesk | None = None) -> AsyncIterator[Service]:
        """One life of the service on this machine."""
        venue = BinanceVenue(
            InProcessTransport(self.face, KEY, self.clock, latency_ms=self.latency_ms),
            InProcessConnector(self.face),
            clock=self.clock,
            pacing=Pacing(self.clock, Random(1).random),
        )
        ports = Ports(
            venue=venue,
            store=MemoryStore(self.disk),
            leases=self.leases,
            clock=self.clock,
            reserve=None if self.reserved is None else MemoryReserve(self.reserved),
        )
        async with open_live(ports, self.config, desk or PlanningDesk()) as service:
            yield service

    def price(self, price: float, symbol: str = "BTCUSDT") -> None:
        """Somebody trades at this price."""
        self.last_price = price
        ticks = built_in_instrument(symbol).ticks(price)
        self.face.feed(
            Print(ts_ms=self.clock.true_ms(), symbol=symbol, ticks=ticks, lots=1_000_000)
        )

    async def walk(self, *prices: float, step_s: float = 0.3) -> None:
        """The price goes from one to the next, with time for everything to happen between."""
        for price in prices:
            self.price(price)
            await anyio.sleep(step_s)

    def by_hand(self, method: str, path: str, **params: str) -> object:
        """A person trades on the account."""
        reply = self.face.act(0, method, f"/fapi/{path}", urlencode(params))
        assert reply.status == 200, reply.body
        return reply.body

    def enter(self, side: str = "BUY", quantity: str = "1", symbol: str = "BTCUSDT") -> None:
        """The user's bot enters at the market."""
        self.by_hand("POST", "v1/order", symbol=symbol, side=side, type="MARKET", quantity=quantity)

    def positions(self) -> list[tuple[str, str]]:
        """Symbol and amount of every open position."""
        body = self.by_hand("GET", "v3/positionRisk")
        assert isinstance(body, list)
        return [
            (row["symbol"], row["positionAmt"]) for row in body if float(row["positionAmt"]) != 0
        ]

    def resting(self) -> list[tuple[str, str, str]]:
        """Type, trigger or price, and quantity of every open order of both books."""
        orders = self.by_hand("GET", "v1/openOrders")
        algos = self.by_hand("GET", "v1/openAlgoOrders")
        assert isinstance(orders, list)
        assert isinstance(algos, list)
        rows = [(row["type"], row["price"], row["origQty"]) for row in orders]
        rows += [(row["orderType"], row["triggerPrice"], row["quantity"]) for row in algos]
        return sorted(rows)


def long_position(price: str = "100000", quantity: str = "1") -> Position:
    return Position(
        instrument=BTC, side=Side.LONG, entry_price=Decimal(price), quantity=Decimal(quantity)
    )
