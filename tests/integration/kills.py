"""Kills a real `run` process with SIGKILL again and again, against a real exchange process.

Run as `python -m tests.integration.kills --kills 200`: whether anything was lost is judged by the
exchange's own state; the last check compares its trades with those that the journal knows.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from quantum_exit.adapters.store.sqlite_check import sound_records
from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.facts import TradesRead
from quantum_exit.execution.recording import Recorder
from tests.command import quantum_exit
from tests.integration.kill_world import Watcher, World
from tests.integration.live_process import Exchange, exchange

_POLL_S = 0.02
_SETTLE_S = 40.0
_LIFE_S = 1.5


@dataclass
class Report:
    """What came of it.

    Attributes:
        kills: Processes that were killed.
        lives: Processes that were started.
        started_ms: From each start to the account being read and guarded.
        cpu_ms: Time on a processor that this took, where the system tells it.
        covered_ms: From each start to cover, of the starts that found a position without it.
        slowest: The longest of these times, and which process it was.
        trades: Trades of the account at the exchange.
        actions: What the trader did.
        broken: What should not have been.
    """

    kills: int = 0
    lives: int = 0
    started_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    covered_ms: list[float] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    trades: int = 0
    actions: int = 0
    broken: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        return [
            f"kills                {self.kills} of {self.lives} processes",
            f"by hand              {self.actions} actions, {self.trades} trades",
            f"start to guarding    {_quantiles(self.started_ms)}, process {self.slowest[1]} the slowest",
            f"  on the processor   {_quantiles([one for one in self.cpu_ms if one])}",
            f"start to protected   {_quantiles(self.covered_ms)}",
            f"lost                 {len(self.broken)}",
            *(f"  {one}" for one in self.broken[:20]),
        ]


class Harness:
    """One run of the harness.

    Args:
        folder: Where the journal is.
        venue: The exchange.
        seed: When to kill, and what price and trader do.
    """

    def __init__(self, folder: Path, venue: Exchange, seed: int) -> None:
        self._folder = folder
        self._venue = venue
        self._random = random.Random(seed)
        self._world = World(venue, seed)
        self._watcher = Watcher(self._world)
        self.report = Report(broken=self._watcher.broken)

    def run(self, kills: int) -> Report:
        """Kills so many processes, then lets one live and compares the books."""
        for _ in range(kills):
            if self._random.random() < 0.5:
                self._act()
            self._life(calm=self._random.random() < 0.5, end=signal.SIGKILL)
            self.report.kills += 1
        self._act()
        self._life(calm=True, end=signal.SIGTERM)
        self._compare_trades()
        self._replay()
        self.report.actions = len(self._world.actions)
        return self.report

    def _life(self, *, calm: bool, end: signal.Signals) -> None:
        """One process: killed at any moment, or only after everything is as it should be."""
        self.report.lives += 1
        naked = not self._watcher.look().covered
        out = self._folder / f"life-{self.report.lives}.out"
        with out.open("w") as file:
            process = subprocess.Popen(
                _command(self._venue.url, self._folder),
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONWARNINGS": "error"},
            )
            try:
                if calm:
                    self._until_settled(process, out, naked=naked)
                self._live(self._random.uniform(0, _LIFE_S))
            finally:
                process.send_signal(end)
                process.wait(60)
        self._watcher.look()

    def _until_settled(self, process: subprocess.Popen[bytes], out: Path, *, naked: bool) -> None:
        began = time.monotonic()
        started = False
        while time.monotonic() - began < _SETTLE_S:
            self._world.move()
            account = self._watcher.look()
            since_ms = (time.monotonic() - began) * 1000
            if naked and account.covered:
                self.report.covered_ms.append(since_ms)
                naked = False
            if not started and '"started"' in out.read_text():
                self.report.started_ms.append(since_ms)
                self.report.cpu_ms.append(_cpu_ms(process.pid))
                self.report.slowest = max(self.report.slowest, (since_ms, self.report.lives))
                started = True
            if started and account.settled:
                return
            if process.poll() is not None:
                self._watcher.broken.append(f"it ended by itself: {out.read_text()[-500:]}")
                return
            time.sleep(_POLL_S)
        self._watcher.broken.append(f"not settled within {_SETTLE_S:g} s: {self._watcher.look()}")

    def _live(self, seconds: float) -> None:
        acts_at = self._random.uniform(0, 2 * seconds)
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            self._world.move()
            self._watcher.look()
            if passed > acts_at:
                self._act()
                acts_at = seconds
            time.sleep(_POLL_S)

    def _act(self) -> None:
        self._world.act()
        self._watcher.hand()

    def _replay(self) -> None:
        """The journal of all lives, put through the reducer, gives the decisions that were taken."""
        run = quantum_exit("journal", "replay", self._folder / "main.db", "--json")
        if run.returncode:
            self._watcher.broken.append(f"replay: {run.stdout[-300:]}{run.stderr[-300:]}")

    def _compare_trades(self) -> None:
        at_exchange, in_journal = self._world.trade_ids(), journal_trades(self._folder / "main.db")
        self.report.trades = len(at_exchange)
        if missing := at_exchange - in_journal:
            self._watcher.broken.append(f"trades that the journal does not know: {sorted(missing)}")
        if invented := in_journal - at_exchange:
            self._watcher.broken.append(f"trades that never were: {sorted(invented)}")


def journal_trades(path: Path) -> set[int]:
    """Ids of the trades that a journal tells of."""
    found: set[int] = set()
    recorder = Recorder()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (last,) = connection.execute("SELECT max(seq) FROM record").fetchone()
        for page in sound_records(connection, last):
            for record in page:
                given = recorder.input_of(record)
                if isinstance(given, Fill):
                    found.add(given.trade_id)
                elif isinstance(given, TradesRead):
                    found |= {fill.trade_id for fill in given.fills}
    return found


def run_kills(kills: int, seed: int, folder: Path) -> Report:
    """Starts an exchange and runs the harness against it."""
    with exchange(folder, "--unlimited", "--wallet", "1000000", priced=False) as venue:
        return Harness(folder, venue, seed).run(kills)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", metavar="FOLDER", help="leave journal and outputs there")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kills-") as temporary:
        folder = Path(given.keep or temporary)
        folder.mkdir(exist_ok=True)
        report = run_kills(given.kills, given.seed, folder)
    print("\n".join(report.lines()))  # noqa: T201 - the result
    return 1 if report.broken else 0


def _command(url: str, folder: Path) -> list[str]:
    settings = {"folder": str(folder), "control.enabled": "false"}
    pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return [sys.executable, "-m", "quantum_exit", "run", "--venue", url, "--json", *pairs]


def _cpu_ms(pid: int) -> float:
    """Time that a process was on a processor, ms; 0 where the system does not tell."""
    file = Path(f"/proc/{pid}/stat")
    if not file.exists():
        return 0.0
    user, kernel = file.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(kernel)) * 1000 / os.sysconf("SC_CLK_TCK")


def _quantiles(values: list[float]) -> str:
    if len(values) < 2:
        return json.dumps([round(value) for value in values])
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return (
        f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, max {max(values):.0f} ms (n {len(values)})"
    )


if __name__ == "__main__":
    sys.exit(main())
