"""The reducer over one account: a fact in, effects out."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Self

from quantum_exit.domain.facts import Fill, OrderView, Price, StreamGap, VenuePosition
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian import exits, settle, sizes, traded, working
from quantum_exit.execution.guardian.codec import Codec, encode
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import (
    Alarm,
    AlarmKind,
    Cancel,
    Effect,
    Place,
    ReadAccount,
)
from quantum_exit.execution.guardian.facts import (
    Audit,
    Command,
    CoreEvent,
    Fact,
    Found,
    LeaseEpoch,
    PositionOpened,
    PriceStale,
    RulesChanged,
    Sent,
    StreamBack,
    Timer,
    TradedSymbolsRead,
    TradesRead,
    VenueState,
)
from quantum_exit.execution.guardian.foresight import Foreseen, foreseen
from quantum_exit.execution.guardian.intake_account import take_audit, take_position
from quantum_exit.execution.guardian.intake_orders import (
    take_fill,
    take_found,
    take_sent,
    take_trades,
    take_view,
)
from quantum_exit.execution.guardian.intake_plan import (
    take_command,
    take_core,
    take_opened,
    take_rules,
)
from quantum_exit.execution.guardian.own_order import Leaving, OwnOrder, Phase
from quantum_exit.execution.guardian.parts import Parts
from quantum_exit.execution.guardian.sides import reconcile
from quantum_exit.execution.guardian.state import AccountState, SideState
from quantum_exit.execution.guardian.status import GuardianStatus, PositionStatus
from quantum_exit.execution.guardian.summary import position_status, status_of
from quantum_exit.execution.guardian.timers import Timers
from quantum_exit.execution.guardian.turn import Turn
from quantum_exit.execution.ids import account_tag

_USER = "user"


class Guardian:
    """Keeps the positions of one account covered.

    Deterministic: the same facts at the same times give the same effects and the same state.

    Args:
        config: Times and tolerances.
        account: Name of the account; a part of every order id.
        parts: The rules; None = the ones of production.
    """

    def __init__(self, config: GuardianConfig, account: str, parts: Parts | None = None) -> None:
        self.config = config
        self.account = account
        self._parts = Parts() if parts is None else parts
        self._tag = account_tag(account)
        self._state = AccountState(name=account)
        # Both follow from the state; they spare a search.
        self._homes: dict[str, SideState] = {}
        self._timers = Timers(self._state.due)

    def step(self, fact: Fact, now_ms: int) -> tuple[Effect, ...]:
        """Takes one fact in; the only method that changes anything.

        Args:
            fact: What happened.
            now_ms: The time, ms since the UNIX epoch, corrected to the venue's clock.

        Raises:
            InvalidInputError: A position is registered under an account or epoch that is not its
                own; nothing has changed.
        """
        turn = Turn(
            config=self.config,
            parts=self._parts,
            tag=self._tag,
            account=self._state,
            homes=self._homes,
            now_ms=now_ms,
        )
        _INTAKE[type(fact)](turn, fact)
        for name in self._timers.take(now_ms):
            turn.touch(self._state.sides[name])
        for side in turn.touched.values():
            reconcile(turn, side)
        for name in turn.woken:
            # Set by the rules, or by the fact before them.
            self._timers.note(name)
        return tuple(turn.effects)

    def next_timer_ms(self) -> int | None:
        """When `step(Timer())` is due at the latest, or None = only a fact can change anything."""
        return self._timers.next_ms()

    def next_epoch(self) -> int:
        """The epoch of the next position that is registered unasked.

        Good until the next `step`, which may reserve it.
        """
        return self._state.last_epoch + 1

    def status(self, now_ms: int) -> GuardianStatus:
        """Positions, protection, gaps and unknown outcomes as of now."""
        return status_of(self._state, now_ms, self.config)

    def position(self, symbol: str, side: Side, now_ms: int) -> PositionStatus | None:
        """One guarded position as of now, or None; `status` looks at all of them."""
        found = self._state.sides.get(f"{symbol}:{side}")
        return None if found is None else position_status(found, now_ms, self.config)

    def may_place(self, place: Place) -> bool:
        """Whether an order that was asked for is still the right one, and nothing is known of it.

        A try that the venue told to have failed may have made it all the same. Once that one has
        ended, the venue may take its id for another order, which nobody would know of. A stop that
        has waited for long may have been overtaken by the price that it is to follow.
        """
        side = self._homes.get(place.client_id)
        own = None if side is None else side.orders.get(place.client_id)
        if side is None or own is None or own.phase not in (Phase.ASKED, Phase.UNKNOWN):
            return False
        return not working.is_outdated(side, own, self.config)

    def may_cancel(self, cancel: Cancel, now_ms: int) -> bool:
        """Whether a cancel that was asked for leaves the position as covered, as things are now."""
        side = self._homes.get(cancel.client_id)
        own = None if side is None else side.orders.get(cancel.client_id)
        if side is None or own is None:
            # Nothing is known of it any more, so it covers nothing.
            return True
        return self._parts.cover.may_cancel(side, own, now_ms, self.config)

    def unplanned_lots(self, key: PositionKey) -> int:
        """Open lots of a found position that still waits for its plan under `key`, else 0."""
        side = self._state.sides.get(f"{key.symbol}:{key.side}")
        if side is None or side.plan is not None or side.reserved_epoch != key.epoch:
            return 0
        return sizes.open_lots(side)

    def planned_lots(self, key: PositionKey) -> int:
        """Open lots of the guarded position `key`, 0 where it is none."""
        side = self._state.sides.get(f"{key.symbol}:{key.side}")
        return 0 if side is None or side.key != key else sizes.open_lots(side)

    def has_ended_since(self, symbol: str, side: Side, since_ms: int) -> bool:
        """Whether a position that was open at `since_ms` has ended, as far as the stream has told.

        Args:
            symbol: Its symbol.
            side: Its direction.
            since_ms: The venue's time, ms since the UNIX epoch.
        """
        found = self._state.sides.get(f"{symbol}:{side}")
        if found is None or found.plan is not None or sizes.open_lots(found) > 0:
            return False
        holding = found.holding
        return max(holding.flat_stream_ms or 0, holding.ended_ms) > since_ms

    def foreseen(self, before: Mapping[str, Foreseen]) -> dict[str, Foreseen]:
        """Ids that closes and floors may need next, by `SYMBOL:SIDE`; none before the lease.

        Args:
            before: The last answer; what has not changed is taken from it.
        """
        lease_epoch = self._state.lease_epoch
        if lease_epoch is None:
            return {}
        found = {
            name: foreseen(side, self._tag, lease_epoch, self._parts.make_id, before.get(name))
            for name, side in self._state.sides.items()
        }
        return {name: one for name, one in found.items() if one is not None}

    def makes_room(self, cancel: Cancel) -> bool:
        """Whether a close of the same position cannot reduce before this order has left."""
        side = self._state.sides.get(f"{cancel.symbol}:{cancel.key.side}")
        return side is not None and exits.makes_room(side, cancel.client_id, self.config)

    def plans(self) -> tuple[PositionOpened, ...]:
        """The plans in force."""
        sides = self._state.sides.values()
        return tuple(side.plan for side in sides if side.plan is not None)

    def is_closing(self, key: PositionKey) -> bool:
        """Whether an exit of this position is being carried out."""
        side = self._state.sides.get(f"{key.symbol}:{key.side}")
        return side is not None and side.key == key and bool(side.exits)

    def symbols(self) -> frozenset[str]:
        """Symbols of which something is remembered in ticks or lots."""
        return _symbols_in_use(self._state)

    def grid_of(self, symbol: str) -> tuple[str, str] | None:
        """Tick size and lot step of a symbol, decimal text, as its rules told; None before them."""
        known = self._state.symbols.get(symbol)
        if known is None or known.rules is None:
            return None
        return known.rules.instrument.tick_size, known.rules.instrument.lot_step

    def state_hash(self) -> str:
        """Hash of the whole state; equal for equal histories."""
        text = json.dumps(self.snapshot(), sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    def snapshot(self) -> dict[str, Any]:
        """The whole state as plain JSON values."""
        return {"v": 1, "state": encode(self._state)}

    @classmethod
    def restore(
        cls,
        config: GuardianConfig,
        account: str,
        snapshot: dict[str, Any],
        parts: Parts | None = None,
    ) -> Self:
        """The guardian that gave `snapshot`.

        Raises:
            InvalidInputError: It is none.
        """
        guardian = cls(config, account, parts)
        guardian._load(_STATES.decode(snapshot.get("state")))
        return guardian

    def _load(self, state: AccountState) -> None:
        self._state = state
        self._homes = {own: side for side in state.sides.values() for own in side.orders}
        self._timers = Timers(state.due)


def _pass(turn: Turn, fact: Fact) -> None:
    """Time has passed, and no more."""


def _take_gap(turn: Turn, gap: StreamGap) -> None:
    turn.account.gaps.add(gap.stream)
    if gap.stream == _USER:
        _doubt_what_rests(turn)
    if gap.stream == _USER:
        _doubt_ends(turn)


def _take_back(turn: Turn, back: StreamBack) -> None:
    turn.account.gaps.discard(back.stream)
    # What prices were missed is told by the next one.
    if back.stream == _USER:
        traded.want(turn)
        _doubt_ends(turn)
        _read_all(turn)


def _doubt_what_rests(turn: Turn) -> None:
    """Nobody may tell what ends meanwhile, or what is opened: no stop leaves before a new reading."""
    for side in turn.account.sides.values():
        side.trusted_ms = turn.now_ms


def _doubt_ends(turn: Turn) -> None:
    """A position that somebody has opened again unheard has no stops but those of the one before."""
    for side in turn.account.sides.values():
        if side.plan is None:
            side.ended_unseen_ms = turn.now_ms


def _take_stale(turn: Turn, stale: PriceStale) -> None:
    turn.symbol(stale.symbol).stale = stale.stale
    _touch_all(turn, stale.symbol)


def _take_venue(turn: Turn, venue: VenueState) -> None:
    """Holds nothing back; after an outage nothing waits out the pauses that it has led to."""
    before, turn.account.accepting = turn.account.accepting, venue.accepting
    if before and not venue.accepting:
        text = "the venue takes no orders: what rests there protects, the rest is tried on"
        turn.emit(Alarm(kind=AlarmKind.VENUE_DOWN, key=None, text=text))
        _doubt_what_rests(turn)
    elif venue.accepting and not before:
        for side in turn.account.sides.values():
            _try_at_once(turn, side)
        _read_all(turn)


def _try_at_once(turn: Turn, side: SideState) -> None:
    side.floor_not_before_ms = side.working_not_before_ms = side.read_ms = 0
    side.standin_not_before_ms = 0
    turn.symbol(side.symbol).trades.read_ms = 0
    for exit_ in side.exits.values():
        exit_.not_before_ms = 0
    for own in side.orders.values():
        if own.proof is not None:
            own.proof.asked_ms, own.proof.asks = None, 0


def _take_lease(turn: Turn, lease: LeaseEpoch) -> None:
    """A new life: what was in flight may have left or not."""
    before_ms = turn.account.lease_ms
    turn.account.lease_epoch, turn.account.lease_ms = lease.epoch, turn.now_ms
    # What was known is as old as the last life: nothing that protects leaves before it was read.
    turn.account.audited = False
    for side in turn.account.sides.values():
        side.trusted_ms = turn.now_ms
        for own in side.orders.values():
            if _may_have_left(own, before_ms):
                settle.begin(own, turn.now_ms - lease.won_ago_ms)
            if own.leaving is Leaving.ASKED:
                own.leaving = Leaving.REFUSED
    traded.watch(turn, lease.watched_ms)
    traded.want(turn)
    _forget_grids(turn)
    _read_all(turn)


def _symbols_in_use(account: AccountState) -> frozenset[str]:
    return frozenset(side.symbol for side in account.sides.values() if side.is_in_use)


def _forget_grids(turn: Turn) -> None:
    """Forgets grids in which nothing is remembered.

    Since then they may have changed, and what the account shows from now on is on those of today.
    """
    used = _symbols_in_use(turn.account)
    for name, symbol in turn.account.symbols.items():
        if name not in used:
            symbol.rules = symbol.learnt_most_lots = None


def _may_have_left(own: OwnOrder, lease_ms: int) -> bool:
    """Whether a request for an order may have left since its proof began, if one has.

    Nothing leaves after the outcome of its last try, nor under a lease before the last one, which
    began at `lease_ms`: such a proof goes on where it was.
    """
    if own.phase is Phase.UNKNOWN and own.proof is not None:
        return own.sent_ms is None and own.asked_ms >= lease_ms
    return own.phase in (Phase.ASKED, Phase.UNKNOWN)


def _read_all(turn: Turn) -> None:
    for symbol in turn.account.symbols.values():
        symbol.trades.wanted = True
    turn.emit(ReadAccount(symbol=None))
    _touch_all(turn, None)


def _touch_all(turn: Turn, symbol: str | None) -> None:
    for side in turn.account.sides.values():
        if symbol in (None, side.symbol):
            turn.touch(side)


_STATES = Codec(AccountState)
_INTAKE: Mapping[type, Callable[[Turn, Any], None]] = MappingProxyType(
    {
        Audit: take_audit,
        Command: take_command,
        CoreEvent: take_core,
        Fill: take_fill,
        Found: take_found,
        LeaseEpoch: _take_lease,
        OrderView: take_view,
        PositionOpened: take_opened,
        Price: _pass,
        PriceStale: _take_stale,
        RulesChanged: take_rules,
        Sent: take_sent,
        StreamBack: _take_back,
        StreamGap: _take_gap,
        Timer: _pass,
        TradedSymbolsRead: traded.take,
        TradesRead: take_trades,
        VenuePosition: take_position,
        VenueState: _take_venue,
    }
)
