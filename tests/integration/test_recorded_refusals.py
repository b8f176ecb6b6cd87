"""The refusals of the simulated venue have the texts that the exchange was seen to send."""

import json
from collections.abc import Callable

import pytest

from quantum_exit._core import Venue
from quantum_exit.errors import VenueReject
from tests.integration.recorded import recorded

BTC = "BTCUSDT"
E8 = 10**8


def _venue() -> Venue:
    venue = Venue()
    venue.add_symbol(BTC, tick_e8=10_000_000, lot_e8=100_000, min_notional_e8=5 * E8)
    venue.add_account()
    venue.transfer(0, 1_000 * E8)
    venue.trade(BTC, 100_000, 1)
    return venue


def _second_floor(venue: Venue) -> None:
    for trigger in (99_000, 98_000):
        venue.place_algo(0, BTC, "SELL", "STOP_MARKET", trigger_ticks=trigger, close_position=True)


def _hedged_reduce_only(venue: Venue) -> None:
    venue.set_hedge_mode(0, True)
    venue.place(0, BTC, "SELL", "MARKET", 1, position_side="LONG", reduce_only=True)


REFUSED: dict[int, Callable[[Venue], object]] = {
    -2019: lambda venue: venue.place(0, BTC, "BUY", "MARKET", 10**6),
    -2021: lambda venue: venue.place_algo(
        0, BTC, "SELL", "STOP_MARKET", lots=1, trigger_ticks=100_001, reduce_only=True
    ),
    -4120: lambda venue: venue.place(0, BTC, "SELL", "STOP_MARKET", 1),  # type: ignore[arg-type]
    -4130: _second_floor,
    -4164: lambda venue: venue.place(0, BTC, "BUY", "LIMIT", 1, 40_000),
    -2007: lambda venue: venue.place_algo(
        0, BTC, "SELL", "TRAILING_STOP_MARKET", lots=1, callback_ppm=1_500_000, reduce_only=True
    ),
    -1106: _hedged_reduce_only,
    -2022: lambda venue: venue.place(0, BTC, "SELL", "MARKET", 1, reduce_only=True),
}


@pytest.mark.data
@pytest.mark.parametrize("code", REFUSED)
def test_the_text_of_a_refusal_is_the_recorded_one(code: int) -> None:
    lines = (
        (recorded("fixtures") / "binance_rest_errors.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    texts = {
        body["msg"] for body in (json.loads(line)["body"] for line in lines) if body["code"] == code
    }

    with pytest.raises(VenueReject) as refusal:
        REFUSED[code](_venue())

    assert (refusal.value.code, {refusal.value.message}) == (code, texts)
