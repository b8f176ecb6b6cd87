"""The venue over HTTP: Binance, its test network, or a simulated exchange on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from quantum_exit.adapters.binance.ccxt_transport import ApiKey, CcxtTransport, HttpLimits
from quantum_exit.adapters.binance.hosts import PRODUCTION, TESTNET, Hosts, simulated
from quantum_exit.adapters.binance.pacing import Pacing
from quantum_exit.adapters.binance.safety import Expected, check_account, check_key
from quantum_exit.adapters.binance.venue import BinanceVenue
from quantum_exit.adapters.binance.websockets import WebSocketConnector
from quantum_exit.app.config.settings import Mode, RunConfig
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.clock_sync import SteeredClock, follow

_SIMULATED = ApiKey(key="sim-key-0", secret="sim-secret-0")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpVenue:
    """A venue that has been reached.

    Attributes:
        venue: The venue.
        warnings: What about the key or the account is not as it should be.
    """

    venue: BinanceVenue
    warnings: tuple[str, ...]


@asynccontextmanager
async def http_venue(config: RunConfig, clock: SteeredClock) -> AsyncIterator[HttpVenue]:
    """The venue that `config` names, with its connections.

    Raises:
        UnsafeKeyError: The key may withdraw, or may not trade.
        VenueReadError: The venue could not be reached.
        InvalidInputError: The address is none of this machine.
    """
    hosts = _hosts(config)
    limits = HttpLimits(
        timeout_ms=config.sending.deadline_ms, recv_window_ms=config.guardian.recv_window_ms
    )
    async with (
        CcxtTransport(hosts, _api_key(config), clock, limits) as transport,
        WebSocketConnector(hosts) as connector,
    ):
        pacing = Pacing(clock, Random(config.seed).random)
        venue = BinanceVenue(transport, connector, clock=clock, pacing=pacing)
        try:
            await follow(clock, venue)
        except VenueReadError as error:
            raise VenueReadError(f"venue {hosts.rest}", str(error)) from error
        yield HttpVenue(venue=venue, warnings=await _warnings(config, venue))


async def _warnings(config: RunConfig, venue: BinanceVenue) -> tuple[str, ...]:
    # Only the real venue tells the rights of a key.
    of_key = await check_key(venue.calls) if config.mode is Mode.LIVE else ()
    expected = Expected(hedge=config.hedge, max_leverage=config.max_leverage)
    of_account = await check_account(venue, expected, config.symbols)
    return (*of_key, *of_account)


def _hosts(config: RunConfig) -> Hosts:
    match config.mode:
        case Mode.LIVE:
            return PRODUCTION
        case Mode.TESTNET:
            return TESTNET
        case Mode.PAPER:
            return simulated(config.venue_url or "")


def _api_key(config: RunConfig) -> ApiKey:
    """The key; that of a simulated exchange is known where none is given."""
    if config.api_key is None or config.api_secret is None:
        return _SIMULATED
    return ApiKey(key=config.api_key.reveal(), secret=config.api_secret.reveal())
