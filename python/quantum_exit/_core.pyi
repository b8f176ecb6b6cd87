"""The Rust core, as Python sees it."""

from collections.abc import Sequence
from decimal import Decimal
from os import PathLike
from typing import ClassVar, Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EVENT_DTYPE",
    "EVENT_KINDS",
    "REASONS",
    "STOP_DTYPE",
    "TRADE_DTYPE",
    "BarFile",
    "Busy",
    "Claim",
    "ClaimExpired",
    "Engine",
    "Event",
    "Events",
    "ExitPlan",
    "IllegalTransition",
    "Instrument",
    "Leg",
    "Levels",
    "OrderSlots",
    "Outcome",
    "Phase",
    "Ratchet",
    "Replay",
    "Revision",
    "Rows",
    "SlotChanged",
    "Snapshot",
    "TickFile",
    "TickIndex",
    "TimeStop",
    "Trailing",
    "Venue",
    "VenueAccountUpdate",
    "VenueAlgo",
    "VenueAlgoUpdate",
    "VenueBalance",
    "VenueConfigUpdate",
    "VenueFill",
    "VenueHolding",
    "VenueIncome",
    "VenueMarginCall",
    "VenueOrder",
    "VenueOrderUpdate",
    "VenuePrices",
    "VenueSettings",
    "VenueTradeLite",
    "__version__",
    "find_bar_columns",
    "find_tick_columns",
    "unit_ns_of",
]

__version__: str

_Number: TypeAlias = str | Decimal | int | float

@final
class Rows:
    """Row numbers of one batch: `rows(index)` is the 1-based line that gave value `index`.

    Raises:
        IndexError: The batch has no value `index`.
    """

    def __call__(self, index: int) -> int: ...
    def __len__(self) -> int: ...

@final
class TickFile:
    """Streams the market trades of one CSV, `.csv.gz` or `.zip` file in constant memory.

    Args:
        path: The file. Members of a zip archive follow each other by name, as one series.
        allow_unsorted_ns: How far in ns a row may lie before the latest row above it, 0 or more.

    Raises:
        TickFileError: The file cannot be opened, is empty or damaged, or lacks a column.
    """

    def __new__(cls, path: str | PathLike[str], allow_unsorted_ns: int = 0) -> TickFile: ...
    def next_batch(self, max_rows: int, /) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """The next 1 to `max_rows` trades as (ns since the UNIX epoch, price), `None` at the end.

        All are of one archive member. The GIL is released while the file is parsed.

        Raises:
            TickFileError: The first bad row; raised again by every later call.
            ValueError: `max_rows` is 0.
        """

    def row_of(self, index: int, /) -> int:
        """1-based line of the file that gave value `index` of the last batch."""

    @property
    def batch_rows(self) -> Rows:
        """Row numbers of the last batch; they stay valid after the next."""

    @property
    def member(self) -> str:
        """Name of the file or archive member that the last batch came from."""

    @property
    def non_market(self) -> int:
        """Rows dropped so far because they were no market trade."""

    @property
    def rows(self) -> int:
        """Data rows read so far, dropped ones included."""

    @property
    def format(self) -> str:
        """What the columns were recognised as, such as `binance aggTrades`."""

    @property
    def price_column(self) -> str:
        """Name of the price column."""

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""

@final
class BarFile:
    """Streams the bars of one CSV, `.csv.gz` or `.zip` file in constant memory.

    Raises:
        TickFileError: The file cannot be opened, is empty or damaged, or lacks a column.
    """

    def __new__(cls, path: str | PathLike[str]) -> BarFile: ...
    def next_batch(
        self, max_rows: int, /
    ) -> (
        tuple[
            NDArray[np.int64],
            NDArray[np.float64],
            NDArray[np.float64],
            NDArray[np.float64],
            NDArray[np.float64],
        ]
        | None
    ):
        """The next 1 to `max_rows` bars as (opening ns, open, high, low, close), `None` at the end.

        Raises:
            TickFileError: The first bad row; raised again by every later call.
            ValueError: `max_rows` is 0.
        """

    def row_of(self, index: int, /) -> int:
        """1-based line of the file that gave value `index` of the last batch."""

    @property
    def batch_rows(self) -> Rows:
        """Row numbers of the last batch; they stay valid after the next."""

    @property
    def member(self) -> str:
        """Name of the file or archive member that the last batch came from."""

    @property
    def rows(self) -> int:
        """Bars read so far."""

    @property
    def format(self) -> str:
        """What the columns were recognised as, such as `binance klines`."""

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""

def find_tick_columns(
    path: str, names: list[str], /
) -> tuple[int, int | None, int, int | None, int | None]:
    """Indices of (time, -, price, execution type, symbol) among `names`; second, ns in a time unit.

    Raises:
        TickFileError: A needed column is missing or doubled, or the columns are no trades.
    """

def find_bar_columns(
    path: str, names: list[str], /
) -> tuple[int, int | None, list[int], int | None]:
    """Indices of (time, -, [open, high, low, close], symbol); second, ns in a time unit.

    Raises:
        TickFileError: A needed column is missing or doubled.
    """

def unit_ns_of(value: int, /) -> int | None:
    """Nanoseconds in the unit in which `value` is a time of 1973 to 5138, or `None`."""

@final
class Instrument:
    """The grid and the minimums of one traded symbol.

    All numbers are exact decimals: `str`, `Decimal` or `int`; a `float` is taken as it is written.

    Args:
        symbol: Name without spaces, such as BTCUSDT.
        tick_size: Price step in quote currency, above 0.
        lot_step: Quantity step in base currency, above 0.
        min_qty: Smallest order quantity in base currency, 0 or more.
        min_notional: Smallest order value in quote currency, 0 or more.
        max_qty: Largest quantity of one order in base currency, or None.

    Raises:
        InvalidInputError: A number is not one, or out of range.
    """

    def __new__(
        cls,
        symbol: str,
        tick_size: _Number,
        lot_step: _Number,
        min_qty: _Number = 0,
        min_notional: _Number = 0,
        max_qty: _Number | None = None,
    ) -> Instrument: ...
    @property
    def symbol(self) -> str: ...
    @property
    def tick_size(self) -> str:
        """Price step in quote currency, as decimal text."""

    @property
    def lot_step(self) -> str:
        """Quantity step in base currency, as decimal text."""

    @property
    def min_qty(self) -> str: ...
    @property
    def min_notional(self) -> str: ...
    @property
    def max_qty(self) -> str | None: ...
    def ticks(self, price: _Number, /) -> int:
        """A price as ticks, exactly; a float within 1e-9 relative of the grid is snapped to it.

        Raises:
            InvalidInputError: Off the grid; the message shows the nearest legal prices.
        """

    def lots(self, qty: _Number, /) -> int:
        """A quantity as lots, exactly; a float within 1e-9 relative of the grid is snapped to it.

        Raises:
            InvalidInputError: Off the grid; the message shows the nearest legal quantities.
        """

    def price(self, ticks: int, /) -> float:
        """The price of `ticks`, as the nearest float."""

    def qty(self, lots: int, /) -> float:
        """The quantity of `lots`, as the nearest float."""

@final
class Leg:
    """A take-profit leg as a profile writes it.

    Args:
        r_multiple: Distance from the entry in R, above 0, at most six decimals.
        size_fraction: Share of the initial quantity in (0, 1], at most six decimals.
        kind: "HARD" (market at the tick that reaches the level) or "SOFT" (resting limit).
    """

    def __new__(cls, r_multiple: _Number, size_fraction: _Number, kind: str = "HARD") -> Leg: ...
    @property
    def r_multiple(self) -> float: ...
    @property
    def size_fraction(self) -> float: ...
    @property
    def kind(self) -> str: ...

@final
class Trailing:
    """A trailing stop as a profile writes it.

    Args:
        callback_pct: Distance from the best price as a fraction of it, in (0, 0.5), at most six decimals.
        activation_r: Profit in R from which it follows, 0 or more; 0 = at once.
        tightening_curve: Points (r, callback), sorted by r, callbacks never growing; at most 16.
        rearm: Also tighten to 0.75x above 5 % profit and 0.5x above 10 %, never below 0.005.
    """

    def __new__(
        cls,
        callback_pct: _Number,
        activation_r: _Number = 0,
        tightening_curve: Sequence[tuple[_Number, _Number]] = (),
        rearm: bool = False,
    ) -> Trailing: ...
    @property
    def callback_pct(self) -> float: ...
    @property
    def activation_r(self) -> float: ...
    @property
    def tightening_curve(self) -> list[tuple[float, float]]: ...
    @property
    def rearm(self) -> bool: ...

@final
class Ratchet:
    """How the stop follows the position into profit.

    A ratchet level at or beyond the tick that causes it is set one tick behind that tick.

    Args:
        break_even_after: Filled legs after which the stop moves to break-even; None = never.
        break_even_offset_frac: Break-even level beyond the entry, as a fraction of it, in [0, 0.1).
        follow_legs: After the k-th filled leg, k >= 2, the stop moves to the level of the one before.
        break_even_at_r: Profit in R at which the stop moves to break-even, once and whether or not a
            leg has been filled, above 0, at most six decimals; None = never. The level is rounded
            toward the entry and reached by a tick at or beyond it of the price that the stop
            listens to, after the legs and before the trailing stop of the same tick.
    """

    def __new__(
        cls,
        break_even_after: int | None = 1,
        break_even_offset_frac: _Number = "0.0008",
        follow_legs: bool = True,
        break_even_at_r: _Number | None = None,
    ) -> Ratchet: ...
    @property
    def break_even_after(self) -> int | None: ...
    @property
    def break_even_offset_frac(self) -> float: ...
    @property
    def follow_legs(self) -> bool: ...
    @property
    def break_even_at_r(self) -> float | None: ...

@final
class TimeStop:
    """Closes a position that has not come far in time.

    From `after_ns` after the entry on, a tick with less than `under_r` of profit closes what is
    open, also one that lost a profit which it had: event TIMED_OUT, reason TIME. The profit is that
    of the price that the stop listens to; its level is rounded toward the entry. Stops and legs of
    the same tick come first.

    Args:
        after_ns: Time since the entry in ns, above 0.
        under_r: Profit in R that keeps the position open, 0 or more, at most six decimals.
    """

    def __new__(cls, after_ns: int, under_r: _Number) -> TimeStop: ...
    @property
    def after_ns(self) -> int: ...
    @property
    def under_r(self) -> float: ...

@final
class ExitPlan:
    """A checked exit plan: every level on the grid, every lot assigned. Frozen.

    The stop is rounded toward the market, one R is the distance from the entry to the rounded stop,
    a profit level is rounded toward the entry, the break-even level to the profit side.

    Args:
        instrument: Grid and minimums.
        side: "LONG" or "SHORT".
        entry_price: Average entry price; need not lie on the grid.
        quantity: Base currency, on the lot grid.
        stop_price: Initial stop, at least one tick from the entry on the loss side.
        legs: Take-profit legs, r_multiple not falling, fractions summing to at most 1; at most 16.
        trailing: Trailing stop of the remainder, or of all that is open where there is none.
        ratchet: Break-even and ratchet.
        max_hold_ns: Longest time in the position in ns, above 0, or None.
        time_stop: Closes it after a time while the profit is short of a number of R, or None.
        stop_source: "LAST" or "MARK": the price that stop and trailing listen to, and by which
            profit in R is measured.
        leg_source: "LAST" or "MARK": the price that the legs listen to.

    Raises:
        InvalidInputError: Names the field, its value and what is allowed.
    """

    def __new__(
        cls,
        instrument: Instrument,
        *,
        side: str,
        entry_price: _Number,
        quantity: _Number,
        stop_price: _Number,
        legs: Sequence[Leg] = (),
        trailing: Trailing | None = None,
        ratchet: Ratchet | None = None,
        max_hold_ns: int | None = None,
        time_stop: TimeStop | None = None,
        stop_source: str = "LAST",
        leg_source: str = "LAST",
    ) -> ExitPlan: ...
    @property
    def instrument(self) -> Instrument: ...
    @property
    def side(self) -> str: ...
    @property
    def entry_price(self) -> float: ...
    @property
    def quantity(self) -> float: ...
    @property
    def stop_price(self) -> float:
        """The stop after rounding, quote currency."""

    @property
    def r_price(self) -> float:
        """One R in quote currency."""

    @property
    def levels(self) -> list[tuple[int, float, float, str]]:
        """The legs that hold lots: (index in the profile, price, quantity, kind)."""

    @property
    def remainder(self) -> float:
        """Quantity that no leg closes, base currency."""

    @property
    def trail_scope(self) -> str | None:
        """What trailing guards: "LEG" (just the remainder), "REMAINING" (all that is open), or None."""

    @property
    def activation_price(self) -> float | None:
        """Price at which trailing starts; None without trailing or when it starts at once."""

    @property
    def tightening(self) -> list[tuple[float, float]]:
        """Best prices from which trailing is tighter, nearest first, with the callback as a fraction.

        The rearm rule is in it. Prices of a short position below one tick are left out.
        """

    @property
    def break_even_price(self) -> float: ...
    @property
    def break_even_at_price(self) -> float | None:
        """Price from which on the stop is at break-even; None when only legs move it there."""

    @property
    def max_hold_ns(self) -> int | None: ...
    @property
    def time_stop(self) -> tuple[int, float] | None:
        """(ns since the entry, price short of which the position is closed from then on), or None."""

    @property
    def merges(self) -> list[tuple[str, str, float]]:
        """What was too small for an order of its own: (from, into, quantity), "leg 0" or "remainder"."""

EVENT_DTYPE: np.dtype[np.void]
"""position_id u8, ts_ns i8, kind u1, leg i2, price f8, qty f8, remaining f8, stop f8, reason u1; packed."""
TRADE_DTYPE: np.dtype[np.void]
"""One row a position; packed.

position_id u8, side u1 (0 LONG, 1 SHORT), entry_ns i8, opened_ns i8 and closed_ns i8 (minimum of int64
= not yet), exit_reason u1 (code, 0 = open), qty f8, open_qty f8, entry_price f8, stop_price f8, r_price
f8, exit_price f8 (average), realised_r f8 and realised_net_r f8 (of the whole position; NaN before the
first exit), pnl f8 and fees f8 (quote currency), mae_r f8 (at most 0), mfe_r f8 (at least 0), legs_planned
u4 and legs_filled u4 (bit i = leg i of the profile).
"""
STOP_DTYPE: np.dtype[np.void]
"""position_id u8, ts_ns i8, stop f8, trail_stop f8 (NaN while it is not active); packed."""
EVENT_KINDS: tuple[str, ...]
"""Names of the codes in the column `kind`."""
REASONS: tuple[str, ...]
"""Names of the codes in the column `reason`; "" for none."""

@final
class Replay:
    """Replays the ticks of one symbol, stretch by stretch, through any number of positions.

    Args:
        instrument: Grid and minimums.
        limit_fill: When a SOFT leg counts as filled: "through" (beyond its level) or "touch".
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        max_jump_frac: Jump guard in (0, 1], or None = off.
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        record_stop_path: Note stop and trailing stop whenever one of them moves (looks at every tick).
        strategy: "auto", "every_tick", "blocks" or "jump"; the events are the same.
    """

    def __new__(
        cls,
        instrument: Instrument,
        *,
        limit_fill: str = "through",
        slippage_ticks: int = 0,
        max_jump_frac: _Number | None = None,
        taker_fee_frac: float = 0.0004,
        maker_fee_frac: float = 0.0002,
        record_stop_path: bool = False,
        strategy: str = "auto",
    ) -> Replay: ...
    def add(self, position_id: int, entry_ns: int, plan: ExitPlan) -> None:
        """A position guarded from the first tick at or after `entry_ns`.

        Raises:
            InvalidInputError: Another position of this replay has the id, the plan is for another
                instrument, or a tick at or after `entry_ns` has been fed.
        """

    def add_at_market(
        self,
        position_id: int,
        entry_ns: int,
        *,
        side: str,
        quantity: _Number,
        stop_price: _Number | None = None,
        stop_frac: _Number | None = None,
        legs: Sequence[Leg] = (),
        trailing: Trailing | None = None,
        ratchet: Ratchet | None = None,
        max_hold_ns: int | None = None,
        time_stop: TimeStop | None = None,
    ) -> None:
        """A position entered at the price of its first tick; exactly one of the two stops is given."""

    def feed(self, ts_ns: NDArray[np.int64], price: NDArray[np.float64], /) -> None:
        """The next stretch of ticks. Not copied unless a tick is refused; the GIL is released.

        Raises:
            OffGridError: A price is off the grid; `index` is its place in this stretch.
            InvalidInputError: The plan of an entry at the market cannot be made.
        """

    def run_with_mark(
        self,
        ts_ns: NDArray[np.int64],
        price: NDArray[np.float64],
        mark_ts_ns: NDArray[np.int64],
        mark_price: NDArray[np.float64],
        /,
    ) -> Outcome:
        """Instead of `feed` and `finish`: all trade and mark prices at once, in the order of time.

        At equal times the trade comes first; mark prices are rounded to the nearest tick. For plans
        that listen to MARK; the stop path is not recorded.
        """

    @property
    def ticks(self) -> int:
        """Ticks fed so far."""

    @property
    def open_positions(self) -> int:
        """Positions open or waiting for their entry: 0 = no further tick changes anything."""

    def finish(self) -> Outcome:
        """The tables; positions still open stay open in their trades. Called once."""

@final
class Outcome:
    """What a replay of one symbol gives."""

    @property
    def events(self) -> NDArray[np.void]:
        """EVENT_DTYPE, ordered by (ts_ns, tick, position_id) and within that by the semantics."""

    @property
    def event_ticks(self) -> NDArray[np.uint64]:
        """Index of the tick that caused each event, for merging symbols."""

    @property
    def trades(self) -> NDArray[np.void]:
        """TRADE_DTYPE, one row a position that saw a tick, by position id."""

    @property
    def stop_path(self) -> NDArray[np.void]:
        """STOP_DTYPE, by position id and time; empty unless it was recorded."""

    @property
    def ticks(self) -> int:
        """Ticks fed."""

    @property
    def refused(self) -> int:
        """Ticks refused."""

    @property
    def unopened(self) -> list[int]:
        """Ids for which no tick came."""

@final
class TickIndex:
    """The ticks of one symbol with the index that lets a replay jump to its next event.

    Args:
        instrument: Grid and minimums.
        ts_ns: Nanoseconds since the UNIX epoch, not falling (older ticks are refused).
        price: Quote currency, on the grid. Not copied unless a tick is refused; must not be changed
            afterwards.
    """

    def __new__(
        cls, instrument: Instrument, ts_ns: NDArray[np.int64], price: NDArray[np.float64]
    ) -> TickIndex: ...
    def __len__(self) -> int: ...
    @property
    def index_bytes(self) -> int:
        """Memory of the index."""

    @property
    def refused(self) -> int:
        """Ticks refused."""

    def sweep(
        self,
        plans: Sequence[ExitPlan],
        entry_ns: Sequence[int] | NDArray[np.int64] | None = None,
        *,
        limit_fill: str = "through",
        slippage_ticks: int = 0,
        taker_fee_frac: float = 0.0004,
        maker_fee_frac: float = 0.0002,
        threads: int = 1,
    ) -> NDArray[np.void]:
        """One trade a plan (TRADE_DTYPE), each alone from its entry (default: the first tick)."""

@final
class Events:
    """The events of one call, in order."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Event: ...
    def to_numpy(self) -> NDArray[np.void]:
        """As a structured array of EVENT_DTYPE."""

@final
class Event:
    """One event; prices in quote, quantities in base currency."""

    @property
    def position_id(self) -> int: ...
    @property
    def ts_ns(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def leg(self) -> int: ...
    @property
    def price(self) -> float: ...
    @property
    def qty(self) -> float: ...
    @property
    def remaining(self) -> float: ...
    @property
    def stop(self) -> float: ...
    @property
    def reason(self) -> str: ...

@final
class Engine:
    """The live engine: ticks of many symbols in, events out. Safe to call from any thread.

    Hot methods take positional arguments only and return None when nothing happened.
    """

    def __new__(
        cls,
        *,
        limit_fill: str = "through",
        slippage_ticks: int = 0,
        max_jump_frac: _Number | None = None,
    ) -> Engine: ...
    def add_symbol(self, instrument: Instrument) -> int:
        """Adds a symbol and returns its number, counted from 0.

        Raises:
            InvalidInputError: A symbol of this name was added before.
        """

    def open(
        self, symbol_id: int, plan: ExitPlan, entry_ns: int, position_id: int | None = None
    ) -> int:
        """Guards a position from the first tick at or after `entry_ns` on; returns its id."""

    def on_tick(self, symbol_id: int, price_ticks: int, ts_ns: int, /) -> Events | None:
        """A trade price in ticks."""

    def on_mark(self, symbol_id: int, price_ticks: int, ts_ns: int, /) -> Events | None:
        """A mark price in ticks."""

    def on_price(self, symbol_id: int, price: float, ts_ns: int, /) -> Events | None:
        """A trade price as a float on the grid."""

    def on_mark_price(self, symbol_id: int, price: float, ts_ns: int, /) -> Events | None:
        """A mark price as a float, rounded to the nearest tick: the venue does not keep it on the grid."""

    def on_trade_json(self, message: bytes, /) -> Events | None:
        """A Binance `aggTrade` or `trade` message, bare or in a combined-stream envelope.

        A print that is not a market trade (`X` other than MARKET) is counted and moves nothing.

        Raises:
            InvalidInputError: Not such a message, an unknown symbol, or a price off the grid.
        """

    @property
    def non_market(self) -> int:
        """Messages of `on_trade_json` so far that were no market trade."""

    def tighten_stop(self, position_id: int, price: _Number, ts_ns: int) -> Events | None:
        """Raises the stop; refused when looser or through the market."""

    def close(self, position_id: int, ts_ns: int, fraction: _Number = 1) -> Events | None:
        """Closes a fraction of what is open at the last price."""

    def fill_leg(self, position_id: int, leg: int, ts_ns: int) -> Events | None:
        """Books a leg that an order resting at the venue has filled, at its level.

        The stop follows as if a tick at the last price had filled it.

        Args:
            position_id: An open position.
            leg: 0-based leg of the profile.
            ts_ns: Time of the fill, ns since the UNIX epoch.

        Raises:
            InvalidInputError: No such leg waits to be filled.
        """

    def resize(self, position_id: int, new_qty: _Number, ts_ns: int) -> Events | None:
        """Follows a quantity changed by hand; 0 closes the books on the position."""

    def replace_plan(
        self, position_id: int, plan: ExitPlan, ts_ns: int, *, allow_loosen: bool = False
    ) -> Events | None:
        """A new plan for what is open; never a looser stop unless `allow_loosen`."""

    def snapshot(self, position_id: int) -> Snapshot:
        """Stop, watermark, remaining and revision as of now, from any thread; never delays a tick.

        Of a closed position, its last state.

        Raises:
            InvalidInputError: No position ever had this id.
        """

    def levels(self, position_id: int) -> Levels:
        """What guards an open position now, as the live engine has it.

        Raises:
            InvalidInputError: No open position has this id.
        """

    def open_positions(self, symbol_id: int) -> int: ...
    def refused(self, symbol_id: int) -> int:
        """Ticks refused so far."""

@final
class Snapshot:
    """The state of one position at one moment, never torn."""

    @property
    def stop(self) -> float: ...
    @property
    def watermark(self) -> float | None:
        """Best price since trailing became active, None before."""

    @property
    def remaining(self) -> float: ...
    @property
    def revision(self) -> int: ...

@final
class Levels:
    """What guards an open position now, in ticks and lots."""

    @property
    def stop_ticks(self) -> int:
        """The fixed stop; it closes all that is open."""

    @property
    def trail_stop_ticks(self) -> int | None:
        """The trailing stop, None while it is not active."""

    @property
    def trail_lots(self) -> int:
        """Lots that the trailing stop closes; 0 without trailing and once it has fired."""

    @property
    def open_lots(self) -> int: ...

@final
class Phase:
    """What is known, or being done, about the protective orders of one position."""

    FLAT: ClassVar[Phase]
    NAKED: ClassVar[Phase]
    PROTECTED: ClassVar[Phase]
    UNKNOWN: ClassVar[Phase]
    SETTLING: ClassVar[Phase]
    PLACING: ClassVar[Phase]
    REPLACING: ClassVar[Phase]
    CLOSING: ClassVar[Phase]
    @property
    def is_held(self) -> bool:
        """Whether a claim holds the slot in this phase."""

    @property
    def name(self) -> str: ...
    def __int__(self) -> int: ...
    def __hash__(self) -> int: ...

@final
class Revision:
    """The whole word of a slot at one moment; compared as one."""

    @property
    def phase(self) -> Phase: ...
    @property
    def generation(self) -> int:
        """Plans that the slot has had, modulo 2**16."""

    @property
    def sequence(self) -> int:
        """Claims and fences that the slot has had, modulo 2**45."""

    def __hash__(self) -> int: ...

@final
class Claim:
    """The right to place, replace or cancel the protective orders of one slot, until it is released."""

    @property
    def slot(self) -> int: ...
    @property
    def sequence(self) -> int:
        """Fencing token; grows with every claim of the slot."""

    @property
    def phase(self) -> Phase: ...
    @property
    def revision(self) -> Revision: ...

@final
class Busy:
    """The claim was not won."""

    @property
    def revision(self) -> Revision:
        """The slot as it is."""

    @property
    def phase(self) -> Phase: ...
    @property
    def stale(self) -> bool:
        """`True`: nobody holds it, but it changed since `expected`; `False`: somebody holds it."""

class ClaimExpired(RuntimeError):  # noqa: N818 - it names what happened
    """The claim was fenced, or released before; nothing was changed."""

class SlotChanged(RuntimeError):  # noqa: N818 - it names what happened
    """The slot is no longer at the revision that was observed; nothing was fenced."""

class IllegalTransition(ValueError):  # noqa: N818 - it names what happened
    """The transition table has no such step or release; the claim is still good."""

@final
class OrderSlots:
    """Per (symbol, side) one atomic word: phase, plan generation, claim sequence.

    Slot index = symbol_id * 2 + (0 LONG, 1 SHORT). Safe from any thread, with and without a GIL.

    Args:
        capacity: Number of symbols.

    Raises:
        ValueError: A capacity or slot is out of range.
    """

    def __new__(cls, capacity: int) -> OrderSlots: ...
    def __len__(self) -> int: ...
    def revision(self, slot: int, /) -> Revision: ...
    def phase(self, slot: int, /) -> Phase: ...
    def try_claim(self, slot: int, expected: Revision, /) -> Claim | Busy:
        """Wins the slot if it is still at `expected` and nobody holds it; wait-free for the loser."""

    def step(self, claim: Claim, phase: Phase, /) -> Claim:
        """Moves a held slot to another held phase.

        Raises:
            ClaimExpired: The claim was fenced or released.
            IllegalTransition: The table has no such step.
        """

    def release(self, claim: Claim, phase: Phase, new_plan: bool = False) -> Revision:
        """Gives the slot back in a resting phase.

        Raises:
            ClaimExpired: The claim was fenced or released.
            IllegalTransition: The table has no such release.
        """

    def fence(self, slot: int, observed: Revision, /) -> Revision:
        """Ends whatever claim holds the slot; its phase is UNKNOWN until somebody settles it.

        Raises:
            SlotChanged: The slot is no longer at `observed`.
        """

    def is_current(self, claim: Claim, /) -> bool:
        """Whether the claim still holds its slot: asked at the egress."""

# The simulated venue. Unless said otherwise: prices are ticks, quantities lots, times ms since the
# UNIX epoch, cash and `_e8` values whole 1e-8 of the quote currency, `_ppm` values millionths.

_OrderSide: TypeAlias = Literal["BUY", "SELL"]
_PositionSide: TypeAlias = Literal["BOTH", "LONG", "SHORT"]
_OrderType: TypeAlias = Literal["LIMIT", "MARKET"]
_AlgoType: TypeAlias = Literal[
    "STOP_MARKET", "STOP", "TAKE_PROFIT_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"
]
_TimeInForce: TypeAlias = Literal["GTC", "IOC", "FOK", "GTX", "GTD"]
_WorkingType: TypeAlias = Literal["CONTRACT_PRICE", "MARK_PRICE"]
_MarginType: TypeAlias = Literal["CROSSED", "ISOLATED"]
_SymbolStatus: TypeAlias = Literal["TRADING", "PENDING_TRADING", "BREAK", "SETTLING", "CLOSE"]
_PriceMatch: TypeAlias = Literal[
    "NONE",
    "OPPONENT",
    "OPPONENT_5",
    "OPPONENT_10",
    "OPPONENT_20",
    "QUEUE",
    "QUEUE_5",
    "QUEUE_10",
    "QUEUE_20",
]
_StpMode: TypeAlias = Literal["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]
_OrderStatus: TypeAlias = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED"]
_AlgoStatus: TypeAlias = Literal[
    "NEW", "TRIGGERING", "TRIGGERED", "FINISHED", "CANCELED", "EXPIRED", "REJECTED"
]
_Execution: TypeAlias = Literal["NEW", "TRADE", "CANCELED", "EXPIRED", "AMENDMENT", "CALCULATED"]
_AccountReason: TypeAlias = Literal[
    "DEPOSIT",
    "WITHDRAW",
    "ORDER",
    "FUNDING_FEE",
    "ADJUSTMENT",
    "INSURANCE_CLEAR",
    "MARGIN_TRANSFER",
    "MARGIN_TYPE_CHANGE",
]
_IncomeType: TypeAlias = Literal[
    "TRANSFER", "REALIZED_PNL", "COMMISSION", "FUNDING_FEE", "INSURANCE_CLEAR"
]

@final
class VenueOrder:
    """A regular order as it stood at one moment.

    The client id of an order that the venue made begins with `autoclose-`, `adl_autoclose` or
    `settlement_autoclose-`.
    """

    @property
    def account(self) -> int: ...
    @property
    def symbol(self) -> str: ...
    @property
    def order_id(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def side(self) -> _OrderSide: ...
    @property
    def position_side(self) -> _PositionSide: ...
    @property
    def type(self) -> _OrderType: ...
    @property
    def orig_type(self) -> _OrderType | _AlgoType:
        """The type of the algo order that this is the child of, else `type`."""

    @property
    def time_in_force(self) -> _TimeInForce: ...
    @property
    def status(self) -> _OrderStatus: ...
    @property
    def lots(self) -> int:
        """What was ordered; truncated to the position where the order is reduce-only."""

    @property
    def filled_lots(self) -> int: ...
    @property
    def price_ticks(self) -> int:
        """Limit price; 0 for MARKET."""

    @property
    def stop_price_ticks(self) -> int:
        """Trigger price of the algo order that this is the child of, 0 for others."""

    @property
    def quote_e8(self) -> int:
        """Notional of all fills; the average price is `quote_e8 / filled quantity`."""

    @property
    def reduce_only(self) -> bool: ...
    @property
    def close_position(self) -> bool: ...
    @property
    def working_type(self) -> _WorkingType: ...
    @property
    def price_protect(self) -> bool: ...
    @property
    def price_match(self) -> _PriceMatch: ...
    @property
    def stp_mode(self) -> _StpMode:
        """Self-trade prevention mode as sent; the venue never matches two of its own users."""

    @property
    def good_till_ms(self) -> int:
        """0 unless GTD."""

    @property
    def algo_id(self) -> int:
        """The algo order that this is the child of, or 0."""

    @property
    def amendments(self) -> int:
        """How often the order was amended."""

    @property
    def created_ms(self) -> int: ...
    @property
    def updated_ms(self) -> int: ...

@final
class VenueAlgo:
    """A conditional order of the algo service as it stood at one moment."""

    @property
    def account(self) -> int: ...
    @property
    def symbol(self) -> str: ...
    @property
    def algo_id(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def side(self) -> _OrderSide: ...
    @property
    def position_side(self) -> _PositionSide: ...
    @property
    def type(self) -> _AlgoType: ...
    @property
    def time_in_force(self) -> _TimeInForce: ...
    @property
    def status(self) -> _AlgoStatus: ...
    @property
    def lots(self) -> int:
        """0 where `close_position`."""

    @property
    def price_ticks(self) -> int:
        """Limit price of STOP and TAKE_PROFIT, else 0."""

    @property
    def trigger_ticks(self) -> int:
        """0 for TRAILING_STOP_MARKET."""

    @property
    def working_type(self) -> _WorkingType: ...
    @property
    def price_protect(self) -> bool: ...
    @property
    def close_position(self) -> bool: ...
    @property
    def reduce_only(self) -> bool: ...
    @property
    def price_match(self) -> _PriceMatch: ...
    @property
    def stp_mode(self) -> _StpMode: ...
    @property
    def activation_e8(self) -> int:
        """Price at which a trailing order starts to follow, 1e-8 quote; 0 for other types."""

    @property
    def callback_ppm(self) -> int:
        """1_000 (0.1 %) to 100_000 (10 %) for a trailing order, else 0."""

    @property
    def activated(self) -> bool:
        """Whether a trailing order follows the price already."""

    @property
    def extreme_e8(self) -> int:
        """Best price since activation, 1e-8 quote; 0 before."""

    @property
    def good_till_ms(self) -> int: ...
    @property
    def created_ms(self) -> int: ...
    @property
    def updated_ms(self) -> int: ...
    @property
    def triggered_ms(self) -> int:
        """0 before the trigger price was met."""

    @property
    def order_id(self) -> int:
        """The child order, or 0 while there is none (`actualOrderId`)."""

    @property
    def child_filled_lots(self) -> int:
        """What the child filled (`aq`)."""

    @property
    def child_quote_e8(self) -> int:
        """Notional of the child's fills (`ap` = this / quantity)."""

    @property
    def reason(self) -> str:
        """Why it is REJECTED, EXPIRED or CANCELED by the venue (`rm`), else empty."""

@final
class VenueFill:
    """One trade of one order."""

    @property
    def account(self) -> int: ...
    @property
    def symbol(self) -> str: ...
    @property
    def trade_id(self) -> int:
        """Ascending in each symbol; market trades count too."""

    @property
    def order_id(self) -> int: ...
    @property
    def client_id(self) -> str: ...
    @property
    def side(self) -> _OrderSide: ...
    @property
    def position_side(self) -> _PositionSide: ...
    @property
    def lots(self) -> int: ...
    @property
    def price_ticks(self) -> int: ...
    @property
    def quote_e8(self) -> int: ...
    @property
    def fee_e8(self) -> int:
        """What the account paid; negative for a rebate."""

    @property
    def realized_e8(self) -> int:
        """Profit realised by the part that closed, before the fee."""

    @property
    def maker(self) -> bool: ...
    @property
    def ts_ms(self) -> int: ...

@final
class VenueHolding:
    """What an account holds on one side of one symbol."""

    @property
    def account(self) -> int: ...
    @property
    def symbol(self) -> str: ...
    @property
    def position_side(self) -> _PositionSide: ...
    @property
    def lots(self) -> int:
        """Signed: negative is short (`positionAmt`)."""

    @property
    def entry_cost_e8(self) -> int:
        """Signed as `lots`: entry price x quantity; the entry price is `entry_cost_e8 / quantity`."""

    @property
    def break_even_cost_e8(self) -> int:
        """Signed as `lots`: what closing must bring to have lost nothing, fees of the entry included."""

    @property
    def realized_e8(self) -> int:
        """All profit realised on this side so far, before fees (`cr`)."""

    @property
    def unrealized_e8(self) -> int:
        """Profit at the mark price."""

    @property
    def notional_e8(self) -> int:
        """Signed value at the mark price."""

    @property
    def mark_e8(self) -> int: ...
    @property
    def liquidation_e8(self) -> int:
        """Mark price at which the position is liquidated if nothing else moves; 0 where there is none."""

    @property
    def leverage(self) -> int: ...
    @property
    def margin_type(self) -> _MarginType: ...
    @property
    def isolated_wallet_e8(self) -> int:
        """Margin set aside for the position, 0 where cross."""

    @property
    def initial_margin_e8(self) -> int: ...
    @property
    def open_order_margin_e8(self) -> int: ...
    @property
    def maintenance_margin_e8(self) -> int: ...
    @property
    def max_notional_e8(self) -> int:
        """Largest notional that the leverage allows."""

    @property
    def updated_ms(self) -> int:
        """0 if the side was never traded."""

@final
class VenueBalance:
    """The quote-currency purse of an account."""

    @property
    def account(self) -> int: ...
    @property
    def wallet_e8(self) -> int: ...
    @property
    def cross_wallet_e8(self) -> int:
        """`wallet_e8` less the margins of isolated positions."""

    @property
    def available_e8(self) -> int:
        """What new orders may use as initial margin, 0 or more."""

    @property
    def unrealized_e8(self) -> int: ...
    @property
    def cross_unrealized_e8(self) -> int: ...
    @property
    def position_margin_e8(self) -> int:
        """Initial margin of all positions."""

    @property
    def open_order_margin_e8(self) -> int: ...
    @property
    def maintenance_margin_e8(self) -> int: ...
    @property
    def updated_ms(self) -> int: ...

@final
class VenueIncome:
    """One change of a purse; the wallet is the sum of them all."""

    @property
    def account(self) -> int: ...
    @property
    def income_id(self) -> int:
        """Ascending over the venue (`tranId`)."""

    @property
    def symbol(self) -> str:
        """Empty for transfers."""

    @property
    def type(self) -> _IncomeType: ...
    @property
    def amount_e8(self) -> int: ...
    @property
    def trade_id(self) -> int:
        """0 where it belongs to no trade."""

    @property
    def ts_ms(self) -> int: ...

@final
class VenueSettings:
    """Leverage and margin type of one account in one symbol."""

    @property
    def leverage(self) -> int: ...
    @property
    def margin_type(self) -> _MarginType: ...
    @property
    def max_notional_e8(self) -> int: ...

@final
class VenuePrices:
    """Prices of one symbol, 0 before the first."""

    @property
    def last_ticks(self) -> int: ...
    @property
    def mark_e8(self) -> int: ...
    @property
    def index_e8(self) -> int: ...
    @property
    def funding_rate_e8(self) -> int:
        """Next funding rate in 1e-8."""

    @property
    def next_funding_ms(self) -> int: ...
    @property
    def last_trade_id(self) -> int: ...
    @property
    def book_update_id(self) -> int:
        """Grows with every change of the depth."""

    @property
    def ts_ms(self) -> int:
        """When the last of them changed."""

@final
class VenueTradeLite:
    """TRADE_LITE: one fill, told before everything else about it."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def fill(self) -> VenueFill: ...
    @property
    def order(self) -> VenueOrder: ...

@final
class VenueOrderUpdate:
    """ORDER_TRADE_UPDATE."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def execution(self) -> _Execution:
        """`x`; CALCULATED for liquidation and ADL."""

    @property
    def status(self) -> _OrderStatus | Literal["NEW_INSURANCE", "NEW_ADL"]:
        """`X`; that of `order` unless the insurance fund or ADL was the counterparty."""

    @property
    def order(self) -> VenueOrder: ...
    @property
    def fill(self) -> VenueFill | None:
        """The trade, where `execution` is TRADE or CALCULATED."""

    @property
    def bid_notional_e8(self) -> int:
        """Notional of all open BUY orders of the account in the symbol (`b`)."""

    @property
    def ask_notional_e8(self) -> int:
        """Notional of all open SELL orders of the account in the symbol (`a`)."""

@final
class VenueAccountUpdate:
    """ACCOUNT_UPDATE."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def reason(self) -> _AccountReason: ...
    @property
    def wallet_e8(self) -> int: ...
    @property
    def cross_wallet_e8(self) -> int: ...
    @property
    def change_e8(self) -> int:
        """Change of the balance other than by profit and commission (`bc`)."""

    @property
    def holdings(self) -> list[VenueHolding]:
        """The sides that changed; `liquidation_e8` and the margins are 0 here."""

@final
class VenueAlgoUpdate:
    """ALGO_UPDATE."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def algo(self) -> VenueAlgo: ...

@final
class VenueConfigUpdate:
    """ACCOUNT_CONFIG_UPDATE: the leverage of a symbol changed."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def symbol(self) -> str: ...
    @property
    def leverage(self) -> int: ...

@final
class VenueMarginCall:
    """MARGIN_CALL: the margin ratio of these positions passed 80 %."""

    @property
    def seq(self) -> int: ...
    @property
    def ts_ms(self) -> int: ...
    @property
    def account(self) -> int: ...
    @property
    def cross_wallet_e8(self) -> int: ...
    @property
    def holdings(self) -> list[VenueHolding]: ...

_VenueEvent: TypeAlias = (
    VenueTradeLite
    | VenueOrderUpdate
    | VenueAccountUpdate
    | VenueAlgoUpdate
    | VenueConfigUpdate
    | VenueMarginCall
)

@final
class Venue:
    """A deterministic USD-M futures venue without I/O, clock or randomness.

    The same calls give the same ledger hash. Time moves only by `advance`. The counterparty of every
    order is the rest of the market: a synthetic book that each market trade re-centres. Users never
    meet each other, and their orders do not move the last price.

    Every method that trades or changes an account raises `quantum_exit.errors.VenueReject` with the
    code and text of Binance USD-M, and then has changed nothing. A value that no driver may send (an
    unknown account, a price of 0) raises `quantum_exit.errors.InvalidInputError`.

    Args:
        now_ms: Time of the venue, 0 or more.
        close_position_singleton: Whether one open closePosition order is allowed for each type and
            side, or for each side only (-4130).
        oversized_reduce_only_stop: What happens to a reduce-only stop that is larger than the position
            when it triggers.
        client_id_reuse_after_final: Whether the client id of a final order may be used again (-4116).
        close_position_before_position: Whether a closePosition order is accepted while there is
            nothing to close; else -4509.
        countdown_cancels_algo: Whether `countdown_cancel_all` reaches algo orders.
        reduce_only_budget: Whether resting reduce-only orders use up the position (-4118).
        gte_expires_with_position: Whether closePosition orders expire when the position closes.
        expire_reduce_only_with_position: Whether resting reduce-only orders and reduce-only algo
            orders expire when the position closes.
        price_protect_violation: Whether a protected order waits or expires where its trigger price is
            met while last and mark price are too far apart.
        trigger_latency_ms: From the trigger price being met to the child order, 0 or more.
        history: Final orders, fills and incomes kept for each account, 100 or more.
    """

    def __new__(
        cls,
        *,
        now_ms: int = 0,
        close_position_singleton: Literal["per_type_and_side", "per_side"] = "per_type_and_side",
        oversized_reduce_only_stop: Literal["truncate", "reject"] = "truncate",
        client_id_reuse_after_final: bool = True,
        close_position_before_position: bool = True,
        countdown_cancels_algo: bool = True,
        reduce_only_budget: bool = True,
        gte_expires_with_position: bool = True,
        expire_reduce_only_with_position: bool = False,
        price_protect_violation: Literal["wait", "expire"] = "wait",
        trigger_latency_ms: int = 0,
        history: int = 100_000,
    ) -> Venue: ...
    # Set-up and what the operator of the venue does.
    def add_symbol(
        self,
        symbol: str,
        *,
        tick_e8: int,
        lot_e8: int,
        min_price_ticks: int = 1,
        max_price_ticks: int = ...,
        min_lots: int = 1,
        max_lots: int = ...,
        market_min_lots: int = 1,
        market_max_lots: int = ...,
        lot_multiple: int = 1,
        market_lot_multiple: int = 1,
        min_notional_e8: int = 0,
        multiplier_up_ppm: int = ...,
        multiplier_down_ppm: int = 0,
        market_take_bound_ppm: int = ...,
        trigger_protect_ppm: int = ...,
        max_orders: int = 200,
        max_algo_orders: int = 10,
        liquidation_fee_ppm: int = 0,
        brackets: Sequence[tuple[int, int, int, int]] | None = None,
        status: _SymbolStatus = "TRADING",
    ) -> None:
        """Lists a symbol.

        Args:
            symbol: Its name, 1 to 32 characters.
            tick_e8: Tick size in 1e-8 quote.
            lot_e8: Lot step in 1e-8 base; `tick_e8 * lot_e8` is a multiple of 1e8, so that the value
                of one lot at one tick is whole in 1e-8 quote.
            min_price_ticks: PRICE_FILTER, as are `max_price_ticks`; -4013, -4002.
            max_price_ticks: Default 2**40.
            min_lots: LOT_SIZE, as are `max_lots` and `lot_multiple`; -4003, -4005, -4023.
            max_lots: Default 2**40.
            market_min_lots: MARKET_LOT_SIZE, as are `market_max_lots` and `market_lot_multiple`.
            market_max_lots: Default 2**40.
            lot_multiple: Lots must be a multiple of it.
            market_lot_multiple: The same for MARKET.
            min_notional_e8: MIN_NOTIONAL, not for orders that only reduce; -4164.
            multiplier_up_ppm: PERCENT_PRICE relative to the mark price; -4016. Default: no bound.
            multiplier_down_ppm: -4024.
            market_take_bound_ppm: How far from the mark price a MARKET order may fill; -4131 where
                the best price is beyond it. Default: no bound.
            trigger_protect_ppm: Largest distance of last and mark price at which orders with
                priceProtect trigger. Default: no bound.
            max_orders: MAX_NUM_ORDERS for each account; -2025.
            max_algo_orders: MAX_NUM_ALGO_ORDERS for each account; -4045.
            liquidation_fee_ppm: Of the notional that a liquidation closes.
            brackets: Rising `(cap_e8, max_leverage, maintenance_ppm, cum_e8)`; the first begins at 0.
                Default: one bracket of 125x and 0.4 % without a cap.
            status: See `set_symbol_status`.

        Raises:
            InvalidInputError: The symbol exists, or a value is out of range.
        """

    def set_depth(
        self,
        symbol: str,
        /,
        *,
        spread_ticks: int = 1,
        levels: int = 20,
        step_ticks: int = 1,
        lots_per_level: int = 1_000_000,
    ) -> None:
        """Shapes the synthetic book and refills it.

        Args:
            symbol: Its name.
            spread_ticks: Best ask less best bid, 1 or more.
            levels: Price levels on each side, 0 (an empty book) to 1 000.
            step_ticks: Distance of two levels, 1 or more.
            lots_per_level: 1 or more.
        """

    def set_fill_split(self, symbol: str, max_lots: int | None, /) -> None:
        """Splits every fill into trades of at most `max_lots`; None: one trade for each level."""

    def set_symbol_status(self, symbol: str, status: _SymbolStatus, /) -> None:
        """Changes what new orders are taken; nothing that rests is touched.

        TRADING takes everything, SETTLING only orders that reduce (-4140), the others nothing (-4141).
        """

    def set_filters(
        self,
        symbol: str,
        /,
        *,
        price_multiple: int | None = None,
        lot_multiple: int | None = None,
        market_lot_multiple: int | None = None,
        min_price_ticks: int | None = None,
        max_price_ticks: int | None = None,
        min_lots: int | None = None,
        max_lots: int | None = None,
        market_min_lots: int | None = None,
        market_max_lots: int | None = None,
        min_notional_e8: int | None = None,
        multiplier_up_ppm: int | None = None,
        multiplier_down_ppm: int | None = None,
        market_take_bound_ppm: int | None = None,
        trigger_protect_ppm: int | None = None,
        max_orders: int | None = None,
    ) -> None:
        """Changes filters of new orders while trading goes on; what rests stays.

        A coarser tick or step size is a multiple of the unit that the symbol was listed with; list
        symbols on the finest grid that they will have.
        """

    def set_algo_limit(self, symbol: str, limit: int, /) -> None:
        """Changes MAX_NUM_ALGO_ORDERS of new orders."""

    def set_trigger_latency(self, latency_ms: int, /) -> None: ...
    def add_account(self, *, maker_fee_ppm: int = 200, taker_fee_ppm: int = 500) -> int:
        """Opens an account and gives its number: 0, 1, 2, ..."""

    def set_fees(self, account: int, /, *, maker_fee_ppm: int, taker_fee_ppm: int) -> None:
        """Changes the fee rates; -100_000 to 100_000."""

    # What the market does.
    def advance(self, now_ms: int, /) -> None:
        """Moves time forward and does what falls due on the way, in order of time.

        Raises:
            InvalidInputError: `now_ms` lies before the venue's time.
        """

    def next_due_ms(self) -> int | None:
        """When `advance` will next have something to do (trigger, GTD, countdown)."""

    def trade(
        self, symbol: str, price_ticks: int, lots: int, buyer_is_maker: bool = False, /
    ) -> int:
        """Prints a market trade and gives its trade id.

        It fills resting limit orders that it meets, re-centres the book, fills what the new book
        crosses, and triggers algo orders that work on CONTRACT_PRICE. Until the first `mark` the mark
        price follows the last one.
        """

    def mark(self, symbol: str, mark_e8: int, /, *, index_e8: int | None = None) -> None:
        """Sets the mark price: margins, liquidations, and algo orders that work on MARK_PRICE."""

    def schedule_funding(self, symbol: str, rate_e8: int, next_funding_ms: int, /) -> None:
        """Announces the next funding; only shown by `prices`."""

    def funding(self, symbol: str, rate_e8: int, /) -> None:
        """Charges funding at the mark price: positive rates are paid by longs to shorts."""

    def adl(
        self, account: int, symbol: str, position_side: _PositionSide, lots: int, /
    ) -> VenueOrder:
        """Closes up to `lots` of a position at the mark price against a bankrupt one (`adl_autoclose`).

        Raises:
            VenueReject: -2022, there is nothing to close.
        """

    def liquidate(
        self, account: int, symbol: str, position_side: _PositionSide, /
    ) -> VenueOrder | None:
        """Liquidates a position now, whatever its margin; None where there is none."""

    def settle(self, symbol: str, price_ticks: int, /) -> None:
        """Delists a symbol.

        Cancels all orders, closes all positions at `price_ticks` (`settlement_autoclose-`); then the
        status is CLOSE.
        """

    def expire_order(self, account: int, order_id: int, /) -> VenueOrder:
        """The venue expires a resting order; -2011 where none rests."""

    def expire_algo(self, account: int, algo_id: int, reason: str = "", /) -> VenueAlgo:
        """The venue expires a waiting algo order; -2011 where none waits."""

    def reject_at_trigger(self, account: int, algo_id: int, reason: str, /) -> VenueAlgo:
        """Lets a waiting algo order be REJECTED with `reason` once it triggers; -2011 else."""

    # What users do: cash and settings.
    def transfer(self, account: int, amount_e8: int, /) -> VenueBalance:
        """Deposits (positive) or withdraws (negative) cash; -4050 where it is not available."""

    def set_hedge_mode(self, account: int, dual: bool, /) -> None:
        """-4059 no change; -4067 open orders exist; -4068 open positions exist."""

    def hedge_mode(self, account: int, /) -> bool: ...
    def set_leverage(self, account: int, symbol: str, leverage: int, /) -> VenueSettings:
        """Changes the leverage of both sides.

        Refusals: -4028 no bracket has it, -2027 the position is too large for it, -4161 it would lower
        the leverage of an isolated position, -2019.
        """

    def set_margin_type(self, account: int, symbol: str, margin_type: _MarginType, /) -> None:
        """-4046 no change; -4047 open orders exist; -4048 a position exists."""

    def change_isolated_margin(
        self,
        account: int,
        symbol: str,
        amount_e8: int,
        position_side: _PositionSide = "BOTH",
        /,
    ) -> VenueHolding:
        """Adds margin to an isolated position (positive) or takes it away.

        Refusals: -4050 or -4051, the cross or isolated balance is insufficient; -4054 no isolated
        position; -4055 the amount is 0.
        """

    def settings(self, account: int, symbol: str, /) -> VenueSettings: ...
    # What users do: orders.
    def place(
        self,
        account: int,
        symbol: str,
        side: _OrderSide,
        order_type: _OrderType,
        lots: int,
        price_ticks: int = 0,
        *,
        time_in_force: _TimeInForce = "GTC",
        position_side: _PositionSide = "BOTH",
        reduce_only: bool = False,
        client_id: str | None = None,
        good_till_ms: int = 0,
        price_match: _PriceMatch = "NONE",
        stp_mode: _StpMode = "NONE",
    ) -> VenueOrder:
        """Places a regular order and gives it as it stands after it has matched."""

    def check(
        self,
        account: int,
        symbol: str,
        side: _OrderSide,
        order_type: _OrderType,
        lots: int,
        price_ticks: int = 0,
        *,
        time_in_force: _TimeInForce = "GTC",
        position_side: _PositionSide = "BOTH",
        reduce_only: bool = False,
        client_id: str | None = None,
        good_till_ms: int = 0,
        price_match: _PriceMatch = "NONE",
        stp_mode: _StpMode = "NONE",
    ) -> None:
        """Refuses what `place` would refuse, and changes nothing (`/order/test`)."""

    def amend(
        self,
        account: int,
        symbol: str,
        side: _OrderSide,
        lots: int,
        price_ticks: int,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
        price_match: _PriceMatch = "NONE",
    ) -> VenueOrder:
        """Changes quantity and price of a resting LIMIT order, which loses its place in the queue.

        A quantity that is filled already cancels the order. Refusals: -2013, -5024 not trading, -5025
        not LIMIT, -5026 10 000 amendments, -5027 no change, and those of `place`.
        """

    def cancel(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
    ) -> VenueOrder:
        """Cancels a resting order; -2011 where there is none."""

    def cancel_all(self, account: int, symbol: str, /) -> list[VenueOrder]:
        """Cancels the resting orders of a symbol; algo orders stay."""

    def countdown_cancel_all(self, account: int, symbol: str, countdown_ms: int, /) -> None:
        """Cancels all open orders of the symbol `countdown_ms` from now unless renewed; 0 stops it."""

    def place_algo(
        self,
        account: int,
        symbol: str,
        side: _OrderSide,
        order_type: _AlgoType,
        *,
        lots: int = 0,
        price_ticks: int = 0,
        trigger_ticks: int = 0,
        activation_ticks: int = 0,
        callback_ppm: int = 0,
        time_in_force: _TimeInForce = "GTC",
        position_side: _PositionSide = "BOTH",
        working_type: _WorkingType = "CONTRACT_PRICE",
        price_protect: bool = False,
        close_position: bool = False,
        reduce_only: bool = False,
        client_id: str | None = None,
        good_till_ms: int = 0,
        price_match: _PriceMatch = "NONE",
        stp_mode: _StpMode = "NONE",
    ) -> VenueAlgo:
        """Places a conditional order; margin is looked at when it triggers."""

    def cancel_algo(
        self, account: int, *, algo_id: int | None = None, client_id: str | None = None
    ) -> VenueAlgo:
        """Cancels a waiting algo order; -2011 where there is none, -4117 while it triggers."""

    def cancel_all_algos(self, account: int, symbol: str, /) -> list[VenueAlgo]:
        """Cancels the waiting algo orders of a symbol; those that trigger stay."""

    # What users and the checker ask.
    def order(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
    ) -> VenueOrder:
        """One order; -2013 where it does not exist, -1102 without an id."""

    def open_orders(self, account: int, symbol: str | None = None, /) -> list[VenueOrder]:
        """The resting orders, by id."""

    def all_orders(
        self, account: int, symbol: str, /, *, from_order_id: int = 0, limit: int = 500
    ) -> list[VenueOrder]:
        """Orders from `from_order_id` on, or the latest `limit` where that is 0; by id."""

    def algo(
        self, account: int, *, algo_id: int | None = None, client_id: str | None = None
    ) -> VenueAlgo:
        """One algo order; -2013 where it does not exist."""

    def open_algos(self, account: int, symbol: str | None = None, /) -> list[VenueAlgo]:
        """Algo orders that are NEW, TRIGGERING or TRIGGERED, by id."""

    def all_algos(
        self, account: int, symbol: str, /, *, from_algo_id: int = 0, limit: int = 500
    ) -> list[VenueAlgo]: ...
    def fills(
        self, account: int, symbol: str, /, *, from_trade_id: int = 0, limit: int = 500
    ) -> list[VenueFill]:
        """User trades from `from_trade_id` on, or the latest `limit` where that is 0; by id."""

    def incomes(
        self, account: int, /, *, from_income_id: int = 0, limit: int = 1000
    ) -> list[VenueIncome]:
        """Incomes from `from_income_id` on, or the latest `limit` where that is 0; by id."""

    def holdings(self, account: int, symbol: str | None = None, /) -> list[VenueHolding]:
        """Positions: BOTH in one-way mode, LONG and SHORT in hedge mode, flat ones included."""

    def balance(self, account: int, /) -> VenueBalance: ...
    def prices(self, symbol: str, /) -> VenuePrices: ...
    def book(
        self, symbol: str, /, limit: int = 20
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Bids and asks as `(price_ticks, lots)`, best first; users' orders are part of them."""

    def now_ms(self) -> int: ...
    def drain(self) -> list[_VenueEvent]:
        """What happened since the last call, in order."""

    def ledger_hash(self) -> str:
        """32 hexadecimal digits over every change of cash, positions, fills and orders so far."""
