import sys
from pathlib import Path

import pytest

from tests.integration.kills import run_kills


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.timeout(300)
def test_a_process_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    report = run_kills(5, 7, tmp_path)

    assert report.broken == []
    assert report.kills == 5
    assert report.trades >= 1
    assert report.started_ms
