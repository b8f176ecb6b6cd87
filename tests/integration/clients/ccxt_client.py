"""ccxt pointed at a server on this machine."""

from typing import Any

import ccxt.pro

from tests.integration.clients.local_venue import KEY, SECRET, LocalVenue


class LocalBinance(ccxt.pro.binanceusdm):  # type: ignore[misc]
    """`binanceusdm` that finds its errors by code also where the host is not Binance's."""

    def get_exceptions_by_url(self, url: str, exact_or_broad: str) -> Any:
        linear = self.safe_dict(self.exceptions, "linear", {})
        return self.safe_dict(linear, exact_or_broad, {})


def ccxt_client(venue: LocalVenue, **options: Any) -> LocalBinance:
    client = LocalBinance(
        {
            "apiKey": KEY,
            "secret": SECRET,
            "timeout": 5_000,
            "enableRateLimit": False,
            "options": {
                "fetchCurrencies": False,
                "fetchMarkets": {"types": ["linear"]},
                **options,
            },
        }
    )
    api = client.urls["api"]
    for name, url in list(api.items()):
        if isinstance(url, str):
            api[name] = venue.http + url[url.index(".com") + len(".com") :]
    api["ws"] = {"linear": f"{venue.ws}/ws", "ws-api": {"linear": f"{venue.ws}/ws-fapi/v1"}}
    return client
