"""`run` on the simulated exchange in its own process, on virtual time."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest

from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.app.cli import main
from quantum_exit.execution.records import Entry, RecordKind

FIRST_MS = 1_767_225_600_000
HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"


def ticks(folder: Path, *turns: float, step_s: int = 1, steps: int = 120) -> Path:
    """Trades that go from one price to the next in even steps."""
    prices = [
        before + (after - before) * step / steps
        for before, after in pairwise(turns)
        for step in range(steps)
    ]
    lines = [HEADER]
    for index, price in enumerate(prices):
        at_ms = FIRST_MS + index * step_s * 1000
        lines.append(f"{index},{price:.1f},1.0,{index},{index},{at_ms},true")
    file = folder / "ticks.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def up_and_down(tmp_path: Path) -> Path:
    """A rise through both targets of a LONG, then a fall through its trailing stop."""
    return ticks(tmp_path, 100_000, 103_000, 100_000)


def run(
    capsys: pytest.CaptureFixture[str], folder: Path, *arguments: object
) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and JSON lines of a run whose journal is in `folder`."""
    code = main(["run", "--json", "--set", f"folder={folder}", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert not err, err
    return code, [json.loads(line) for line in out.splitlines()]


def test_a_position_is_followed_to_its_end_and_the_run_says_how_it_went(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    code, told = run(capsys, tmp_path, "--paper", up_and_down)

    ended = told[-1]
    assert code == 0
    assert ended["event"] == "ended"
    # The LONG that is handed over, and the SHORT that its reversal leaves to be found: planned by
    # the leverage of the account it reaches its targets within the same fall.
    closed = [line for line in told if line["event"] == "closed"]
    assert [(one["key"]["side"], one["reason"]) for one in closed] == [
        ("LONG", "stop"),
        ("SHORT", "exit"),
    ]
    assert ended["closed"] == 2
    assert ended["exits"] == {"exit": 1, "stop": 1}
    assert ended["realised_r"] > 0.5
    assert ended["orders_sent"]["floor"] == ended["guarded"] == 3
    assert 0 < ended["protection_gap_max_ms"] <= 500
    assert ended["unknown_orders"] == []


def test_the_same_prices_give_the_same_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    runs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        _, told = run(capsys, folder, "--paper", up_and_down, "--set", "owner=me")
        runs.append([line for line in told if line["event"] != "started"])

    assert runs[0] == runs[1]


def test_people_read_what_happens_in_the_order_in_which_it_happens(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    folder = tmp_path / "state"
    code = main(["run", "--paper", str(up_and_down), "--set", f"folder={folder}"])

    out = capsys.readouterr().out
    assert code == 0
    guarded, gone = out.index("LONG  guarded: 0.1 at 1000"), out.index("LONG  gone by")
    assert guarded < gone
    assert "unprotected     longest" in out
    assert "stay at the venue" in out
    assert (folder / "main.log").exists()


def test_a_breach_of_the_bound_is_exit_code_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    given = ("--paper", up_and_down, "--set", "gap_bound_ms=1", "--seconds", 30)
    code, told = run(capsys, tmp_path, *given)

    assert code == 3
    assert told[-1]["breached"]


def test_entries_come_from_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    entries = tmp_path / "entries.csv"
    at_ns = (FIRST_MS + 20_000) * 1_000_000
    entries.write_text(f"entry_ns,side,entry_price,qty\n{at_ns},SHORT,,0.02\n")

    _, told = run(capsys, tmp_path, "--paper", up_and_down, "--entries", entries)

    (guarded,) = (line for line in told if line["event"] == "guarded")
    assert (guarded["key"]["side"], guarded["lots"]) == ("SHORT", 20)


def test_without_entries_nothing_is_done(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    code, told = run(capsys, tmp_path, "--paper", up_and_down, "--no-entries")

    assert (code, told[-1]["guarded"], told[-1]["orders_sent"]) == (0, 0, {})


def test_replay_takes_the_same_decisions_from_the_journal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    _, told = run(capsys, tmp_path, "--paper", up_and_down)
    path = str(tmp_path / "main.db")

    assert main(["journal", "replay", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["difference"] is None
    assert found["hashes_compared"] == 1
    assert found["intents"] == sum(told[-1]["orders_sent"].values())

    # Another configuration decides otherwise.
    given = ("--set", "guardian.min_replace_interval_ms=60000", "--json")
    assert main(["journal", "replay", path, *given]) == 1
    assert json.loads(capsys.readouterr().out)["difference"].startswith("record ")


def test_replay_names_the_record_whose_decision_was_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    run(capsys, tmp_path, "--paper", up_and_down, "--seconds", 30)
    path = tmp_path / "main.db"

    assert main(["journal", "replay", str(path)]) == 0
    assert "the same decisions" in capsys.readouterr().out
    lacking = tmp_path / "lacking" / "main.db"
    lacking.parent.mkdir()
    seq = anyio.run(without_first_intent, path, lacking)
    assert main(["journal", "replay", str(lacking), "--json"]) == 1
    assert f"record {seq}" in json.loads(capsys.readouterr().out)["difference"]


async def without_first_intent(path: Path, target: Path) -> int:
    """Writes a journal anew without its first intent; gives the place of what follows it."""
    async with await SqliteStore.open(path, owner="test", now_ms=lambda: 0) as store:
        records = list(await store.read(0, 1_000))
    first = next(one for one in records if one.kind is RecordKind.INTENT)
    records.remove(first)
    entries = [
        Entry(kind=one.kind, epoch=one.epoch, ts_ms=one.ts_ms, payload=one.payload)
        for one in records
    ]
    async with await SqliteStore.open(target, owner="test", now_ms=lambda: 0) as store:
        await store.append(entries)
    return first.seq


def test_the_demonstration_shows_a_position_handed_over_and_one_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, told = run(capsys, tmp_path, "--demo")

    guarded = [line for line in told if line["event"] == "guarded"]
    assert [(one["key"]["side"], one["adopted"]) for one in guarded] == [
        ("LONG", False),
        ("SHORT", True),
    ]
    troubles = [line for line in told if line["event"] == "trouble"]
    assert {line["kind"] for line in troubles} <= {"stream_gap"}
    assert (code, told[-1]["closed"], told[-1]["positions"]) == (0, 2, [])
    assert not any(line["event"] == "alarm" for line in told)


def test_a_journal_of_another_exchange_is_not_gone_on_with(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, up_and_down: Path
) -> None:
    given = ["run", "--paper", str(up_and_down), "--no-entries", "--set", f"folder={tmp_path}"]
    assert main([*given, "--seconds", "5"]) == 0
    assert main(given) == 2
    assert "expected a folder without main.db" in capsys.readouterr().err
    assert main([*given, "--set", "store.journal=second", "--seconds", "5"]) == 0


def test_a_trial_without_a_folder_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    up_and_down: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)

    assert main(["run", "--paper", str(up_and_down), "--seconds", "30"]) == 0
    assert "guarded" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["ticks.csv"]
