"""The parts of a running service, and what passes between them."""

from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup

from quantum_exit._core import Phase
from quantum_exit.domain.facts import OrderView
from quantum_exit.domain.position import Side
from quantum_exit.errors import JournalUnavailableError, VenueReadError
from quantum_exit.execution.adoption import Adoption
from quantum_exit.execution.budget import BINANCE_USDM_LIMITS, RateBudget
from quantum_exit.execution.clock_sync import follow
from quantum_exit.execution.emergencies import Emergencies
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.gaps import GapMeter
from quantum_exit.execution.gateway import Gateway
from quantum_exit.execution.guardian.effects import (
    Adopt,
    Alarm,
    Answer,
    Booked,
    Cancel,
    Closed,
    Effect,
    Find,
    Place,
    ReadAccount,
    ReadRules,
    ReadTradedSymbols,
    ReadTrades,
    Replan,
)
from quantum_exit.execution.guardian.facts import Audit, Sent
from quantum_exit.execution.hub import Hub, Trouble
from quantum_exit.execution.ids import identity_of
from quantum_exit.execution.inbox import Inbox
from quantum_exit.execution.leverages import Leverages
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.monitor import Monitor
from quantum_exit.execution.outcomes import Done
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.reach import Reach
from quantum_exit.execution.reads import Reader
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.reducer import Checkpoint, Enter, Item, Reducer, Reported
from quantum_exit.execution.rejections import Refused, Rejections
from quantum_exit.execution.sending import Sender
from quantum_exit.execution.service_config import Ports, ServiceConfig
from quantum_exit.execution.slots import Holder, SlotTable

# Looking at every position takes a while: a gap is measured to this much, and a shorter one may be
# missed.
_MEASURE_EVERY_S = 0.02


class Works:
    """Builds the parts and carries effects from one to the other.

    Args:
        ports: What is outside.
        config: Numbers and switches.
        desk: Tells how positions are planned now.
        mind: What is known from the journal.
        fence: The fence at the egress.
        group: Owns every task.
    """

    def __init__(
        self,
        ports: Ports,
        config: ServiceConfig,
        *,
        desk: Callable[[], PlanningDesk],
        mind: Mind,
        fence: Fence,
        group: TaskGroup,
    ) -> None:
        self._ports = ports
        self._clock = ports.clock
        self._group = group
        self._unmeasured = anyio.Event()
        self.mind = mind
        self.fence = fence
        self.hub = Hub()
        self.gaps = GapMeter()
        limits = BINANCE_USDM_LIMITS if config.limits is None else config.limits
        self.budget = RateBudget(limits, config.reserve_frac)
        if config.limits is None:
            ports.venue.watch_limits(self.budget.adopt)
        ports.venue.watch_usage(self._count)
        self.slots = SlotTable(config.most_symbols)
        self.inbox: Inbox[Item] = Inbox(config.inbox_most)
        self.rejections = Rejections(self.inbox.put_now, self.hub)
        ports.venue.quarantine.listen(self.rejections.note)
        self.answers: dict[str, Answer | None] = {}
        self.acks: dict[int, dict[str, OrderView]] = {}
        self.changed = anyio.Event()
        self.audited = anyio.Event()
        self.holder = Holder(self.slots, config.slot_patience_ms, self._clock.monotonic_ns)
        self.gateway = Gateway(
            venue=ports.venue,
            sender=self._sender(config),
            holder=self.holder,
            phase_of=self._phase_of,
            may_place=mind.guardian.may_place,
            may_cancel=self._may_cancel,
            report=self._report,
            now_ns=self._clock.monotonic_ns,
        )
        self.reader = Reader(
            venue=ports.venue,
            clock=self._clock,
            budget=self.budget,
            config=config.reads,
            report=self.put,
            heard=lambda answered: self.reach.hear_read(answered=answered),
        )
        self.reach = Reach(
            probe=self.reader.ping,
            put=self.put,
            config=config.reach,
            returned=self.reader.abandon,
        )
        self.monitor = Monitor(
            venue=ports.venue,
            reader=self.reader,
            watch=mind.watch,
            clock=self._clock,
            config=config.monitor,
            hub=self.hub,
            put=self.put,
            inbox=self.inbox,
        )
        self.leverages = Leverages(
            read=self.reader.leverages,
            config=config.leverages,
            changed=lambda: self.adoption.renew(group),
        )
        self.adoption = Adoption(
            desk=desk,
            reader=self.reader,
            clock=self._clock,
            mind=mind,
            config=config.adoption,
            hub=self.hub,
            put=self.put,
            follow=self.monitor.follow,
            leverage_of=self.leverages.of,
        )
        self.emergencies = Emergencies(
            ports.reserve,
            foreseen=mind.guardian.foreseen,
            ask=self.reader.answered,
            is_journaled=lambda: self.reducer.journal_works,
            hub=self.hub,
        )
        self.reducer = self._reducer(config)

    def _sender(self, config: ServiceConfig) -> Sender:
        return Sender(
            clock=self._clock,
            fence=self.fence,
            budget=self.budget,
            follower=self,
            config=config.sending,
            seed=config.seed,
        )

    def _reducer(self, config: ServiceConfig) -> Reducer:
        return Reducer(
            mind=self.mind,
            store=self._ports.store,
            recorder=Recorder(),
            clock=self._clock,
            inbox=self.inbox,
            epoch=lambda: self.fence.epoch,
            carry_out=self._carry_out,
            after=self._after,
            failed=self._journal_failed,
            spend=self.emergencies.spend,
            snapshot_every=config.snapshot_every,
        )

    async def put(self, item: Item) -> None:
        """Adds an input, as soon as there is room."""
        if isinstance(item, Audit) and item.complete and item.symbol is None:
            self.audited.set()
        if isinstance(item, OrderView):
            self._note_ack(item)
        if not isinstance(item, Enter | Reported | Checkpoint | Refused):
            self.adoption.note(item)
            self.leverages.note(item)
        await self.inbox.put(item)

    def _count(self, limit: str, window_ms: int, used: int) -> None:
        """Others spend of the same limits: another instance, or a bot at the same address."""
        self.budget.observe(limit, window_ms, used, self._clock.monotonic_ns())

    async def checkpoint(self) -> None:
        """Writes the hash of the state to the journal."""
        mark = Checkpoint()
        self.inbox.put_now(mark)
        await mark.done.wait()

    @property
    def refused(self) -> dict[str, int]:
        """How much that made no sense was refused, by source."""
        watch = self.mind.watch
        prices = {"price time": watch.refused_by_time, "price grid": watch.refused_by_grid}
        return self.rejections.counts | {why: count for why, count in prices.items() if count}

    async def resync(self) -> None:
        """Brings the clock back to the venue's; leaves it where that fails."""
        try:
            await follow(self._clock, self._ports.venue, 1)
        except VenueReadError as error:
            self.hub.publish(Trouble(kind="venue_unreachable", text=str(error)))

    async def _report(self, sent: Sent) -> None:
        """Returns when the outcome was taken in and what it leads to was carried out."""
        self.reach.hear_outcome(sent.outcome)
        match sent.outcome:
            case Done(order=OrderView() as order):
                self._note_ack(order)
            case _:
                pass
        reported = Reported(sent=sent)
        self.inbox.put_now(reported)
        await reported.done.wait()

    def _note_ack(self, order: OrderView) -> None:
        """Remembers what the venue has shown of an order of ours that rests.

        One that has ended is forgotten: a stop that follows the price is replaced without end.
        """
        identity = identity_of(order.client_id)
        if identity is None:
            return
        if order.status.is_final:
            self.acks.get(identity.position_epoch, {}).pop(order.client_id, None)
        else:
            self.acks.setdefault(identity.position_epoch, {})[order.client_id] = order

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Place() | Cancel():
                self.gateway.submit(effect, self._group)
            case Find() | ReadTrades() | ReadTradedSymbols() | ReadAccount() | ReadRules():
                self.reader.ask(effect, self._group)
            case Adopt() | Replan():
                self.adoption.adopt(effect, self._group)
            case Answer():
                # Nobody waits for the answer to a command of ours, or of who has gone.
                if effect.command_id in self.answers:
                    self.answers[effect.command_id] = effect
            case Closed():
                self.acks.pop(effect.key.epoch, None)
                self.hub.publish(effect)
            case Alarm() | Booked():
                self.hub.publish(effect)
            case _:
                # The core has been told already: that is part of reducing.
                return

    def _after(self) -> None:
        self._unmeasured.set()
        self.emergencies.look()
        self.changed.set()
        self.changed = anyio.Event()

    async def keep_measuring(self) -> None:
        """Measures gaps as the state changes, until it is cancelled."""
        while True:
            await self._unmeasured.wait()
            self.measure()
            await anyio.sleep(_MEASURE_EVERY_S)

    def measure(self) -> None:
        """Takes the state into the measure of gaps, where it has changed since the last time."""
        if self._unmeasured.is_set():
            self._unmeasured = anyio.Event()
            now_ms = self._clock.now_ms()
            self.gaps.note(self.mind.guardian.status(now_ms), now_ms)

    def _journal_failed(self, error: JournalUnavailableError) -> None:
        text = f"{error}; closes and floors still leave under reserved ids, nothing else does"
        self.hub.publish(Trouble(kind="journal", text=text))

    def _may_cancel(self, cancel: Cancel) -> bool:
        return self.mind.guardian.may_cancel(cancel, self._clock.now_ms())

    def _phase_of(self, symbol: str, side: Side) -> Phase:
        found = self.mind.guardian.position(symbol, side, self._clock.now_ms())
        if found is None:
            return Phase.FLAT
        # What is not proven to be absent may be there.
        return Phase.PROTECTED if found.protected else Phase.UNKNOWN
