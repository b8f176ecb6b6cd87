"""`run`, `status`, `close` and `guard` as a user starts them, against the exchange over HTTP."""

import json
import signal
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import quantum_exit
from tests.integration.live_process import Exchange, Process, eventually, exchange, running

# Planted: these bytes must appear nowhere.
CANARY_KEY = "canary-key-7f3a9c1e5b"
CANARY_SECRET = "canary-secret-51d0e8b2c4"
KEYS = {"QUANTUM_EXIT_API_KEY": CANARY_KEY, "QUANTUM_EXIT_API_SECRET": CANARY_SECRET}


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Exchange]:
    with exchange(tmp_path, "--api-key", CANARY_KEY, "--api-secret", CANARY_SECRET) as found:
        yield found


def service(folder: Path, venue: Exchange, *more: str) -> Any:
    given = ("run", "--venue", venue.url, "--json", "--set", "folder=.", *more)
    return running(folder, *given, env=KEYS)


def enter(venue: Exchange, process: Process) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    venue.as_user("POST", "/fapi/v1/order", **order)
    assert process.until("guarded")["adopted"]
    eventually(lambda: len(venue.stops()) == 2)


def asked(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    run = quantum_exit(*arguments, "--set", "folder=.", "--json", folder=folder)
    assert run.stdout, run.stderr
    return run.returncode, json.loads(run.stdout)


def children_of(pid: int) -> list[str]:
    """Processes that it started: they would inherit its environment."""
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.exists():
        return []
    return [child for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def test_a_position_is_guarded_shown_and_closed_and_no_secret_is_told(
    tmp_path: Path, venue: Exchange
) -> None:
    with service(tmp_path, venue, "--set", "metrics.port=0") as process:
        started = process.until("started")
        enter(venue, process)

        code, status = asked(tmp_path, "status")
        assert code == 0, status
        assert [one["protected"] for one in status["positions"]] == [True]
        control = tmp_path / "control.json"
        assert stat.S_IMODE(control.stat().st_mode) == 0o600
        metrics_url = f"http://127.0.0.1:{started['metrics_port']}/metrics"
        with urllib.request.urlopen(metrics_url, timeout=10) as reply:
            metrics = reply.read().decode()
        assert "quantum_exit_unprotected 0.0" in metrics
        for name in (
            "naked_seconds_total",
            "protection_gap_max_ms",
            "unknown_orders",
            'request_seconds_bucket{le="+Inf",priority="FLOOR"}',
            "budget_left",
            "fills_total",
            "stream_gaps_total",
            "loop_lag_seconds",
        ):
            assert f"quantum_exit_{name}" in metrics
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{metrics_url}/absent", data=b"x", timeout=10)
        metrics += refused.value.read().decode()
        assert children_of(process.pid) == []
        limits = Path(f"/proc/{process.pid}/limits")
        if limits.exists():
            (cores,) = [one for one in limits.read_text().splitlines() if "core file" in one]
            assert cores.split()[4] == "0"
        command_line = Path(f"/proc/{process.pid}/cmdline")
        told = command_line.read_text() if command_line.exists() else ""

        wrong = quantum_exit("close", "NOPEUSDT", "--set", "folder=.", folder=tmp_path)
        assert wrong.returncode == 2
        assert "expected one of: BTCUSDT LONG" in wrong.stderr
        told += wrong.stderr + json.dumps(status)
        code, answer = asked(tmp_path, "close", "BTCUSDT")
        assert (code, answer["accepted"]) == (0, True)
        assert process.until("closed")["key"]["symbol"] == "BTCUSDT"
        eventually(lambda: venue.stops() == [])
        assert process.end() == 0
        output = "".join(process.output) + process.errors()

    files = [
        path
        for path in tmp_path.iterdir()
        if path.name.startswith(("main", "control", "run", "owner"))
    ]
    everything = b"".join(path.read_bytes() for path in files)
    everything += (output + metrics + told).encode()
    assert b"BTCUSDT" in everything
    for canary in (CANARY_KEY, CANARY_SECRET):
        assert canary.encode() not in everything


def test_stops_outlive_the_process_and_the_next_one_takes_over(
    tmp_path: Path, venue: Exchange
) -> None:
    with service(tmp_path, venue) as process:
        enter(venue, process)
        before = venue.stops()
        process.end(signal.SIGKILL)

    assert venue.stops() == before
    with service(tmp_path, venue) as process:
        process.until("started")
        eventually(lambda: asked(tmp_path, "status")[1]["positions"] != [])
        code, status = asked(tmp_path, "status")
        assert (code, status["lease_epoch"]) == (0, 2)
        assert venue.stops() == before
        assert process.end() == 0
    assert venue.stops() == before


def test_a_second_process_does_not_start_beside_the_first(tmp_path: Path, venue: Exchange) -> None:
    with service(tmp_path, venue) as process:
        process.until("started")
        with service(tmp_path, venue) as second:
            assert second.ended() == 1
            assert "owned by" in second.errors()
        assert process.end() == 0


def test_a_look_from_outside_reports_and_changes_nothing(tmp_path: Path, venue: Exchange) -> None:
    with service(tmp_path, venue, "--set", "adoption.enabled=false") as process:
        process.until("started")
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        venue.as_user("POST", "/fapi/v1/order", **order)
        given = ("guard", "--read-only", "--venue", venue.url, "--json")
        with running(tmp_path, *given, env=KEYS) as look:
            assert [one["kind"] for one in json.loads(look.line())["findings"]] == ["naked"]
            assert look.ended() == 3
        eventually(lambda: asked(tmp_path, "status")[0] == 3)
        assert venue.stops() == []
        assert process.end() == 3


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_trial_in_one_process_ends_cleanly_on_a_signal(tmp_path: Path, sent: int) -> None:
    given = ("run", "--json", "--set", "folder=.")
    with running(tmp_path, *given) as process:
        process.until("guarded")
        assert asked(tmp_path, "status")[1]["positions"] != []
        assert process.end(sent) == 0
        ended = json.loads(process.output[-1])

    assert ended["event"] == "ended"
    assert [one["protected"] for one in ended["positions"]] == [True]
    assert not (tmp_path / "control.json").exists()
    assert quantum_exit("journal", "verify", "main.db", folder=tmp_path).returncode == 0


def test_nobody_answers_where_nothing_runs(tmp_path: Path) -> None:
    run = quantum_exit("status", "--set", "folder=.", folder=tmp_path)

    assert run.returncode == 2
    assert "expected the control file of a running service" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--set", "mode=live"), "expected both switches"),
        (("run", "--live"), "expected both switches"),
        (("run", "--set", "mode=testnet"), "QUANTUM_EXIT_API_KEY"),
        (("run", "--set", "guardian.close_msec=1"), "did you mean guardian.close_ms?"),
        (("run", "--set", "guardian.close_ms=-1"), "close_ms"),
        (("run", "--venue", "http://203.0.113.7:80"), "127.0.0.1"),
        (("run", "--speed", "fast"), "expected max, 1x or another factor"),
        (("run", "--paper", "absent.csv"), "absent.csv"),
        (("run", "--symbol", "NOPE"), "NOPE"),
        (("run", "--demo", "--venue", "http://127.0.0.1:1"), "--paper"),
        (("run", "--set", "api_key=abcdefgh"), "no secret"),
        (("close",), "expected either SYMBOL or --all"),
        (("guard", "--read-only"), "expected --venue"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    run = quantum_exit(*arguments, "--set", "folder=.", folder=tmp_path)

    assert run.returncode == 2
    assert message in run.stderr


def test_the_smoke_test_passes() -> None:
    run = quantum_exit("smoke", "--json")

    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["passed"]
