"""A profile book as TOML: profiles by name, registrations and scales that refer to them."""

from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields, located
from quantum_exit.planning.book import ANY, BookEntry, ProfileBook, ProfileKey, Scale
from quantum_exit.planning.profile_toml import (
    PROFILE_KEYS,
    profile_from_fields,
    profile_lines,
    toml_text,
)
from quantum_exit.planning.profiles import TPProfile

_BOOK = ("version", "profiles", "entries", "scales")
_ENTRY = ("symbol", "strategy_id", "regime", "profile")
_SCALE = ("strategy_id", "symbol", "factor")


def book_from_toml(text: str, path: str) -> ProfileBook:
    """The book that a TOML document describes.

    - `version`: whole number from 1;
    - `[[profiles]]`: profiles as `profile_from_toml` reads them, each name once;
    - `[[entries]]`: `regime` and `profile` (a name), optional `symbol` and `strategy_id` (`*`);
    - `[[scales]]`: `strategy_id`, `symbol`, `factor`.

    Args:
        text: The document, as `book_to_toml` writes it.
        path: Where it comes from, for errors.

    Raises:
        InputFileError: Names the file and the key.
    """
    fields = Fields(parse_toml(text, path), path=path, known=_BOOK)
    version = fields.integer("version")
    profiles: dict[str, TPProfile] = {}
    for table in fields.tables("profiles", PROFILE_KEYS):
        profile = profile_from_fields(table)
        if profile.name in profiles:
            table.refuse("name", f"{profile.name!r} stands twice; expected each name once")
        profiles[profile.name] = profile
    entries = tuple(_entry(table, profiles) for table in fields.tables("entries", _ENTRY))
    used = {entry.profile.name for entry in entries}
    for index, name in enumerate(profiles):
        if name not in used:
            fields.refuse(f"profiles[{index}]", f"{name!r} stands in no entry; expected its use")
    scales = tuple(_scale(table) for table in fields.tables("scales", _SCALE))
    with located(path):
        return ProfileBook(entries=entries, scales=scales, version=version)


def book_to_toml(book: ProfileBook) -> str:
    """`book` as the TOML document that `book_from_toml` reads back as an equal value."""
    lines = [f"version = {book.version}"]
    profiles = {entry.profile.name: entry.profile for entry in book.entries}
    for profile in profiles.values():
        lines += ["", "[[profiles]]", *profile_lines(profile, "profiles")]
    for key, profile in book.entries:
        lines += [
            "",
            "[[entries]]",
            f"symbol = {toml_text(key.symbol)}",
            f"strategy_id = {toml_text(key.strategy_id)}",
            f"regime = {toml_text(key.regime)}",
            f"profile = {toml_text(profile.name)}",
        ]
    for strategy_id, symbol, factor in book.scales:
        lines += [
            "",
            "[[scales]]",
            f"strategy_id = {toml_text(strategy_id)}",
            f"symbol = {toml_text(symbol)}",
            f"factor = {float(factor)!r}",
        ]
    return "\n".join(lines) + "\n"


def _entry(fields: Fields, profiles: dict[str, TPProfile]) -> BookEntry:
    name = fields.text("profile")
    if name not in profiles:
        fields.refuse("profile", f"{name!r} is not allowed; expected one of {', '.join(profiles)}")
    symbol = fields.text("symbol") if fields.has("symbol") else ANY
    strategy_id = fields.text("strategy_id") if fields.has("strategy_id") else ANY
    entry = BookEntry(ProfileKey(symbol, strategy_id, fields.text("regime")), profiles[name])
    # Checked here as well, so that the error says which entry it is.
    with located(fields.path, fields.place):
        return BookEntry(ProfileKey.checked(*entry.key), entry.profile)


def _scale(fields: Fields) -> Scale:
    factor = float(fields.number("factor"))
    with located(fields.path, fields.place):
        return Scale.checked(fields.text("strategy_id"), fields.text("symbol"), factor)
