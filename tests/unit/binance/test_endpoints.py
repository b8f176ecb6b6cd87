from pathlib import Path

import pytest

import quantum_exit.adapters.binance as package
from quantum_exit.adapters.binance.capabilities import CAPABILITIES
from quantum_exit.adapters.binance.endpoints import ENDPOINTS, endpoint_of
from quantum_exit.errors import InvalidInputError


def test_nothing_that_could_be_called_moves_funds_or_takes_protection_away() -> None:
    paths = {each.path.rsplit("/", 1)[1] for each in ENDPOINTS}

    assert {"countdownCancelAll", "allOpenOrders", "algoOpenOrders"}.isdisjoint(paths)
    assert [each for each in ENDPOINTS if "sapi" in each.path and each.method != "GET"] == []
    changing = {each.path for each in ENDPOINTS if each.method != "GET"}
    assert changing == {"/fapi/v1/order", "/fapi/v1/algoOrder", "/fapi/v1/listenKey"}


def test_the_dead_man_switch_is_named_nowhere_in_the_adapter() -> None:
    (folder,) = package.__path__
    sources = [path.read_text(encoding="utf-8") for path in Path(folder).glob("*.py")]

    assert len(sources) > 20
    assert [text for text in sources if "countdownCancelAll" in text] == []


def test_an_endpoint_is_known_by_method_and_path() -> None:
    for endpoint in ENDPOINTS:
        assert endpoint_of(endpoint.method, endpoint.path) is endpoint
    with pytest.raises(InvalidInputError, match="DELETE /fapi/v1/time"):
        endpoint_of("DELETE", "/fapi/v1/time")


def test_placing_and_cancelling_take_from_no_more_than_they_need() -> None:
    costs = {(each.method, each.path): each.cost for each in ENDPOINTS}

    for path in ("/fapi/v1/order", "/fapi/v1/algoOrder"):
        assert (costs["POST", path].weight, costs["POST", path].orders) == (0, 1)
        assert (costs["DELETE", path].weight, costs["DELETE", path].orders) == (1, 0)


def test_every_venue_tells_the_unit_of_its_trailing_orders() -> None:
    assert set(CAPABILITIES) == {"binance_usdm", "bybit_linear", "okx_swap"}
    assert {each.trail_unit for each in CAPABILITIES.values()} == {"percent", "price"}
