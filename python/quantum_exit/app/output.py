"""What commands print: aligned text for people, one JSON object for scripts."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from quantum_exit.errors import InvalidInputError

UNPROTECTED = 3
"""Exit code where a position is or was unprotected."""

_NS = 1_000_000_000

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def print_json(value: dict[str, Any]) -> None:
    """Prints one JSON object on stdout.

    Raises:
        ValueError: A number is not finite.
    """
    click.echo(json.dumps(value, allow_nan=False))


def table(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """`rows` in columns; those in `right` are aligned to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number(value: float | None, form: str = "+.3f", unit: str = "") -> str:
    """A figure, or a dash where it is unknown."""
    return "-" if value is None else f"{value:{form}}{unit}"


def share(value: float | None) -> str:
    """A fraction as a percentage, or a dash where it is unknown."""
    return "-" if value is None else f"{100 * value:.1f} %"


def duration(ns: float | None) -> str:
    """A duration in its two largest units, or a dash where it is unknown."""
    if ns is None:
        return "-"
    seconds = ns / _NS
    for size, unit, below, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min")):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            return f"{whole:.0f} {unit} {rest // below:.0f} {small}"
    minute = 60
    return f"{seconds / minute:.0f} min" if seconds >= minute else f"{seconds:.3g} s"


def moment(ns: int) -> str:
    """A time as UTC text to the second."""
    return datetime.fromtimestamp(ns // _NS, UTC).strftime("%Y-%m-%d %H:%M:%S")


seconds_option = click.option(
    "--seconds", type=click.FloatRange(min=0), metavar="S", help="Stop after this time."
)


class Lines:
    """Lines with the time of day, UTC; the date stands on a line of its own where it changes.

    Args:
        now_ms: Tells the time, ms since the UNIX epoch.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._date = ""

    def tell(self, line: str) -> None:
        """Prints a line."""
        now_ms = self._now_ms()
        at = datetime.fromtimestamp(now_ms // 1000, UTC)
        if (date := f"{at:%Y-%m-%d}") != self._date:
            self._date = date
            click.echo(f"{date} (UTC)")
        click.echo(f"{at:%H:%M:%S}.{now_ms % 1000:03d}  {line}")


def check_folder(path: str | None) -> None:
    """Checks before any work that the file `path` can be put where it is to go; None = nowhere.

    Raises:
        InvalidInputError: Its folder does not exist or cannot be written.
    """
    if path is None:
        return
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise InvalidInputError(
            "file", repr(path), f"expected a file in a folder: {folder} is none"
        )
    if not os.access(folder, os.W_OK):
        raise InvalidInputError("file", repr(path), f"expected a writable folder: {folder} is not")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Gives a callback that draws a progress bar on stderr; None where that is no terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    bar = click.progressbar(length=0, label=label, file=sys.stderr, width=0, show_pos=False)
    with bar:

        def draw(done: int, total: int) -> None:
            if total > 0:
                bar.length = total
                bar.update(done - bar.pos)

        yield draw


def print_replay(title: str, summary: dict[str, Any], *, leg_names: Sequence[str] = ()) -> None:
    """Prints the summary of a replay.

    Args:
        title: First line.
        summary: As `ReplayResult.summary` gives it.
        leg_names: What the legs of the profile are called, by index.
    """
    click.echo(title)
    click.echo()
    rows = [
        ("positions", f"{summary['positions']}", _states(summary)),
        ("win rate", share(summary["win_rate"]), "closed with R above 0, before fees"),
        ("R a trade", number(summary["mean_r"]), f"median {number(summary['median_r'])}"),
        ("total R", number(summary["total_r"], "+.2f"), _after_fees(summary["total_net_r"])),
        ("profit factor", number(summary["profit_factor"], ".2f"), "gains by losses, before fees"),
        (
            "max drawdown",
            number(summary["max_drawdown_r"], ".2f", " R"),
            _after_fees(summary["max_net_drawdown_r"], ".2f"),
        ),
        ("mean holding", duration(summary["mean_holding_ns"]), ""),
        ("pnl", number(summary["pnl"], "+.2f"), f"fees {summary['fees']:.2f}, quote currency"),
        ("ticks", f"{summary['ticks']:,}", _dropped(summary)),
    ]
    click.echo(table(rows, right=frozenset({1})))
    if summary["exit_reasons"]:
        click.echo()
        closed = summary["closed"]
        exits = [("exit", "trades", "share")]
        for reason, count in summary["exit_reasons"].items():
            exits.append((reason, f"{count}", share(count / closed)))
        click.echo(table(exits, right=frozenset({1, 2})))
    if summary["legs"]:
        click.echo()
        legs = [("leg", "planned", "filled", "hit rate")]
        for hit in summary["legs"]:
            index = hit["leg"]
            name = leg_names[index] if index < len(leg_names) else f"leg {index}"
            legs.append((name, f"{hit['planned']}", f"{hit['filled']}", share(hit["hit_rate"])))
        click.echo(table(legs, right=frozenset({1, 2, 3})))


def _states(summary: dict[str, Any]) -> str:
    states = [f"{summary['closed']} closed", f"{summary['open']} open at the end"]
    if summary["never_opened"]:
        states.append(f"{summary['never_opened']} without a tick")
    return ", ".join(states)


def _after_fees(value: float | None, form: str = "+.2f") -> str:
    return f"{number(value, form)} after fees"


def _dropped(summary: dict[str, Any]) -> str:
    dropped = [f"{summary['refused_ticks']:,} refused"]
    if summary["non_market_ticks"]:
        dropped.append(f"{summary['non_market_ticks']:,} prints were no market trade")
    return ", ".join(dropped)
