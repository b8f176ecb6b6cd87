"""The one task that decides: inputs in, made durable with what they ask for, then carried out."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import anyio

from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import JournalUnavailableError, QuantumExitError
from quantum_exit.execution.guardian.effects import Cancel, Effect, Place
from quantum_exit.execution.guardian.facts import Action, Sent, Timer
from quantum_exit.execution.inbox import Inbox
from quantum_exit.execution.journal import Snapshot
from quantum_exit.execution.mind import Mind, inputs_of
from quantum_exit.execution.orders import Role
from quantum_exit.execution.outcomes import NotDone, Reaction
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.ports import Clock
from quantum_exit.execution.recording import Input, Opened, Recorder, Tick
from quantum_exit.execution.records import Entry
from quantum_exit.execution.rejections import Refused
from quantum_exit.execution.restoring import Store
from quantum_exit.execution.sending import NOT_SENT

_MOST_AT_ONCE = 256
_MOST_UNSTORED = 10_000
_WITHOUT_JOURNAL = frozenset({Role.EMERGENCY, Role.CLOSE, Role.FLOOR})


@dataclass(slots=True, eq=False)
class Enter:
    """A position is to be guarded; its key is known only when its turn comes.

    Attributes:
        symbol: Symbol.
        side: Direction.
        make: Makes the input from the key: that of the position which is guarded already, or a new
            one.
        done: Set when it was taken in or refused.
        key: The key, once it was taken in.
        error: Why it was refused.
    """

    symbol: str
    side: Side
    make: Callable[[PositionKey], Opened]
    done: anyio.Event = field(default_factory=anyio.Event)
    key: PositionKey | None = None
    error: QuantumExitError | None = None


@dataclass(slots=True, eq=False)
class Reported:
    """An outcome whose reporter waits until it was taken in.

    Attributes:
        sent: The outcome.
        done: Set when what it leads to was carried out.
    """

    sent: Sent
    done: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True, eq=False)
class Checkpoint:
    """The hash of the state is to be written to the journal.

    Attributes:
        done: Set when it was written, or could not be.
    """

    done: anyio.Event = field(default_factory=anyio.Event)


Item: TypeAlias = Input | Enter | Reported | Checkpoint | Refused


class Reducer:
    """Takes inputs from an inbox, one batch at a time.

    What a batch asks for is carried out after the batch and every order that it asks for are
    durable. Where the journal fails, closes and floors still leave, and what is in the way of
    a close is cancelled; nothing else leaves.

    Args:
        mind: The state.
        store: The journal.
        recorder: Makes its entries.
        clock: Time.
        inbox: Where inputs come from.
        epoch: Tells the lease epoch.
        carry_out: Carries out an effect.
        after: Called when a batch was carried out.
        failed: Called when the journal fails, once a failure.
        spend: Takes the id of a close or a floor that leaves without a journal.
        snapshot_every: Records between two snapshots.
    """

    def __init__(
        self,
        *,
        mind: Mind,
        store: Store,
        recorder: Recorder,
        clock: Clock,
        inbox: Inbox[Item],
        epoch: Callable[[], int],
        carry_out: Callable[[Effect], None],
        after: Callable[[], None],
        failed: Callable[[JournalUnavailableError], None],
        spend: Callable[[Place], None],
        snapshot_every: int,
    ) -> None:
        self._mind = mind
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._inbox = inbox
        self._epoch = epoch
        self._carry_out = carry_out
        self._after = after
        self._failed = failed
        self._spend = spend
        self._snapshot_every = snapshot_every
        self._since_snapshot = 0
        self._now_ms = 0
        self._unstored: list[Entry] = []
        self.steps = 0
        self.journal_works = True

    async def run(self) -> None:
        """Reduces until it is cancelled."""
        while True:
            items = await self._inbox.take(_MOST_AT_ONCE, self._wait_s())
            if items and isinstance(items[-1], Tick) and len(self._inbox) > 0:
                # The price alone would tell the core, after a crash, that it has decided already.
                items += await self._inbox.take(1, None)
            await self.reduce(items or [Timer()])

    async def reduce(self, items: list[Item]) -> None:
        """Takes a batch in, makes it durable and carries out what it asks for."""
        entries: list[Entry] = []
        effects: list[Effect] = []
        waiting = deque(items)
        while waiting:
            given = self._input(waiting.popleft())
            if given is not None:
                now_ms = self._next_ms()
                asked, decisions = self._mind.apply(given, now_ms)
                entries += self._entries(given, asked, now_ms)
                effects += asked
                # What the core decided because of an input comes before the next input.
                waiting.extendleft(reversed(inputs_of(decisions)))
                self.steps += 1
        entries += [
            self._recorder.refused_entry(item, self._epoch(), self._next_ms())
            for item in items
            if isinstance(item, Refused)
        ]
        if any(isinstance(item, Checkpoint) for item in items):
            state_hash = self._mind.state_hash()
            entries.append(self._recorder.state_entry(state_hash, self._epoch(), self._next_ms()))
        durable = not entries or await self._append(entries)
        for effect in effects:
            self._perform(effect, durable=durable)
        for item in items:
            if isinstance(item, Reported | Checkpoint):
                item.done.set()
        self._after()
        await self._keep_short(durable=durable)

    def _input(self, item: Item) -> Input | None:
        if isinstance(item, Checkpoint | Refused):
            return None
        if isinstance(item, Reported):
            return item.sent
        if not isinstance(item, Enter):
            return item
        key = self._key_of(item)
        try:
            made = item.make(key)
            # The core refuses what it cannot watch before anything has changed.
            made.plan.exit_plan()
            self._mind.check_grid(made)
        except QuantumExitError as error:
            item.error = error
            return None
        else:
            item.key = key
            return made
        finally:
            item.done.set()

    def _key_of(self, item: Enter) -> PositionKey:
        for key in self._mind.log.plans():
            if (key.symbol, key.side) == (item.symbol, item.side):
                return key
        guardian = self._mind.guardian
        return PositionKey(guardian.account, item.symbol, item.side, guardian.next_epoch())

    def _entries(self, given: Input, asked: tuple[Effect, ...], now_ms: int) -> list[Entry]:
        epoch = self._epoch()
        entries = [self._recorder.input_entry(given, epoch, now_ms)]
        entries += [
            self._recorder.intent_entry(effect, epoch, now_ms)
            for effect in asked
            if isinstance(effect, Place | Cancel)
        ]
        return entries

    async def _append(self, entries: list[Entry]) -> bool:
        # What could not be stored comes first, so that the journal has no hole once it works again.
        entries = self._unstored + entries
        try:
            await self._store.append(entries)
        except JournalUnavailableError as error:
            if self.journal_works:
                self._failed(error)
            self.journal_works = False
            self._unstored = entries[-_MOST_UNSTORED:]
            return False
        self.journal_works = True
        self._unstored = []
        self._since_snapshot += len(entries)
        return True

    async def _keep_short(self, *, durable: bool) -> None:
        """Takes a snapshot now and then, so that a restart need not replay everything."""
        if not durable or self._since_snapshot < self._snapshot_every:
            return
        self._since_snapshot = 0
        payload = encode_payload({"mind": self._mind.snapshot()})
        snapshot = Snapshot(head=self._store.head, ts_ms=self._now_ms, payload=payload)
        try:
            await self._store.save(snapshot)
        except JournalUnavailableError as error:
            # Nothing is lost but time: the records are there.
            self._failed(error)

    def _perform(self, effect: Effect, *, durable: bool) -> None:
        if durable or not isinstance(effect, Place | Cancel):
            self._carry_out(effect)
            return
        if self._needs_no_journal(effect):
            if isinstance(effect, Place):
                self._spend(effect)
            self._carry_out(effect)
            return
        action = Action.PLACE if isinstance(effect, Place) else Action.CANCEL
        refusal = NotDone(
            code=NOT_SENT, message="the journal is not available", reaction=Reaction.RESEND
        )
        self._inbox.put_now(
            Sent(
                client_id=effect.client_id,
                action=action,
                outcome=refusal,
                sent_ms=self._now_ms,
            )
        )

    def _needs_no_journal(self, effect: Place | Cancel) -> bool:
        """What may leave all the same: it only reduces, or makes room for what does.

        Its id is never used by a later lease, so a restart that knows nothing of it repeats
        nothing. Every other cancel waits: what rests may not be replaced while nothing is stored.
        """
        if isinstance(effect, Place):
            return effect.order.role in _WITHOUT_JOURNAL
        return self._mind.guardian.makes_room(effect)

    def _next_ms(self) -> int:
        """The time, which never goes back: a clock that is corrected must not undo a decision."""
        self._now_ms = max(self._now_ms, self._clock.now_ms())
        return self._now_ms

    def _wait_s(self) -> float | None:
        due_ms = self._mind.guardian.next_timer_ms()
        return None if due_ms is None else max(due_ms - self._clock.now_ms(), 0) / 1000
