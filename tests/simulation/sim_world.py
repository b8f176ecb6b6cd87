"""The world of one schedule: exchange, market, people, a machine, and the service that lives on it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import cast
from urllib.parse import urlencode

import anyio

from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import AccountSetup
from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.in_process import InProcess
from quantum_exit.adapters.paper.in_process_client import InProcessConnector, InProcessTransport
from quantum_exit.adapters.paper.prices import Mark, Print
from quantum_exit.adapters.store.memory import MemoryStore
from quantum_exit.adapters.store.memory_leases import MemoryLeases
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.position import Position, Side
from quantum_exit.errors import QuantumExitError, VenueReject
from quantum_exit.execution.guardian.effects import Booked
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports, ServiceConfig
from tests.simulation.bad_input import BadInput
from tests.simulation.checker import Checker
from tests.simulation.durable_journal import DurableJournal
from tests.simulation.marks import JUMP_FRAC
from tests.simulation.raw_wire import RawConnector, RawTransport
from tests.simulation.schedule import STEP_MS, Act, Crash, Deed, Schedule
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import VirtualLoop
from tests.simulation.watched_disk import WatchedDisk
from tests.simulation.watched_exchange import WatchedExchange, Wire

START_MS = 1_760_000_000_000
KEY = ApiKey(key="canary-key-3f9a", secret="canary-secret-77c1")
BTC = built_in_instrument("BTCUSDT")
SYMBOL = "BTCUSDT"
_PERIOD_MS = 2_000
_SUPERVISOR_MS = 1_000
_E8_PER_TICK = 10**7


class MachineClock(VirtualClock):
    """The clock of a machine: its wall clock is read once, and drifts.

    Args:
        start_ms: Exchange time at second 0 of the loop.
        wrong_ms: How far the wall clock is off when it is read.
        drift_ppm: How much faster it runs.
    """

    def __init__(self, start_ms: int, wrong_ms: int = 0, drift_ppm: int = 0) -> None:
        super().__init__(start_ms)
        self.wrong_ms = wrong_ms
        self._drift_ppm = drift_ppm

    def now_ms(self) -> int:
        drift_ms = self.monotonic_ns() // 1_000_000 * self._drift_ppm // 1_000_000
        return super().now_ms() + self.wrong_ms + drift_ms

    def set_wall(self, by_ms: int) -> None:
        """Somebody sets the wall clock: it was read already."""


class SimWorld:
    """Everything but the service outlives its deaths.

    Args:
        schedule: What happens.
        kills: Callback before which the process dies, by the number of its life.
    """

    make_clock: type[MachineClock] = MachineClock
    make_disk: type[WatchedDisk] = WatchedDisk
    make_loop: type[VirtualLoop] = VirtualLoop

    def __init__(self, schedule: Schedule, kills: Mapping[int, int] | None = None) -> None:
        self.schedule = schedule
        self.kills = {} if kills is None else dict(kills)
        self.chaos_steps = 0
        self.service: Service | None = None
        self.lives = 0
        self.troubles: list[str] = []
        self.hits: Counter[str] = Counter()
        self.wall_wrong_ms = 0
        self.last_ticks = 0
        self._restarted_ms = 0
        self._booked: set[tuple[int, str, int]] = set()
        self._step = 0
        self._supervised = False
        one = self.schedule
        self.config = ServiceConfig(
            account="main",
            lease=LeaseConfig(owner="one"),
            hedge=one.hedge,
            # No promise is about how soon it is told, and each look at the loop costs a callback.
            blocked_ms=5_000,
            seed=one.seed,
        )
        self.checker = Checker.of(START_MS, hedge=one.hedge, latency_ms=one.latency_ms)
        self.disk = self.make_disk(one.disk, self.checker.sight)
        self.checker.sight.journal = DurableJournal(self.disk)
        self.plan = FaultPlan(
            FaultSpec(seed=one.seed, rates=one.rates, period_ms=_PERIOD_MS), START_MS
        )
        self.faults = BadInput(self.plan, one.seed, one.bad_frac)
        self.wire = Wire(self.faults, self.checker, lambda: self.lives, self._exchange_ms)
        self.exchange = WatchedExchange(
            self.wire,
            self.checker,
            now_ms=START_MS,
            keys=[KEY],
            accounts=[AccountSetup(wallet=Decimal(1_000_000), hedge_mode=one.hedge)],
            rules=one.rules,
        )
        self.plan.attach(Stage(self.exchange, one.rules.trigger_latency_ms))
        self.leases = MemoryLeases(self._true_ms)
        self._acts, self._crashes = list(one.acts), list(one.crashes)
        self.clock = self._new_clock()
        self.face = InProcess(self.exchange, self.clock.true_ms)
        self._price()

    @property
    def since_ms(self) -> int:
        """Exchange time since the start."""
        return self.exchange.now_ms - START_MS

    @property
    def end_ms(self) -> int:
        """When it is over: as long after the last trouble as the schedule has for healing.

        A restart after the chaos is one, and a ban that goes on.
        """
        one = self.schedule
        banned_until_ms = self.checker.sight.available.banned_until_ms - START_MS
        trouble_ms = max(one.chaos_ms, self._restarted_ms, banned_until_ms)
        return trouble_ms + one.end_ms - one.chaos_ms

    @property
    def is_over(self) -> bool:
        """Whether the schedule has come to its end."""
        return self.since_ms >= self.end_ms

    @property
    def next_crash(self) -> Crash | None:
        """The next death, if one is to come."""
        return self._crashes[0] if self._crashes else None

    def down(self, crash: Crash) -> None:
        """The process is dead; the world goes on without it until it is started again."""
        self.hits["F60"] += 1
        self.hits["F61"] += self.lives > 1 and self.service is None
        self.service = None
        self.checker.sight.available.end_life()
        self.disk.die(crash)
        self.checker.sight.disk_fails = self.disk.needs_restart = False
        self._crashes = [one for one in self._crashes if one is not crash]
        until_ms = self.since_ms + crash.down_ms
        while (due_ms := self._next_ms()) <= until_ms:
            self.exchange.advance(max(self.exchange.now_ms, START_MS + due_ms))
            self._happen(without_service=True)
        self.exchange.advance(max(self.exchange.now_ms, START_MS + until_ms))
        for _ in self.exchange.frames():
            pass

    async def live(self) -> None:
        """One life of the service, until the schedule is over or the process dies."""
        self.lives += 1
        self._supervised = False
        self._restarted_ms = self.since_ms
        self.clock = self._new_clock()
        self.face = InProcess(self.exchange, self.clock.true_ms)
        sight = self.checker.sight
        sight.life = self.lives
        sight.available.begin_life()
        async with anyio.create_task_group() as group:
            group.start_soon(self.face.run)
            group.start_soon(self._serve)
            await self._drive(group)
            await self._note_state()
            group.cancel_scope.cancel()
        sight.available.end_life()

    def _new_clock(self) -> MachineClock:
        drift_ppm = self.schedule.drift_ppm
        return self.make_clock(self.exchange.now_ms, self.wall_wrong_ms, drift_ppm)

    def ports(self) -> Ports:
        """What the service is given."""
        return Ports(
            venue=self._venue(self.clock),
            store=MemoryStore(self.disk),
            leases=self.leases,
            clock=self.clock,
        )

    def _venue(self, clock: MachineClock) -> BinanceVenue:
        latency_ms = self.schedule.latency_ms
        transport = InProcessTransport(self.face, KEY, clock, latency_ms=latency_ms)
        return BinanceVenue(
            RawTransport(transport, self._delivered),
            RawConnector(InProcessConnector(self.face), self._delivered),
            clock=clock,
            pacing=Pacing(clock, Random(self.schedule.seed).random),
        )

    def _delivered(self) -> None:
        self.checker.harmless.delivered()

    async def _serve(self) -> None:
        async with open_live(self.ports(), self.config, PlanningDesk()) as service:
            self.service = service
            self.checker.sight.available.ready()
            async for event in service.events():
                self.troubles.append(f"{self.since_ms} {event}")
                if isinstance(event, Booked):
                    self._book(event)

    def _book(self, event: Booked) -> None:
        """A trade is told once in a life."""
        name = (self.lives, event.fill.symbol, event.fill.trade_id)
        text = f"trade {name} was booked twice"
        findings = self.checker.sight.findings
        findings.check("P5", name not in self._booked, self.exchange.now_ms, text)
        self._booked.add(name)

    async def _drive(self, group: anyio.abc.TaskGroup) -> None:
        while not self.is_over:
            due_ms = min(self._next_ms(), self.end_ms)
            await anyio.sleep(max(0, due_ms - self._true_since_ms()) / 1000)
            self.face.exchange.advance(max(self.exchange.now_ms, self.clock.true_ms()))
            self._happen(group)
            if not self.wire.healed:
                self.chaos_steps = cast("VirtualLoop", asyncio.get_running_loop()).steps
            self._supervise()
            crash = self.next_crash
            if crash is not None and crash.at_ms <= self._true_since_ms():
                loop = cast("VirtualLoop", asyncio.get_running_loop())
                loop.kill_in(crash.steps)

    async def _note_state(self) -> None:
        """Has the hash of the state written, as a clean end does."""
        if self.service is not None:
            works = self.service._works  # noqa: SLF001 - only a clean end asks for it otherwise
            with anyio.move_on_after(1):
                await works.checkpoint()

    def _supervise(self) -> None:
        """Whoever runs the service starts it anew when it reports that its journal has failed."""
        if self.disk.needs_restart and not self._supervised:
            self._supervised = True
            at_ms = self._true_since_ms() + _SUPERVISOR_MS
            restart = Crash(at_ms=at_ms, steps=0, down_ms=500, keep_frac=0.5)
            self._crashes = sorted([*self._crashes, restart], key=lambda one: one.at_ms)

    def _true_since_ms(self) -> int:
        return self.clock.true_ms() - START_MS

    def _true_ms(self) -> int:
        return self.clock.true_ms()

    def _exchange_ms(self) -> int:
        return self.exchange.now_ms

    def _next_ms(self) -> int:
        times = [self._step * STEP_MS]
        times += [act.at_ms for act in self._acts[:1]]
        if not self.wire.healed:
            times.append(self.schedule.chaos_ms)
        times += [crash.at_ms for crash in self._crashes[:1] if crash.at_ms > self.since_ms]
        return min(times)

    def _happen(
        self, group: anyio.abc.TaskGroup | None = None, *, without_service: bool = False
    ) -> None:
        """Does what is due now."""
        now_ms = self.since_ms if without_service else self._true_since_ms()
        if not self.wire.healed and self.schedule.chaos_ms <= now_ms:
            self._heal()
        while self._step * STEP_MS <= now_ms:
            self._price()
        while self._acts and self._acts[0].at_ms <= now_ms:
            self._do(self._acts.pop(0), group)

    def _heal(self) -> None:
        self.wire.healed = True
        self.plan.add(FaultSpec(rates=dict.fromkeys(self.schedule.rates, 0.0)))
        self.checker.sight.healed = True
        self.checker.sight.available.healed = True

    def _price(self) -> None:
        prices = self.schedule.prices
        price = prices[min(self._step, len(prices) - 1)]
        self._step += 1
        ticks = BTC.ticks(price)
        jumps = abs(ticks - self.last_ticks) >= JUMP_FRAC * self.last_ticks > 0
        self.hits["F48"] += jumps and bool(self.checker.sight.moment.held)
        self.last_ticks = ticks
        self.exchange.feed(
            Print(ts_ms=self.exchange.now_ms, symbol=SYMBOL, ticks=self.last_ticks, lots=1_000_000)
        )
        self._follow_mark()
        self._deliver()

    def _follow_mark(self) -> None:
        """A mark price that a fault has set goes on with the market, as it does elsewhere."""
        last_e8 = self.last_ticks * _E8_PER_TICK
        if self.exchange.desk.venue.prices(SYMBOL).mark_e8 != last_e8:
            self.exchange.feed(Mark(ts_ms=self.exchange.now_ms, symbol=SYMBOL, mark_e8=last_e8))

    def _deliver(self) -> None:
        """Who is connected is told at once."""
        if self.service is not None:
            self.face.catch_up()

    def _do(self, act: Act, group: anyio.abc.TaskGroup | None) -> None:
        match act.deed:
            case Deed.ENTER:
                self._trade(self.schedule.entry_side, act.amount)
            case Deed.ADD:
                self._trade_held(act.amount, grows=True)
            case Deed.REDUCE:
                self._trade_held(act.amount, grows=False)
            case Deed.FLIP:
                self._trade_held(2 * self.schedule.lots, grows=False)
            case Deed.LEAVE:
                self._trade_held(None, grows=False)
            case Deed.CANCEL_STOPS:
                self._by_hand("DELETE", "v1/algoOpenOrders", symbol=SYMBOL)
            case Deed.JUMP:
                self.hits["F50"] += 1
                self.wall_wrong_ms += act.amount
                self.checker.sight.jumped = True
                self.clock.set_wall(act.amount)
            case Deed.BLOCK if group is not None:
                self.hits["F66"] += 1
                self.checker.sight.available.block(self.exchange.now_ms + act.amount)
                self.clock.pass_ms(act.amount)
                self.face.let_arrive()
            case Deed.PROTECT | Deed.CLOSE | Deed.TIGHTEN if group is not None:
                group.start_soon(self._command, act)
            case _:
                return

    async def _command(self, act: Act) -> None:
        """What the user's bot asks of the service; it takes a refusal as it comes."""
        service = self.service
        if service is None:
            return
        self.hits["F69"] += 1
        try:
            if act.deed is Deed.PROTECT and self._is_held():
                await service.protect(self._position())
            elif act.deed is Deed.CLOSE:
                await service.close(SYMBOL)
            elif act.deed is Deed.TIGHTEN:
                sign = 1 if self.schedule.is_long else -1
                price = round(self.last_ticks * (1 - sign * 0.01) / 10, 1)
                await service.tighten(SYMBOL, None, str(price))
        except QuantumExitError as error:
            self.troubles.append(f"{self.since_ms} {act.deed}: {error}")

    def _is_held(self) -> bool:
        sign = 1 if self.schedule.is_long else -1
        return any(one.lots * sign > 0 for one in self.exchange.desk.venue.holdings(0, SYMBOL))

    def _position(self) -> Position:
        return Position(
            instrument=BTC,
            side=Side.LONG if self.schedule.is_long else Side.SHORT,
            entry_price=Decimal(self.last_ticks) / 10,
            quantity=Decimal(self.schedule.lots) / 1000,
        )

    def _trade_held(self, lots: int | None, *, grows: bool) -> None:
        held = {one.position_side: one.lots for one in self.exchange.desk.venue.holdings(0, SYMBOL)}
        amount = next((one for one in held.values() if one), 0)
        if amount == 0:
            return
        size = abs(amount) if lots is None or (self.schedule.hedge and not grows) else lots
        if self.schedule.hedge and not grows:
            size = min(size, abs(amount))
        self._trade("BUY" if (amount > 0) == grows else "SELL", size)

    def _trade(self, side: str, lots: int) -> None:
        hedge = {"positionSide": "LONG" if self.schedule.is_long else "SHORT"}
        self._by_hand(
            "POST",
            "v1/order",
            symbol=SYMBOL,
            side=side,
            type="MARKET",
            quantity=str(Decimal(lots) / 1000),
            **(hedge if self.schedule.hedge else {}),
        )

    def _by_hand(self, method: str, path: str, **params: str) -> None:
        try:
            self.exchange.act(0, method, f"/fapi/{path}", urlencode(params))
        except VenueReject as reject:
            self.troubles.append(f"{self.since_ms} by hand: {reject}")
        self._deliver()
