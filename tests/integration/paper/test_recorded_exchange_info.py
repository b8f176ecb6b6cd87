"""Exchanges that open with the recorded symbols of Binance."""

import gzip
import json

import pytest

from quantum_exit.adapters.paper.brackets import Brackets, read_brackets
from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.exchange_info import read_exchange_info
from quantum_exit.adapters.paper.limits import LimitRules
from tests.integration.paper.world import START_MS
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

FILES = {
    "binance_usdm_exchangeInfo_20210721.json.gz": 122,
    "binance_usdm_exchangeInfo_20220221.json.gz": 148,
    "binance_usdm_symbols_20250327.json.gz": 454,
}


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_symbol_is_listed(name: str) -> None:
    info = read_exchange_info(recorded("exchange_info") / name)
    exchange = PaperExchange(now_ms=START_MS, info=info)

    names = [symbol.name for symbol in exchange.desk.info.symbols]

    assert len(names) == FILES[name]
    assert {exchange.desk.venue.prices(symbol).last_ticks for symbol in names} == {0}


def test_a_recorded_reply_is_told_again_as_it_was() -> None:
    path = recorded("exchange_info") / "binance_usdm_exchangeInfo_20220221.json.gz"
    captured = json.loads(gzip.decompress(path.read_bytes()))

    ours = read_exchange_info(path).document(LimitRules(), captured["serverTime"])

    assert ours.keys() == captured.keys()
    assert ours["rateLimits"][0] == captured["rateLimits"][0]
    later = {"maxMoveOrderLimit"}
    told = [{k: v for k, v in s.items() if k not in later} for s in ours["symbols"]]
    assert told == captured["symbols"]


def test_recorded_leverage_brackets_are_those_of_the_exchange() -> None:
    brackets = read_brackets(
        recorded("exchange_info") / "binance_usdm_leverage_tiers_2024-10.json.gz"
    )

    first, *_, last = brackets.of("BTCUSDT")

    assert (first.max_leverage, first.cap, str(first.maintenance_frac)) == (125, 50_000, "0.004")
    assert (last.max_leverage, last.floor, str(last.cum)) == (1, 1_200_000_000, "421481450.0")


def test_built_in_brackets_of_deep_symbols_are_the_recorded_ones() -> None:
    recorded_ones = read_brackets(
        recorded("exchange_info") / "binance_usdm_leverage_tiers_2024-10.json.gz"
    )

    assert Brackets().of("BTCUSDT") == recorded_ones.of("BTCUSDT")
