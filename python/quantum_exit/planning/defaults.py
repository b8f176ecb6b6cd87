"""The five default profiles, one for each market regime."""

from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.profiles import TPKind, TPProfile, TPProfileLeg, TrailingProfile

TREND_DEFAULT = TPProfile(
    name="TREND_DEFAULT",
    tp_legs=(
        TPProfileLeg(0.5, 0.15, TPKind.SOFT),
        TPProfileLeg(1.0, 0.20, TPKind.HARD),
        TPProfileLeg(2.0, 0.30, TPKind.HARD),
    ),
    trailing=TrailingProfile(0.020, 1.5, ((3.0, 0.015), (5.0, 0.010))),
    description="Let profits run: small early legs, the remaining 35 % trail.",
)
RANGE_DEFAULT = TPProfile(
    name="RANGE_DEFAULT",
    tp_legs=(
        TPProfileLeg(0.3, 0.30, TPKind.SOFT),
        TPProfileLeg(0.6, 0.40, TPKind.HARD),
        TPProfileLeg(1.0, 0.30, TPKind.HARD),
    ),
    description="Take what the range gives: everything is closed by 1 R.",
)
VOLATILE_DEFAULT = TPProfile(
    name="VOLATILE_DEFAULT",
    tp_legs=(
        TPProfileLeg(0.4, 0.25, TPKind.SOFT),
        TPProfileLeg(0.8, 0.35, TPKind.HARD),
        TPProfileLeg(1.5, 0.40, TPKind.HARD),
    ),
    trailing=TrailingProfile(0.025, 1.0),
    description="Wide callback over all that is open; no tightening.",
)
CHOP_DEFAULT = TPProfile(
    name="CHOP_DEFAULT",
    tp_legs=(
        TPProfileLeg(0.25, 0.40, TPKind.SOFT),
        TPProfileLeg(0.5, 0.40, TPKind.HARD),
        TPProfileLeg(0.75, 0.20, TPKind.HARD),
    ),
    description="Out quickly: everything is closed by 0.75 R.",
)
NORMAL_DEFAULT = TPProfile(
    name="NORMAL_DEFAULT",
    tp_legs=(
        TPProfileLeg(0.5, 0.25, TPKind.SOFT),
        TPProfileLeg(1.0, 0.25, TPKind.HARD),
        TPProfileLeg(2.0, 0.50, TPKind.HARD),
    ),
    trailing=TrailingProfile(0.015, 1.0, ((3.0, 0.010),)),
    description="Half early, half at 2 R; the trailing stop guards all that is open.",
)

DEFAULT_PROFILES = (
    TREND_DEFAULT,
    RANGE_DEFAULT,
    VOLATILE_DEFAULT,
    CHOP_DEFAULT,
    NORMAL_DEFAULT,
)


def default_profile(name: str) -> TPProfile:
    """The default profile called `name`.

    Raises:
        InvalidInputError: There is none.
    """
    for profile in DEFAULT_PROFILES:
        if profile.name == name:
            return profile
    names = ", ".join(profile.name for profile in DEFAULT_PROFILES)
    raise InvalidInputError("profile", repr(name), f"expected one of {names}")
