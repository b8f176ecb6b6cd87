"""Guardian and core together: one state that inputs move, live and from the journal alike."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Self

from quantum_exit.domain.keys import PositionKey
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import (
    Answer,
    CloseWatch,
    Effect,
    LegFilled,
    Resize,
)
from quantum_exit.execution.guardian.facts import Command, CommandKind, Fact
from quantum_exit.execution.guardian.guardian import Guardian
from quantum_exit.execution.recording import Input, Opened, Tick
from quantum_exit.execution.watch import Decision, Watch, WatchConfig
from quantum_exit.execution.watch_log import WatchLog, tell


class Mind:
    """The state of one account's protection.

    `apply` is the only way in, so replaying the inputs of a journal gives the state that was. What
    the core decides because of an input comes back as decisions, which are inputs of their own.

    Args:
        guardian: The reducer over the account.
        watch: The core.
        log: What the core was told.
    """

    def __init__(self, guardian: Guardian, watch: Watch, log: WatchLog) -> None:
        self.guardian = guardian
        self.watch = watch
        self.log = log

    @classmethod
    def new(cls, config: GuardianConfig, account: str, watch: WatchConfig) -> Self:
        """An account of which nothing is known."""
        return cls(Guardian(config, account), Watch(watch), WatchLog.empty())

    def snapshot(self) -> dict[str, Any]:
        """The whole state as plain JSON values."""
        return {"guardian": self.guardian.snapshot(), "watch": self.log.as_json()}

    def state_hash(self) -> str:
        """Hash of the whole state; equal for equal histories."""
        text = json.dumps(self.snapshot(), sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    @classmethod
    def restore(
        cls, config: GuardianConfig, account: str, watch: WatchConfig, body: Mapping[str, Any]
    ) -> Self:
        """The state that gave `body`.

        Raises:
            InvalidInputError: It is none.
        """
        try:
            guardian = Guardian.restore(config, account, body["guardian"])
            log = WatchLog.from_json(body["watch"])
        except KeyError as error:
            raise InvalidInputError("snapshot", error, "expected guardian and watch") from error
        core = Watch(watch)
        log.tell(core)
        return cls(guardian, core, log)

    def apply(
        self, given: Input, now_ms: int, *, replayed: bool = False
    ) -> tuple[tuple[Effect, ...], tuple[Decision, ...]]:
        """Takes one input in.

        Args:
            given: The input.
            now_ms: When it entered, ms since the UNIX epoch.
            replayed: Whether it comes from the journal: then the core has not seen its price yet.

        Returns:
            What the guardian asks for, and what the core decided because of it.

        Raises:
            InvalidInputError: The core refuses a plan; nothing was changed.
        """
        if isinstance(given, Tick):
            if self._is_of_former_plan(given):
                return (), ()
            self.log.saw(given.key, given.price, watermark=given.watermark)
            if replayed:
                self.watch.replay(given.price)
            return (), ()
        fact: Fact
        if isinstance(given, Opened):
            self.watch.open(given.plan)
            self.log.opened(given.plan)
            fact = given.fact
        else:
            fact = given
        effects = self.guardian.step(fact, now_ms)
        decisions: list[Decision] = []
        for effect in effects:
            decisions += self._tell_core(fact, effect)
        return effects, tuple(decisions)

    def check_grid(self, given: Opened) -> None:
        """Checks that a plan is on the grid that the guardian counts in.

        Raises:
            InvalidInputError: It is on another.
        """
        instrument, known = given.plan.instrument, self.guardian.grid_of(given.fact.key.symbol)
        grid = (instrument.tick_size, instrument.lot_step)
        if known is not None and grid != known:
            raise InvalidInputError("plan", f"grid {grid}", f"expected that of the rules, {known}")

    def _is_of_former_plan(self, tick: Tick) -> bool:
        """Whether it decided something before the plan in force was made, perhaps on another grid."""
        plan = self.log.plan_of(tick.key)
        return plan is not None and tick.price.ts_ns < plan.opened_ns

    def _tell_core(self, fact: Fact, effect: Effect) -> tuple[Decision, ...]:
        match effect:
            case Resize():
                return self._tell(effect.key, "resize", effect.lots)
            case LegFilled():
                return self._tell(effect.key, "fill", effect.leg)
            case CloseWatch():
                self.watch.close(effect.key)
                self.log.closed(effect.key)
            case Answer(accepted=True) if isinstance(fact, Command):
                self._follow(fact)
        return ()

    def _follow(self, command: Command) -> None:
        """The core follows a stop that somebody tightened."""
        tightened = command.kind is CommandKind.TIGHTEN and command.stop_ticks is not None
        if tightened and command.key is not None:
            self._tell(command.key, "tighten", command.stop_ticks)

    def _tell(self, key: PositionKey, what: str, value: Any) -> tuple[Decision, ...]:
        self.log.told(key, what, value)
        if what == "resize":
            return self.watch.resize(key, value)
        if what == "fill":
            return self.watch.leg_filled(key, value)
        tell(self.watch, key, what, value)
        return ()


def inputs_of(decisions: Iterable[Decision]) -> list[Input]:
    """Decisions of the core as inputs: each decisive price once, before what it decided."""
    inputs: list[Input] = []
    seen: Tick | None = None
    for key, price, watermark, event in decisions:
        if price is not None:
            tick = Tick(key=key, price=price, watermark=watermark)
            if tick != seen:
                inputs.append(tick)
            seen = tick
        if event is not None:
            inputs.append(event)
    return inputs
