"""The README as data: its fenced code blocks, and what each of them asks to be done with it.

The line before a fence says what the block is:

- `<!-- run -->`: executed by the tests; `console` blocks hold `$ command` lines with the output
  below each, `python` blocks a doctest session. `...` in expected output stands for anything.
- `<!-- install-command -->`, `<!-- test-command -->`: the two set-up commands, which CI runs.
- `<!-- excerpt of FILE -->`: lines of a file of the repository that a test runs.
- `<!-- not run: REASON -->`: shown only.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>.+?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced code block: its language, its mark and the 1-based line of its first line."""

    language: str
    mark: str | None
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a console block and what it should print."""

    command: str
    expected: str


def blocks(text: str) -> list[Block]:
    """All fenced code blocks of a Markdown text, in order."""
    return [
        Block(
            language=match["language"],
            mark=match["mark"],
            text=match["text"],
            line=text.count("\n", 0, match.start("text")) + 1,
        )
        for match in _BLOCK.finditer(text)
    ]


def steps(block: Block) -> list[Step]:
    r"""The commands of a console block. A command goes on after a `\` at the end of its line.

    Raises:
        ValueError: Output stands before the first command.
    """
    joined = block.text.replace("\\\n", "")
    before, *rest = re.split(r"^\$ ", joined, flags=re.MULTILINE)
    if before.strip():
        message = f"README.md:{block.line}: output before the first `$ command`"
        raise ValueError(message)
    commands = (part.partition("\n") for part in rest)
    return [Step(command=command, expected=expected) for command, _, expected in commands]


def matches(expected: str, actual: str) -> bool:
    """Whether `actual` is `expected` but for blanks at line ends and what `...` stands for."""
    pattern = ".*?".join(re.escape(part) for part in _trimmed(expected).split("..."))
    return re.fullmatch(pattern, _trimmed(actual), flags=re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
