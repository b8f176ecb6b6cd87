import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import ROOT, Block, blocks, matches, steps

README = blocks((ROOT / "README.md").read_text())
SET_UP = ("install-command", "test-command")
EXCERPT = "excerpt of "


def runnable(language: str) -> list[object]:
    return [
        pytest.param(block, id=f"line-{block.line}")
        for block in README
        if block.mark == "run" and block.language == language
    ]


def set_up(mark: str) -> list[str]:
    (block,) = [block for block in README if block.mark == mark]
    (line,) = block.text.splitlines()
    return line.split(" && ")


def test_every_code_block_says_whether_it_runs() -> None:
    for block in README:
        mark = block.mark or ""
        assert mark in ("run", *SET_UP) or mark.startswith(("not run: ", EXCERPT)), (
            f"README.md:{block.line}: a ```{block.language} block without a mark (tests/readme.py)"
        )
        if mark == "run":
            assert block.language in ("console", "python"), f"README.md:{block.line}"


def test_an_excerpt_stands_in_the_file_that_it_names() -> None:
    excerpts = [block for block in README if (block.mark or "").startswith(EXCERPT)]

    assert excerpts
    for block in excerpts:
        path = ROOT / (block.mark or "").removeprefix(EXCERPT)
        assert block.text in path.read_text(), f"README.md:{block.line}"


@pytest.mark.parametrize("mark", SET_UP)
def test_set_up_is_one_line_that_makes_its_own_environment(mark: str) -> None:
    make, install, use = set_up(mark)

    assert make == "python3 -m venv .venv"
    assert install.startswith(".venv/bin/pip install '.[")
    assert use.startswith(".venv/bin/")


def test_ci_runs_the_two_set_up_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()

    for mark in SET_UP:
        assert f"readme_command {mark}" in script


@pytest.mark.parametrize("block", runnable("console"))
def test_console_session_prints_what_the_readme_shows(block: Block, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    for step in steps(block):
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", step.command],
            check=False,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert run.returncode == 0, f"$ {step.command}\n{run.stdout}"
        assert matches(step.expected, run.stdout), f"$ {step.command}\n{run.stdout}"


@pytest.mark.parametrize("block", runnable("python"))
def test_python_session_prints_what_the_readme_shows(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(
        block.text, {}, f"README.md:{block.line}", "README.md", block.line - 1
    )
    assert session.examples, f"README.md:{block.line}: no >>> line"
    report: list[str] = []

    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failed, _ = runner.run(session, out=report.append)

    assert failed == 0, "".join(report)


SAMPLE = """\
Text.

<!-- run -->
```console
$ echo one \\
  two
one two
$ true
```

```python
x
```
"""


def test_a_block_knows_its_language_its_mark_and_its_line() -> None:
    first, second = blocks(SAMPLE)

    assert (first.language, first.mark, first.line) == ("console", "run", 5)
    assert (second.language, second.mark, second.line) == ("python", None, 12)
    assert [(step.command, step.expected) for step in steps(first)] == [
        ("echo one   two", "one two\n"),
        ("true", ""),
    ]


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("took ... s\nend\n", "took 1.25 s\nend\n", True),
        ("head\n...\ntail\n", "head\n1\n2\ntail\n", True),
        ("took ... s\n", "took 1.25 ms\n", False),
        ("a.c", "abc", False),
        ("", "noise", False),
    ],
)
def test_output_matches_line_by_line_with_ellipsis(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same
