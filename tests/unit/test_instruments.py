import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

import quantum_exit as qe
from quantum_exit.domain.instruments import BUILT_IN, instrument_from_json
from tests.integration.recorded import recorded

GOOD = {
    "symbol": "ODDUSDT",
    "tick_size": "0.25",
    "lot_step": "0.005",
    "min_qty": "0.005",
    "min_notional": "5",
}


@pytest.mark.data
def test_built_in_instruments_have_the_filters_of_the_venue() -> None:
    path = recorded("exchange_info") / "binance_usdm_20250327.filters.csv"
    with path.open(newline="") as file:
        filters = {row["symbol"]: row for row in csv.DictReader(file)}

    for symbol in BUILT_IN:
        instrument = qe.load_instrument(symbol)
        theirs = filters[symbol]
        assert Decimal(instrument.tick_size) == Decimal(theirs["tickSize"]), symbol
        assert Decimal(instrument.lot_step) == Decimal(theirs["stepSize"]), symbol
        assert Decimal(instrument.min_qty) == Decimal(theirs["minQty"]), symbol
        assert Decimal(instrument.min_notional) == Decimal(theirs["minNotional"]), symbol
        assert Decimal(instrument.max_qty or 0) == Decimal(theirs["maxQty"]), symbol


@pytest.mark.parametrize("as_number", [False, True])
def test_numbers_of_an_instrument_file_are_text_or_numbers(as_number: bool, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    values = {k: float(v) if as_number and k != "symbol" else v for k, v in GOOD.items()}
    path.write_text(json.dumps({**values, "max_qty": 1000 if as_number else "1000"}))

    instrument = qe.load_instrument(path)

    assert instrument == qe.Instrument("ODDUSDT", "0.25", "0.005", "0.005", "5", "1000")
    assert (instrument.tick_size, instrument.max_qty) == ("0.25", "1000")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"tick": "1"},
            "tick: unknown key; expected one of symbol, tick_size, lot_step, min_qty, min_notional, max_qty",
        ),
        ({"tick_size": None}, "tick_size: missing; expected a number"),
        ({"tick_size": "wide"}, "tick_size: 'wide' is not a number"),
        ({"tick_size": True}, "tick_size: expected a number, not true"),
        ({"tick_size": [1]}, "tick_size: expected a number, not a list"),
        ({"lot_step": "nan"}, "lot_step: NaN is not allowed; expected a finite number"),
        ({"symbol": 3}, "symbol: expected text, not 3"),
        (
            {"symbol": "A B"},
            'symbol: "A B" is not allowed; expected a name without spaces, such as BTCUSDT',
        ),
    ],
)
def test_a_bad_instrument_file_is_refused_by_file_and_key(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(qe.InputFileError) as refused:
        instrument_from_json(json.dumps({**GOOD, **change}), "i.json")

    assert str(refused.value) == f"i.json: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "i.json: expected a table, not a list"),
        (
            "{",
            "i.json: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (
            '{"symbol": "A", "symbol": "B"}',
            "i.json: symbol: the key stands twice; expected it once",
        ),
    ],
)
def test_what_is_no_json_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(qe.InputFileError) as refused:
        instrument_from_json(text, "i.json")

    assert str(refused.value) == message


@pytest.mark.parametrize("tick_size", ["0", "-1"])
def test_a_grid_without_distance_is_refused(tick_size: str) -> None:
    text = json.dumps({**GOOD, "tick_size": tick_size})

    with pytest.raises(qe.InputFileError, match=r"^i.json: tick_size: "):
        instrument_from_json(text, "i.json")


def test_an_unknown_symbol_is_refused_with_the_names_of_the_known() -> None:
    with pytest.raises(qe.InvalidInputError, match=r"^instrument: 'X' is not allowed; .*BTCUSDT"):
        qe.load_instrument("X")
