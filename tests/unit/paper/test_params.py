from decimal import Decimal

import pytest

from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.rest.choices import SIDES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", -1102),
        ("-1", -1100),
        ("NaN", -1100),
        ("Infinity", -1100),
        ("1e5", -1100),
        ("1.", -1100),
        (".5", -1100),
        (" 1", -1100),
        ("1,5", -1100),
        ("0x10", -1100),
        ("\uff11", -1100),
        ("9" * 21, -1100),
        ("0." + "1" * 21, -1100),
    ],
)
def test_a_text_that_is_no_decimal_is_refused(text: str, code: int) -> None:
    with pytest.raises(VenueRefusal) as caught:
        Params({"price": text}).decimal("price")

    assert caught.value.code == code


def test_decimals_are_taken_as_they_are_written() -> None:
    assert Params({"price": "0.10"}).decimal("price") == Decimal("0.10")


@pytest.mark.parametrize(
    ("text", "code"), [("-1", -1100), ("1.0", -1100), ("9" * 20, -1100), ("", -1105)]
)
def test_a_text_that_is_no_whole_number_is_refused(text: str, code: int) -> None:
    with pytest.raises(VenueRefusal) as caught:
        Params({"limit": text}).optional_integer("limit")

    assert caught.value.code == code


@pytest.mark.parametrize("text", ["0", "1001"])
def test_a_number_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(VenueRefusal, match="Data sent for parameter 'limit' is not valid"):
        Params({"limit": text}).optional_integer("limit", low=1, high=1_000)


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("TRUE", True), ("false", False)])
def test_flags_are_read_in_any_case(text: str, expected: bool) -> None:
    assert Params({"reduceOnly": text}).flag("reduceOnly") is expected


@pytest.mark.parametrize("text", ["yes", "1", "tru"])
def test_other_words_are_no_flags(text: str) -> None:
    with pytest.raises(VenueRefusal, match="reduceOnly"):
        Params({"reduceOnly": text}).flag("reduceOnly")


def test_an_absent_flag_is_false() -> None:
    assert Params({}).flag("reduceOnly") is False


@pytest.mark.parametrize("text", ["a", "A.:/_-9", "x" * 36])
def test_client_ids_of_the_documented_characters_are_taken(text: str) -> None:
    assert Params({"newClientOrderId": text}).client_id("newClientOrderId") == text


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 37, -4015), ("a b", -1100), ("é", -1100), ("", -1105)]
)
def test_other_client_ids_are_refused(text: str, code: int) -> None:
    with pytest.raises(VenueRefusal) as caught:
        Params({"newClientOrderId": text}).client_id("newClientOrderId")

    assert caught.value.code == code


def test_a_word_that_is_no_side_has_its_own_code() -> None:
    with pytest.raises(VenueRefusal, match="-1117"):
        SIDES.required(Params({"side": "buy"}), "side")
