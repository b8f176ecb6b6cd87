"""The command `quantum-exit exchange`: the simulated exchange as a server."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from quantum_exit.adapters.paper.auth import ApiKey
from quantum_exit.adapters.paper.brackets import Brackets, read_brackets
from quantum_exit.adapters.paper.drivers import WalkSettings, file_trades, merged, random_walk
from quantum_exit.adapters.paper.exchange import AccountSetup, PaperExchange
from quantum_exit.adapters.paper.exchange_info import (
    ExchangeInfo,
    built_in_info,
    read_exchange_info,
)
from quantum_exit.adapters.paper.faults.exchange import faulty_exchange
from quantum_exit.adapters.paper.faults.injector import FaultInjector
from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.faults.script_file import load_faults
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.limits import LimitRules
from quantum_exit.adapters.paper.pacing import ExchangeClock, Pacer
from quantum_exit.adapters.paper.prices import Move
from quantum_exit.app.parameters import decimal
from quantum_exit.errors import InvalidInputError, MissingExtraError

_UNLIMITED = 1_000_000_000
_MANUAL = "manual"
_KEY = "sim-key-{}"
_SECRET = "sim-secret-{}"


@click.command()
@click.option(
    "--ticks",
    multiple=True,
    metavar="FILE",
    help="Market trades of --symbol; several are one series.",
)
@click.option(
    "--generate",
    multiple=True,
    metavar="SYMBOL=PRICE",
    help="A random walk from this price on; more than one symbol may walk.",
)
@click.option("--symbol", default="BTCUSDT", show_default=True, help="Whose trades --ticks has.")
@click.option(
    "--exchange-info",
    "info_path",
    metavar="FILE",
    help="Binance exchangeInfo body or its symbols, JSON or gzip. [default: built-in symbols]",
)
@click.option(
    "--brackets", "brackets_path", metavar="FILE", help="Leverage brackets, JSON or gzip."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_899,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--speed",
    default="1x",
    show_default=True,
    metavar="1x|Nx|max|manual",
    help="Pace of the prices; with manual, time stands still until /sim/advance.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="Seed of walks, keys and faults.  [default: 0]"
)
@click.option(
    "--wallet",
    type=decimal,
    default=Decimal(10_000),
    show_default=True,
    help="Cash of every account in the quote currency.",
)
@click.option(
    "--accounts", type=click.IntRange(1, 100), default=1, show_default=True, help="Accounts."
)
@click.option(
    "--faults",
    "faults_path",
    metavar="FILE",
    help="Faults by rate and by rule, TOML or JSON; --seed counts before the seed in it.",
)
@click.option("--hedge", is_flag=True, help="Open the accounts in hedge mode.")
@click.option("--api-key", envvar="QUANTUM_EXIT_SIM_API_KEY", help="API key of the first account.")
@click.option(
    "--api-secret", envvar="QUANTUM_EXIT_SIM_API_SECRET", help="Secret of the first account."
)
@click.option("--unlimited", is_flag=True, help="No weights and order counts.")
def exchange(**given: Any) -> None:
    """Run a simulated Binance USD-M exchange on this machine.

    Point a client at http://HOST:PORT (REST), ws://HOST:PORT (streams) and
    ws://HOST:PORT/ws-fapi/v1 (WebSocket API). /sim shows the state; /sim/price, /sim/advance,
    /sim/user/order and others steer it. Whoever reaches the port can trade with the printed keys.
    """
    plan = _plan(given)
    try:
        asyncio.run(_serve(plan, given["host"], given["port"]))
    except OSError as error:
        raise InvalidInputError("--port", given["port"], f"cannot listen: {error}") from error


@dataclass(frozen=True, slots=True)
class _Plan:
    exchange: PaperExchange
    clock: ExchangeClock
    pacer: Pacer | None
    keys: tuple[ApiKey, ...]
    faults: FaultPlan


async def _serve(plan: _Plan, host: str, port: int) -> None:
    try:
        from quantum_exit.adapters.paper.server import (  # noqa: PLC0415 - optional dependencies
            ExchangeServer,
        )
    except ImportError as error:
        raise MissingExtraError("live", error.name or "aiohttp") from error
    server = ExchangeServer(
        plan.exchange, plan.clock, pacer=plan.pacer, faults=FaultInjector(plan.faults)
    )
    async with server.listening(host, port) as chosen:
        click.echo(f"listening on http://{host}:{chosen} (state: http://{host}:{chosen}/sim)")
        for key in plan.keys:
            click.echo(f"account {key.account}: key {key.key}  secret {key.secret}")
        await server.wait()


def _plan(given: dict[str, Any]) -> _Plan:
    info = _info(given["info_path"])
    speed = _speed(given["speed"])
    clock = ExchangeClock(_wall_ms, manual=given["speed"] == _MANUAL)
    keys = _keys(given)
    setup = AccountSetup(wallet=given["wallet"], hedge_mode=given["hedge"])
    brackets_path = given["brackets_path"]
    opened, faults = faulty_exchange(
        _faults(given["faults_path"], given["seed"]),
        now_ms=clock.now_ms(),
        info=info,
        keys=keys,
        accounts=(setup,) * given["accounts"],
        limits=_limits(unlimited=given["unlimited"]),
        brackets=Brackets() if brackets_path is None else read_brackets(brackets_path),
        seed=given["seed"] or 0,
    )
    moves = list(_moves(given, info, clock.now_ms()))
    pacer = Pacer(merged(moves), speed=speed) if moves else None
    return _Plan(opened, clock, pacer, keys, faults)


def _faults(path: str | None, seed: int | None) -> FaultSpec:
    return FaultSpec(seed=seed or 0) if path is None else load_faults(path, seed)


def _info(path: str | None) -> ExchangeInfo:
    return built_in_info() if path is None else read_exchange_info(path)


def _moves(given: dict[str, Any], info: ExchangeInfo, now_ms: int) -> Iterator[Iterator[Move]]:
    known = {symbol.name: symbol for symbol in info.symbols}
    if given["ticks"]:
        if given["generate"]:
            raise InvalidInputError("--generate", "given", "expected either --ticks or --generate")
        if given["symbol"] not in known:
            raise InvalidInputError(
                "--symbol", given["symbol"], "expected a symbol of the exchange"
            )
        yield file_trades(given["ticks"], known[given["symbol"]])
    for place, text in enumerate(given["generate"]):
        name, _, price = text.partition("=")
        if name not in known:
            raise InvalidInputError("--generate", text, "expected SYMBOL=PRICE of a known symbol")
        try:
            start = Decimal(price)
        except InvalidOperation as error:
            raise InvalidInputError("--generate", text, "expected SYMBOL=PRICE") from error
        settings = WalkSettings(start_price=start, seed=(given["seed"] or 0) + place)
        yield random_walk(known[name], settings, now_ms)


def _speed(text: str) -> float | None:
    if text in ("max", _MANUAL):
        return None if text == "max" else 1.0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not text.endswith("x") or not 0 < speed <= _UNLIMITED:
        raise InvalidInputError("--speed", text, "expected 1x, another factor, max or manual")
    return speed


def _keys(given: dict[str, Any]) -> tuple[ApiKey, ...]:
    keys = [
        ApiKey(key=_KEY.format(account), secret=_SECRET.format(account), account=account)
        for account in range(given["accounts"])
    ]
    name, secret = given["api_key"], given["api_secret"]
    if (name is None) != (secret is None):
        raise InvalidInputError("--api-key", name, "expected both --api-key and --api-secret")
    if name is not None:
        keys[0] = ApiKey(key=name, secret=secret)
    return tuple(keys)


def _limits(*, unlimited: bool) -> LimitRules:
    if not unlimited:
        return LimitRules()
    return LimitRules(weight_1m=_UNLIMITED, orders_10s=_UNLIMITED, orders_1m=_UNLIMITED)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
