"""The exchange's own SDK pointed at a server on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures import derivatives_trading_usds_futures as sdk
from pydantic import BaseModel

from tests.integration.clients.local_venue import KEY, SECRET, LocalVenue

# Fields of captured or documented replies that the models of this release do not list.
UNLISTED = frozenset(
    {
        "breakEvenPrice",
        "futuresType",
        "isolatedMargin",
        "isolatedWallet",
        "lastUpdateId",
        "maxMoveOrderLimit",
        "notional",
        "slPrice",
        "slTriggerPrice",
        "tpPrice",
        "tpTriggerPrice",
    }
)


@contextmanager
def rest_api(venue: LocalVenue, **credentials: Any) -> Iterator[Any]:
    """Its REST API; untyped, because its signatures ask for enums where it takes texts."""
    signer: dict[str, Any] = credentials or {"api_key": KEY, "api_secret": SECRET}
    config = ConfigurationRestAPI(base_path=venue.http, timeout=5_000, retries=0, **signer)
    api = sdk.DerivativesTradingUsdsFutures(config_rest_api=config).rest_api
    try:
        yield api
    finally:
        api._session.close()  # noqa: SLF001 - it offers no way to close its connections


def websocket_api(venue: LocalVenue) -> Any:
    """Its WebSocket API, not connected yet."""
    config = ConfigurationWebSocketAPI(
        api_key=KEY, api_secret=SECRET, stream_url=f"{venue.ws}/ws-fapi/v1"
    )
    return sdk.DerivativesTradingUsdsFutures(config_ws_api=config).websocket_api


def websocket_streams(venue: LocalVenue) -> Any:
    """Its streams, not connected yet."""
    config = ConfigurationWebSocketStreams(stream_url=venue.ws)
    return sdk.DerivativesTradingUsdsFutures(config_ws_streams=config).websocket_streams


def strays(value: Any, place: str = "") -> Iterator[str]:
    """The fields of a reply that its model does not know, by their place."""
    if isinstance(value, list):
        for item in value[:1]:
            yield from strays(item, f"{place}[]")
        return
    if not isinstance(value, BaseModel):
        return
    instance = getattr(value, "actual_instance", None)
    if instance is not None:
        yield from strays(instance, place)
        return
    for name in getattr(value, "additional_properties", None) or ():
        if name not in UNLISTED:
            yield f"{place}.{name}"
    for name in type(value).model_fields:
        yield from strays(getattr(value, name), f"{place}.{name}")
