"""A planted key: it leaves in one header, its secret not at all, and neither shows in any text."""

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport
from quantum_exit.adapters.binance.hosts import simulated
from quantum_exit.adapters.binance.transport import TransportLost
from quantum_exit.app.config.secret import Secret
from quantum_exit.app.config.settings import RunConfig
from tests.clocks import RealClock

pytestmark = pytest.mark.anyio

KEY, SECRET = "canaryKey7f3a9c1e5b", "canarySecret51d0e8b2c4"
ORDER = {"symbol": "BTCUSDT", "side": "SELL", "newClientOrderId": "x1"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def listening(seen: list[str], headers: list[dict[str, str]]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.raw_path} {await request.text()}")
        headers.append(dict(request.headers))
        return web.json_response({"code": -2015, "msg": "no"}, status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_key_leaves_in_one_header_and_the_secret_not_at_all() -> None:
    seen: list[str] = []
    headers: list[dict[str, str]] = []
    key = ApiKey(key=KEY, secret=SECRET)
    async with listening(seen, headers) as url:
        transport = CcxtTransport(simulated(url), key, RealClock())
        async with transport:
            for method in ("POST", "DELETE", "GET"):
                await transport.request(method, "/fapi/v1/order", ORDER, signed=True)
            await transport.request("POST", "/fapi/v1/listenKey", {}, signed=True)
            await transport.request("GET", "/fapi/v1/time", {}, signed=False)

    assert len(seen) == 5
    for text in seen:
        assert KEY not in text
        assert SECRET not in text
    for one in headers:
        bearing = {name.lower() for name, value in one.items() if KEY in value}
        assert bearing <= {"x-mbx-apikey"}
        assert not any(SECRET in value for value in one.values())


async def test_no_text_of_what_holds_the_key_shows_it() -> None:
    key = ApiKey(key=KEY, secret=SECRET)
    transport = CcxtTransport(simulated("http://127.0.0.1:1"), key, RealClock())
    config = RunConfig(api_key=Secret(KEY), api_secret=Secret(SECRET))
    async with transport:
        with pytest.raises(TransportLost) as lost:
            await transport.request("POST", "/fapi/v1/order", ORDER, signed=True)
        texts = [repr(one) for one in (key, transport, config, lost.value)]
    texts += [str(key), str(config), "".join(traceback.format_exception(lost.value))]
    for text in texts:
        assert KEY not in text
        assert SECRET not in text
