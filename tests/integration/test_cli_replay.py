import csv
import gzip
import json
import math
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import quantum_exit as qe
from quantum_exit.app.demo import demo_ticks
from quantum_exit.execution.tables import records
from tests.command import quantum_exit

FIRST_NS = 1_700_000_000_000_000_000
HOUR_NS = 3_600_000_000_000
MINUTE_NS = 60_000_000_000
TREND = ("--instrument", "BTCUSDT", "--profile", "TREND_DEFAULT")


def path() -> tuple[Any, Any]:
    """Six hours of BTCUSDT, a tick a second."""
    random = np.random.default_rng(11)
    price = np.round(50_000 * np.exp(0.0004 * np.cumsum(random.normal(size=21_600))), 1)
    return FIRST_NS + np.arange(price.size) * 1_000_000_000, price


@pytest.fixture(scope="module")
def ticks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path as a Parquet file."""
    file = tmp_path_factory.mktemp("ticks") / "t.parquet"
    ts_ns, price = path()
    parquet.write_table(pa.table({"timestamp_ns": ts_ns, "price": price}), file)
    return file


def agg_trades(ts_ns: Any, price: Any, *, header: bool) -> str:
    """The path as Binance writes aggregated trades."""
    names = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"
    lines = [names] if header else []
    for index, (ts, value) in enumerate(zip(ts_ns.tolist(), price.tolist(), strict=True)):
        lines.append(f"{index},{value},1.0,{index},{index},{ts // 1_000_000},true")
    return "\n".join(lines) + "\n"


def from_json(*arguments: object, folder: Path | None = None) -> dict[str, Any]:
    """What a command with --json says; it says nothing else."""
    run = quantum_exit(*arguments, "--json", folder=folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") == 1
    said: dict[str, Any] = json.loads(run.stdout)
    return said


def api_result(**change: Any) -> qe.ReplayResult:
    """The replay of one LONG and one SHORT an hour that the command does by default."""
    rules = qe.load_profile("TREND_DEFAULT").rules()
    entries = [
        qe.Entry(
            FIRST_NS + hour * HOUR_NS,
            qe.MarketPlan(side=side, quantity="0.2", rules=rules, stop_frac="0.02"),
        )
        for hour in range(6)
        for side in ("LONG", "SHORT")
    ]
    return qe.replay(path(), entries, instrument="BTCUSDT", **change)


def test_the_demonstration_needs_nothing_and_prints_a_summary(tmp_path: Path) -> None:
    run = quantum_exit("replay", "--demo", folder=tmp_path)

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("BTCUSDT 2026-01-01 00:00:00 to 2026-01-08 ")
    for word in ("generated ticks", "TREND_DEFAULT", "win rate", "after fees", "BREAK_EVEN", "leg"):
        assert word in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demonstration_is_the_same_every_time() -> None:
    ts_ns, price = demo_ticks()
    qe.TickIndex(qe.load_instrument("BTCUSDT"), ts_ns, price)

    assert np.all(np.diff(ts_ns) >= 0)
    assert ts_ns.size == 1_008_000
    # The very first steps are exact on every machine; a sum of a million may end a tick apart.
    assert price[:4].tolist() == [91995.7, 92001.8, 91994.7, 91991.3]


def test_a_replay_is_that_of_the_api(ticks: Path) -> None:
    said = from_json("replay", ticks, *TREND, "--qty", "0.2")

    expected = api_result()
    assert said["summary"] == {**expected.summary(), "non_market_ticks": 0}
    assert said["trades"] == records(expected.trades)
    assert said["unopened"] == []
    assert said["inputs"] == [str(ticks)]
    assert said["rules"] == {"name": "TREND_DEFAULT", "stop_frac": 0.02}
    assert (said["command"], said["version"]) == ("replay", qe.__version__)


@pytest.mark.parametrize(
    ("options", "change"),
    [
        (("--limit-fill", "touch"), {"limit_fill": "touch"}),
        (("--slippage-ticks", "3"), {"slippage_ticks": 3}),
        (
            ("--taker-fee-frac", "0.001", "--maker-fee-frac", "-0.0001"),
            {"taker_fee_frac": 0.001, "maker_fee_frac": -0.0001},
        ),
        (("--max-jump-frac", "0.0005"), {"max_jump_frac": "0.0005"}),
    ],
)
def test_options_are_those_of_the_api(
    ticks: Path, options: tuple[str, ...], change: dict[str, Any]
) -> None:
    said = from_json("replay", ticks, *TREND, "--qty", "0.2", *options)

    expected = api_result(**change)
    assert expected.events.tobytes() != api_result().events.tobytes() or "frac" in options[0]
    assert said["trades"] == records(expected.trades)


def test_every_format_of_ticks_gives_the_same(tmp_path: Path, ticks: Path) -> None:
    ts_ns, price = path()
    files = {
        "agg.csv": agg_trades(ts_ns, price, header=True).encode(),
        "bare.csv": agg_trades(ts_ns, price, header=False).encode(),
        "agg.csv.gz": gzip.compress(agg_trades(ts_ns, price, header=True).encode()),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "agg.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("agg.csv", files["agg.csv"])
    expected = from_json("replay", ticks, *TREND)

    for name in (*files, "agg.zip"):
        said = from_json("replay", tmp_path / name, *TREND)
        assert said["trades"] == expected["trades"], name
        assert said["summary"] == expected["summary"], name


def test_several_files_are_one_series_and_prints_off_the_market_are_counted(
    tmp_path: Path,
) -> None:
    rows = [(FIRST_NS + i * HOUR_NS // 4, 50_000 + i, "MARKET") for i in range(8)]
    rows[3] = (rows[3][0], 1, "INSURANCE_FUND")
    rows[7] = (rows[7][0], 1, "ADL")
    for name, part in (("a.csv", rows[:4]), ("b.csv", rows[4:])):
        lines = [f"{ts},{value},{kind}" for ts, value, kind in part]
        (tmp_path / name).write_text("\n".join(["timestamp_ns,price,exec_type", *lines]) + "\n")

    said = from_json("replay", "a.csv", "b.csv", *TREND, folder=tmp_path)

    assert said["summary"]["ticks"] == 6
    assert said["summary"]["non_market_ticks"] == 2
    assert said["summary"]["positions"] == 4


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_an_events_file_holds_the_events(tmp_path: Path, ticks: Path, suffix: str) -> None:
    file = tmp_path / f"events.{suffix}"

    run = quantum_exit("replay", ticks, *TREND, "--qty", "0.2", "--events", file)

    assert (run.returncode, run.stderr) == (0, "")
    frame = {
        "parquet": lambda: pl.read_parquet(file),
        "csv": lambda: pl.read_csv(file),
        "jsonl": lambda: pl.read_ndjson(file),
    }[suffix]()
    expected = api_result().to_polars()
    assert frame.columns == expected.columns
    if suffix == "parquet":
        assert frame.schema == expected.schema
    for name in expected.columns:
        mine, theirs = frame[name].to_list(), expected[name].to_list()
        if name == "reason":
            mine = [value or "" for value in mine]  # An empty text of a CSV file reads as null.
        assert mine == theirs, name
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_a_refused_tick_has_neither_position_nor_stop(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"timestamp_ns,price\n{FIRST_NS},50000\n{FIRST_NS - 5},50000\n")
    arguments = ("replay", file, *TREND, "--allow-unsorted", "1ms", "--events")

    assert quantum_exit(*arguments, tmp_path / "e.csv").returncode == 0
    assert quantum_exit(*arguments, tmp_path / "e.jsonl").returncode == 0

    with (tmp_path / "e.csv").open(newline="") as lines:
        first = next(csv.DictReader(lines))
    assert (first["kind"], first["reason"]) == ("REJECTED_TICK", "OUT_OF_ORDER")
    assert (first["position_id"], first["stop"]) == ("", "")
    row = json.loads((tmp_path / "e.jsonl").read_text().splitlines()[0])
    assert (row["position_id"], row["stop"]) == (None, None)


ENTRIES = f"""\
entry_ns,side,entry_price,qty,stop_price,profile
{FIRST_NS},LONG,,0.5,,
{FIRST_NS + HOUR_NS},short,50000.05,0.25,50500.07,CHOP_DEFAULT

{FIRST_NS + 3 * HOUR_NS},LONG,,0.1,49000.01,mine.toml
{FIRST_NS + 99 * HOUR_NS},LONG,,0.1,,
"""


def test_entries_of_a_file_are_exact(tmp_path: Path, ticks: Path) -> None:
    (tmp_path / "entries.csv").write_text(ENTRIES)
    qe.save_profile(qe.load_profile("RANGE_DEFAULT").scaled(2), tmp_path / "mine.toml")

    said = from_json(
        "replay", ticks, *TREND, "--stop-frac", "0.01", "--entries", "entries.csv", folder=tmp_path
    )

    ts_ns, price = path()
    first, second, third = said["trades"]
    assert [one["position_id"] for one in said["trades"]] == [0, 1, 2]
    assert said["unopened"] == [3]
    # Stops are rounded toward the market: up for a LONG, down for a SHORT.
    assert first["entry_price"] == price[0]
    assert first["stop_price"] == pytest.approx(math.ceil(price[0] * 9.9 - 1e-6) / 10)
    assert (second["side"], second["qty"]) == ("SHORT", 0.25)
    assert (second["entry_price"], second["stop_price"]) == (50000.05, 50500.0)
    assert third["entry_price"] == price[np.searchsorted(ts_ns, FIRST_NS + 3 * HOUR_NS)]
    assert third["stop_price"] == 49000.1
    assert third["legs_planned"] == 0b111


def test_a_plan_file_takes_the_place_of_a_profile(tmp_path: Path, ticks: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(
        '{"legs": [{"r_multiple": 1, "size_fraction": 1}], "max_hold_ns": 60000000000, '
        '"stop_frac": 0.5}'
    )

    said = from_json("replay", ticks, "--instrument", "BTCUSDT", "--plan", file)

    assert said["rules"] == {"name": str(file), "stop_frac": 0.5}
    assert said["summary"]["exit_reasons"] == {"TIME": 12}


@pytest.mark.parametrize(("every", "positions"), [("30m", 24), ("6h", 2), ("90m", 8), ("5400s", 8)])
def test_positions_come_at_the_distance_asked_for(ticks: Path, every: str, positions: int) -> None:
    said = from_json("replay", ticks, *TREND, "--every", every)

    assert said["summary"]["positions"] == positions


def test_a_file_that_cannot_be_written_is_a_failure_and_leaves_the_other_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "r.html").mkdir()

    run = quantum_exit(
        "replay", "--demo", "--events", "e.csv", "--report", "r.html", folder=tmp_path
    )

    assert run.returncode == 1
    assert run.stderr == "error: r.html is a directory\n"
    assert [file.name for file in tmp_path.iterdir()] == ["r.html"]


def test_bars_are_replayed_from_files(tmp_path: Path) -> None:
    ms = FIRST_NS // 1_000_000
    rows = [f"{ms + i * 60_000},50000,50100,49900,50000" for i in range(180)]
    (tmp_path / "k.csv").write_text("\n".join(["open_time_ms,open,high,low,close", *rows]) + "\n")

    said = from_json("bars", "k.csv", *TREND, "--stop-frac", "0.001", folder=tmp_path)
    lucky = from_json(
        "bars", "k.csv", *TREND, "--stop-frac", "0.001", "--path", "optimistic", folder=tmp_path
    )

    assert said["command"] == "bars"
    assert said["summary"]["ticks"] == 720
    assert said["summary"]["exit_reasons"] == {"STOP": 6}
    assert lucky["summary"]["total_r"] > said["summary"]["total_r"]


def bars_of(folder: Path, name: str, hours: int) -> None:
    """One-minute bars: 40 hours of a wave of 3 %, then a price that only trembles."""
    ms = FIRST_NS // 1_000_000
    minutes = np.arange(hours * 60 + 1)
    wave = 50_000 * (1 + 0.015 * np.sin(np.minimum(minutes, 40 * 60) / 1_800 * 2 * np.pi))
    price = (wave + np.where(minutes % 2, 20, -20)).round(1)
    rows = [
        f"{ms + i * 60_000},{begin},{max(begin, end) + 5},{min(begin, end) - 5},{end}"
        for i, begin, end in zip(minutes, price, price[1:], strict=False)
    ]
    (folder / name).write_text("\n".join(["open_time_ms,open,high,low,close", *rows]) + "\n")


def test_bars_are_planned_from_the_bars_before(tmp_path: Path) -> None:
    """The policy breaks even at 1 R and closes after a day what is short of 0.5 R."""
    bars_of(tmp_path, "long.csv", 96)
    bars_of(tmp_path, "short.csv", 48)
    policy = ("--instrument", "BTCUSDT", "--planner", "policy", "--every", "6h")

    said = from_json("bars", "long.csv", *policy, "--events", "e.csv", folder=tmp_path)
    early = from_json("bars", "short.csv", *policy, folder=tmp_path)

    planned = ("position_id", "entry_price", "stop_price", "qty")
    first = [[trade[key] for key in planned] for trade in early["trades"]]
    assert [[trade[key] for key in planned] for trade in said["trades"]][: len(first)] == first
    assert said["planning"]["strategies"] == {"EXIT_POLICY": said["planning"]["planned"]}
    assert said["summary"]["exit_reasons"].keys() >= {"TIME", "BREAK_EVEN"}
    moved = pl.read_csv(tmp_path / "e.csv").filter(pl.col("kind") == "STOP_MOVED")
    filled = pl.read_csv(tmp_path / "e.csv").filter(pl.col("kind") == "LEG_FILLED")
    assert set(moved["position_id"]) - set(filled["position_id"])
    held = [t for t in said["trades"] if t["exit_reason"] == "TIME"]
    day_ns = 24 * 3_600_000_000_000
    assert all(t["closed_ns"] - t["opened_ns"] >= day_ns and t["realised_r"] < 0.5 for t in held)


def test_a_planner_of_bars_takes_no_rules_beside_it(tmp_path: Path) -> None:
    bars_of(tmp_path, "k.csv", 1)
    run = quantum_exit(
        "bars", "k.csv", *TREND, "--planner", "legacy", "--stop-frac", "0.1", folder=tmp_path
    )

    assert run.returncode == 2
    assert "expected none with --planner" in run.stderr


def test_a_sweep_ranks_the_combinations(tmp_path: Path, ticks: Path) -> None:
    (tmp_path / "grid.toml").write_text(
        'profiles = ["TREND_DEFAULT", "CHOP_DEFAULT"]\nstop_fracs = [0.005, 0.01, 0.02]\n'
        "r_scales = [0.5, 1]\ncallback_pcts = [0.01, 0.02]\n"
    )
    arguments = ("sweep", ticks, "--instrument", "BTCUSDT", "--grid", "grid.toml", "--threads", "2")

    said = from_json(*arguments, "--top", "4", "--out", "all.parquet", folder=tmp_path)

    # CHOP_DEFAULT has no trailing stop, so callbacks do not multiply it.
    assert (said["points"], said["positions"]) == (2 * 6 + 6, 12)
    means = [row["mean_net_r"] for row in said["top"]]
    assert len(means) == 4
    assert means == sorted(means, reverse=True)
    assert pl.read_parquet(tmp_path / "all.parquet").height == 18
    table = quantum_exit(*arguments, folder=tmp_path)
    assert table.returncode == 0
    assert "18 combinations x 12 positions" in table.stdout


def test_a_point_of_a_sweep_is_a_replay(tmp_path: Path, ticks: Path) -> None:
    swept = from_json(
        "sweep", ticks, *TREND, "--stop-fracs", "0.01", "--r-scales", "2", "--every", "30m"
    )
    profile = tmp_path / "twice.toml"
    qe.save_profile(qe.load_profile("TREND_DEFAULT").scaled(2), profile)
    options = ("--instrument", "BTCUSDT", "--stop-frac", "0.01", "--every", "30m")
    replayed = from_json("replay", ticks, "--profile", profile, *options)["summary"]

    (row,) = swept["top"]
    for name in ("closed", "open", "win_rate", "mean_r", "mean_net_r", "max_net_drawdown_r"):
        assert row[name] == pytest.approx(replayed[name]), name


def test_version_and_help_are_code_0() -> None:
    assert quantum_exit("--version").stdout == f"quantum-exit, version {qe.__version__}\n"
    for arguments in (("-h",), ("replay", "--help"), ("bars", "-h"), ("sweep", "-h")):
        run = quantum_exit(*arguments)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.startswith("Usage: quantum-exit")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_command(shell: str) -> None:
    run = quantum_exit("completion", shell)

    assert run.returncode == 0
    assert f"_QUANTUM_EXIT_COMPLETE={shell}_complete" in run.stdout


def test_the_command_completes_itself() -> None:
    script = Path(sys.executable).with_name("quantum-exit")
    if not script.exists():
        pytest.skip("the package is not installed with its scripts")
    environment = {
        **os.environ,
        "_QUANTUM_EXIT_COMPLETE": "bash_complete",
        "COMP_WORDS": "quantum-exit replay --lim",
        "COMP_CWORD": "2",
    }
    run = subprocess.run([script], capture_output=True, text=True, env=environment, check=False)

    assert "--limit-fill" in run.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
def test_a_terminal_shows_progress_and_json_stays_pure(ticks: Path) -> None:
    terminal, its_end = os.openpty()
    run = subprocess.run(
        [sys.executable, "-m", "quantum_exit", "replay", ticks, *TREND, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        stderr=its_end,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(its_end)
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)

    assert "replay" in shown
    assert "100%" in shown
    assert json.loads(run.stdout)["summary"]["positions"] == 12


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe and SIGINT")
def test_an_interrupted_replay_is_code_130_and_writes_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "ticks.csv"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "quantum_exit",
            "replay",
            pipe,
            *TREND,
            "--events",
            tmp_path / "e.csv",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Opens when the command reads, which then waits for the next line.
    with pipe.open("w") as writer:
        writer.write(f"timestamp_ns,price\n{FIRST_NS},50000\n")
        writer.flush()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        writer.write(f"{FIRST_NS},50000\n")
    stdout, stderr = process.communicate(timeout=30)

    assert process.returncode == 130
    assert stdout == ""
    assert stderr.strip() == ""
    assert not (tmp_path / "e.csv").exists()


def test_output_that_nobody_reads_is_no_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "quantum_exit", "replay", "--demo", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()

    assert process.wait(30) == 1
    assert said == ""
