"""What an exit plan is made of besides the position: legs, trailing, ratchet, time limits."""

from dataclasses import dataclass

from quantum_exit._core import ExitPlan, Instrument, Leg, Ratchet, TimeStop, Trailing
from quantum_exit.domain.numbers import Number

__all__ = ["ExitPlan", "ExitRules", "Leg", "Ratchet", "TimeStop", "Trailing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRules:
    """Everything of an exit plan but the position and its stop.

    Attributes:
        legs: Take-profit legs in R, `r_multiple` not falling; at most 16.
        trailing: Trailing stop, or None.
        ratchet: Break-even and ratchet; None = the default `Ratchet()`.
        max_hold_ns: Longest time in the position in ns, above 0, or None.
        time_stop: Closes it after a time while the profit is short of a number of R, or None.
    """

    legs: tuple[Leg, ...] = ()
    trailing: Trailing | None = None
    ratchet: Ratchet | None = None
    max_hold_ns: int | None = None
    time_stop: TimeStop | None = None

    def plan(
        self,
        instrument: Instrument,
        *,
        side: str,
        entry_price: Number,
        quantity: Number,
        stop_price: Number,
    ) -> ExitPlan:
        """The plan of a position under these rules; arguments as of `ExitPlan`.

        Raises:
            InvalidInputError: Names the field, its value and what is allowed.
        """
        return ExitPlan(
            instrument,
            side=side,
            entry_price=entry_price,
            quantity=quantity,
            stop_price=stop_price,
            legs=self.legs,
            trailing=self.trailing,
            ratchet=self.ratchet,
            max_hold_ns=self.max_hold_ns,
            time_stop=self.time_stop,
        )
