"""The Rust core, as Python sees it."""

from collections.abc import Sequence
from decimal import Decimal
from os import PathLike
from typing import ClassVar, TypeAlias, final

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
