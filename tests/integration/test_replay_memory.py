"""A replay reads files larger than the memory that it may use."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Bounds address space, not just what is used: Python, numpy and its threads reserve most of it.
LIMIT_BYTES = 800_000_000
BLOCKS = 120
BLOCK_ROWS = 220_000
FIRST_MS = 1_700_000_000_000
MINUTE_MS = 60_000
TIME = b"@@@@@@@@@@@@@"


def write_ticks(file: Path) -> None:
    """Aggregated trades in the layout of Binance: a minute of equal waves in each block."""
    wave = [50_000 + 0.1 * (600 - abs(row % 2_400 - 1_200)) for row in range(BLOCK_ROWS)]
    block = b"".join(b"1000,%.1f,1.000,1000,1000,%s,true\n" % (price, TIME) for price in wave)
    with file.open("wb") as out:
        for minute in range(BLOCKS):
            out.write(block.replace(TIME, b"%d" % (FIRST_MS + minute * MINUTE_MS)))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS binds on Linux only")
def test_a_file_larger_than_memory_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "ticks.csv"
    write_ticks(file)
    size = file.stat().st_size
    arguments = ["replay", str(file), "--instrument", "BTCUSDT", "--profile", "NORMAL_DEFAULT"]
    program = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT_BYTES}, {LIMIT_BYTES}))
from quantum_exit.app.cli import main
sys.exit(main({[*arguments, "--stop-frac", "0.001", "--every", "10m", "--json"]!r}))
"""

    run = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        # Each thread of a linear algebra library would reserve memory that nothing here needs.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    file.unlink()

    assert (run.returncode, run.stderr) == (0, "")
    summary = json.loads(run.stdout)["summary"]
    assert summary["ticks"] == BLOCKS * BLOCK_ROWS
    assert summary["positions"] == 24
    assert summary["closed"] > 0
    assert size > LIMIT_BYTES
