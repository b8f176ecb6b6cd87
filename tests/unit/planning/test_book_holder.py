"""The holder of the profile book, over both histories: in memory and in an SQLite file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit import InputFileError, InvalidInputError
from quantum_exit.adapters.book_history import SqliteBookHistory
from quantum_exit.domain.market import MarketRegime
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_holder import (
    BookHistory,
    BookHolder,
    MemoryBookHistory,
    PublishedBook,
)
from quantum_exit.planning.profiles import TPProfile, TPProfileLeg
from tests.unit.planning.worlds import books

SCALP = TPProfile(name="AGGRESSIVE_SCALP", tp_legs=(TPProfileLeg(0.2, 0.5), TPProfileLeg(0.4, 0.5)))
START_NS, LATER_NS = 1_700_000_000_000_000_000, 1_700_000_060_000_000_000


@pytest.fixture(params=["memory", "sqlite"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BookHistory]:
    if request.param == "memory":
        yield MemoryBookHistory()
        return
    with SqliteBookHistory(tmp_path / "book.db") as opened:
        yield opened


def register(holder: BookHolder) -> PublishedBook:
    return holder.register_custom_profile(
        SCALP,
        symbol="ETHUSDT",
        regime=MarketRegime.RANGE,
        author="mara",
        reason="ranges of ETH are narrow",
        at_ns=LATER_NS,
    )


def scaled(holder: BookHolder, factor: float = 1.05) -> ProfileBook:
    return holder.book.with_scale("RL_V3", "BTCUSDT", factor)


def test_an_empty_history_begins_with_the_built_in_book(history: BookHistory) -> None:
    holder = BookHolder(history, at_ns=START_NS)

    assert holder.book == ProfileBook.default()
    assert history.versions() == (holder.published,)
    assert holder.published.author == "quantum_exit"
    assert holder.published.at_ns == START_NS


def test_a_custom_profile_is_in_force_and_in_the_history(history: BookHistory) -> None:
    holder = BookHolder(history, at_ns=START_NS)
    before = holder.book

    published = register(holder)

    chosen = holder.book.lookup("ETHUSDT", "ANY_STRATEGY", MarketRegime.RANGE)
    assert (chosen.profile, chosen.level) == (SCALP, 3)
    assert before.lookup("ETHUSDT", "ANY_STRATEGY", MarketRegime.RANGE).level == 5
    assert holder.published == published == history.newest()
    assert (published.book.version, published.author, published.at_ns) == (2, "mara", LATER_NS)
    assert [one.book for one in history.versions()] == [before, holder.book]


def test_another_holder_of_the_history_goes_on_with_its_newest_book(history: BookHistory) -> None:
    register(BookHolder(history, at_ns=START_NS))

    second = BookHolder(history, at_ns=LATER_NS, first=ProfileBook.default())

    assert second.published.reason == "ranges of ETH are narrow"
    assert len(history.versions()) == 2


def test_a_book_that_decides_alike_is_not_published_again(history: BookHistory) -> None:
    holder = BookHolder(history, at_ns=START_NS)
    register(holder)

    again = register(holder)

    assert again is holder.published
    assert holder.book.version == 2
    assert len(history.versions()) == 2


def test_a_book_made_from_an_older_version_is_refused(history: BookHistory) -> None:
    holder = BookHolder(history, at_ns=START_NS)
    stale = scaled(holder)
    register(holder)
    in_force = holder.published

    with pytest.raises(InvalidInputError, match=r"^version: 2 is not allowed; expected 3"):
        holder.publish(stale, author="optimizer", reason="TP1 hit 81 %", at_ns=LATER_NS)

    assert holder.published is in_force
    assert history.newest() == in_force


def test_who_publishes_second_is_refused_until_it_has_reloaded(history: BookHistory) -> None:
    first, second = (BookHolder(history, at_ns=START_NS) for _ in range(2))
    register(first)

    with pytest.raises(InvalidInputError, match="expected 3: the newest version is 2"):
        second.publish(scaled(second), author="optimizer", reason="hit rate", at_ns=LATER_NS)
    assert second.book.version == 1

    assert second.reload() == first.published
    second.publish(scaled(second), author="optimizer", reason="hit rate", at_ns=LATER_NS)
    assert [one.author for one in history.versions()] == ["quantum_exit", "mara", "optimizer"]


@pytest.mark.parametrize("change", [{"author": " "}, {"reason": ""}, {"at_ns": -1}])
def test_a_version_without_author_reason_or_time_is_refused(
    history: BookHistory, change: dict[str, object]
) -> None:
    holder = BookHolder(history, at_ns=START_NS)
    given_: dict[str, object] = {"author": "mara", "reason": "why", "at_ns": LATER_NS, **change}

    with pytest.raises(InvalidInputError, match=next(iter(change))):
        holder.publish(scaled(holder), **given_)  # type: ignore[arg-type]

    assert len(history.versions()) == 1


def test_a_file_keeps_its_history(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with SqliteBookHistory(path) as written:
        register(BookHolder(written, at_ns=START_NS))
        expected = written.versions()

    with SqliteBookHistory(path, read_only=True) as read:
        assert read.versions() == expected
        assert read.newest() == expected[-1]
        with pytest.raises(InputFileError, match=r"cannot be written: .*readonly"):
            BookHolder(read, at_ns=START_NS).publish(
                expected[-1].book.with_scale("RL_V3", "*", 0.9),
                author="mara",
                reason="why",
                at_ns=LATER_NS,
            )


@given(book=books(), author=st.text(min_size=1).filter(str.strip))
def test_any_book_comes_back_as_it_was_stored(
    tmp_path_factory: pytest.TempPathFactory, book: ProfileBook, author: str
) -> None:
    stored = PublishedBook(book=book, author=author, reason="why", at_ns=START_NS)
    with SqliteBookHistory(tmp_path_factory.mktemp("book") / "book.db") as history:
        history.append(stored)
        assert history.newest() == stored


def test_a_version_that_was_changed_in_the_file_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    with SqliteBookHistory(path) as history:
        BookHolder(history, at_ns=START_NS)
    with sqlite3.connect(path) as tampered:
        tampered.execute("UPDATE book_versions SET book_toml = replace(book_toml, '0.025', '0.24')")
    tampered.close()

    with (
        SqliteBookHistory(path) as history,
        pytest.raises(InputFileError, match="version 1: not the book that was stored"),
    ):
        BookHolder(history, at_ns=LATER_NS)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE TABLE journal (seq INTEGER)", "not a history of a profile book"),
        ("PRAGMA user_version = 9", "written in format 9; this version reads format 1"),
    ],
)
def test_another_file_is_refused_and_left_as_it_is(
    tmp_path: Path, script: str, message: str
) -> None:
    path = tmp_path / "book.db"
    if script.startswith("PRAGMA"):
        SqliteBookHistory(path).close()
    with sqlite3.connect(path) as other:
        other.execute(script)
    other.close()
    before = path.read_bytes()

    with pytest.raises(InputFileError, match=message):
        SqliteBookHistory(path)

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text("version = 1\n" * 100)

    with pytest.raises(InputFileError, match="cannot be opened: file is not a database"):
        SqliteBookHistory(path)
    with pytest.raises(InputFileError, match=r"absent\.db: cannot be opened"):
        SqliteBookHistory(tmp_path / "absent.db", read_only=True)
