"""A simulated exchange in a process of its own: many symbols, prices at a rate, times of sending.

    python benches/live/market.py --symbols 200 --rate 50 --folder FOLDER

Prints its port as JSON when it listens. When its input ends it prints for how long positions were
without a stop, as its own books show it, and stops.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import (
    ExchangeInfo,
    built_in_info,
    read_exchange_info,
)
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.pacing import ExchangeClock, Pacer
from quantum_exit.adapters.paper.prices import Move, Print
from quantum_exit.adapters.paper.server import ExchangeServer

KEY, SECRET = "bench-key", "bench-secret"
START_PRICE = 100_000
TICKS_PER_UNIT = 10
LOOK_S = 0.02
LATEST_MS = 1_000
AT_ONCE = 500


class StampingEncoder:
    """Encodes frames with the time at which they leave, which clients of a venue do not read."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()

    def encode(self, body: Any) -> bytes:
        """The frame; `sent` is monotonic time in ns."""
        if isinstance(body, dict) and "stream" in body:
            body = {**body, "sent": time.monotonic_ns()}
        return self._encoder.encode(body)


class StampingServer(ExchangeServer):
    """A server whose price frames say when they left."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._encoder = StampingEncoder()  # type: ignore[assignment] # same method


@dataclass
class Naked:
    """Time without a stop, by what rests at the exchange, looked at every 20 ms.

    Attributes:
        total_ms: Of all positions together.
        longest_ms: The longest stretch of one position.
        positions: Positions seen.
    """

    total_ms: int = 0
    longest_ms: int = 0
    positions: int = 0
    _since: dict[str, int] = field(default_factory=dict)

    def look(self, exchange: PaperExchange) -> None:
        """Looks once."""
        venue, now_ms = exchange.desk.venue, exchange.now_ms
        held = {one.symbol for one in venue.holdings(0) if one.lots}
        self.positions = max(self.positions, len(held))
        covered = {one.symbol for one in venue.open_algos(0) if one.type == "STOP_MARKET"}
        bare = held - covered
        for symbol in bare - self._since.keys():
            self._since[symbol] = now_ms
        for symbol in self._since.keys() - bare:
            self.total_ms += now_ms - self._since.pop(symbol)
        for since_ms in self._since.values():
            self.longest_ms = max(self.longest_ms, now_ms - since_ms)


def names(count: int) -> list[str]:
    return [f"L{number:03}USDT" for number in range(count)]


def info(count: int, folder: Path) -> ExchangeInfo:
    """Symbols with the filters of BTCUSDT."""
    (model,) = built_in_info(["BTCUSDT"]).document(LimitRules(), 0)["symbols"]
    symbols = [
        {**model, "symbol": name, "pair": name, "baseAsset": name.removesuffix("USDT")}
        for name in names(count)
    ]
    path = folder / "exchange_info.json"
    path.write_text(json.dumps({"symbols": symbols}))
    return read_exchange_info(path)


class Market(Pacer):
    """Random walks of all symbols, their trades spread evenly over time.

    What a busy machine delays comes in a burst afterwards; what is later than a second is left out.

    Attributes:
        left_out: Trades that were.
    """

    def __init__(self, listed: ExchangeInfo, rate: float, step_bps: float) -> None:
        super().__init__(iter(()))
        random = Random(1)
        self._steps = [1.0 + random.gauss(0.0, step_bps / 10_000) for _ in range(65_521)]
        self._symbols = [symbol.name for symbol in listed.symbols]
        self._ticks = [START_PRICE * TICKS_PER_UNIT] * len(self._symbols)
        self._gap_ms = 1_000 / rate / len(self._symbols)
        self._number = 0
        self._next_ms: float | None = None
        self.left_out = 0

    def due(self, now_ms: int) -> Iterator[tuple[int, Move]]:
        """Trades since the last look."""
        at_ms = self._from_ms(now_ms)
        # Requests are answered between two looks.
        for _ in range(AT_ONCE):
            if at_ms > now_ms:
                return
            self._next_ms = at_ms + self._gap_ms
            yield int(at_ms), self._trade(int(at_ms))
            at_ms = self._next_ms

    def _from_ms(self, now_ms: int) -> float:
        if self._next_ms is None:
            return now_ms
        late_ms = now_ms - LATEST_MS - self._next_ms
        if late_ms <= 0:
            return self._next_ms
        self.left_out += int(late_ms / self._gap_ms)
        return now_ms - LATEST_MS

    def next_due_ms(self, now_ms: int) -> int | None:
        """When the next trade happens."""
        return now_ms if self._next_ms is None else int(self._next_ms) + 1

    def _trade(self, ts_ms: int) -> Print:
        number, self._number = self._number, self._number + 1
        place = number % len(self._symbols)
        before = self._ticks[place]
        # Two moduli without a common factor: no symbol follows another.
        now = round(before * self._steps[number * 31 % len(self._steps)])
        self._ticks[place] = now
        return Print(
            ts_ms=ts_ms,
            symbol=self._symbols[place],
            ticks=now,
            lots=1 + number % 977,
            buyer_is_maker=now < before,
        )


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


async def run(options: argparse.Namespace) -> None:
    listed = info(options.symbols, options.folder)
    clock = ExchangeClock(wall_ms)
    exchange = PaperExchange(
        now_ms=clock.now_ms(),
        info=listed,
        keys=[ApiKey(key=KEY, secret=SECRET)],
        accounts=[AccountSetup(wallet=Decimal(10_000_000))],
    )
    market = Market(listed, options.rate, options.step_bps)
    server = StampingServer(exchange, clock, pacer=market)
    naked = Naked()
    started_s = time.monotonic()
    async with server.listening() as port:
        print(json.dumps({"port": port}), flush=True)
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        while not ended.done():
            naked.look(exchange)
            await asyncio.sleep(LOOK_S)
    print(
        json.dumps(
            {
                "naked_ms": naked.total_ms,
                "longest_naked_ms": naked.longest_ms,
                "most_positions": naked.positions,
                "left_out": market.left_out,
                "cpu_pct": round(100 * time.process_time() / (time.monotonic() - started_s)),
            }
        ),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--symbols", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="prices a second and symbol")
    parser.add_argument("--step-bps", type=float, default=2.0, help="deviation of one step")
    parser.add_argument("--folder", type=Path, required=True)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
