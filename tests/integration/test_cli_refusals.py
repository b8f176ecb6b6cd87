"""What the command line refuses: one line on stderr, code 2, nothing written."""

from pathlib import Path

import pytest

from tests.command import quantum_exit

FIRST_NS = 1_700_000_000_000_000_000
TREND = ("--instrument", "BTCUSDT", "--profile", "TREND_DEFAULT")


@pytest.fixture
def ticks(tmp_path: Path) -> Path:
    """A file with one tick."""
    file = tmp_path / "ticks.csv"
    file.write_text(f"timestamp_ns,price\n{FIRST_NS},50000\n")
    return file


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "TICKS: none is not allowed; expected tick files, or --demo"),
        (("t.csv", "--demo"), "TICKS: t.csv is not allowed; expected none with --demo"),
        (("no.csv", *TREND), "no.csv: cannot be opened: No such file or directory"),
        (("t.csv", "--profile", "X"), "--instrument: none is not allowed; expected a symbol or a JSON file"),
        (("t.csv", "--instrument", "BTCUSDT"), "--profile: none is not allowed; expected --profile or --plan"),
        (
            ("t.csv", *TREND, "--plan", "p.json"),
            "--profile: 'TREND_DEFAULT' is not allowed; expected one of --profile and --plan",
        ),
        (("--demo", "--plan", "no.json"), "no.json: cannot be opened: No such file or directory"),
        (("--demo", "--profile", "X"), "profile: 'X' is not allowed; expected a TOML file or one of TREND_DEFAULT"),
        (("--demo", "--instrument", "X"), "instrument: 'X' is not allowed; expected a JSON file or one of ADAUSDT"),
        (("--demo", "--stop-frac", "1"), "--stop-frac: 1 is not allowed; expected a fraction in (0, 1)"),
        (("--demo", "--stop-frac", "x"), "Invalid value for '--stop-frac': 'x' is not a decimal number"),
        (("--demo", "--stop-frac", "nan"), "Invalid value for '--stop-frac': 'nan' is not a finite number"),
        (("--demo", "--every", "1"), "Invalid value for '--every': '1' is not a whole number with a unit (ns, us, ms, s, m, h, d), such as 1h"),
        (("--demo", "--every", "0h"), "--every: 0 is not allowed; expected a duration above 0"),
        (("--demo", "--qty", "0.0001"), "quantity: 0.0001 is not allowed; at least 0.001, one step of the grid"),
        (("--demo", "--limit-fill", "x"), "Invalid value for '--limit-fill': 'x' is not one of 'through', 'touch'."),
        (("--demo", "--slippage-ticks", "-1"), "Invalid value for '--slippage-ticks': -1 is not in the range x>=0."),
        (("--demo", "--taker-fee-frac", "2"), "taker_fee_frac: 2 is not allowed; a fraction from -0.1"),
        (("--demo", "--max-jump-frac", "2"), "max_jump_frac: 2 is not allowed"),
        (("--demo", "--events", "e.txt"), "file: 'e.txt' is not allowed; expected a name that ends in .parquet, .csv or .jsonl"),
        (("--demo", "--report", "no/r.html"), "file: 'no/r.html' is not allowed; expected a file in a folder"),
        (("--demo", "--entries", "e.csv", "--every", "1h"), "--every: given is not allowed; expected either the positions of --entries"),
        (("--demo", "--entries", "no.csv"), "no.csv: cannot be opened: No such file or directory"),
        (("--demo", "--foo"), "No such option '--foo'"),
        (("t.csv", *TREND), "t.csv: row 3, column price: \"x\" is not a number"),
        (("grid.csv", *TREND), "grid.csv: row 3, column price: price 50000.05 is not on the grid of BTCUSDT; the nearest prices on the grid of 0.1 are 50000.0 and 50000.1"),
        (("back.csv", *TREND), "back.csv: row 3, column timestamp_ns: time goes back 5 ns"),
        (("broken.zip", *TREND), "broken.zip: "),
    ],
)  # fmt: skip
def test_bad_usage_and_input_is_one_line_and_code_2(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    head = f"timestamp_ns,price\n{FIRST_NS},50000\n"
    (tmp_path / "t.csv").write_text(f"{head}{FIRST_NS},x\n")
    (tmp_path / "grid.csv").write_text(f"{head}{FIRST_NS},50000.05\n")
    (tmp_path / "back.csv").write_text(f"{head}{FIRST_NS - 5},50000\n")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 truncated")
    before = sorted(tmp_path.iterdir())
    arguments = (*arguments, "--events", "out.csv") if "--events" not in arguments else arguments

    run = quantum_exit("replay", *arguments, folder=tmp_path)

    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"error: {message}"), run.stderr
    assert run.stderr.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before, "nothing is written on an error"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": file is empty; expected the header entry_ns,side,entry_price,qty[,stop_price][,profile]"),
        ("entry_ns,side,entry_price,qty\n", ": no rows after the header; expected one position a row"),
        ("entry_ns,side,entry_price\n1,LONG,\n", ": column qty: missing; expected entry_ns,side"),
        ("entry_ns,side,entry_price,qty,tp\n", ": column 'tp': unknown; expected entry_ns,side"),
        ("entry_ns,side,side,entry_price,qty\n", ": column side: the column stands twice"),
        ("entry_ns,side,entry_price,qty\n1,LONG,\n", ": row 2: 3 fields; expected 4"),
        ("entry_ns,side,entry_price,qty\n1.5,LONG,,1\n", ": row 2, column entry_ns: '1.5' is not allowed; expected whole ns since the UNIX epoch"),
        ("entry_ns,side,entry_price,qty\n1,UP,,1\n", ": row 2, column side: 'UP' is not allowed; expected LONG or SHORT"),
        ("entry_ns,side,entry_price,qty\n1,LONG,,\n", ": row 2, column qty: '' is not allowed; expected a quantity above 0"),
        ("entry_ns,side,entry_price,qty\n1,LONG,x,1\n", ": row 2, column entry_price: 'x' is not allowed; expected a decimal"),
        ("entry_ns,side,entry_price,qty\n1,LONG,-5,1\n", ": row 2, column entry_price: '-5' is not allowed; expected a decimal above 0"),
        ("entry_ns,side,entry_price,qty\n\n1,LONG,,0.0001\n", ": row 3: qty: 0.0001 is not allowed; at least 0.001"),
        ("entry_ns,side,entry_price,qty,stop_price\n1,LONG,50000,1,50001\n", ": row 2: stop_price: 50001 is not allowed; a LONG stop must be at least one tick (0.1) below"),
        ("entry_ns,side,entry_price,qty,profile\n1,LONG,,1,X\n", ": row 2: profile: 'X' is not allowed; expected a TOML file"),
    ],
)  # fmt: skip
def test_a_bad_entries_file_is_refused_by_line_and_column(
    tmp_path: Path, ticks: Path, text: str, message: str
) -> None:
    (tmp_path / "e.csv").write_text(text)

    run = quantum_exit("replay", ticks, *TREND, "--entries", "e.csv", folder=tmp_path)

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"error: e.csv{message}"), run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep", "--demo", "--grid", "g.toml"), "g.toml: stop_frac: unknown key; expected one of profiles, stop_fracs, r_scales, callback_pcts"),
        (("sweep", "--demo", "--grid", "g.toml", "--r-scales", "1"), "--r-scales: given is not allowed; expected none with --grid"),
        (("sweep", "--demo", "--stop-fracs", "0.1,2"), "stop_fracs: 2 is not allowed; expected a fraction in (0, 1)"),
        (("sweep", "--demo", "--stop-fracs", "0.1,"), "Invalid value for '--stop-fracs': '' is not a decimal number"),
        (("sweep", "t.csv", "--instrument", "BTCUSDT"), "--profile: none is not allowed; expected --grid or --profile"),
        (("sweep", "grid.csv", *TREND), "grid.csv: row 3, column price: price 50000.05 is not on the grid"),
        (("bars",), "Missing argument 'KLINES...'"),
        (("replay-all",), "No such command 'replay-all'"),
        (("completion", "tcsh"), "Invalid value for '{bash|zsh|fish}': 'tcsh' is not one of"),
    ],
)  # fmt: skip
def test_bad_usage_of_other_commands_is_one_line_and_code_2(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "g.toml").write_text("stop_frac = [0.01]\n")
    (tmp_path / "grid.csv").write_text(f"timestamp_ns,price\n{FIRST_NS},1\n{FIRST_NS},50000.05\n")

    run = quantum_exit(*arguments, folder=tmp_path)

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"error: {message}"), run.stderr
    assert run.stderr.count("\n") == 1
