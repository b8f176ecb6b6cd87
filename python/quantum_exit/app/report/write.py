"""The page of a report: template, style, script, plotly and data in one file."""

import json
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from quantum_exit._core import Instrument, __version__
from quantum_exit.app.report.choose import choose
from quantum_exit.app.report.data import Headline, page_data
from quantum_exit.app.report.details import details
from quantum_exit.app.report.price import PriceLine
from quantum_exit.app.series import Series
from quantum_exit.errors import MissingExtraError
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.replay import ReplaySettings
from quantum_exit.execution.result import ReplayResult

Part = TypeVar("Part")


def write_report(
    path: Path,
    series: Series[Part],
    result: ReplayResult,
    *,
    headline: Headline,
    line: PriceLine,
    entries: list[Entry],
    instrument: Instrument,
    settings: ReplaySettings,
) -> None:
    """Writes the report of a replay: one HTML file that fetches nothing.

    Args:
        path: The file.
        series: The input; read once more for the trades that are drawn one by one.
        result: The replay.
        headline: Where it comes from.
        line: The price over the whole time.
        entries: All positions, by id.
        instrument: Grid and minimums.
        settings: Those of the replay.

    Raises:
        MissingExtraError: plotly is not installed.
        OSError: The file cannot be written.
    """
    plotly = _plotly_js()
    drawn = details(
        series,
        result,
        choose(result.trades),
        entries,
        instrument=instrument,
        settings=settings,
    )
    data = page_data(result, headline, line, drawn)
    # Within a script element only `</` could end the data.
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("</", "<\\/")
    parts = {
        "TITLE": escape(headline.title),
        "VERSION": escape(__version__),
        "STYLE": _asset("page.css"),
        "PLOTLY": plotly,
        "DATA": text,
        "SCRIPT": _asset("page.js"),
    }
    page = re.sub(r"@([A-Z]+)@", lambda mark: parts[mark[1]], _asset("page.html"))
    path.write_text(page, encoding="utf-8")


def _plotly_js() -> str:
    try:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise MissingExtraError("report", "plotly") from error
    text: str = get_plotlyjs()
    return text


def _asset(name: str) -> str:
    return files("quantum_exit.app.report").joinpath(name).read_text(encoding="utf-8")
