"""`quantum-exit exchange` as a user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import quantum_exit


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """A running exchange, its address and the first lines that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "quantum_exit", "exchange", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )
    try:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        found = re.search(r"listening on (http://127\.0\.0\.1:\d+)", first)
        assert found is not None, process.communicate(timeout=20)
        yield process, found[1], [first, second]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def get(address: str) -> object:
    with urllib.request.urlopen(address, timeout=20) as reply:
        return json.load(reply)


def test_a_generated_market_is_served_with_a_printed_key() -> None:
    with started("--generate", "BTCUSDT=60000", "--generate", "ETHUSDT=3000", "--seed", "7") as (
        process,
        address,
        printed,
    ):
        price = get(f"{address}/fapi/v1/ticker/price?symbol=BTCUSDT")
        info = get(f"{address}/fapi/v1/exchangeInfo")

    assert isinstance(price, dict)
    assert isinstance(info, dict)
    assert 50_000 < float(price["price"]) < 70_000
    assert len(info["symbols"]) > 10
    assert printed[1] == "account 0: key sim-key-0  secret sim-secret-0\n"
    assert process.returncode == 130


def test_ticks_of_a_file_are_traded_at_full_speed(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    rows = "".join(f"{1_700_000_000_000 + i * 60_000},{3000 + i}\n" for i in range(100))
    path.write_text(f"timestamp_ms,price\n{rows}")

    with started("--ticks", str(path), "--symbol", "ETHUSDT", "--speed", "max") as (_, address, _):
        price = get(f"{address}/fapi/v1/ticker/price?symbol=ETHUSDT")

    assert isinstance(price, dict)
    assert price["price"] == "3099.00"


def test_a_file_that_goes_back_in_time_ends_the_exchange(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text("timestamp_ms,price\n1700000060000,3000\n1700000000000,3001\n")

    run = quantum_exit("exchange", "--port", "0", "--ticks", path, "--symbol", "ETHUSDT")

    assert run.returncode == 2
    assert "time goes back" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--generate", "NOSUCH=1"], "--generate: NOSUCH=1 is not allowed"),
        (["--generate", "BTCUSDT"], "expected SYMBOL=PRICE"),
        (["--generate", "BTCUSDT=-1"], "start_price: -1 is not allowed; expected above 0"),
        (["--speed", "fast"], "--speed: fast is not allowed"),
        (["--speed", "0x"], "--speed: 0x is not allowed"),
        (["--ticks", "none.csv"], "none.csv: cannot be opened"),
        (["--ticks", "a.csv", "--generate", "BTCUSDT=1"], "either --ticks or --generate"),
        (["--ticks", "a.csv", "--symbol", "NOSUCH"], "--symbol: NOSUCH is not allowed"),
        (["--exchange-info", "none.json"], "none.json: cannot be read"),
        (["--api-key", "abc"], "expected both --api-key and --api-secret"),
        (["--wallet", "-1"], "wallet: -1 is not allowed; expected 0 or more"),
    ],
)
def test_bad_usage_is_one_line_that_names_it(arguments: list[str], message: str) -> None:
    run = quantum_exit("exchange", "--port", "0", *arguments)

    assert (run.returncode, run.stdout) == (2, "")
    assert message in run.stderr
    assert run.stderr.count("\n") == 1
