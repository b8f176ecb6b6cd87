from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.exchange_info import built_in_info
from quantum_exit.adapters.paper.symbols import Grid, Symbol, fixed
from quantum_exit.errors import InvalidInputError


def btc() -> Symbol:
    return built_in_info(["BTCUSDT"]).symbols.get("BTCUSDT")


@pytest.mark.parametrize(
    ("step", "count", "text", "short"),
    [
        ("0.10", 917_399, "91739.90", "91739.9"),
        ("0.001", 2, "0.002", "0.002"),
        ("0.001", 1_000, "1.000", "1"),
        ("1", 53, "53", "53"),
        ("5", 3, "15", "15"),
        ("1e-7", 3, "0.0000003", "0.0000003"),
        ("0.01", -5, "-0.05", "-0.05"),
        ("0.01", 0, "0.00", "0"),
    ],
)
def test_values_are_written_with_the_digits_of_their_step(
    step: str, count: int, text: str, short: str
) -> None:
    grid = Grid.of(step)

    assert (grid.text(count), grid.short(count)) == (text, short)


@given(count=st.integers(0, 10**12), step=st.sampled_from(["0.10", "0.001", "1", "5", "0.00005"]))
def test_a_written_value_reads_as_the_same_count(count: int, step: str) -> None:
    grid = Grid.of(step)

    assert grid.count(Decimal(grid.text(count))) == count


@pytest.mark.parametrize("step", ["0", "-1", "NaN", "x"])
def test_a_step_that_is_not_above_zero_is_refused(step: str) -> None:
    with pytest.raises(InvalidInputError, match="step"):
        Grid.of(step)


@pytest.mark.parametrize(("price", "code"), [("60000.05", -1111), ("99999999999999999999", -4002)])
def test_a_price_off_the_grid_is_refused(price: str, code: int) -> None:
    with pytest.raises(VenueRefusal) as caught:
        btc().ticks(Decimal(price))

    assert caught.value.code == code


def test_a_price_with_allowed_digits_off_the_tick_has_its_own_code() -> None:
    symbol = btc()
    coarse = Symbol(
        name=symbol.name,
        margin_asset=symbol.margin_asset,
        price=Grid.of("0.5"),
        qty=symbol.qty,
        document=symbol.document,
        filters=symbol.filters,
    )

    with pytest.raises(VenueRefusal, match="-4014: Price not increased by tick size"):
        coarse.ticks(Decimal("60000.1"))


@pytest.mark.parametrize(
    ("cost_e8", "lots", "digits", "expected"),
    [
        (18_347_980_000, 2, 5, "91739.90000"),  # 0.002 BTC for 183.4798
        (10**8, 3, 5, "333.33333"),
        (2 * 10**8, 3, 5, "666.66667"),
        (0, 0, 5, "0.00000"),
    ],
)
def test_average_prices_are_rounded_half_up(
    cost_e8: int, lots: int, digits: int, expected: str
) -> None:
    assert btc().average(cost_e8, lots, digits) == expected


def test_worth_is_exact() -> None:
    assert fixed(btc().cash(917_399, 2), 8) == "183.47980000"
