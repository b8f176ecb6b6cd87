"""Chance that depends on nothing but its name: no generator, no state, no order of draws."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")
_STEPS = 1 << 53


@dataclass(frozen=True, slots=True)
class Occasion:
    """One chance for one fault to happen.

    Equal occasions give equal numbers, whatever else was drawn before, so that a change of one
    fault's rate moves no other fault.

    Attributes:
        seed: Of the run.
        name: Of the fault.
        count: How many occasions of that name came before this one.
    """

    seed: int
    name: str
    count: int

    def unit(self, what: str) -> float:
        """A number from 0 (included) to 1 (excluded).

        Args:
            what: What it is for; another name gives an independent number.
        """
        text = f"{self.seed}/{self.name}/{self.count}/{what}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) / _STEPS

    def happens(self, rate_frac: float) -> bool:
        """`True` with the probability `rate_frac`, 0 to 1; what happens at a rate does at a higher one."""
        return self.unit("happens") < rate_frac

    def whole(self, what: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.unit(what) * (high - low + 1))

    def spread(self, what: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, its logarithm uniform; `low` is 1 or more."""
        exponent = math.log(low) + self.unit(what) * (math.log(high) - math.log(low))
        return min(high, max(low, round(math.exp(exponent))))

    def one_of(self, what: str, choices: Sequence[_T]) -> _T:
        """One of `choices`, of which there is at least one."""
        return choices[int(self.unit(what) * len(choices))]
