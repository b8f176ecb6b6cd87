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
from quantum_exit.intelligence.regime import RegimeSeries
from quantum_exit.intelligence.regime_rules import REGIMES, RegimeConfig
from quantum_exit.intelligence.spells import Spell, spells

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
_MINUTE_NS = 60_000_000_000


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
    found = spells(series)
    regimes: tuple[MarketRegime | None, ...] = (*REGIMES, None)
    for regime in regimes:
        held = [spell for spell in found if spell.regime is regime]
        if held:
            times, prices = _lines(held, bars, series)
            chart.add_scatter(
                x=times,
                y=prices,
                name="too few data" if regime is None else regime,
                mode="lines",
                line={"color": _UNKNOWN if regime is None else _COLOURS[regime], "width": 1.6},
            )
    chart.update_layout(title={"text": name}, yaxis={"title": {"text": "price"}})
    return chart


def _lines(
    held: Sequence[Spell], bars: BarSeries, series: RegimeSeries
) -> tuple[list[str | None], list[float | None]]:
    """One line a spell, up to the first price of the next one; None between the lines."""
    times: list[str | None] = []
    prices: list[float | None] = []
    for spell in held:
        first, last = np.searchsorted(series.as_of_ns, (spell.start_ns, spell.end_ns))
        # A bar's reading is known at its end, and holds until the next one.
        known = series.as_of_ns[first : last + 1] // _MINUTE_NS
        times += [*known.astype("datetime64[m]").astype(str).tolist(), None]
        prices += [*bars.close[first : last + 1].tolist(), None]
    return times, prices


def _table(cells: Sequence[Sequence[str]]) -> str:
    rows = []
    for index, row in enumerate(cells):
        tag = "th" if index == 0 else "td"
        rows.append("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
