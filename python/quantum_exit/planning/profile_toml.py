"""Profiles as TOML: the same fields by the same names, nothing else."""

import json

from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields, located
from quantum_exit.planning.profiles import TPKind, TPProfile, TPProfileLeg, TrailingProfile

PROFILE_KEYS = ("name", "description", "tp_legs", "trailing")
_LEG = ("r_multiple", "size_fraction", "kind")
_TRAILING = ("callback_pct", "activation_r", "tightening_curve")


def profile_from_toml(text: str, path: str) -> TPProfile:
    """The profile that a TOML document describes.

    Args:
        text: The document, as `profile_to_toml` writes it. `description`, `trailing`, `kind`,
            `activation_r` and `tightening_curve` may be absent.
        path: Where it comes from, for errors.

    Raises:
        InputFileError: Names the file and the key.
    """
    return profile_from_fields(Fields(parse_toml(text, path), path=path, known=PROFILE_KEYS))


def profile_from_fields(fields: Fields) -> TPProfile:
    """The profile that one table with the keys `PROFILE_KEYS` describes.

    Raises:
        InputFileError: Names the file and the key.
    """
    name = fields.text("name")
    description = fields.text("description") if fields.has("description") else ""
    legs = tuple(_leg(leg) for leg in fields.tables("tp_legs", _LEG))
    trailing = None
    if fields.has("trailing"):
        trailing = _trailing(fields.table("trailing", _TRAILING))
    with located(fields.path, fields.place):
        return TPProfile(name=name, tp_legs=legs, trailing=trailing, description=description)


def profile_to_toml(profile: TPProfile) -> str:
    """`profile` as the TOML document that `profile_from_toml` reads back as an equal value."""
    return "\n".join(profile_lines(profile)) + "\n"


def profile_lines(profile: TPProfile, table: str = "") -> list[str]:
    """`profile` as lines of TOML, its own tables named below `table` (`profiles`)."""
    below = f"{table}." if table else ""
    lines = [f"name = {toml_text(profile.name)}", f"description = {toml_text(profile.description)}"]
    for leg in profile.tp_legs:
        lines += [
            "",
            f"[[{below}tp_legs]]",
            f"r_multiple = {leg.r_multiple!r}",
            f"size_fraction = {leg.size_fraction!r}",
            f"kind = {toml_text(leg.kind)}",
        ]
    if profile.trailing is not None:
        curve = ", ".join(f"[{r!r}, {cb!r}]" for r, cb in profile.trailing.tightening_curve)
        lines += [
            "",
            f"[{below}trailing]",
            f"callback_pct = {profile.trailing.callback_pct!r}",
            f"activation_r = {profile.trailing.activation_r!r}",
            f"tightening_curve = [{curve}]",
        ]
    return lines


def _leg(fields: Fields) -> TPProfileLeg:
    r_multiple = float(fields.number("r_multiple"))
    size_fraction = float(fields.number("size_fraction"))
    kind = fields.text("kind") if fields.has("kind") else TPKind.HARD
    if kind not in tuple(TPKind):
        fields.refuse("kind", f"{kind!r} is not allowed; expected one of {', '.join(TPKind)}")
    with located(fields.path, fields.place):
        return TPProfileLeg(r_multiple, size_fraction, TPKind(kind))


def _trailing(fields: Fields) -> TrailingProfile:
    callback_pct = float(fields.number("callback_pct"))
    curve = tuple((float(r), float(cb)) for r, cb in fields.pairs("tightening_curve"))
    # The core's errors name the table themselves.
    with located(fields.path):
        if not fields.has("activation_r"):
            return TrailingProfile(callback_pct, tightening_curve=curve)
        return TrailingProfile(callback_pct, float(fields.number("activation_r")), curve)


def toml_text(value: str) -> str:
    """`value` as a basic string of TOML."""
    # A TOML basic string is a JSON string, except that DEL must be escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
