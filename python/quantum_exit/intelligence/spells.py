"""How often each regime occurs and how long it lasts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from quantum_exit.domain.market import MarketRegime
from quantum_exit.intelligence.regime import NO_REGIME, RegimeSeries
from quantum_exit.intelligence.regime_rules import REGIMES


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which one regime held.

    Attributes:
        regime: The regime, or None where the data were too few.
        start_ns: End of the bar from which on it held, ns since the UNIX epoch.
        end_ns: When the next one began; one bar after the last reading for the last spell.
        cut: The series ends before the spell does, so that its length is a lower bound.
    """

    regime: MarketRegime | None
    start_ns: int
    end_ns: int
    cut: bool = False

    @property
    def length_ns(self) -> int:
        """How long it lasted in ns."""
        return self.end_ns - self.start_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """How much of a series one regime takes.

    Attributes:
        regime: The regime, or None for the time of which too little is known.
        share: Share of all readings, 0..1.
        spells: Spells begun.
        median_ns: Median length of its spells, in ns.
        mean_ns: Mean length.
        longest_ns: Longest one.
    """

    regime: MarketRegime | None
    share: float
    spells: int
    median_ns: float
    mean_ns: float
    longest_ns: int


def spells(series: RegimeSeries) -> list[Spell]:
    """The spells of a series, in the order of time; none where it is empty."""
    if not len(series):
        return []
    changes = np.flatnonzero(np.diff(series.codes)) + 1
    starts = np.concatenate((np.zeros(1, np.int64), changes))
    start_ns = series.as_of_ns[starts]
    end_ns = np.append(start_ns[1:], series.as_of_ns[-1] + series.interval_ns)
    last = len(starts) - 1
    return [
        Spell(
            None if (code := int(series.codes[start])) == NO_REGIME else REGIMES[code],
            int(begins),
            int(ends),
            cut=place == last,
        )
        for place, (start, begins, ends) in enumerate(zip(starts, start_ns, end_ns, strict=True))
    ]


def occurrences(found: Sequence[Spell]) -> list[Occurrence]:
    """One row for each regime that occurs, in the order of `MarketRegime`, the unknown last."""
    total_ns = sum(spell.length_ns for spell in found)
    order: Iterable[MarketRegime | None] = (*REGIMES, None)
    rows = []
    for regime in order:
        lengths = [spell.length_ns for spell in found if spell.regime is regime]
        if lengths:
            rows.append(
                Occurrence(
                    regime=regime,
                    share=sum(lengths) / total_ns,
                    spells=len(lengths),
                    median_ns=float(np.median(lengths)),
                    mean_ns=float(np.mean(lengths)),
                    longest_ns=max(lengths),
                )
            )
    return rows
