"""Funding at fixed times of the day."""

from dataclasses import dataclass

from quantum_exit.errors import InvalidInputError

_HOUR_MS = 3_600_000
_MAX_RATE_E8 = 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRule:
    """When funding is charged, and at which rate.

    Attributes:
        rate_e8: Rate in 1e-8, -3 % to 3 %; longs pay a positive one to shorts.
        interval_hours: From funding to funding, counted from midnight UTC: 1, 2, 4 or 8.

    Raises:
        InvalidInputError: A number is not allowed.
    """

    rate_e8: int = 10_000
    interval_hours: int = 8

    def __post_init__(self) -> None:
        if abs(self.rate_e8) > _MAX_RATE_E8:
            raise InvalidInputError("rate_e8", self.rate_e8, "expected -3 % to 3 %")
        if self.interval_hours not in (1, 2, 4, 8):
            raise InvalidInputError("interval_hours", self.interval_hours, "expected 1, 2, 4 or 8")

    def after(self, now_ms: int) -> int:
        """The first funding after `now_ms`, ms since the UNIX epoch."""
        interval_ms = self.interval_hours * _HOUR_MS
        return now_ms - now_ms % interval_ms + interval_ms
