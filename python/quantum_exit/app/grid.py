"""The grid of a sweep: every combination of profile, stop, scale and callback."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from quantum_exit.adapters.definitions import load_profile, read_text
from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields, located
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InputFileError, InvalidInputError
from quantum_exit.planning.profiles import TPProfile

_KEYS = ("profiles", "stop_fracs", "r_scales", "callback_pcts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One combination.

    Attributes:
        profile: Name of the profile.
        stop_frac: Distance of the initial stop as a fraction of the entry price.
        r_scale: What every distance in R of the profile is multiplied by.
        callback_pct: Trailing callback as a fraction; None where there is no trailing.
        rules: The profile with both.
    """

    profile: str
    stop_frac: Decimal
    r_scale: Decimal
    callback_pct: float | None
    rules: ExitRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The values that are combined.

    Attributes:
        profiles: At least one.
        stop_fracs: At least one, each in (0, 1).
        r_scales: At least one, each above 0.
        callback_pcts: Callbacks in place of those of the profiles that trail; none = theirs. Points
            of a tightening curve that would be wider become as tight.
    """

    profiles: tuple[TPProfile, ...]
    stop_fracs: tuple[Decimal, ...]
    r_scales: tuple[Decimal, ...] = (Decimal(1),)
    callback_pcts: tuple[Decimal, ...] = ()

    def __post_init__(self) -> None:
        for field in ("profiles", "stop_fracs", "r_scales"):
            if not getattr(self, field):
                raise InvalidInputError(field, "none", "expected one or more")
        for stop_frac in self.stop_fracs:
            if not 0 < stop_frac < 1:
                raise InvalidInputError("stop_fracs", stop_frac, "expected a fraction in (0, 1)")
        for r_scale in self.r_scales:
            if r_scale <= 0:
                raise InvalidInputError("r_scales", r_scale, "expected a number above 0")

    def points(self) -> Iterator[Point]:
        """Every combination, the last value changing fastest.

        Raises:
            InvalidInputError: A profile cannot be scaled so far, or a callback is out of range.
        """
        for profile, stop_frac, r_scale in product(self.profiles, self.stop_fracs, self.r_scales):
            scaled = profile.scaled(r_scale)
            for variant in _variants(scaled, self.callback_pcts):
                trailing = variant.trailing
                yield Point(
                    profile=profile.name,
                    stop_frac=stop_frac,
                    r_scale=r_scale,
                    callback_pct=None if trailing is None else trailing.callback_pct,
                    rules=variant.rules(),
                )


def load_grid(path: str) -> Grid:
    """The grid of a TOML file.

    Keys, each a list: `profiles` (names or files), `stop_fracs` and, optional, `r_scales` and
    `callback_pcts`, all but the first of numbers.

    Raises:
        InputFileError: The file was refused; names the key.
    """
    fields = Fields(parse_toml(read_text(path), path), path=path, known=_KEYS)
    profiles = []
    for index, name in enumerate(fields.texts("profiles")):
        try:
            profiles.append(load_profile(name))
        except InvalidInputError as error:
            message = f"{error.value} is not allowed; {error.allowed}"
            raise InputFileError(path, f"profiles[{index}]", message) from error
    with located(path):
        return Grid(
            profiles=tuple(profiles),
            stop_fracs=fields.numbers("stop_fracs"),
            r_scales=fields.numbers("r_scales") or (Decimal(1),),
            callback_pcts=fields.numbers("callback_pcts"),
        )


def _variants(profile: TPProfile, callback_pcts: tuple[Decimal, ...]) -> Iterator[TPProfile]:
    if profile.trailing is None or not callback_pcts:
        yield profile
        return
    for callback in map(float, callback_pcts):
        curve = tuple((r, min(cb, callback)) for r, cb in profile.trailing.tightening_curve)
        trailing = replace(profile.trailing, callback_pct=callback, tightening_curve=curve)
        yield replace(profile, trailing=trailing)
