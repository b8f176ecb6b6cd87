"""A picture of a profile: ladder, trailing callback and what is left, over the profit in R."""

from typing import Any

from quantum_exit.app.charts import figure
from quantum_exit.planning.profiles import TPKind, TPProfile

_KIND_COLOURS = ((TPKind.SOFT, "#3e8e7e"), (TPKind.HARD, "#2f5d9b"))
_LEFT, _TRAIL = "#9aa5b1", "#c0562f"
_SHOWN_BEYOND = 1.25
_HEADROOM = 1.12


def profile_chart(profile: TPProfile) -> Any:
    """A plotly figure of `profile`.

    Bars are the legs, at their distance in R and as high as their share. The steps are the share
    that is open while the price rises and no stop is hit. The dashed steps are the callback of the
    trailing stop (right axis) from its activation on.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    chart = figure()
    until_r = _until_r(profile)
    for kind, colour in _KIND_COLOURS:
        legs = [leg for leg in profile.tp_legs if leg.kind is kind]
        if legs:
            chart.add_bar(
                x=[leg.r_multiple for leg in legs],
                y=[100 * leg.size_fraction for leg in legs],
                width=0.04 * until_r,
                name=f"{kind} leg",
                marker_color=colour,
                text=[f"{leg.r_multiple:g} R<br>{100 * leg.size_fraction:g} %" for leg in legs],
                textposition="outside",
                cliponaxis=False,
            )
    callback_pct = 100 * (profile.trailing.callback_pct if profile.trailing is not None else 0.0)
    left_r, left = _left(profile, until_r)
    chart.add_scatter(
        x=left_r,
        y=left,
        name="open",
        mode="lines",
        line={"shape": "hv", "color": _LEFT, "width": 3},
    )
    if profile.trailing is not None:
        steps = [
            (profile.trailing.activation_r, profile.trailing.callback_pct),
            *profile.trailing.tightening_curve,
        ]
        chart.add_scatter(
            x=[*(r for r, _ in steps), until_r],
            y=[*(100 * callback for _, callback in steps), 100 * steps[-1][1]],
            name=f"trailing callback of {_scope(profile)} (right)",
            mode="lines+markers",
            line={"shape": "hv", "dash": "dash", "color": _TRAIL},
            yaxis="y2",
        )
    chart.update_layout(
        title={"text": f"{profile.name}<br><sub>{profile.description}</sub>"},
        xaxis={"title": {"text": "profit in R"}, "range": [-0.02 * until_r, until_r]},
        yaxis={"title": {"text": "share of the position in %"}, "range": [0, _HEADROOM * 100]},
        yaxis2={
            "title": {"text": "callback in % of the price"},
            "overlaying": "y",
            "side": "right",
            "range": [0, _HEADROOM * callback_pct],
            "tickformat": ".2~f",
            "tickmode": "auto",
            "showgrid": False,
        },
        bargap=0,
    )
    return chart


def _until_r(profile: TPProfile) -> float:
    furthest = profile.tp_legs[-1].r_multiple
    if profile.trailing is not None:
        thresholds = (r for r, _ in profile.trailing.tightening_curve)
        furthest = max(furthest, profile.trailing.activation_r, *thresholds)
    return _SHOWN_BEYOND * furthest


def _left(profile: TPProfile, until_r: float) -> tuple[list[float], list[float]]:
    distances, left = [0.0], [100.0]
    for leg in profile.tp_legs:
        distances.append(leg.r_multiple)
        left.append(max(left[-1] - 100 * leg.size_fraction, 0.0))
    return [*distances, until_r], [*left, left[-1]]


def _scope(profile: TPProfile) -> str:
    rest = float(1 - profile.total_tp_size)
    return f"the last {100 * rest:g} %" if rest > 0 else "all that is open"
