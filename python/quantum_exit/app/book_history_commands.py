"""`quantum-exit profiles history` and `publish`: the versions of a profile book, with who and why."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import click

from quantum_exit.adapters.book_history import SqliteBookHistory
from quantum_exit.adapters.definitions import load_book
from quantum_exit.app.output import moment, print_json, table
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_diff import diff_books
from quantum_exit.planning.book_holder import BookHolder, PublishedBook

_HASH_SHOWN = 12


@click.command()
@click.argument("path", metavar="HISTORY")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def history(*, path: str, as_json: bool) -> None:
    """Show every version of a book: when, by whom, why, and how much changed."""
    with SqliteBookHistory(path, read_only=True) as opened:
        versions = opened.versions()
    if as_json:
        print_json({"versions": [_as_json(*step) for step in _steps(versions)]})
        return
    rows = [("version", "time (UTC)", "author", "content", "changes", "reason")]
    rows += [_row(*step) for step in _steps(versions)]
    click.echo(table(rows, right=frozenset({0, 4})))


@click.command()
@click.argument("book_path", metavar="BOOK")
@click.option("--history", "path", required=True, metavar="FILE", help="Made where it is absent.")
@click.option("--author", required=True, help="Who publishes it.")
@click.option("--reason", required=True, help="Why.")
def publish(*, book_path: str, path: str, author: str, reason: str) -> None:
    """Publish the content of a book file as the next version of a history."""
    wanted = load_book(book_path)
    at_ns = time.time_ns()
    with SqliteBookHistory(path) as opened:
        holder = BookHolder(opened, at_ns=at_ns)
        before = holder.book
        after = ProfileBook(
            entries=wanted.entries, scales=wanted.scales, version=before.version + 1
        )
        published = holder.publish(after, author=author, reason=reason, at_ns=at_ns).book
    if published is before:
        click.echo(f"no difference: version {before.version} stays in force")
    else:
        changes = len(diff_books(before, published))
        content = published.content_hash[:_HASH_SHOWN]
        click.echo(f"published: version {published.version}, content {content}, {changes} changes")


def _steps(versions: Sequence[PublishedBook]) -> Iterator[tuple[PublishedBook, int | None]]:
    """Each version with the number of its changes; None for the first, which nothing precedes."""
    for before, after in zip((None, *versions), versions, strict=False):
        yield after, None if before is None else len(diff_books(before.book, after.book))


def _row(one: PublishedBook, changes: int | None) -> tuple[str, str, str, str, str, str]:
    return (
        f"{one.book.version}",
        moment(one.at_ns),
        one.author,
        one.book.content_hash[:_HASH_SHOWN],
        "-" if changes is None else f"{changes}",
        one.reason,
    )


def _as_json(one: PublishedBook, changes: int | None) -> dict[str, Any]:
    return {
        "version": one.book.version,
        "content_hash": one.book.content_hash,
        "author": one.author,
        "reason": one.reason,
        "at_ns": one.at_ns,
        "changes": changes,
    }
