"""A picture of a profile: ladder, trailing callback and what is left, over the profit in R."""

from typing import Any

from quantum_exit.app.charts import figure
from quantum_exit.app.profile_shape import (
    HEADROOM,
    KIND_COLOURS,
    LEFT_COLOUR,
    TRAIL_COLOUR,
    callback_name,
    callbacks,
    left,
    legs_of,
    until_r,
)
from quantum_exit.planning.profiles import TPProfile


def profile_chart(profile: TPProfile) -> Any:
    """A plotly figure of `profile`.

    Bars are the legs, at their distance in R and as high as their share. The steps are the share
    that is open while the price rises and no stop is hit. The dashed steps are the callback of the
    trailing stop (right axis) from its activation on.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    chart = figure()
    end_r = until_r(profile)
    for kind, colour in KIND_COLOURS:
        if legs := legs_of(profile, kind):
            chart.add_bar(
                x=[leg.r_multiple for leg in legs],
                y=[100 * leg.size_fraction for leg in legs],
                width=0.04 * end_r,
                name=f"{kind} leg",
                marker_color=colour,
                text=[f"{leg.r_multiple:g} R<br>{100 * leg.size_fraction:g} %" for leg in legs],
                textposition="outside",
                cliponaxis=False,
            )
    callback_pct = 100 * (profile.trailing.callback_pct if profile.trailing is not None else 0.0)
    open_share = left(profile)
    chart.add_scatter(
        x=open_share.r,
        y=open_share.percent,
        name="open",
        mode="lines",
        line={"shape": "hv", "color": LEFT_COLOUR, "width": 3},
    )
    if profile.trailing is not None:
        steps = callbacks(profile, profile.trailing)
        chart.add_scatter(
            x=steps.r,
            y=steps.percent,
            name=callback_name(profile),
            mode="lines+markers",
            line={"shape": "hv", "dash": "dash", "color": TRAIL_COLOUR},
            yaxis="y2",
        )
    chart.update_layout(
        title={"text": f"{profile.name}<br><sub>{profile.description}</sub>"},
        xaxis={"title": {"text": "profit in R"}, "range": [-0.02 * end_r, end_r]},
        yaxis={"title": {"text": "share of the position in %"}, "range": [0, HEADROOM * 100]},
        yaxis2={
            "title": {"text": "callback in % of the price"},
            "overlaying": "y",
            "side": "right",
            "range": [0, HEADROOM * callback_pct],
            "tickformat": ".2~f",
            "tickmode": "auto",
            "showgrid": False,
        },
        bargap=0,
    )
    return chart
