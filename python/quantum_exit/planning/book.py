"""The profile book: who gets which take-profit profile, as one immutable, versioned value."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple, Self

from quantum_exit.domain.market import MarketRegime, as_regime
from quantum_exit.domain.position import key as name_of
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.book_keys import ANY, ANY_REGIME, ProfileKey, Scale
from quantum_exit.planning.defaults import (
    CHOP_DEFAULT,
    NORMAL_DEFAULT,
    RANGE_DEFAULT,
    TREND_DEFAULT,
    VOLATILE_DEFAULT,
)
from quantum_exit.planning.profiles import TPProfile

__all__ = [
    "ANY",
    "ANY_REGIME",
    "GLOBAL_DEFAULT",
    "BookEntry",
    "ProfileBook",
    "ProfileKey",
    "Scale",
    "Selection",
]

GLOBAL_DEFAULT = ProfileKey(ANY, ANY, MarketRegime.NORMAL)
"""The last resort, which every book must hold."""


class BookEntry(NamedTuple):
    """One registration."""

    key: ProfileKey
    profile: TPProfile


class Selection(NamedTuple):
    """The profile that a position gets, and why.

    Attributes:
        profile: The profile with the runtime scale applied.
        level: How specific the match is: 1 (symbol, strategy and regime) to 6 (global default).
        key: The registration that matched.
        scale: Runtime scale applied to the distances in R; 1 = none.
    """

    profile: TPProfile
    level: int
    key: ProfileKey
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileBook:
    """Profiles by symbol, strategy and regime, with the optimizer's scales.

    A change gives the next version. Books of equal content have equal hashes in every process.

    Attributes:
        entries: The registrations, in the order of their keys.
        scales: The scales, in order.
        version: Counts the changes, 1 or more.
        content_hash: SHA-256 of entries and scales as canonical JSON, without the version.

    Raises:
        InvalidInputError: A key can never match or stands twice, the global default is missing, two
            profiles have one name, or a scale is out of range.
    """

    entries: tuple[BookEntry, ...]
    scales: tuple[Scale, ...] = ()
    version: int = 1
    content_hash: str = field(init=False)
    _profiles: Mapping[ProfileKey, TPProfile] = field(init=False, repr=False, compare=False)
    _factors: Mapping[tuple[str, str], float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        entries = tuple(sorted(_checked(self.entries), key=lambda entry: entry.key))
        scales = tuple(sorted(_checked_scales(self.scales)))
        if self.version < 1:
            raise InvalidInputError("version", self.version, "expected a whole number from 1")
        profiles = dict(entries)
        if GLOBAL_DEFAULT not in profiles:
            allowed = "expected a profile for (*, *, NORMAL), the global default"
            raise InvalidInputError("entries", f"{len(entries)} profiles", allowed)
        factors = {(scale.strategy_id, scale.symbol): scale.factor for scale in scales}
        for name, value in (
            ("entries", entries),
            ("scales", scales),
            ("content_hash", _hash(entries, scales)),
            ("_profiles", MappingProxyType(profiles)),
            ("_factors", MappingProxyType(factors)),
        ):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled; everything is rebuilt from what was given.
        return (_book, (self.entries, self.scales, self.version))

    @staticmethod
    def default() -> "ProfileBook":
        """The five default profiles, each for its regime; always the same book."""
        return _DEFAULT

    def lookup(self, symbol: str, strategy_id: str, regime: MarketRegime) -> Selection:
        """The most specific profile for a position; the six levels are those of `Selection.level`.

        Args:
            symbol: A symbol, not `*`.
            strategy_id: A strategy, not `*`.
            regime: What the market does.

        Raises:
            InvalidInputError: A name is empty or a wildcard, or the regime unknown.
        """
        name_of("symbol", symbol)
        name_of("strategy_id", strategy_id)
        regime = as_regime("regime", regime)
        keys = (
            ProfileKey(symbol, strategy_id, regime),
            ProfileKey(symbol, strategy_id, ANY_REGIME),
            ProfileKey(symbol, ANY, regime),
            ProfileKey(ANY, strategy_id, regime),
            ProfileKey(ANY, ANY, regime),
            GLOBAL_DEFAULT,
        )
        level = next(level for level, key in enumerate(keys, 1) if key in self._profiles)
        key = keys[level - 1]
        profile = self._profiles[key]
        scale = self.scale(strategy_id, symbol)
        return Selection(profile if scale == 1.0 else profile.scaled(scale), level, key, scale)

    def scale(self, strategy_id: str, symbol: str) -> float:
        """The runtime scale of a strategy on a symbol; 1 where there is none."""
        own = self._factors.get((strategy_id, symbol))
        return own if own is not None else self._factors.get((strategy_id, ANY), 1.0)

    def with_profile(
        self, profile: TPProfile, *, symbol: str = ANY, strategy_id: str = ANY, regime: str
    ) -> "ProfileBook":
        """The next version, in which `profile` is what the key gives.

        Args:
            profile: A profile; another one of its name may stand only under this very key.
            symbol: A symbol, or `*`.
            strategy_id: A strategy, or `*`.
            regime: A `MarketRegime`, or `ANY`.

        Raises:
            InvalidInputError: As of the class.
        """
        key = ProfileKey(symbol, strategy_id, regime)
        others = tuple(entry for entry in self.entries if entry.key != key)
        entries = (*others, BookEntry(key, profile))
        return ProfileBook(entries=entries, scales=self.scales, version=self.version + 1)

    def without_profile(self, *, symbol: str = ANY, strategy_id: str = ANY, regime: str) -> Self:
        """The next version, in which nothing is registered under the key.

        Raises:
            InvalidInputError: Nothing is registered there, or it is the global default.
        """
        key = ProfileKey(symbol, strategy_id, regime)
        if key not in self._profiles:
            raise InvalidInputError("key", key, "expected a key of the book")
        entries = tuple(entry for entry in self.entries if entry.key != key)
        return type(self)(entries=entries, scales=self.scales, version=self.version + 1)

    def with_scale(self, strategy_id: str, symbol: str, factor: float) -> "ProfileBook":
        """The next version, in which distances in R of this strategy on this symbol are scaled.

        The factor replaces an earlier one; it does not multiply it. A factor of 1 takes it away.

        Args:
            strategy_id: A strategy.
            symbol: A symbol, or `*` for those without a factor of their own.
            factor: In `SCALE_RANGE`; applies to `r_multiple`, `activation_r` and the thresholds of
                the curve, whichever profile is selected.

        Raises:
            InvalidInputError: The factor is out of range, or a name is none.
        """
        others = tuple(
            scale for scale in self.scales if (scale[0], scale[1]) != (strategy_id, symbol)
        )
        scale = Scale.checked(strategy_id, symbol, factor)
        # A factor of 1 must still shadow that of `*`.
        keep = factor != 1.0 or (symbol != ANY and (strategy_id, ANY) in self._factors)
        scales = (*others, scale) if keep else others
        return ProfileBook(entries=self.entries, scales=scales, version=self.version + 1)


def _book(entries: tuple[BookEntry, ...], scales: tuple[Scale, ...], version: int) -> ProfileBook:
    return ProfileBook(entries=entries, scales=scales, version=version)


def _checked(entries: Iterable[tuple[ProfileKey, TPProfile]]) -> list[BookEntry]:
    checked = [BookEntry(ProfileKey.checked(*key), profile) for key, profile in entries]
    keys: set[ProfileKey] = set()
    named: dict[str, TPProfile] = {}
    for key, profile in checked:
        if key in keys:
            raise InvalidInputError("key", key, "expected each key once")
        keys.add(key)
        if named.setdefault(profile.name, profile) != profile:
            allowed = "another profile of the book has this name; choose a name of its own"
            raise InvalidInputError("profile.name", profile.name, allowed)
    return checked


def _checked_scales(scales: Iterable[tuple[str, str, float]]) -> list[Scale]:
    checked = [Scale.checked(*scale) for scale in scales]
    pairs: set[tuple[str, str]] = set()
    for strategy_id, symbol, _ in checked:
        if (strategy_id, symbol) in pairs:
            allowed = "expected each pair once"
            raise InvalidInputError("scales", f"({strategy_id}, {symbol})", allowed)
        pairs.add((strategy_id, symbol))
    return checked


def _default_book() -> ProfileBook:
    profiles = {
        MarketRegime.TREND: TREND_DEFAULT,
        MarketRegime.RANGE: RANGE_DEFAULT,
        MarketRegime.VOLATILE: VOLATILE_DEFAULT,
        MarketRegime.CHOP: CHOP_DEFAULT,
        MarketRegime.NORMAL: NORMAL_DEFAULT,
    }
    entries = (BookEntry(ProfileKey(ANY, ANY, regime), one) for regime, one in profiles.items())
    return ProfileBook(entries=tuple(entries))


def _hash(entries: tuple[BookEntry, ...], scales: tuple[Scale, ...]) -> str:
    content = {
        "entries": [[list(key), asdict(profile)] for key, profile in entries],
        "scales": [list(scale) for scale in scales],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


_DEFAULT = _default_book()
