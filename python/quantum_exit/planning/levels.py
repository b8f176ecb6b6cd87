"""Prices as multiples of R, so that a level lies exactly where it was meant to lie on the grid."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple, Self

from quantum_exit.domain.position import Position
from quantum_exit.errors import PlanRefusedError

_MICRO = Decimal("0.000001")
_PER_ONE = 1_000_000
_MAX_R = Decimal(10_000)
# A binary product such as 0.025 * 0.7 may lie a hair below the decimal that it stands for.
_HAIR = 1e-3


def tighter(value: float) -> float:
    """`value` rounded down to six decimals, the precision of the core; for stops and callbacks."""
    return int(value * _PER_ONE + _HAIR) / _PER_ONE


class Ruler(NamedTuple):
    """The R of one position, measured as the core does: to the stop after rounding.

    Gains are prices with the sign of the side, so that more is better for LONG and SHORT alike.

    Attributes:
        symbol: Symbol of the position.
        sign: 1 for LONG, -1 for SHORT.
        tick: Tick size, quote currency.
        entry: Gain of the entry price.
        stop: Gain of the rounded stop.
        r: One R, quote currency.
    """

    symbol: str
    sign: int
    tick: Decimal
    entry: Decimal
    stop: Decimal
    r: Decimal

    @classmethod
    def at_frac(cls, position: Position, stop_frac: float) -> Self:
        """The ruler of a stop `stop_frac` of the entry price away, at most six decimals.

        Raises:
            PlanRefusedError: The rounded stop is not one tick away from the entry, or is no price.
        """
        sign = position.side.sign
        tick = Decimal(position.instrument.tick_size)
        entry = sign * position.entry_price
        exact = entry - position.entry_price * Decimal(repr(stop_frac))
        stop = (exact / tick).to_integral_value(ROUND_CEILING) * tick
        r = entry - stop
        if r < tick or sign * stop < tick:
            distance = f"{stop_frac:.4%} from {position.entry_price}"
            reason = f"a stop {distance} cannot be set on ticks of {tick}"
            raise PlanRefusedError(position.symbol, reason)
        return cls(position.symbol, sign, tick, entry, stop, r)

    @property
    def stop_price(self) -> Decimal:
        """The rounded stop, quote currency."""
        return self.sign * self.stop

    def price(self, gain: Decimal) -> Decimal:
        """The price of a gain."""
        return self.sign * gain

    def sooner(self, gain: Decimal) -> Decimal:
        """`gain` on the grid, rounded toward the entry like a profit level."""
        return (gain / self.tick).to_integral_value(ROUND_FLOOR) * self.tick

    def closer(self, gain: Decimal) -> Decimal:
        """`gain` on the grid, rounded toward the market like a stop."""
        return (gain / self.tick).to_integral_value(ROUND_CEILING) * self.tick

    def gain_at(self, frac: float) -> Decimal:
        """The gain that lies `frac` of the entry price on the profit side of the entry."""
        # Twelve digits take away the last bits of a binary product, so that a level that should lie
        # on the grid does not fall to the tick before it.
        return self.entry + abs(self.entry) * Decimal(repr(round(frac, 12)))

    def r_at(self, gain: Decimal) -> float:
        """The smallest R (six decimals) whose level in the core is `gain` rounded toward the entry.

        At least the first tick beyond the entry, at most the last legal price and 10 000 R.
        """
        level = max(self.sooner(gain), self.first)
        if self.sign < 0:
            level = min(level, -self.tick)
        exact = (level - self.entry) / self.r
        return float(min(exact.quantize(_MICRO, ROUND_CEILING), _MAX_R))

    @property
    def first(self) -> Decimal:
        """Gain of the first tick beyond the entry."""
        return self.sooner(self.entry) + self.tick

    def reachable(self, r_multiple: float) -> float:
        """`r_multiple`, or that of the first tick beyond the entry where it is less than a tick."""
        if r_multiple * float(self.r) >= float(self.tick):
            return r_multiple
        return max(r_multiple, self.r_at(self.first))
