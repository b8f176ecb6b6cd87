"""Where the recorded market data lies that some tests replay."""

import os
from pathlib import Path

import pytest

_DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def recorded(folder: str) -> Path:
    """The folder of recorded data, or a skip; in CI its absence is a failure."""
    path = _DATA / folder
    if not path.is_dir():
        reason = f"recorded market data is absent: no {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
