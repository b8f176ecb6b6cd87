"""Test your bot against the simulated exchange, with ccxt.

quantum-exit exchange --generate BTCUSDT=60000 --port 8899
python with_ccxt.py http://127.0.0.1:8899
"""

import asyncio
import sys

import aiohttp
import ccxt.async_support as ccxt

SYMBOL = "BTC/USDT:USDT"


class SimulatedBinance(ccxt.binanceusdm):
    """ccxt looks for error codes by host name; here they are those of Binance everywhere."""

    def get_exceptions_by_url(self, url, exact_or_broad):
        return self.exceptions["linear"].get(exact_or_broad, {})


def connect(base):
    exchange = SimulatedBinance({"apiKey": "sim-key-0", "secret": "sim-secret-0"})
    exchange.options |= {"fetchCurrencies": False, "fetchMarkets": {"types": ["linear"]}}
    api = exchange.urls["api"]
    for name, url in api.items():
        if isinstance(url, str):
            api[name] = base + url.partition(".com")[2]
    return exchange


async def lose_reply(base):
    """Lets the exchange carry out the next stop, and answer that nobody knows."""
    rule = {"kind": "POST /fapi/v1/algoOrder", "nth": 1, "code": -1007}
    async with aiohttp.ClientSession() as session:
        await session.post(f"{base}/sim/fault", json={"requests": [rule]})


async def protect(exchange, stop_price):
    """Places a stop for the whole position, and asks where the reply is lost."""
    params = {"triggerPrice": stop_price, "closePosition": True, "clientAlgoId": "my-stop-1"}
    try:
        return await exchange.create_order(SYMBOL, "STOP_MARKET", "sell", None, None, params)
    except ccxt.RequestTimeout:
        return await exchange.fetch_order(
            None, SYMBOL, {"trigger": True, "clientAlgoId": "my-stop-1"}
        )


async def main(base):
    exchange = connect(base)
    try:
        await exchange.create_order(SYMBOL, "market", "buy", 0.1)
        (position,) = await exchange.fetch_positions([SYMBOL])
        print("position", position["side"], position["contracts"])
        await lose_reply(base)
        stop = await protect(exchange, round(position["entryPrice"] * 0.98, 1))
        print("stop", stop["clientOrderId"], stop["status"])
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
