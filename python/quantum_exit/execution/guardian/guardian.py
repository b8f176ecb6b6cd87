"""The reducer over one account: a fact in, effects out."""

from typing import Any, Self

from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.effects import Effect
from quantum_exit.execution.guardian.facts import Fact
from quantum_exit.execution.guardian.status import GuardianStatus


class Guardian:
    """Keeps the positions of one account covered.

    Deterministic: the same facts at the same times give the same effects and the same state.

    Args:
        config: Times and tolerances.
        account: Name of the account; a part of every order id.
    """

    def __init__(self, config: GuardianConfig, account: str) -> None:
        self.config = config
        self.account = account

    def step(self, fact: Fact, now_ms: int) -> tuple[Effect, ...]:
        """Takes one fact in; the only method that changes anything.

        Args:
            fact: What happened.
            now_ms: The time, ms since the UNIX epoch, corrected to the venue's clock.
        """
        raise NotImplementedError

    def next_timer_ms(self) -> int | None:
        """When `step(Timer())` is due at the latest, or None = only a fact can change anything."""
        raise NotImplementedError

    def next_epoch(self) -> int:
        """The epoch of the next position that is registered."""
        raise NotImplementedError

    def status(self, now_ms: int) -> GuardianStatus:
        """Positions, protection, gaps and unknown outcomes as of now."""
        raise NotImplementedError

    def state_hash(self) -> str:
        """Hash of the whole state; equal for equal histories."""
        raise NotImplementedError

    def snapshot(self) -> dict[str, Any]:
        """The whole state as plain JSON values."""
        raise NotImplementedError

    @classmethod
    def restore(cls, config: GuardianConfig, account: str, snapshot: dict[str, Any]) -> Self:
        """The guardian that gave `snapshot`.

        Raises:
            InvalidInputError: It is none.
        """
        raise NotImplementedError
