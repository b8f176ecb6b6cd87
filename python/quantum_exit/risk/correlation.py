"""Correlations of aligned returns, shrunk toward 0 as far as the sample is too short to trust."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantum_exit.errors import InvalidInputError

MIN_SAMPLES = 30
"""Returns that a correlation needs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnTable:
    """Returns of several symbols over the same stretches of time.

    Attributes:
        symbols: Names of the columns, each once.
        values: Simple returns, one row a stretch, oldest first; finite, above -1.
        end_ns: When each stretch ended, ns since the UNIX epoch, ascending.
        interval_ns: Length of a stretch in ns, above 0.

    Raises:
        InvalidInputError: Shapes or values are not as said.
    """

    symbols: tuple[str, ...]
    values: NDArray[np.float64]
    end_ns: NDArray[np.int64]
    interval_ns: int

    def __post_init__(self) -> None:
        symbols = tuple(self.symbols)
        object.__setattr__(self, "symbols", symbols)
        values = np.array(self.values, np.float64)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        if len(set(symbols)) != len(symbols):
            raise InvalidInputError("returns.symbols", symbols, "expected each symbol once")
        expected = (self.end_ns.size, len(symbols))
        if values.shape != expected:
            raise InvalidInputError("returns.values", values.shape, f"expected shape {expected}")
        if not bool((np.isfinite(values) & (values > -1.0)).all()):
            raise InvalidInputError("returns.values", "given", "expected finite returns above -1")
        if self.interval_ns <= 0 or bool((np.diff(self.end_ns) <= 0).any()):
            raise InvalidInputError("returns.end_ns", "given", "expected ascending times")

    def of(self, symbol: str) -> NDArray[np.float64] | None:
        """Returns of `symbol`, or None where there are none."""
        return self.values[:, self.symbols.index(symbol)] if symbol in self.symbols else None

    def __len__(self) -> int:
        return int(self.values.shape[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlations:
    """Correlations of several symbols.

    Attributes:
        symbols: Names of rows and columns.
        matrix: -1..1, 1 on the diagonal, shrunk.
        shrinkage: How much of every correlation was taken away, 0..1.
        samples: Returns used.
    """

    symbols: tuple[str, ...]
    matrix: NDArray[np.float64]
    shrinkage: float
    samples: int

    @property
    def pairs(self) -> NDArray[np.float64]:
        """Correlation of every pair, each once."""
        upper: NDArray[np.float64] = self.matrix[np.triu_indices(len(self.symbols), 1)]
        return upper

    @property
    def mean_absolute(self) -> float:
        """Mean of |rho| over all pairs; 0 for one symbol, which goes with no other."""
        return float(np.abs(self.pairs).mean()) if self.pairs.size else 0.0

    @property
    def max_absolute(self) -> float:
        """Largest |rho| of all pairs; 0 for one symbol."""
        return float(np.abs(self.pairs).max()) if self.pairs.size else 0.0


def shrunk_correlations(
    table: ReturnTable, symbols: Sequence[str], min_samples: int = MIN_SAMPLES
) -> Correlations | None:
    """Correlations of `symbols`, shrunk toward 0 as Ledoit and Wolf (2004) do.

    "A well-conditioned estimator for large-dimensional covariance matrices", on standardised
    returns, so that the target is the identity and only what lies off the diagonal shrinks.

    Args:
        table: Aligned returns.
        symbols: Symbols of the table, each once.
        min_samples: Returns needed, 2 or more.

    Returns:
        None where returns are too few, a symbol has none, or one did not move at all: then its
        correlation is undefined.
    """
    if len(table) < min_samples or any(symbol not in table.symbols for symbol in symbols):
        return None
    columns = [table.symbols.index(symbol) for symbol in symbols]
    centred = table.values[:, columns] - table.values[:, columns].mean(axis=0)
    deviation = np.sqrt((centred * centred).mean(axis=0))
    if not bool((deviation > 0.0).all()):
        return None
    standard = centred / deviation
    count = standard.shape[0]
    sample = standard.T @ standard / count
    shrinkage = _shrinkage(standard, sample)
    matrix = (1.0 - shrinkage) * sample
    np.fill_diagonal(matrix, 1.0)
    return Correlations(
        symbols=tuple(symbols),
        matrix=np.clip(matrix, -1.0, 1.0),
        shrinkage=shrinkage,
        samples=count,
    )


def aligned_returns(
    prices: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]],
    *,
    interval_ns: int,
    samples: int,
    as_of_ns: int,
) -> ReturnTable | None:
    """The last `samples` returns of several price series over the same stretches of time.

    A stretch ends at a multiple of `interval_ns`; its return is that of the last prices known at
    its end and at its start. No price after `as_of_ns` is looked at.

    Args:
        prices: For each symbol the times at which its prices were known (ns since the UNIX epoch,
            ascending; the end of a bar, not its start) and the prices, above 0.
        interval_ns: Length of a stretch in ns, above 0.
        samples: Returns wanted, 1 or more.
        as_of_ns: Now.

    Returns:
        As many returns as all series reach back for, up to `samples`; None where that is none. A
        series without a price in the last stretch gives none: it has gone stale.
    """
    if interval_ns <= 0 or samples < 1:
        raise InvalidInputError(
            "interval_ns, samples", f"{interval_ns}, {samples}", "expected numbers above 0"
        )
    last_ns = as_of_ns // interval_ns * interval_ns
    ends_ns = last_ns - interval_ns * np.arange(samples, -1, -1, dtype=np.int64)
    columns: list[NDArray[np.float64]] = []
    first = 0
    for known_ns, price in prices.values():
        place = np.searchsorted(known_ns, ends_ns, side="right") - 1
        first = max(first, int((place < 0).sum()))
        if place[-1] < 0 or known_ns[place[-1]] <= last_ns - interval_ns:
            return None
        columns.append(price[np.maximum(place, 0)])
    if not columns or first >= samples:
        return None
    table = np.column_stack([column[first:] for column in columns])
    return ReturnTable(
        symbols=tuple(prices),
        values=table[1:] / table[:-1] - 1.0,
        end_ns=ends_ns[first + 1 :],
        interval_ns=interval_ns,
    )


def correlation_baseline(
    history: Sequence[float], last: int = MIN_SAMPLES, more_than: int = 10
) -> float | None:
    """Mean of the last mean correlations, or None before there are more than `more_than`."""
    if len(history) <= more_than:
        return None
    recent = history[-last:]
    return sum(recent) / len(recent)


def _shrinkage(standard: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """Ledoit and Wolf's b^2 / d^2: the error of the sample over its distance from the target."""
    count, width = standard.shape
    distance = float(((sample - np.eye(width)) ** 2).sum())
    if distance <= 0.0:
        return 1.0 if width > 1 else 0.0
    squares = float(((standard * standard).sum(axis=1) ** 2).sum()) / count
    error = float((squares - (sample * sample).sum()) / count)
    return min(max(error / distance, 0.0), 1.0)
