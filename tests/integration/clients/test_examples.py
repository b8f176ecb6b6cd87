"""The examples of the README run as they stand."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.clients.local_venue import LocalVenue

_EXAMPLES = Path(__file__).with_name("examples")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("with_ccxt.py", "position long 0.1\nstop my-stop-1 open\n"),
        (
            "with_official_sdk.py",
            "position 0.100\nstop my-stop-1 NEW\nsecond stop refused with -4130\n",
        ),
    ],
)
def test_an_example_runs(venue: LocalVenue, name: str, printed: str) -> None:
    ended = subprocess.run(
        [sys.executable, str(_EXAMPLES / name), venue.http],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.stdout, ended.returncode) == (printed, 0), ended.stderr
    assert len(venue.act(lambda exchange: exchange.desk.venue.open_algos(0))) == 1
