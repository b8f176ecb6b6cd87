"""Every planner over the same recorded ticks: the same entries, the same costs, one table."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from quantum_exit.adapters.files import open_ticks
from quantum_exit.app.cli import main
from quantum_exit.app.output import number, share, table
from quantum_exit.planning.planned import Planner
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

GRID = MappingProxyType(
    {"tick_size": "0.00000001", "lot_step": "0.01", "min_qty": "0.01", "min_notional": "0"}
)
SYMBOLS = ("BNTETH", "ARKETH", "DASHETH", "CHATBTC")
HOUR_NS = 3_600_000_000_000
WARM_UP_NS = 24 * HOUR_NS
COSTS = ("--slippage-ticks", "0", "--taker-fee-frac", "0.0004", "--maker-fee-frac", "0.0002")
TOLD = ("--leverage", "3", "--signal-confidence", "0.7", "--risk", "calm")


class Recorded:
    """One market, with the entries for which every planner has what it needs."""

    def __init__(self, symbol: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.ticks = recorded("ticks") / "binance_spot_2018" / f"{symbol}.trades.parquet"
        self.instrument = folder / f"{symbol}.json"
        self.entries = folder / f"{symbol}.csv"
        self.instrument.write_text(json.dumps({"symbol": symbol, **GRID}))
        rows = self._wanted()
        self._write(rows)
        # On a thin tape there is no average true range at times, and the policy does not guess.
        planned = self.replayed(capsys, Planner.POLICY)["trades"]
        self._write([rows[trade["position_id"]] for trade in planned])
        self.count = len(planned)

    def replayed(self, capsys: pytest.CaptureFixture[str], planner: Planner) -> dict[str, Any]:
        inputs = (str(self.ticks), "--instrument", str(self.instrument))
        positions = ("--entries", str(self.entries), "--planner", planner.value)
        code = main(["replay", *inputs, *positions, *COSTS, *TOLD, "--json"])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        found: dict[str, Any] = json.loads(out)
        return found

    def _wanted(self) -> list[str]:
        """A LONG and a SHORT every twelve hours, after a day without any."""
        batches = list(open_ticks(self.ticks))
        first_ns, last_ns = int(batches[0].ts_ns[0]), int(batches[-1].ts_ns[-1])
        times = range(first_ns + WARM_UP_NS, last_ns, 12 * HOUR_NS)
        return [f"{at},{side},,100" for at in times for side in ("LONG", "SHORT")]

    def _write(self, rows: list[str]) -> None:
        self.entries.write_text("\n".join(["entry_ns,side,entry_price,qty", *rows]))


@dataclass
class Tally:
    """What one planner made of all markets."""

    r: list[float] = field(default_factory=list)
    net_r: list[float] = field(default_factory=list)
    exits: Counter[str] = field(default_factory=Counter)
    drawdown_r: float = 0.0

    def add(self, found: dict[str, Any]) -> None:
        closed = [trade for trade in found["trades"] if trade["exit_reason"]]
        self.r += [trade["realised_r"] for trade in closed]
        self.net_r += [trade["realised_net_r"] for trade in closed]
        self.exits += Counter(trade["exit_reason"] for trade in closed)
        self.drawdown_r = max(self.drawdown_r, found["summary"]["max_drawdown_r"])

    def row(self, name: str) -> tuple[str, ...]:
        count = len(self.r)
        exits = (f"{reason} {share(n / count)}" for reason, n in self.exits.most_common())
        return (
            name,
            f"{count}",
            number(sum(self.r) / count),
            number(sum(self.net_r) / count),
            share(sum(one > 0 for one in self.r) / count),
            number(self.drawdown_r, ".1f", " R"),
            ", ".join(exits),
        )


def test_planners_side_by_side(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    markets = [Recorded(symbol, tmp_path, capsys) for symbol in SYMBOLS]
    rows: list[tuple[str, ...]] = [
        ("planner", "trades", "R a trade", "net R", "win rate", "max drawdown", "exits")
    ]
    entered: dict[Planner, list[tuple[int, float, float]]] = {}
    for planner in Planner:
        tally = Tally()
        entered[planner] = []
        for market in markets:
            found = market.replayed(capsys, planner)

            assert found["planning"]["not_planned"] == {}
            assert found["planning"]["planned"] == market.count
            tally.add(found)
            entered[planner] += [
                (trade["opened_ns"], trade["entry_price"], trade["qty"])
                for trade in found["trades"]
            ]
        rows.append(tally.row(planner))

    assert all(entries == entered[Planner.POLICY] for entries in entered.values())
    print(table(rows, right=frozenset({1, 2, 3, 4, 5})))  # noqa: T201 - shown with `pytest -rP`
