"""How much an exit closes next, and when it is tried again; it is never given up."""

from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.own_order import OwnOrder
from quantum_exit.execution.guardian.state import Exit

_MOST_DOUBLINGS = 10


class ExitRules:
    """The rules; they hold no state."""

    def may_try_again(self, attempt: OwnOrder | None) -> bool:
        """Whether nothing of the last attempt can still happen."""
        return attempt is None or attempt.phase.is_over

    def next_lots(self, exit_: Exit, reducible_lots: int, most_lots: int | None) -> int:
        """Lots of the next attempt; 0 = nothing is left to close.

        Args:
            exit_: The exit.
            reducible_lots: Open lots that no other close is after.
            most_lots: Largest market order, or None.
        """
        lots = reducible_lots
        if exit_.goal_lots is not None:
            lots = min(lots, exit_.goal_lots - exit_.done_lots)
        return max(0, lots if most_lots is None else min(lots, most_lots))

    def pause_ms(self, failures: int, config: GuardianConfig) -> int:
        """Pause after so many attempts in a row that closed nothing."""
        if failures == 0:
            return 0
        doubled = config.exit_backoff_ms << min(failures - 1, _MOST_DOUBLINGS)
        return min(doubled, config.exit_backoff_max_ms)
