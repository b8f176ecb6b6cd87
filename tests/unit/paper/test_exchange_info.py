import gzip
import json
from pathlib import Path

import pytest

from quantum_exit.adapters.paper.exchange_info import built_in_info, read_exchange_info
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.domain.instruments import BUILT_IN
from quantum_exit.errors import InputFileError


def document() -> JsonObject:
    return built_in_info(["BTCUSDT", "ETHUSDT"]).document(LimitRules(), 1)


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "info.json"
    path.write_text(json.dumps(content))
    return path


def test_all_built_in_symbols_are_listed_with_their_filters() -> None:
    symbols = list(built_in_info().symbols)

    assert [symbol.name for symbol in symbols] == list(BUILT_IN)
    assert all(len(symbol.filters) == 7 for symbol in symbols)


def test_a_reply_is_a_file_too(tmp_path: Path) -> None:
    assert list(read_exchange_info(written(tmp_path, document())).symbols) == list(
        built_in_info(["BTCUSDT", "ETHUSDT"]).symbols
    )


def test_a_gzip_list_of_symbols_with_integers_as_text_is_a_file_too(tmp_path: Path) -> None:
    symbols = document()["symbols"]
    for symbol in symbols:
        symbol["pricePrecision"] = str(symbol["pricePrecision"])
    path = tmp_path / "symbols.json.gz"
    path.write_bytes(gzip.compress(json.dumps(symbols).encode()))

    [symbol] = read_exchange_info(path, ["ETHUSDT"]).symbols

    assert (symbol.name, symbol.document["pricePrecision"]) == ("ETHUSDT", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symbols": []}, "expected a list of one symbol or more"),
        ({"symbols": [1]}, "expected an object"),
        ({"symbols": [{"symbol": "X"}]}, r"symbols\[0\].pair: missing"),
    ],
)
def test_a_file_that_is_no_exchange_info_is_refused_with_its_place(
    tmp_path: Path, change: JsonObject, message: str
) -> None:
    with pytest.raises(InputFileError, match=message):
        read_exchange_info(written(tmp_path, {**document(), **change}))


def test_a_missing_filter_is_named(tmp_path: Path) -> None:
    broken = document()
    broken["symbols"][0]["filters"] = broken["symbols"][0]["filters"][1:]

    with pytest.raises(InputFileError, match=r"PRICE_FILTER\.minPrice: missing"):
        read_exchange_info(written(tmp_path, broken))


def test_a_symbol_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="has no symbol DOGEUSDT"):
        read_exchange_info(written(tmp_path, document()), ["DOGEUSDT"])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        read_exchange_info(tmp_path / "none.json")
