"""What profiles and scales of a book are registered for."""

from typing import NamedTuple, Self

from quantum_exit.domain.checks import in_range
from quantum_exit.domain.market import as_regime
from quantum_exit.domain.position import key as name_of
from quantum_exit.errors import InvalidInputError

ANY = "*"
"""Stands in a key for every symbol, or every strategy."""
ANY_REGIME = "ANY"
"""Stands in a key for every regime. It is no regime: NORMAL matches NORMAL and nothing else."""
SCALE_RANGE = (0.1, 10.0)
"""Smallest and largest runtime scale; an optimizer has its own, narrower bounds."""

_KEYS_ALLOWED = (
    "a key with a symbol and a strategy, a symbol and a regime, a strategy and a regime, "
    "or a regime: no position asks for another"
)


class ProfileKey(NamedTuple):
    """What a profile is registered for.

    Attributes:
        symbol: A symbol, or `*`.
        strategy_id: A strategy, or `*`.
        regime: A `MarketRegime`, or `ANY`.
    """

    symbol: str
    strategy_id: str
    regime: str

    @classmethod
    def checked(cls, symbol: str, strategy_id: str, regime: str) -> Self:
        """The key of these names, if a position can ask for it.

        Raises:
            InvalidInputError: A name is none, or no position asks for such a key.
        """
        if symbol != ANY:
            name_of("symbol", symbol)
        if strategy_id != ANY:
            name_of("strategy_id", strategy_id)
        if regime != ANY_REGIME:
            return cls(symbol, strategy_id, as_regime("regime", regime))
        key = cls(symbol, strategy_id, ANY_REGIME)
        if ANY in {symbol, strategy_id}:
            raise InvalidInputError("key", key, f"expected {_KEYS_ALLOWED}")
        return key

    def __str__(self) -> str:
        return f"({', '.join(self)})"


class Scale(NamedTuple):
    """An optimizer's factor for the distances in R of a strategy on a symbol.

    Attributes:
        strategy_id: A strategy.
        symbol: A symbol, or `*` for those without a factor of their own.
        factor: In `SCALE_RANGE`.
    """

    strategy_id: str
    symbol: str
    factor: float

    @classmethod
    def checked(cls, strategy_id: str, symbol: str, factor: float) -> Self:
        """The scale of these values.

        Raises:
            InvalidInputError: A name is none, or the factor out of range.
        """
        name_of("scale.strategy_id", strategy_id)
        if symbol != ANY:
            name_of("scale.symbol", symbol)
        return cls(strategy_id, symbol, in_range("scale.factor", factor, *SCALE_RANGE))
