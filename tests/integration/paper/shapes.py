"""Compares what the exchange says with what was captured: same keys, same types of values."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def shape(value: object, place: str = "") -> dict[str, set[str]]:
    """The kinds of values by place, such as `o.p: {"text"}`; items of a list share a place."""
    found: dict[str, set[str]] = {}
    for where, kind in _walk(value, place):
        found.setdefault(where, set()).add(kind)
    return found


def differences(
    ours: object,
    theirs: list[Any],
    *,
    new: frozenset[str] = frozenset(),
    gone: frozenset[str] = frozenset(),
) -> list[str]:
    """What is said differently, place by place; nothing where all is alike.

    Args:
        ours: What the exchange says.
        theirs: Captures or samples of the same message; a place must be in all of them to be missed.
        new: Places that came after them.
        gone: Places that went after them.
    """
    own = shape(ours)
    shapes = [shape(other) for other in theirs]
    known: dict[str, set[str]] = {}
    for other in shapes:
        for place, kinds in other.items():
            known.setdefault(place, set()).update(kinds)
    always = set.intersection(*(set(other) for other in shapes))
    missing = [f"{place}: missing" for place in sorted(always - own.keys() - gone)]
    unknown = [f"{place}: unknown" for place in sorted(own.keys() - known.keys() - new)]
    wrong = [
        f"{place}: {sorted(kinds)} for {sorted(known[place])}"
        for place, kinds in sorted(own.items())
        if place in known and not kinds <= _allowed(known[place])
    ]
    return [*missing, *unknown, *wrong]


def _allowed(kinds: set[str]) -> set[str]:
    texts = {"text", "number as text", "empty"}
    # An empty text says nothing about what else may stand there, and may stand for any text.
    if "empty" in kinds:
        return kinds | texts
    return kinds | {"empty"} if kinds & texts else kinds


def _walk(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        yield f"{place}[]", "list"
        for item in value:
            yield from _walk(item, f"{place}[]")
    else:
        yield place, _kind(value)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        if not value:
            return "empty"
        return "number as text" if _is_number(value) else "text"
    if value is None:
        return "null"
    return "whole number" if isinstance(value, int) else "number"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
