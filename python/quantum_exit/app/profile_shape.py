"""What the pictures of a profile show: numbers, and the colours that both kinds of picture use."""

from typing import NamedTuple

from quantum_exit.planning.profiles import TPKind, TPProfile, TPProfileLeg, TrailingProfile

KIND_COLOURS = ((TPKind.SOFT, "#3e8e7e"), (TPKind.HARD, "#2f5d9b"))
LEFT_COLOUR, TRAIL_COLOUR = "#9aa5b1", "#c0562f"
HEADROOM = 1.12
"""How far an axis goes beyond its highest value, as a factor."""

_SHOWN_BEYOND = 1.25


class Steps(NamedTuple):
    """A line of steps: `percent[i]` holds from `r[i]` on."""

    r: list[float]
    percent: list[float]


def legs_of(profile: TPProfile, kind: TPKind) -> list[TPProfileLeg]:
    """The legs of one kind."""
    return [leg for leg in profile.tp_legs if leg.kind is kind]


def until_r(profile: TPProfile) -> float:
    """How far the picture goes, in R."""
    furthest = profile.tp_legs[-1].r_multiple
    if profile.trailing is not None:
        thresholds = (r for r, _ in profile.trailing.tightening_curve)
        furthest = max(furthest, profile.trailing.activation_r, *thresholds)
    return _SHOWN_BEYOND * furthest


def left(profile: TPProfile) -> Steps:
    """The share that is open while the price rises and no stop is hit, in percent."""
    r, percent = [0.0], [100.0]
    for leg in profile.tp_legs:
        r.append(leg.r_multiple)
        percent.append(max(percent[-1] - 100 * leg.size_fraction, 0.0))
    return Steps([*r, until_r(profile)], [*percent, percent[-1]])


def callbacks(profile: TPProfile, trailing: TrailingProfile) -> Steps:
    """The callback of the trailing stop from its activation on, in percent of the price."""
    curve = [(trailing.activation_r, trailing.callback_pct), *trailing.tightening_curve]
    percent = [100 * callback for _, callback in curve]
    return Steps([*(r for r, _ in curve), until_r(profile)], [*percent, percent[-1]])


def callback_name(profile: TPProfile) -> str:
    """What the line of the callback is called."""
    rest = float(1 - profile.total_tp_size)
    scope = f"the last {100 * rest:g} %" if rest > 0 else "all that is open"
    return f"trailing callback of {scope} (right)"
