import json
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit._core import Instrument
from quantum_exit.domain.facts import OrderBook
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.codec import Codec
from quantum_exit.execution.guardian.effects import Cancel, Place, Priority
from quantum_exit.execution.guardian.facts import Fact, LegKind, LegTarget, PositionOpened
from quantum_exit.execution.orders import VenueTrail

KEY = PositionKey("main", "BTCUSDT", Side.SHORT, 7)
OPENED = PositionOpened(
    key=KEY,
    lots=30,
    entry_price="91234.5678",
    hard_stop_ticks=930_000,
    stop_ticks=920_000,
    legs=(LegTarget(leg=2, price_ticks=900_000, lots=30, kind=LegKind.SOFT),),
    opened_ms=1_700_000_000_000,
)


def example(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line a type
    """Any value of a field's type; orders are left to `VenueTrail`, which has every kind."""
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return st.one_of(*[example(one) for one in get_args(hint)])
    if origin is tuple:
        return st.lists(example(get_args(hint)[0]), max_size=2).map(tuple)
    if hint is NoneType:
        return st.none()
    if hint is Instrument:
        return st.just(Instrument("BTCUSDT", "0.1", "0.001", "0.001", "100", None))
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(1, 2**62)
    if hint is float:
        return st.floats(0, 1)
    if hint is str:
        return st.text(max_size=5)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if issubclass(hint, tuple):
        return st.just(KEY)
    hints = get_type_hints(hint)
    return st.builds(hint, **{name: example(one) for name, one in hints.items()})


KINDS = [kind for kind in get_args(Fact) if kind is not PositionOpened]


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_every_fact_comes_back_as_it_was(kind: Any, data: st.DataObject) -> None:
    codec = Codec()
    fact = data.draw(example(kind))

    assert codec.decode(json.loads(json.dumps(codec.encode(fact)))) == show(fact)


def show(fact: Any) -> Any:
    """Instruments have no equality: facts with one are compared by their text."""
    return fact if "rules" not in fact.__dataclass_fields__ else SameText(fact)


class SameText:
    def __init__(self, fact: Any) -> None:
        self.fact = fact

    def __eq__(self, other: object) -> bool:
        codec = Codec()
        return isinstance(other, type(self.fact)) and codec.encode(other) == codec.encode(self.fact)

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "value",
    [
        OPENED,
        Place(
            order=VenueTrail(
                key=KEY, lots=3, activation_ticks=None, callback_tenths=10, on_mark=False
            ),
            client_id="x1",
            priority=Priority.WORKING,
        ),
    ],
)
def test_plans_and_intents_come_back_as_they_were(value: PositionOpened | Place) -> None:
    codec = Codec()

    assert codec.decode(json.loads(json.dumps(codec.encode(value)))) == value


@pytest.mark.parametrize(
    "change",
    [
        {"is": "Bribe"},
        {"lots": "30"},
        {"lots": True},
        {"lots": 0},
        {"key": ["main", "BTCUSDT", "UP", 7]},
        {"key": ["main", "BTCUSDT"]},
        {"legs": [{}]},
    ],
)
def test_what_is_no_record_is_refused(change: dict[str, Any]) -> None:
    codec = Codec()

    with pytest.raises(InvalidInputError):
        codec.decode({**codec.encode(OPENED), **change})


def test_a_missing_field_is_refused() -> None:
    codec = Codec()
    body = codec.encode(OPENED)
    del body["stop_ticks"]

    with pytest.raises(InvalidInputError, match="stop_ticks"):
        codec.decode(body)


def test_a_cancel_is_a_record() -> None:
    fields = set(Codec().encode(cancel()))

    assert fields == {"is", "key", "symbol", "client_id", "book", "priority"}


def cancel() -> Cancel:
    return Cancel(
        key=KEY,
        symbol="BTCUSDT",
        client_id="x1",
        book=OrderBook.ALGO,
        priority=Priority.CANCEL,
    )
