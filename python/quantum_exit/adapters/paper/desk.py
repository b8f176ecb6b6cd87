"""What the endpoints share: the matching core, the symbols, and what the front keeps beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quantum_exit._core import Venue
from quantum_exit.adapters.paper.auth import ApiKey, Authenticator
from quantum_exit.adapters.paper.brackets import Brackets
from quantum_exit.adapters.paper.errors import refusal
from quantum_exit.adapters.paper.exchange_info import ExchangeInfo
from quantum_exit.adapters.paper.limits import RateLimits
from quantum_exit.adapters.paper.listen_keys import ListenKeys
from quantum_exit.adapters.paper.params import Params
from quantum_exit.adapters.paper.symbols import Symbol
from quantum_exit.adapters.paper.tape import Tape

_ALL = 100_000


@dataclass(frozen=True, slots=True)
class FundingEntry:
    """One funding that was charged.

    Attributes:
        symbol: The symbol.
        rate_e8: Rate in 1e-8; longs pay a positive one.
        mark_e8: Mark price in 1e-8 of the quote currency.
        ts_ms: When, exchange time in ms.
    """

    symbol: str
    rate_e8: int
    mark_e8: int
    ts_ms: int


@dataclass(frozen=True, slots=True)
class MarginChange:
    """One change of an isolated margin by the user.

    Attributes:
        account: The account.
        symbol: The symbol.
        position_side: `BOTH`, `LONG` or `SHORT`.
        amount_e8: Positive where margin was added, 1e-8 quote.
        ts_ms: When, exchange time in ms.
    """

    account: int
    symbol: str
    position_side: str
    amount_e8: int
    ts_ms: int


@dataclass(slots=True, kw_only=True)
class Desk:
    """State of one exchange; `PaperExchange` owns it.

    Attributes:
        venue: The matching core.
        info: Symbols and assets.
        brackets: Leverage brackets.
        keys: API keys.
        limits: Weights and order counts.
        listen_keys: Listen keys.
        fees_ppm: Maker and taker fee of every account in millionths.
        tapes: Trades and bars by symbol.
        fundings: Fundings that were charged, by time.
        margin_changes: Changes of isolated margins, by time.
    """

    venue: Venue
    info: ExchangeInfo
    brackets: Brackets
    keys: Authenticator
    limits: RateLimits
    listen_keys: ListenKeys
    fees_ppm: dict[int, tuple[int, int]] = field(default_factory=dict)
    tapes: dict[str, Tape] = field(default_factory=dict)
    fundings: list[FundingEntry] = field(default_factory=list)
    margin_changes: list[MarginChange] = field(default_factory=list)

    @property
    def asset(self) -> str:
        """The asset of all purses."""
        return str(self.info.assets[0]["asset"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that was let in.

    Attributes:
        desk: The exchange.
        params: Its parameters.
        key: Who sent it; `None` where the endpoint needs no key.
        now_ms: Exchange time, ms since the UNIX epoch.
    """

    desk: Desk
    params: Params
    key: ApiKey | None
    now_ms: int

    @property
    def venue(self) -> Venue:
        """The matching core."""
        return self.desk.venue

    @property
    def account(self) -> int:
        """The account that the request acts for.

        Raises:
            VenueRefusal: -2014, the request has no key.
        """
        if self.key is None:
            raise refusal(-2014)
        return self.key.account

    def symbol(self) -> Symbol:
        """The mandatory symbol."""
        return self.desk.info.symbols.get(self.params.symbol())

    def symbol_or_all(self) -> Sequence[Symbol]:
        """The symbol asked for, or all of them."""
        name = self.params.optional_symbol()
        symbols = self.desk.info.symbols
        return list(symbols) if name is None else [symbols.get(name)]

    def one_or_all(self, shown: Callable[[Symbol], object]) -> object:
        """What `shown` makes of the symbol asked for, or a list of what it makes of all."""
        symbols = self.symbol_or_all()
        if self.params.has("symbol"):
            return shown(symbols[0])
        return [shown(symbol) for symbol in symbols]

    def reach(self, limit: int, *filters: str) -> int:
        """How many entries to look at for `limit` of them: all where a filter leaves some out."""
        return _ALL if any(self.params.has(name) for name in filters) else limit

    def limit(self, default: int, most: int) -> int:
        """The parameter `limit`, 1 to `most`."""
        given = self.params.optional_integer("limit", low=1, high=most)
        return default if given is None else given
