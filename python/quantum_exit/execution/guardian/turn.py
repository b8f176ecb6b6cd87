"""One step of the guardian: its time, its rules, and the effects that it gathers.

Everything that is sent goes through `place` and `cancel`, which remember it as asked for.
"""

from dataclasses import replace

from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.guardian import settle
from quantum_exit.execution.guardian.booking import next_from_id
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import (
    Alarm,
    AlarmKind,
    Cancel,
    Effect,
    Find,
    Place,
    Priority,
    ReadAccount,
    ReadRules,
    ReadTrades,
)
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.guardian.state import AccountState, SideState, SymbolState
from quantum_exit.execution.ids import OrderIdentity
from quantum_exit.execution.orders import (
    ExitOrder,
    FloorStop,
    MarketClose,
    OrderGrid,
    Role,
    TakeProfitLimit,
    TakeProfitMarket,
    VenueTrail,
    WorkingStop,
)

_PRIORITIES = (
    (Role.EMERGENCY, Priority.EMERGENCY),
    (Role.FLOOR, Priority.FLOOR),
    (Role.CLOSE, Priority.CLOSE),
    (Role.WORKING, Priority.WORKING),
)
_READ_PAUSE_MS = 1_000


class Turn:
    """One step.

    Args:
        config: Times and tolerances.
        parts: The rules.
        tag: Account part of the ids.
        account: The state.
        homes: The side of each of our orders, by id.
        now_ms: The time.
    """

    __slots__ = (
        "account",
        "config",
        "effects",
        "homes",
        "now_ms",
        "parts",
        "tag",
        "touched",
        "woken",
    )

    def __init__(
        self,
        *,
        config: GuardianConfig,
        parts: Parts,
        tag: str,
        account: AccountState,
        homes: dict[str, SideState],
        now_ms: int,
    ) -> None:
        self.config = config
        self.parts = parts
        self.tag = tag
        self.account = account
        self.homes = homes
        self.now_ms = now_ms
        self.effects: list[Effect] = []
        self.touched: dict[str, SideState] = {}
        self.woken: dict[str, None] = {}

    @property
    def may_send(self) -> bool:
        """Whether orders may leave: the lease is held."""
        return self.account.lease_epoch is not None

    def touch(self, side: SideState) -> None:
        """Something about this side has changed: compare it at the end of the step."""
        self.touched[name_of(side)] = side

    def symbol(self, symbol: str) -> SymbolState:
        """What concerns both sides of a symbol."""
        found = self.account.symbols.get(symbol)
        if found is None:
            found = self.account.symbols[symbol] = SymbolState()
        return found

    def emit(self, effect: Effect) -> None:
        """Asks for an effect."""
        self.effects.append(effect)

    def wake(self, side: SideState, at_ms: int) -> None:
        """Look at this side again at `at_ms`."""
        name = name_of(side)
        due_ms = self.account.due.get(name)
        if due_ms is None or at_ms < due_ms:
            self.account.due[name] = at_ms
            self.woken[name] = None

    def place(
        self,
        side: SideState,
        order: ExitOrder,
        rung: int,
        *,
        revision: int | None = None,
        attempt: int = 0,
    ) -> OwnOrder | None:
        """Asks for an order; None = nothing may be sent now, and nothing has changed.

        Args:
            side: The side of its position.
            order: The order.
            rung: Rung of its id.
            revision: Revision of its id, or None = the next one of its role and rung.
            attempt: Attempt of its id.
        """
        lease_epoch = self.account.lease_epoch
        if lease_epoch is None:
            return None
        if revision is None:
            counter = f"{order.role}:{rung}"
            revision = side.revisions.get(counter, -1) + 1
            side.revisions[counter] = revision
        identity = OrderIdentity(
            role=order.role,
            account_tag=self.tag,
            lease_epoch=lease_epoch,
            position_epoch=order.key.epoch,
            rung=rung,
            revision=revision,
            attempt=attempt,
        )
        order = self._on_grid(order)
        own = _remembered(order, self.parts.make_id(identity), rung, self.now_ms)
        self.remember(side, own)
        priority = next(
            (found for role, found in _PRIORITIES if role is order.role), Priority.TAKE_PROFIT
        )
        rules = self.symbol(side.symbol).rules
        self.emit(
            Place(
                order=order,
                client_id=own.client_id,
                priority=priority,
                steps=None if rules is None else rules.steps,
            )
        )
        return own

    def _on_grid(self, order: ExitOrder) -> ExitOrder:
        rules = self.symbol(order.key.symbol).rules
        if rules is None:
            return order
        grid = OrderGrid(rules.instrument.tick_size, rules.instrument.lot_step)
        return replace(order, grid=grid)

    def remember(self, side: SideState, own: OwnOrder) -> None:
        """One more order of ours on this side."""
        side.orders[own.client_id] = own
        self.homes[own.client_id] = side

    def cancel(self, side: SideState, own: OwnOrder) -> bool:
        """Asks to cancel an order, unless the position would lose its cover or it was asked for.

        Returns whether it was asked for now.
        """
        if not self.may_send or own.leaving is Leaving.ASKED or not _can_leave(own):
            return False
        if self.now_ms < self._again_ms(own):
            self.wake(side, self._again_ms(own))
            return False
        if own.role in (Role.FLOOR, Role.WORKING) and not self.account.audited:
            return False
        if not self.parts.cover.may_cancel(side, own, self.now_ms, self.config):
            return False
        own.leaving, own.leave_ms = Leaving.ASKED, self.now_ms
        self.emit(
            Cancel(
                key=own.key,
                symbol=side.symbol,
                client_id=own.client_id,
                book=own.book,
                priority=Priority.CANCEL,
            )
        )
        return True

    def _again_ms(self, own: OwnOrder) -> int:
        return own.leave_ms + self.config.min_replace_interval_ms

    def ask(self, side: SideState, own: OwnOrder) -> None:
        """Asks the venue about an order whose existence is being proven, when it is time."""
        if own.proof is None:
            return
        at_ms = settle.next_ask_ms(own.proof, self.config)
        if self.now_ms < at_ms:
            self.wake(side, at_ms)
            return
        own.proof.asked_ms = self.now_ms
        own.proof.asks += 1
        self.emit(Find(symbol=side.symbol, client_id=own.client_id, book=own.book))
        self.wake(side, settle.next_ask_ms(own.proof, self.config))

    def read_account(self, side: SideState) -> None:
        """Asks for positions and open orders of this symbol, at most once a second."""
        if self.now_ms < (at_ms := side.read_ms + _READ_PAUSE_MS):
            self.wake(side, at_ms)
            return
        side.read_ms = self.now_ms
        self.emit(ReadAccount(symbol=side.symbol))

    def read_trades(self, side: SideState, *, needed: bool = False) -> None:
        """Asks for the trades that are not known to be complete, at most once a second.

        A question that a proof waits for does not wait for the other side's, which may take longer.

        Args:
            side: A side of their symbol.
            needed: Whether a proof waits for them.
        """
        trades = self.symbol(side.symbol).trades
        at_ms = trades.read_ms + _READ_PAUSE_MS
        if self.now_ms < at_ms and trades.read_needed >= needed:
            self.wake(side, at_ms)
            return
        trades.read_ms, trades.read_needed = self.now_ms, needed
        from_id = next_from_id(trades)
        self.emit(ReadTrades(symbol=side.symbol, from_id=from_id, needed=needed))

    def read_rules(self, symbol: str) -> None:
        """Asks for the rules of a symbol, at most once a second."""
        state = self.symbol(symbol)
        if self.now_ms >= state.rules_ms + _READ_PAUSE_MS:
            state.rules_ms = self.now_ms
            self.emit(ReadRules(symbol=symbol))

    def alarm(self, kind: AlarmKind, side: SideState, text: str) -> None:
        """Raises an alarm, once until `calm`."""
        if kind not in side.alarms:
            side.alarms.add(kind)
            self.emit(Alarm(kind=kind, key=side.key, text=f"{name_of(side)}: {text}"))

    def calm(self, kind: AlarmKind, side: SideState) -> None:
        """The cause of an alarm is gone."""
        side.alarms.discard(kind)


def name_of(side: SideState) -> str:
    """`SYMBOL:SIDE`."""
    return f"{side.symbol}:{side.side}"


def _can_leave(own: OwnOrder) -> bool:
    """Whether it can be cancelled: what fires cannot, and what is unknown may not exist yet."""
    return own.phase is Phase.LIVE


def _remembered(order: ExitOrder, client_id: str, rung: int, now_ms: int) -> OwnOrder:
    lots, ticks = _lots_and_ticks(order)
    return OwnOrder(
        client_id=client_id,
        key=order.key,
        role=order.role,
        rung=rung,
        book=order.book,
        lots=lots,
        ticks=ticks,
        phase=Phase.ASKED,
        asked_ms=now_ms,
    )


def _lots_and_ticks(order: ExitOrder) -> tuple[int, int | None]:
    match order:
        case FloorStop():
            return 0, order.trigger_ticks
        case WorkingStop() | TakeProfitMarket():
            return order.lots, order.trigger_ticks
        case TakeProfitLimit():
            return order.lots, order.price_ticks
        case VenueTrail() | MarketClose():
            return order.lots, None


def adopted_key(side: SideState, account: str, epoch: int) -> PositionKey:
    """The key that an order of this side was made for."""
    return PositionKey(account, side.symbol, side.side, epoch)
