"""The page of `quantum-exit regimes`: its table, and each price coloured by regime."""

from collections.abc import Sequence
from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np

from quantum_exit.app.charts import figure, page
from quantum_exit.app.output import duration
from quantum_exit.domain.market import MarketRegime
from quantum_exit.intelligence.bars import BarSeries
from quantum_exit.intelligence.regime import NO_REGIME, RegimeSeries
from quantum_exit.intelligence.regime_rules import REGIMES, RegimeConfig

_COLOURS = MappingProxyType(
    {
        MarketRegime.TREND: "#2f5d9b",
        MarketRegime.RANGE: "#3e8e7e",
        MarketRegime.VOLATILE: "#c0562f",
        MarketRegime.CHOP: "#d9a441",
        MarketRegime.NORMAL: "#7b8794",
    }
)
_UNKNOWN = "#d3d8de"


def regime_page(
    markets: Sequence[tuple[str, BarSeries, RegimeSeries]],
    cells: Sequence[Sequence[str]],
    config: RegimeConfig,
) -> str:
    """The page as HTML that fetches nothing.

    Args:
        markets: Name, bars and readings of each market.
        cells: The table, its first row the heading.
        config: The rules that the regimes were read by.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    charts = [_chart(name, bars, series) for name, bars, series in markets]
    rules = (
        f"Bars of {duration(config.interval_ns)}. VOLATILE above a volatility of "
        f"{100 * config.volatile_above:g} % a day; TREND above a strength of "
        f"{config.trend_above:g}; RANGE below {100 * config.quiet_below:g} % and "
        f"{config.flat_below:g}; CHOP above a choppiness of {config.chop_above:g}; else NORMAL. A "
        f"change needs {config.confirm} readings in a row. Each cell: share of the time, median "
        "length of a spell."
    )
    return page("Market regimes", charts, f"<p>{escape(rules)}</p>{_table(cells)}")


def _chart(name: str, bars: BarSeries, series: RegimeSeries) -> Any:
    chart = figure()
    # A bar's reading is known at its end, and holds until the next one.
    times = (series.as_of_ns // 1_000_000).astype("datetime64[ms]")
    labels = (*((REGIMES.index(one), one, _COLOURS[one]) for one in REGIMES),
              (NO_REGIME, "too few data", _UNKNOWN))  # fmt: skip
    for code, label, colour in labels:
        held = series.codes == code
        if not bool(held.any()):
            continue
        # The first price of the next spell ends the line of this one.
        drawn = held | np.concatenate((np.zeros(1, np.bool_), held[:-1]))
        chart.add_scattergl(
            x=times,
            y=np.where(drawn, bars.close, np.nan),
            name=label,
            mode="lines",
            line={"color": colour, "width": 1.6},
            connectgaps=False,
        )
    chart.update_layout(title={"text": name}, height=420, yaxis={"title": {"text": "price"}})
    return chart


def _table(cells: Sequence[Sequence[str]]) -> str:
    rows = []
    for index, row in enumerate(cells):
        tag = "th" if index == 0 else "td"
        rows.append("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
