"""Everything that the page of a report shows, as one JSON value."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from quantum_exit.app.output import duration, moment, number, share
from quantum_exit.app.report.details import ms
from quantum_exit.app.report.price import PriceLine
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.summary import NEVER_NS, Trades, closed_trades
from quantum_exit.execution.tables import columns

_MOST_ROWS = 1_000
_MOST_POINTS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a report says about where it comes from.

    Attributes:
        symbol: The symbol.
        rules: Name of the profile or plan.
        title: Symbol, time and rules in one line.
        first_ns: Time of the first tick.
        last_ns: Time of the last tick.
        inputs: The files.
        leg_names: What the legs are called, by index.
        fills: How orders filled and what they cost, for people.
    """

    symbol: str
    rules: str
    title: str
    first_ns: int
    last_ns: int
    inputs: tuple[str, ...]
    leg_names: tuple[str, ...]
    fills: str


def page_data(
    result: ReplayResult, headline: Headline, line: PriceLine, details: list[dict[str, Any]]
) -> dict[str, Any]:
    """The JSON value of a page; times in ms since the UNIX epoch, None for what is unknown."""
    summary = result.summary()
    closed = closed_trades(result.trades)
    times, prices = line.points()
    return {
        "headline": {
            "symbol": headline.symbol,
            "rules": headline.rules,
            "time": f"{moment(headline.first_ns)} to {moment(headline.last_ns)} UTC",
            "ticks": f"{summary['ticks']:,} ticks",
            "fills": headline.fills,
            "inputs": list(headline.inputs),
        },
        "cards": _cards(summary),
        "price": {"t": ms(times), "v": prices.tolist()},
        "equity": _equity(closed),
        "closed": _scatter(closed),
        "legs": [
            {**hit, "name": _leg_name(hit["leg"], headline.leg_names)} for hit in summary["legs"]
        ],
        "reasons": summary["exit_reasons"],
        "details": details,
        "rows": _rows(result.trades[:_MOST_ROWS]),
        "trades": int(result.trades.size),
    }


def _cards(summary: dict[str, Any]) -> list[dict[str, Any]]:
    def card(name: str, value: str, note: str, tone: float | None = None) -> dict[str, Any]:
        sign = 0 if tone is None else int(np.sign(tone))
        return {"name": name, "value": value, "note": note, "tone": sign}

    net, gross = summary["total_net_r"], summary["total_r"]
    states = f"{summary['closed']} closed, {summary['open']} open"
    return [
        card(
            "Net result", number(net, "+.2f", " R"), f"{number(gross, '+.2f')} R before fees", net
        ),
        card(
            "Average trade",
            number(summary["mean_net_r"], "+.3f", " R"),
            f"{number(summary['mean_r'])} R before fees, median {number(summary['median_r'])}",
            summary["mean_net_r"],
        ),
        card("Win rate", share(summary["win_rate"]), "R above 0 before fees"),
        card("Profit factor", number(summary["profit_factor"], ".2f"), "gains by losses"),
        card(
            "Max drawdown",
            number(summary["max_net_drawdown_r"], ".2f", " R"),
            f"{number(summary['max_drawdown_r'], '.2f')} R before fees",
        ),
        card("Positions", f"{summary['positions']:,}", states),
        card("Mean holding", duration(summary["mean_holding_ns"]), "first tick to last exit"),
        card("Fees", f"{summary['fees']:,.2f}", f"pnl {summary['pnl']:+,.2f}, quote currency"),
    ]


def _equity(closed: Trades) -> dict[str, Any]:
    gross, net = np.cumsum(closed["realised_r"]), np.cumsum(closed["realised_net_r"])
    kept = _thinned(closed.size)
    return {
        "t": ms(closed["closed_ns"][kept]),
        "gross": gross[kept].round(4).tolist(),
        "net": net[kept].round(4).tolist(),
    }


def _scatter(closed: Trades) -> dict[str, Any]:
    some = closed[_thinned(closed.size)]
    cells = columns(some)
    return {
        "id": cells["position_id"].tolist(),
        "side": cells["side"].tolist(),
        "opened": ms(cells["opened_ns"]),
        "closed": ms(cells["closed_ns"]),
        "entry": cells["entry_price"].tolist(),
        "exit": cells["exit_price"].tolist(),
        "r": cells["realised_r"].round(4).tolist(),
        "net": cells["realised_net_r"].round(4).tolist(),
        "mae": cells["mae_r"].round(4).tolist(),
        "mfe": cells["mfe_r"].round(4).tolist(),
        "reason": cells["exit_reason"].tolist(),
    }


def _rows(trades: Trades) -> list[list[Any]]:
    cells = columns(trades)
    rows: list[list[Any]] = []
    for at in range(trades.size):
        is_open = int(cells["closed_ns"][at]) == NEVER_NS
        filled = int(cells["legs_filled"][at]).bit_count()
        planned = int(cells["legs_planned"][at]).bit_count()
        opened_ns = int(cells["opened_ns"][at])
        held_ns = None if is_open else int(cells["closed_ns"][at]) - opened_ns
        rows.append(
            [
                int(cells["position_id"][at]),
                str(cells["side"][at]),
                ms(opened_ns),
                None if held_ns is None else held_ns // 1_000_000_000,
                float(cells["entry_price"][at]),
                _known(cells["exit_price"][at]),
                "open" if is_open else str(cells["exit_reason"][at]),
                f"{filled}/{planned}",
                _known(cells["mae_r"][at]),
                _known(cells["mfe_r"][at]),
                _known(cells["realised_r"][at]),
                _known(cells["realised_net_r"][at]),
            ]
        )
    return rows


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _leg_name(index: int, names: tuple[str, ...]) -> str:
    return names[index] if index < len(names) else f"leg {index}"


def _thinned(count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    kept = np.linspace(0, count - 1, min(count, _MOST_POINTS)).round()
    return kept.astype(np.int64)
