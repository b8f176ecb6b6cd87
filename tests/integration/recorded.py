"""Where the recorded market data lies that some tests replay."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

_DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def recorded(folder: str) -> Path:
    """The folder of recorded data, or a skip; in CI its absence is a failure."""
    path = _DATA / folder
    if not path.is_dir():
        missing(f"recorded market data is absent: no {path}")
    return path


def missing(reason: str) -> NoReturn:
    """Skips the test for `reason`; in CI, where nothing may be missing, fails it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
