import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIRED = {
    "Cargo.toml",
    "README.md",
    "benches",
    "pyproject.toml",
    "python",
    "rust",
    "tests",
}
BESIDE = {"Cargo.lock", "LICENSE"}


def checked_in() -> list[str]:
    """Paths that git tracks or would add, relative to the root."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    listing = subprocess.run(
        [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in listing.stdout.split("\0") if path and (ROOT / path).exists()]


def test_the_top_level_holds_what_the_owner_fixed_and_nothing_else() -> None:
    top = {path.split("/", 1)[0] for path in checked_in()}

    visible = {name for name in top if not name.startswith(".")}

    assert visible == REQUIRED | BESIDE


def test_the_python_source_is_one_package() -> None:
    packages = {path.split("/")[1] for path in checked_in() if path.startswith("python/")}

    assert packages == {"quantum_exit"}


def test_every_package_says_what_it_is_for() -> None:
    for path in (ROOT / "python" / "quantum_exit").rglob("*.py"):
        package = path.parent / "__init__.py"
        assert package.is_file(), f"{path.parent} is a package without __init__.py"
        assert package.read_text().startswith('"""'), f"{package} has no docstring"
