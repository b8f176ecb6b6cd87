"""The picture of a profile as a PNG, drawn without a browser."""

from io import BytesIO
from typing import TYPE_CHECKING

from quantum_exit._core import __version__
from quantum_exit.app.charts import GRID, INK
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
from quantum_exit.errors import MissingExtraError
from quantum_exit.planning.profiles import TPProfile, TrailingProfile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_INCHES, _DPI = (11.0, 6.2), 200
_PAD_INCHES = 0.15


def profile_png(profile: TPProfile) -> bytes:
    """A PNG of 2200 x 1240 pixels that shows what `profile_chart` shows.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional dependency
        from matplotlib.layout_engine import (  # noqa: PLC0415 - an optional dependency
            ConstrainedLayoutEngine,
        )
    except ImportError as error:
        raise MissingExtraError("report", "matplotlib") from error
    layout = ConstrainedLayoutEngine(w_pad=_PAD_INCHES, h_pad=_PAD_INCHES)
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout=layout)
    shares = figure.add_subplot()
    _draw_shares(shares, profile)
    drawn = [shares]
    if profile.trailing is not None:
        drawn.append(shares.twinx())
        _draw_callbacks(drawn[-1], profile, profile.trailing)
    for axes in drawn:
        axes.spines[:].set_visible(False)
        axes.tick_params(colors=INK, length=0)
    handles, labels = [], []
    for axes in drawn:
        own_handles, own_labels = axes.get_legend_handles_labels()
        handles += own_handles
        labels += own_labels
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    image = BytesIO()
    figure.savefig(image, format="png", metadata={"Software": f"quantum-exit {__version__}"})
    return image.getvalue()


def _draw_shares(axes: "Axes", profile: TPProfile) -> None:
    end_r = until_r(profile)
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    for kind, colour in KIND_COLOURS:
        if legs := legs_of(profile, kind):
            r = [leg.r_multiple for leg in legs]
            height = [100 * leg.size_fraction for leg in legs]
            width = 0.04 * end_r
            bars = axes.bar(r, height, width, color=colour, label=f"{kind} leg", zorder=3)
            texts = [f"{leg.r_multiple:g} R\n{100 * leg.size_fraction:g} %" for leg in legs]
            axes.bar_label(
                bars, texts, padding=5, color=INK, zorder=4, bbox={"color": "white", "pad": 1}
            )
    open_share = left(profile)
    axes.step(*open_share, where="post", color=LEFT_COLOUR, linewidth=3, label="open")
    axes.set_title(profile.name, loc="left", color=INK, fontsize=15, pad=24, parse_math=False)
    below_title = axes.text(0, 1.02, profile.description, transform=axes.transAxes, color=INK)
    below_title.set_parse_math(False)
    axes.set_xlim(-0.02 * end_r, end_r)
    axes.set_ylim(0, HEADROOM * 100)
    axes.set_xlabel("profit in R", color=INK)
    axes.set_ylabel("share of the position in %", color=INK)


def _draw_callbacks(axes: "Axes", profile: TPProfile, trailing: TrailingProfile) -> None:
    steps = callbacks(profile, trailing)
    axes.step(
        *steps,
        where="post",
        color=TRAIL_COLOUR,
        linestyle="--",
        marker="o",
        markevery=range(len(steps.r) - 1),
        label=callback_name(profile),
    )
    axes.set_ylim(0, HEADROOM * steps.percent[0])
    axes.set_ylabel("callback in % of the price", color=INK)
