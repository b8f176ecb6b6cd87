"""`quantum-exit regimes`: how often each market regime occurs and how long it lasts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from quantum_exit._core import __version__
from quantum_exit.adapters.atomic import replacing
from quantum_exit.app.output import check_folder, duration, moment, print_json, share, table
from quantum_exit.app.parameters import duration_ns
from quantum_exit.app.plan_command import read_bars
from quantum_exit.app.regime_page import regime_page
from quantum_exit.domain.market import MarketRegime
from quantum_exit.intelligence.bars import BarSeries
from quantum_exit.intelligence.regime import INSUFFICIENT, RegimeSeries, regime_series
from quantum_exit.intelligence.regime_rules import REGIMES, RegimeConfig
from quantum_exit.intelligence.spells import Occurrence, Spell, occurrences, spells

_DAY = len("YYYY-MM-DD")
_SYMBOL = re.compile(r"[A-Z0-9]{2,}(?:USDT|USDC|USD|BTC|ETH|BNB)(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Market:
    """One file, read.

    Attributes:
        name: Symbol where the file's name holds one, else that name.
        path: The file.
        bars: Its bars.
        series: Its readings.
        spells: Its spells.
    """

    name: str
    path: str
    bars: BarSeries
    series: RegimeSeries
    spells: list[Spell]


@click.command()
@click.argument("klines", nargs=-1, required=True)
@click.option(
    "--interval",
    "interval_ns",
    type=duration_ns,
    default="15m",
    show_default=True,
    metavar="DURATION",
    help="Length of the bars that a regime is read from; a multiple of that of the files.",
)
@click.option(
    "--report",
    "report_path",
    metavar="FILE",
    help="Write an HTML page that works offline: the table, and prices coloured by regime.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def regimes(
    *, klines: tuple[str, ...], interval_ns: int, report_path: str | None, as_json: bool
) -> None:
    """Say how often each market regime occurs and how long it lasts.

    KLINES are files of bars, one market each. A regime is read from the bars that are complete; a
    change needs two readings in a row.
    """
    check_folder(report_path)
    config = RegimeConfig(interval_ns=interval_ns)
    markets = [_market(path, config) for path in klines]
    rows = [(market, occurrences(market.spells)) for market in markets]
    if report_path is not None:
        text = regime_page(
            [(one.name, one.bars, one.series) for one in markets], _cells(rows), config
        )
        with replacing(report_path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    if as_json:
        print_json(_as_json(rows, config, report_path))
        return
    click.echo(f"{duration(interval_ns)} bars; share of the time, median length of a spell")
    click.echo()
    click.echo(table(_cells(rows), right=frozenset({2})))
    if report_path is not None:
        click.echo()
        click.echo(f"written: {report_path}")


def _market(path: str, config: RegimeConfig) -> Market:
    bars = read_bars((path,), config.interval_ns)
    series = regime_series(bars, config)
    stem = Path(path).name.split(".")[0]
    found = _SYMBOL.search(stem)
    return Market(found[0] if found else stem, path, bars, series, spells(series))


def _cells(rows: Sequence[tuple[Market, list[Occurrence]]]) -> list[tuple[str, ...]]:
    """The table: a row a market, and one of all where there are several."""
    cells = [("market", "from", "days", *REGIMES, "too few data")]
    for market, found in rows:
        begin = moment(int(market.bars.open_ns[0]))[:_DAY] if len(market.bars) else "-"
        cells.append((market.name, begin, _days(len(market.series), market), *_columns(found)))
    if len(rows) > 1:
        together = occurrences([spell for market, _ in rows for spell in market.spells])
        readings = sum(len(market.series) for market, _ in rows)
        cells.append(("all", "", _days(readings, rows[0][0]), *_columns(together)))
    return cells


def _days(readings: int, market: Market) -> str:
    return f"{readings * market.series.interval_ns / 86_400e9:.1f}"


def _columns(found: Sequence[Occurrence]) -> list[str]:
    by_regime = {one.regime: one for one in found}
    order: tuple[MarketRegime | None, ...] = (*REGIMES, None)
    return [
        f"{share(one.share)}, {duration(one.median_ns)}" if (one := by_regime.get(regime)) else "-"
        for regime in order
    ]


def _as_json(
    rows: Sequence[tuple[Market, list[Occurrence]]], config: RegimeConfig, report_path: str | None
) -> dict[str, Any]:
    return {
        "command": "regimes",
        "version": __version__,
        "interval_ns": config.interval_ns,
        "report_file": report_path,
        "markets": [
            {
                "name": market.name,
                "path": market.path,
                "readings": len(market.series),
                "first_ns": int(market.bars.open_ns[0]) if len(market.bars) else None,
                "last_ns": int(market.series.as_of_ns[-1]) if len(market.series) else None,
                "regimes": [
                    {
                        "regime": INSUFFICIENT if one.regime is None else one.regime,
                        "share": one.share,
                        "spells": one.spells,
                        "median_ns": one.median_ns,
                        "mean_ns": one.mean_ns,
                        "longest_ns": one.longest_ns,
                    }
                    for one in found
                ],
            }
            for market, found in rows
        ],
    }
