"""The promises, judged by the venue's truth and not by what the guardian believes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from quantum_exit.domain.facts import Fill, OrderStatus, OrderView
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Booked, Place
from quantum_exit.execution.guardian.facts import Action, Audit, Fact, Found, Sent, TradesRead
from quantum_exit.execution.guardian.own_order import Phase
from quantum_exit.execution.ids import identity_of
from quantum_exit.execution.orders import Role
from quantum_exit.execution.outcomes import Done, NotDone
from tests.unit.guardian.venue import view_side

if TYPE_CHECKING:
    from tests.unit.guardian.world import World

UNLIMITED = 1 << 62
HAND_MS = 5_000
AUDITED_MS = 21_000  # until the audit after the next, since one reading may be lost
FIRED_MS = 20_000
FORGOT_MS = 40_000  # requests of the life before may still arrive, and nobody knows of them


class PromiseBrokenError(AssertionError):
    """A promise was broken; the message begins with its number."""


class Checker:
    """Checks after every request that the venue carried out and after every step.

    With `strict` off it counts what was broken instead of raising.
    """

    def __init__(self, world: "World", *, strict: bool) -> None:
        self.world = world
        self.strict = strict
        self.broken: list[str] = []
        self.in_flight: dict[str, int] = {}
        self.told_final: set[str] = set()
        self.hand_ms = self.uncovered_ms = self.forgot_ms = -FORGOT_MS
        self.accepted: dict[tuple[int, int], int] = {}
        self.steps = 0

    def fail(self, text: str) -> None:
        self.broken.append(text)
        if self.strict:
            raise PromiseBrokenError(f"{text} at {self.world.now_ms}")

    def by_hand(self, *, uncovers: bool = False) -> None:
        """Somebody else acts; `uncovers` where that adds to the position or takes a stop away."""
        self.hand_ms = self.world.now_ms
        if uncovers:
            self.uncovered_ms = self.world.now_ms

    # P1b, P4, P10, P14: around each request.

    def around(
        self, client_id: str, action: Action, act: Callable[[], OrderView | NotDone]
    ) -> OrderView | NotDone:
        self.in_flight[client_id] -= 1
        before = self.cover()
        best = self.best_triggers()
        if action is Action.CANCEL and identity_of(client_id) is None:
            self.fail(f"P14: cancelled {client_id}, which is not ours")
        done = act()
        recent = self.world.now_ms - self.hand_ms < HAND_MS
        unseen = self.world.now_ms - self.uncovered_ms < AUDITED_MS
        for name, covered in self.cover().items():
            excused = recent or unseen or self._has_fired(*name)
            if before.get(name, True) and not covered and not excused:
                self.fail(f"P1b: {action} {client_id} left {name} uncovered")
        if action is Action.CANCEL and not recent and not self._has_forgotten():
            self._check_triggers(best, client_id)
        if action is Action.PLACE and not isinstance(done, NotDone):
            self._check_accepted(client_id, done)
        return done

    def cover(self) -> dict[tuple[str, Side], bool]:
        """Whether stops of ours cover each open position."""
        venue = self.world.venue
        return {
            (symbol, side): sum(
                UNLIMITED if view.close_position else view.lots - view.filled_lots
                for view in venue.closing(symbol, side)
                if view.kind == "STOP_MARKET" and identity_of(view.client_id) is not None
            )
            >= held.lots
            for (symbol, side), held in venue.positions.items()
        }

    def best_triggers(self) -> dict[tuple[str, Side], int]:
        found: dict[tuple[str, Side], int] = {}
        for view in self.world.venue.open():
            if view.kind != "STOP_MARKET" or view.trigger_ticks is None:
                continue
            if identity_of(view.client_id) is None:
                continue
            side = view_side(view)
            name = (view.symbol, side)
            gain = side.sign * view.trigger_ticks
            found[name] = max(found.get(name, gain), gain)
        return found

    def _check_triggers(self, before: dict[tuple[str, Side], int], client_id: str) -> None:
        after = self.best_triggers()
        if self._is_left_over(client_id):
            return
        for name, gain in before.items():
            if self._has_fired(*name):
                continue
            held = self.world.venue.position(*name).lots
            if held and not self.world.loosened and after.get(name, -UNLIMITED) < gain:
                self.fail(f"P4: cancelling {client_id} moved the stop of {name} away")

    def _has_fired(self, symbol: str, side: Side) -> bool:
        """Whether a stop of ours has fired lately: the price is past it, whatever we know."""
        return any(
            view.status is OrderStatus.FINISHED
            and view.kind == "STOP_MARKET"
            and (view.symbol, view_side(view)) == (symbol, side)
            and self.world.now_ms - view.updated_ms < FIRED_MS
            for view in self.world.venue.orders.values()
        )

    def _is_left_over(self, client_id: str) -> bool:
        """Whether an order was made for a position before the one that is open."""
        identity = identity_of(client_id)
        epochs = [one.key.epoch for one in self.world.guardian.status(self.world.now_ms).positions]
        return identity is not None and identity.position_epoch not in epochs

    def _check_accepted(self, client_id: str, view: OrderView) -> None:
        if not (view.reduce_only or view.close_position):
            self.fail(f"P2: {client_id} could add")
        side = view_side(view)
        stops = [
            one
            for one in self.world.venue.closing(view.symbol, side)
            if one.kind == "STOP_MARKET" and identity_of(one.client_id) is not None
        ]
        if len(stops) > self.world.config.most_stops and not self._has_forgotten():
            self.fail(f"rule 3: {len(stops)} stops")
        if view.kind == "LIMIT" and self.world.now_ms - self.hand_ms >= HAND_MS:
            self.check_ladder(view.symbol, side)

    def check_ladder(self, symbol: str, side: Side) -> None:
        resting = sum(
            view.lots - view.filled_lots
            for view in self.world.venue.closing(symbol, side)
            if view.kind in ("LIMIT", "TAKE_PROFIT_MARKET")
        )
        if self._has_forgotten() or self._has_fired(symbol, side):
            return
        if resting > self.world.venue.position(symbol, side).lots and not self._closing():
            self.fail(f"P10: {resting} lots of take-profits for fewer that are open")

    def _has_forgotten(self) -> bool:
        return self.world.now_ms - self.forgot_ms < FORGOT_MS

    def _closing(self) -> bool:
        """Whether an exit is under way: what rests beside it can only reduce."""
        return any(one.exits for one in self.world.guardian.status(self.world.now_ms).positions)

    # P3: at each intent.

    def on_intent(self, effect: Place) -> None:
        identity = identity_of(effect.client_id)
        if effect.client_id in self.world.venue.orders or self.in_flight.get(effect.client_id):
            self.fail(f"P3: {effect.client_id} was used before")
        if identity is None:
            self.fail(f"P7: {effect.client_id} cannot be read back")
            return
        if identity.role not in (Role.CLOSE, Role.EMERGENCY):
            return
        intent = (identity.position_epoch, identity.rung, identity.revision)
        for other in {*self.in_flight, *self.world.venue.orders}:
            known = identity_of(other)
            if known is None or known.role not in (Role.CLOSE, Role.EMERGENCY):
                continue
            if (known.position_epoch, known.rung, known.revision) == intent:
                self._check_dead(other, effect.client_id)

    def _check_dead(self, client_id: str, following: str) -> None:
        if self.in_flight.get(client_id):
            self.fail(f"P3: {following} was sent while {client_id} may still be carried out")
        view = self.world.venue.orders.get(client_id)
        if view is not None and client_id not in self.told_final:
            self.fail(f"P3: {following} was sent, but {client_id} was carried out unnoticed")

    # P5, P12: around each step.

    def before_step(self, fact: Fact) -> None:
        match fact:
            case OrderView():
                self._note(fact)
            case Fill():
                self._note_fill(fact)
            case Sent(outcome=Done(order=order)) | Found(order=order):
                if order is not None:
                    self._note(order)
            case TradesRead(fills=fills):
                for fill in fills:
                    self._note_fill(fill)
            case Audit(open_orders=orders):
                for order in orders:
                    self._note(order)
            case _:
                pass

    def _note(self, view: OrderView) -> None:
        if view.status.is_final:
            self.told_final.add(view.client_id)

    def _note_fill(self, fill: Fill) -> None:
        view = self.world.venue.orders.get(fill.client_id or "")
        if view is not None and view.status is OrderStatus.FILLED:
            self.told_final.add(view.client_id)

    def on_booked(self, effect: Booked) -> None:
        if effect.fill.trade_id in self.world.booked:
            self.fail(f"P5: trade {effect.fill.trade_id} was booked twice")
        self.world.booked.add(effect.fill.trade_id)

    def after_step(self) -> None:
        self.steps += 1
        for side in self.world.guardian._state.sides.values():  # noqa: SLF001 - P12 is about belief
            for own in side.orders.values():
                if own.phase is Phase.ABSENT and own.refusal is None:
                    self._check_absent(own.client_id)

    def _check_absent(self, client_id: str) -> None:
        if client_id in self.world.venue.orders or self.in_flight.get(client_id):
            self.fail(f"P12: {client_id} was held to be absent")

    # After healing.

    def check_settled(self) -> None:
        world = self.world
        for name, covered in self.cover().items():
            if not covered:
                self.fail(f"P1a: {name} is naked after healing")
        for (symbol, side), held in world.venue.positions.items():
            self._check_side(symbol, side, held.lots)
        missing = {one.trade_id for one in world.venue.trades} - world.booked - world.booked_before
        # A position that came and went unseen was never guarded.
        if missing and self.forgot_ms < 0 and world.guardian.next_epoch() > 1:
            self.fail(f"P5: trades {sorted(missing)} were never booked")
        for one in world.guardian.status(world.now_ms).positions:
            if one.exits:
                self.fail(f"P11: an exit of {one.key} is not complete")
            if one.lots != world.venue.position(one.key.symbol, one.key.side).lots:
                self.fail(f"P15: {one.key} is taken for {one.lots} lots")

    def _check_side(self, symbol: str, side: Side, lots: int) -> None:
        ours = [
            view
            for view in self.world.venue.closing(symbol, side)
            if identity_of(view.client_id) is not None
        ]
        if lots == 0:
            if ours:
                self.fail(f"P14: orphans {[view.client_id for view in ours]}")
            return
        self.check_ladder(symbol, side)
        working = [view for view in ours if view.kind == "STOP_MARKET" and not view.close_position]
        if [view.lots - view.filled_lots for view in working] != [lots]:
            self.fail(f"P15: working stops {working} for {lots} lots")


class Unjudged(Checker):
    """Lets everything pass: for measurements, in which judging would take most of the time."""

    def around(
        self, client_id: str, action: Action, act: Callable[[], OrderView | NotDone]
    ) -> OrderView | NotDone:
        return act()

    def on_intent(self, effect: Place) -> None:
        pass

    def after_step(self) -> None:
        pass
