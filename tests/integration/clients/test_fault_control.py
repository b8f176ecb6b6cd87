"""Faults from a file, and faults posted while the exchange runs."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from quantum_exit.adapters.paper.faults.script_file import load_faults
from tests.integration.clients.local_venue import LocalVenue

_FILE = Path(__file__).parent / "examples" / "faults.toml"


def post(venue: LocalVenue, document: object) -> Any:
    request = urllib.request.Request(
        f"{venue.http}/sim/fault",
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        return json.loads(reply.read())


def test_the_example_file_is_read() -> None:
    spec = load_faults(str(_FILE), seed=7)

    assert (spec.seed, dict(spec.rates)) == (7, {"F21": 0.1, "F40": 0.05})
    assert [rule.match.nth for rule in spec.requests] == [3, None]
    assert [timed.at_ms for timed in spec.actions] == [300_000, 300_000]


def test_a_posted_fault_happens_and_is_counted(venue: LocalVenue) -> None:
    rule = {"kind": "GET /fapi/v1/exchangeInfo", "nth": 1, "status": 502, "body": "<html></html>"}
    assert post(venue, {"requests": [rule]}) == {"hits": {}, "misses": {}}

    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(f"{venue.http}/fapi/v1/exchangeInfo")
    with failed.value:
        assert failed.value.code == 502

    assert post(venue, {}) == {"hits": {"script": 1}, "misses": {}}


def test_a_bad_fault_is_refused_by_its_key(venue: LocalVenue) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(venue, {"rates": {"F01": 2.5}})

    with refused.value:
        assert refused.value.code == 400
        assert "rates.F01" in json.loads(refused.value.read())["error"]


def test_a_bad_fault_file_is_one_line_that_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text("[rates]\nF99 = 1\n")

    ended = subprocess.run(
        [sys.executable, "-m", "quantum_exit", "exchange", "--faults", str(path), "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 2
    assert "rates.F99: unknown key; expected one of F01, F02" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
