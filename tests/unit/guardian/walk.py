"""A random life of one account: chaos, then healing, judged all the way."""

import random

from quantum_exit.domain.facts import OrderStatus
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.facts import (
    Command,
    CommandKind,
    CoreEvent,
    CoreKind,
)
from quantum_exit.execution.guardian.parts import Parts
from tests.unit.guardian.venue import ModelVenue
from tests.unit.guardian.world import SYMBOL, Faults, World

RATES = ("lost", "reply_lost", "late", "refusal", "event_lost", "event_twice", "stale", "read_lost")
CHAOS_STEPS = 25
HEAL_MS = 90_000


class Walk:
    """One life; the same seed gives the same one."""

    def __init__(self, seed: int, parts: Parts | None = None, *, strict: bool = True) -> None:
        self.rng = rng = random.Random(seed)
        rates = {name: rng.choice((0.0, rng.uniform(0.001, 0.3))) for name in RATES}
        faults = Faults(seed=seed, event_late_ms=rng.choice((0, 0, 500, 4_000)), **rates)
        venue = ModelVenue(
            hedge=rng.random() < 0.3,
            budget=rng.random() < 0.3,
            most_algo=rng.choice((3, 4, 5, 10)),
            thin=rng.choice((None, None, 2)),
        )
        self.world = World(venue, faults, GuardianConfig(), parts, strict=strict)
        self.commands = 0
        self.closed_by_plan = False

    def run(self) -> World:
        self._open()
        for _ in range(CHAOS_STEPS):
            self._event()
            self.world.run(self.rng.choice((5, 60, 400, 2_000, 9_000)))
        self._heal()
        return self.world

    def _heal(self) -> None:
        faults = self.world.faults
        for name in RATES:
            setattr(faults, name, 0.0)
        faults.event_late_ms = 0
        self.world.streaming = True
        self.world.venue.thin = None
        self.world.venue.most_algo = 10
        self.world.run(HEAL_MS)
        self.world.checker.check_settled()

    def _event(self) -> None:
        events = (
            (8, self._move),
            (6, self._trail),
            (2, self._leg),
            (1, self._close),
            (2, self._hand),
            (2, self._cancel_by_hand),
            (1, self._flip),
            (2, self._restart),
            (1, self._gap),
            (1, self._open),
            (1, self._command),
            (1, self._expire),
            (1, self._forget),
        )
        act = self.rng.choices([one for _, one in events], [weight for weight, _ in events])[0]
        act()

    def _open(self) -> None:
        if not any(held.lots for held in self.world.venue.positions.values()):
            self.world.trade(self.rng.choice((1, 3, 9, 40)), self.rng.choice(tuple(Side)))

    def _move(self) -> None:
        step = self.rng.choice((-60, -30, -10, 10, 30, 60, 60))
        self.world.move(max(300, self.world.venue.price + step))

    def _trail(self) -> None:
        for one in self.world.guardian.status(self.world.now_ms).positions:
            price = self.world.venue.price
            stop = price - one.key.side.sign * self.rng.randint(5, 120)
            self.world.feed(
                CoreEvent(
                    key=one.key,
                    kind=CoreKind.STOP_MOVED,
                    reason="TRAIL",
                    stop_ticks=stop,
                    ts_ns=0,
                )
            )

    def _leg(self) -> None:
        for one in self.world.guardian.status(self.world.now_ms).positions:
            if one.lots > 3:
                self.world.feed(
                    CoreEvent(
                        key=one.key,
                        kind=CoreKind.LEG_DUE,
                        reason="TAKE_PROFIT",
                        leg=5,
                        lots=one.lots // 3,
                        ts_ns=0,
                    )
                )

    def _close(self) -> None:
        for one in self.world.guardian.status(self.world.now_ms).positions:
            self.world.feed(CoreEvent(key=one.key, kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=0))

    def _hand(self) -> None:
        for (_, side), held in list(self.world.venue.positions.items()):
            if held.lots:
                self.world.trade(self.rng.choice((-1, -2, 1, 5)), side)

    def _flip(self) -> None:
        for (_, side), held in list(self.world.venue.positions.items()):
            if held.lots:
                other = Side.SHORT if side is Side.LONG else Side.LONG
                self.world.trade(held.lots + 3, other)
                return

    def _cancel_by_hand(self) -> None:
        if resting := self.world.venue.open(SYMBOL):
            self.world.end(self.rng.choice(resting).client_id)

    def _expire(self) -> None:
        if resting := self.world.venue.open(SYMBOL):
            self.world.end(self.rng.choice(resting).client_id, OrderStatus.EXPIRED)

    def _restart(self) -> None:
        self.world.crash()

    def _forget(self) -> None:
        """The state is lost; under the same lease rules as every start."""
        self.world.crash(forget=True)

    def _gap(self) -> None:
        self.world.gap(self.rng.choice((500, 5_000, 20_000)))

    def _command(self) -> None:
        for one in self.world.guardian.status(self.world.now_ms).positions:
            self.commands += 1
            self.world.feed(
                Command(
                    command_id=f"c{self.commands}",
                    kind=CommandKind.TIGHTEN,
                    key=one.key,
                    hard_stop_ticks=self.world.venue.price - one.key.side.sign * 130,
                )
            )
