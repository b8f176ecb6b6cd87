"""Charts as one HTML file that fetches nothing."""

from html import escape
from typing import Any

from quantum_exit._core import __version__
from quantum_exit.adapters.atomic import replacing
from quantum_exit.errors import MissingExtraError

INK = "#1f2933"
GRID = "#e4e7eb"


def figure() -> Any:
    """An empty plotly figure with the axes of this program.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    try:
        from plotly import graph_objects  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise MissingExtraError("report", "plotly") from error
    empty = graph_objects.Figure()
    empty.update_layout(
        template="none",
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        height=480,
        margin={"l": 70, "r": 80, "t": 70, "b": 100},
        legend={"orientation": "h", "y": -0.22},
    )
    empty.update_xaxes(gridcolor=GRID, zeroline=False)
    empty.update_yaxes(gridcolor=GRID, zeroline=False)
    return empty


def write_chart(chart: Any, path: str) -> None:
    """Writes one figure to an HTML file, all or nothing.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(page("", [chart], ""), encoding="utf-8")


def page(title: str, charts: list[Any], body: str) -> str:
    """One HTML page with everything in it.

    Args:
        title: Heading, or empty for none.
        charts: Figures, in order, after the body.
        body: HTML before the charts.
    """
    drawn = [
        chart.to_html(full_html=False, include_plotlyjs=index == 0, config={"displaylogo": False})
        for index, chart in enumerate(charts)
    ]
    heading = f"<h1>{escape(title)}</h1>" if title else ""
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title or "chart")}</title>'
        f'<meta name="generator" content="quantum-exit {escape(__version__)}"><style>'
        f"body{{font:15px system-ui,sans-serif;color:{INK};max-width:80rem;margin:2rem auto;"
        "padding:0 1rem}table{border-collapse:collapse}"
        "th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap;"
        f"border-bottom:1px solid {GRID}}}th:first-child,td:first-child{{text-align:left}}"
        f"</style></head><body>{heading}{body}{''.join(drawn)}</body></html>\n"
    )
