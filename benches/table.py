"""The speed table of the core: every row checked, timed beside its baseline, and judged by its ratio.

    python benches/table.py [--smoke] [--markdown] [ROW ...]

The Rust rows come from `cargo bench --bench speed`, the others are measured here. Exits with 1 when a
ratio misses its budget, except with --smoke, whose sizes are too small to judge. Absolute times depend
on the machine and are information.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benches import python_rows  # noqa: E402 - found through the line above
from benches.python_rows import Row  # noqa: E402

HEADER = ("row", "what", "ours", "baseline", "unit", "ratio", "budget", "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 0 when every ratio meets its budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: checked, not judged")
    parser.add_argument("--markdown", action="store_true", help="a table for the README")
    parser.add_argument("rows", nargs="*", help="such as S4 S8; default all")
    options = parser.parse_args(arguments)
    rust = rust_rows(smoke=options.smoke)
    rows = sorted(
        [*rust, *python_rows.rows(rust, smoke=options.smoke)], key=lambda row: int(row["row"][1:])
    )
    if options.rows:
        rows = [row for row in rows if row["row"] in options.rows]
    print("\n".join(markdown(rows) if options.markdown else aligned(rows)))
    missed = [row for row in rows if row["ok"] is False]
    if missed and not options.smoke:
        print(f"\n{len(missed)} of {len(rows)} rows miss their budget", file=sys.stderr)
        return 1
    return 0


def rust_rows(*, smoke: bool) -> list[Row]:
    """The rows of the Rust side, each checked there against looking at every tick."""
    command = [
        "cargo",
        "bench",
        "--quiet",
        "--bench",
        "speed",
        "--",
        *(["--smoke"] if smoke else []),
    ]
    run = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def cells(row: Row) -> tuple[str, ...]:
    """The columns of one row as text."""
    verdict = {True: "ok", False: "MISSED", None: ""}[row["ok"]]
    return (
        row["row"],
        row["what"],
        number(row["value"]),
        number(row["baseline"]),
        row["unit"],
        "" if row["ratio"] is None else f"{row['ratio']:.2f}",
        row["budget"] or "",
        verdict,
    )


def number(value: float | None) -> str:
    """Three significant digits, or a blank for what there is not."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def aligned(rows: Iterable[Row]) -> list[str]:
    """Columns under each other, the note of a row below it."""
    listed = list(rows)
    table = [HEADER, *map(cells, listed)]
    widths = [max(len(line[at]) for line in table) for at in range(len(HEADER))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    notes = ["", *(row["note"] for row in listed)]
    return [
        line if not note else f"{line}\n{' ' * (widths[0] + 2)}({note})"
        for line, note in zip(lines, notes, strict=True)
    ]


def markdown(rows: Iterable[Row]) -> list[str]:
    """A Markdown table."""
    table = [HEADER, ("---",) * len(HEADER), *map(cells, rows)]
    return ["| " + " | ".join(line) + " |" for line in table]


if __name__ == "__main__":
    sys.exit(main())
