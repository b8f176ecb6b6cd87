import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from quantum_exit.adapters.store.sqlite_file import SqliteFile
from quantum_exit.app.cli import main
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import Entry, Head, RecordKind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one record of each kind."""
    path = tmp_path / "journal.db"
    file = SqliteFile.open(path)
    for number, kind in enumerate(RecordKind):
        payload = encode_payload({"number": number})
        entry = Entry(kind=kind, epoch=number, ts_ms=1_700_000_000_000 + number, payload=payload)
        file.append([entry])
    file.close()
    return path


def head(path: Path) -> Head:
    file = SqliteFile.open(path)
    file.close()
    return file.head


def damage(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE record SET epoch = 99 WHERE seq = 4")
    connection.commit()
    connection.close()


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["journal", *map(str, arguments)])
    return code, *capsys.readouterr()


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    _, out, _ = run(capsys, *arguments, "--json")
    found: dict[str, Any] = json.loads(out)
    return found


def test_verify_says_that_a_journal_is_sound(
    capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    digest = head(path).hash.hex()

    assert run(capsys, "verify", path) == (0, f"sound: 6 records, last hash {digest}\n", "")
    found = run_json(capsys, "verify", path)
    assert (found["records"], found["last_hash"], found["defect"]) == (6, digest, None)
    assert (found["epochs"], found["snapshots"]) == ([0, 5], 0)


def test_verify_names_the_place_of_the_damage(
    capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    damage(path)

    code, out, _ = run(capsys, "verify", path)

    reason = "its checksum does not match its content"
    assert code == 1
    assert out == f"damaged at record 4: {reason}; 3 records before it are sound\n"
    found = run_json(capsys, "verify", path)
    assert found["defect"] == {"seq": 4, "reason": reason}


def test_verify_reads_a_journal_in_use(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    file = SqliteFile.open(path)
    payload = encode_payload({})
    file.append([Entry(kind=RecordKind.FACT, epoch=1, ts_ms=0, payload=payload)])

    code, out, _ = run(capsys, "verify", path)

    assert (code, out.split(",")[0]) == (0, "sound: 7 records")
    file.append([Entry(kind=RecordKind.FACT, epoch=1, ts_ms=0, payload=payload)])
    file.close()


def test_replay_counts_what_the_records_tell(
    capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    code, out, _ = run(capsys, "replay", path)

    assert code == 0
    assert ["intent", "1", "2023-11-14", "22:13:20"] in [
        line.split()[:4] for line in out.splitlines()
    ]
    found = run_json(capsys, "replay", path)
    assert found["kinds"] == dict.fromkeys(RecordKind, 1)
    assert found["first_ms"]["outcome"] == 1_700_000_000_001


def test_export_gives_each_record_as_a_line(
    capsys: pytest.CaptureFixture[str], path: Path, tmp_path: Path
) -> None:
    code, out, _ = run(capsys, "export", path)

    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["kind"] for line in lines] == list(RecordKind)
    assert lines[1]["payload"] == {"number": 1, "v": 1}
    assert lines[0]["prev_hash"] == "00" * 32
    target = tmp_path / "journal.jsonl"
    assert run(capsys, "export", path, "-o", target) == (0, "", "")
    assert target.read_text() == out


def test_export_of_a_damaged_journal_gives_the_sound_part_and_says_so(
    capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    damage(path)

    code, out, err = run(capsys, "export", path)

    assert (code, len(out.splitlines())) == (1, 3)
    assert err.startswith("error: damaged at record 4")


def test_backup_makes_a_copy_that_opens(
    capsys: pytest.CaptureFixture[str], path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"

    code, out, _ = run(capsys, "backup", path, target)

    assert code == 0
    assert out.endswith(f"written: {target}\n")
    assert head(target) == head(path)
    assert run(capsys, "backup", path, target)[0] == 2


@pytest.mark.parametrize("command", ["verify", "replay", "export", "backup"])
def test_what_is_no_journal_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("this is no database, but it is long enough to look like one" * 100)
    more = [tmp_path / "target"] if command == "backup" else []

    for path, code, message in (
        (tmp_path / "absent.db", 2, "expected a journal file"),
        (other, 2, "is no journal of quantum_exit"),
        (text, 1, "file is not a database"),
    ):
        found, _, err = run(capsys, command, path, *more)
        assert found == code
        assert message in err
