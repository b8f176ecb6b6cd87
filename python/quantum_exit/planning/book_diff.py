"""What changed between two profile books."""

from typing import NamedTuple

from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.profiles import TPProfile


class BookChange(NamedTuple):
    """One difference.

    Attributes:
        place: Where, such as `(*, *, TREND) tp_legs[1].r_multiple`.
        before: The value in the first book, or None where it has none.
        after: The value in the second book, or None where it has none.
    """

    place: str
    before: str | None
    after: str | None


def diff_books(before: ProfileBook, after: ProfileBook) -> tuple[BookChange, ...]:
    """Every difference in content from `before` to `after`, in the order of the keys.

    Versions are not content: books that decide alike do not differ.
    """
    old, new = _flat(before), _flat(after)
    return tuple(
        BookChange(place, old.get(place), new.get(place))
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    )


def _flat(book: ProfileBook) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, profile in book.entries:
        for field, value in _fields(profile).items():
            flat[f"{key} {field}"] = value
    for strategy_id, symbol, factor in book.scales:
        flat[f"scale ({strategy_id}, {symbol})"] = f"{factor:g}"
    return flat


def _fields(profile: TPProfile) -> dict[str, str]:
    fields = {"name": profile.name, "description": profile.description}
    for index, leg in enumerate(profile.tp_legs):
        fields[f"tp_legs[{index}].r_multiple"] = f"{leg.r_multiple:g}"
        fields[f"tp_legs[{index}].size_fraction"] = f"{leg.size_fraction:g}"
        fields[f"tp_legs[{index}].kind"] = leg.kind
    if profile.trailing is not None:
        fields["trailing.callback_pct"] = f"{profile.trailing.callback_pct:g}"
        fields["trailing.activation_r"] = f"{profile.trailing.activation_r:g}"
        for index, (r, callback) in enumerate(profile.trailing.tightening_curve):
            fields[f"trailing.tightening_curve[{index}]"] = f"{r:g} R: {callback:g}"
    return fields
