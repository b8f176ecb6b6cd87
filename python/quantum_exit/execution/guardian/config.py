"""What the guardian may be told once, at its construction."""

from dataclasses import dataclass, fields

from quantum_exit.domain.checks import in_range

_INFINITE = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianConfig:
    """Times and tolerances; the defaults suit Binance USD-M.

    Attributes:
        recv_window_ms: Longest time that a request may wait at the venue.
        settle_ms: How long after that an order may still come into being.
        find_spacing_ms: Least time between two "not found" answers that count as two.
        list_lag_ms: How far behind the venue's list endpoints may be.
        min_move_ticks: A working stop is replaced for a move of at least so many ticks.
        min_replace_interval_ms: Least time between two replacements of one side.
        trigger_ms: How long a stop that is firing counts as cover.
        close_ms: How long a market close inside the venue counts as cover, and how soon one that
            was acknowledged without a fill is asked about.
        most_stops: Most stops of ours a side, counting one that is being placed.
        exit_backoff_ms: First pause after a refused exit; doubles up to `exit_backoff_max_ms`.
        exit_backoff_max_ms: Longest pause between two attempts of one exit.
        alarm_after_attempts: Attempts of one exit after which a person is told.
        unknown_alarm_ms: Age of an unknown outcome at which a person is told.
        retry_ms: Pause before a refused stop or take-profit is tried again.
        liquidation_buffer_frac: Distance that stops keep from the liquidation price, of the mark
            price, 0 to 0.5.
        foreign_stop_covers: Whether a close-position stop of somebody else counts as the floor.
        reduce_only_budget: Whether resting reduce-only orders use up what a close can reduce; also
            learnt from the venue's refusals.
    """

    recv_window_ms: int = 3_000
    settle_ms: int = 10_000
    find_spacing_ms: int = 2_000
    list_lag_ms: int = 5_000
    min_move_ticks: int = 2
    min_replace_interval_ms: int = 250
    trigger_ms: int = 2_000
    close_ms: int = 3_000
    most_stops: int = 3
    exit_backoff_ms: int = 100
    exit_backoff_max_ms: int = 2_000
    alarm_after_attempts: int = 3
    unknown_alarm_ms: int = 15_000
    retry_ms: int = 1_000
    liquidation_buffer_frac: float = 0.01
    foreign_stop_covers: bool = False
    reduce_only_budget: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.type is int:
                in_range(field.name, getattr(self, field.name), 0, _INFINITE)
        in_range("liquidation_buffer_frac", self.liquidation_buffer_frac, 0.0, 0.5)
        in_range("most_stops", self.most_stops, 3, 100)
        in_range("exit_backoff_ms", self.exit_backoff_ms, 1, self.exit_backoff_max_ms)

    @property
    def proof_after_ms(self) -> int:
        """Time after sending from which "not found" can prove anything."""
        return self.recv_window_ms + self.settle_ms
