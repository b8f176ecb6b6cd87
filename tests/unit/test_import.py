import json
import subprocess
import sys

import pytest

import quantum_exit

# Optional dependencies, and what of the standard library would betray work at import.
FORBIDDEN = {
    "aiohttp",
    "anyio",
    "asyncio",
    "asyncpg",
    "ccxt",
    "gymnasium",
    "matplotlib",
    "msgspec",
    "multiprocessing",
    "numba",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "pydantic",
    "rich",
    "sqlite3",
    "torch",
}

LIST_MODULES = """
import json, sys
before = set(sys.modules)
import quantum_exit
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def imported() -> list[str]:
    """Modules that `import quantum_exit` adds to a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIST_MODULES],
        check=True,
        capture_output=True,
        text=True,
    )
    modules: list[str] = json.loads(run.stdout)
    return modules


def test_import_loads_no_optional_or_heavy_dependency(imported: list[str]) -> None:
    assert {name.split(".", 1)[0] for name in imported} & FORBIDDEN == set()


def test_import_loads_the_extension_module_and_not_the_command_line(imported: list[str]) -> None:
    assert "quantum_exit._core" in imported
    assert [name for name in imported if name.startswith("quantum_exit.app")] == []


@pytest.mark.parametrize("name", quantum_exit.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(quantum_exit, name) is not None
