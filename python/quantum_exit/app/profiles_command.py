"""`quantum-exit profiles`: what profiles and books hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from quantum_exit.adapters.atomic import replacing
from quantum_exit.adapters.definitions import load_book, load_profile, read_text
from quantum_exit.app.book_history_commands import history, publish
from quantum_exit.app.charts import write_chart
from quantum_exit.app.output import as_json_option, check_folder, print_json, share, table
from quantum_exit.app.profile_chart import profile_chart
from quantum_exit.app.profile_png import profile_png
from quantum_exit.domain.documents import parse_toml
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_diff import BookChange, diff_books
from quantum_exit.planning.profiles import TPProfile

_DEFAULT = "default"
_HTML, _PNG = ".html", ".png"

book_option = click.option(
    "--book", "book_path", metavar="FILE", help="Profile book, a TOML file. [default: the built-in]"
)


@click.group()
def profiles() -> None:
    """Take-profit profiles and the books that say who gets which."""


profiles.add_command(history)
profiles.add_command(publish)


@profiles.command("list")
@book_option
@as_json_option
def list_profiles(*, book_path: str | None, as_json: bool) -> None:
    """List the registrations of a book."""
    book = _book(book_path)
    if as_json:
        print_json(
            {
                "version": book.version,
                "content_hash": book.content_hash,
                "entries": [
                    {**entry.key._asdict(), "profile": _as_json(entry.profile)}
                    for entry in book.entries
                ],
                "scales": [scale._asdict() for scale in book.scales],
            }
        )
        return
    click.echo(f"book version {book.version}, content {book.content_hash[:12]}")
    click.echo()
    rows = [("symbol", "strategy", "regime", "profile", "legs", "trailing")]
    for (symbol, strategy_id, regime), profile in book.entries:
        rows.append((symbol, strategy_id, regime, profile.name, _legs(profile), _trailing(profile)))
    click.echo(table(rows))
    for strategy_id, symbol, factor in book.scales:
        click.echo(f"scale {factor:g} for {strategy_id} on {symbol}")


@profiles.command()
@click.argument("profile", metavar="NAME|FILE")
@book_option
@as_json_option
def show(*, profile: str, book_path: str | None, as_json: bool) -> None:
    """Show one profile: by name from a book, or a TOML file."""
    found = _profile(profile, book_path)
    if as_json:
        print_json(_as_json(found))
        return
    click.echo(found.name)
    if found.description:
        click.echo(found.description)
    click.echo()
    rows = [("leg", "R", "share", "kind", "left")]
    left = 1.0
    for index, leg in enumerate(found.tp_legs, 1):
        left = max(left - leg.size_fraction, 0.0)
        rows.append(
            (f"TP{index}", f"{leg.r_multiple:g}", share(leg.size_fraction), leg.kind, share(left))
        )
    click.echo(table(rows, right=frozenset({1, 2, 4})))
    click.echo()
    click.echo(f"trailing: {_trailing(found)}")


@profiles.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
def check(paths: tuple[str, ...]) -> None:
    """Check profile and book files: the first error is named with its key."""
    for path in paths:
        if _holds_book(path):
            book = load_book(path)
            click.echo(f"{path}: book version {book.version}, {len(book.entries)} registrations")
        else:
            click.echo(f"{path}: profile {load_profile(path).name}")


@profiles.command()
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@as_json_option
def diff(*, before: str, after: str, as_json: bool) -> None:
    """Say what changed between two books: files, or `default` for the built-in one."""
    old, new = (_book(None if path == _DEFAULT else path) for path in (before, after))
    changes = diff_books(old, new)
    if as_json:
        print_json({"changes": [change._asdict() for change in changes]})
        return
    click.echo(_changes(changes) if changes else "no difference")


@profiles.command()
@click.argument("profile", metavar="NAME|FILE")
@book_option
@click.option("-o", "--out", "out_path", metavar="FILE", help=".html or .png. [default: NAME.html]")
def plot(*, profile: str, book_path: str | None, out_path: str | None) -> None:
    """Draw a profile: ladder, trailing callback and what is left, over the profit in R."""
    found = _profile(profile, book_path)
    path = f"{found.name}.html" if out_path is None else out_path
    suffix = Path(path).suffix.lower()
    if suffix not in {_HTML, _PNG}:
        raise InvalidInputError("file", repr(path), "expected a name that ends in .html or .png")
    check_folder(path)
    if suffix == _PNG:
        image = profile_png(found)
        with replacing(path) as temporary:
            temporary.write_bytes(image)
    else:
        write_chart(profile_chart(found), path)
    click.echo(f"written: {path}")


def _book(path: str | None) -> ProfileBook:
    return ProfileBook.default() if path is None else load_book(path)


def _profile(name_or_path: str, book_path: str | None) -> TPProfile:
    if book_path is None:
        return load_profile(name_or_path)
    named = {entry.profile.name: entry.profile for entry in load_book(book_path).entries}
    if name_or_path not in named:
        raise InvalidInputError("NAME", repr(name_or_path), f"expected one of {', '.join(named)}")
    return named[name_or_path]


def _holds_book(path: str) -> bool:
    document = parse_toml(read_text(path), path)
    return any(key in document for key in ("entries", "profiles", "version"))


def _legs(profile: TPProfile) -> str:
    return ", ".join(
        f"{leg.r_multiple:g}R {100 * leg.size_fraction:g}% {leg.kind}" for leg in profile.tp_legs
    )


def _trailing(profile: TPProfile) -> str:
    if (trailing := profile.trailing) is None:
        return "none"
    curve = "".join(f", {100 * callback:g}% at {r:g}R" for r, callback in trailing.tightening_curve)
    return f"{100 * trailing.callback_pct:g}% from {trailing.activation_r:g}R{curve}"


def _changes(changes: Sequence[BookChange]) -> str:
    rows = [("where", "before", "after")]
    for place, before, after in changes:
        rows.append((place, "-" if before is None else before, "-" if after is None else after))
    return table(rows)


def _as_json(profile: TPProfile) -> dict[str, Any]:
    trailing = profile.trailing
    return {
        "name": profile.name,
        "description": profile.description,
        "tp_legs": [
            {
                "r_multiple": leg.r_multiple,
                "size_fraction": leg.size_fraction,
                "kind": leg.kind,
            }
            for leg in profile.tp_legs
        ],
        "trailing": None
        if trailing is None
        else {
            "callback_pct": trailing.callback_pct,
            "activation_r": trailing.activation_r,
            "tightening_curve": [list(point) for point in trailing.tightening_curve],
        },
    }
