"""Requests a second that the simulated exchange answers over HTTP, beside an empty handler.

`python -m benches.bench_exchange_http`. The servers run in a process of their own, on one core; the
client sends what was signed before, over eight connections that stay open.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from quantum_exit.adapters.paper.auth import hmac_signature

REQUESTS = 2_000
CONNECTIONS = 8
REPEATS = 9
WANTED_PER_S = 3_000
KEY, SECRET = "sim-key-0", "sim-secret-0"

EMPTY_SERVER = """
import asyncio
from aiohttp import web

async def empty(request):
    return web.Response(body=b"{}", content_type="application/json")

async def main():
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", empty)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]} ", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
EXCHANGE = [
    *("-m", "quantum_exit", "exchange", "--port", "0", "--generate", "BTCUSDT=60000"),
    *("--unlimited", "--wallet", "100000000"),
]


@dataclass(frozen=True)
class Row:
    """One kind of request and the rate at which it was answered."""

    name: str
    per_s: float


def main() -> None:
    """Prints the table."""
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.002"}
    limit = {**order, "type": "LIMIT", "timeInForce": "IOC", "price": "59000"}
    with served(["-c", EMPTY_SERVER]) as port:
        rows = [best("empty aiohttp handler", port, [request("GET", "/", "")])]
    with served(EXCHANGE) as port:
        check(port, order)
        rows += [
            best("GET /fapi/v1/time", port, [request("GET", "/fapi/v1/time", "")]),
            best("GET /fapi/v3/positionRisk, signed", port, [signed("GET", "v3/positionRisk", {})]),
            best(
                "POST /fapi/v1/order LIMIT IOC, signed", port, [signed("POST", "v1/order", limit)]
            ),
            best(
                "POST /fapi/v1/order MARKET in turn, signed",
                port,
                [
                    signed("POST", "v1/order", order),
                    signed("POST", "v1/order", {**order, "side": "SELL"}),
                ],
            ),
        ]
    for row in rows:
        share = row.per_s / rows[0].per_s
        print(f"{row.name:44} {row.per_s:8.0f}/s  {share:5.2f} of the empty handler")
    slowest = min(rows[1:], key=lambda row: row.per_s)
    verdict = "met" if slowest.per_s >= WANTED_PER_S else "MISSED"
    print(f"wanted: {WANTED_PER_S}/s; {verdict} by the slowest row")


@contextmanager
def served(arguments: Sequence[str]) -> Iterator[int]:
    """The port of a server in another process."""
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.split("http://127.0.0.1:", 1)[1].split(" ", 1)[0])
    finally:
        process.terminate()
        process.communicate()


def request(method: str, path: str, query: str) -> bytes:
    """One request as bytes."""
    target = f"{path}?{query}" if query else path
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: {KEY}\r\n"
    return f"{head}Content-Length: 0\r\n\r\n".encode()


def signed(method: str, path: str, params: dict[str, str]) -> bytes:
    """One signed request, good for a minute."""
    stamp = {"recvWindow": 60_000, "timestamp": time.time_ns() // 1_000_000}
    query = urlencode({**params, **stamp})
    return request(method, f"/fapi/{path}", f"{query}&signature={hmac_signature(SECRET, query)}")


def check(port: int, order: dict[str, str]) -> None:
    """The exchange does what is asked before it is timed."""

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        bought = signed("POST", "v1/order", {**order, "newOrderRespType": "RESULT"})
        reply = json.loads(await exchange(reader, writer, bought))
        assert reply["status"] == "FILLED", reply
        held = json.loads(await exchange(reader, writer, signed("GET", "v3/positionRisk", {})))
        assert held[0]["positionAmt"] == "0.002", held
        sold = signed("POST", "v1/order", {**order, "side": "SELL"})
        assert json.loads(await exchange(reader, writer, sold))["status"] == "NEW"
        writer.close()

    asyncio.run(ask())


def best(name: str, port: int, requests: Sequence[bytes]) -> Row:
    """The best rate of several runs."""
    times_s = [asyncio.run(timed(port, requests)) for _ in range(REPEATS)]
    return Row(name, REQUESTS / min(times_s))


async def timed(port: int, requests: Sequence[bytes]) -> float:
    """Seconds for all requests, spread over the connections."""
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(REQUESTS // CONNECTIONS):
            body = await exchange(reader, writer, requests[number % len(requests)])
            assert body.startswith((b"{", b"["))

    start = time.perf_counter()
    await asyncio.gather(*(work(reader, writer) for reader, writer in pairs))
    took_s = time.perf_counter() - start
    for _, writer in pairs:
        writer.close()
    return took_s


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes
) -> bytes:
    """Sends one request and gives the body of its reply, which must be 200."""
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return await reader.readexactly(length)


if __name__ == "__main__":
    main()
