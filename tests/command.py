"""Runs of the command line, as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path


def quantum_exit(
    *arguments: object, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m quantum_exit` with `arguments` in `folder`."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "quantum_exit", *map(str, arguments)],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )
