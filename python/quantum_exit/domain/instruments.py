"""Instruments: the built-in ones, and those of a JSON file."""

from quantum_exit._core import Instrument
from quantum_exit.domain.documents import parse_json
from quantum_exit.domain.fields import Fields, located
from quantum_exit.errors import InvalidInputError

__all__ = ["BUILT_IN", "Instrument", "built_in_instrument", "instrument_from_json"]

# Filters of the venue as of March 2025 (PRICE_FILTER, LOT_SIZE, MIN_NOTIONAL). They change now and
# then: a JSON file with those of the day serves where it matters.
# symbol, tick_size, lot_step, min_qty, min_notional, max_qty
_BINANCE_USDM = (
    ("ADAUSDT", "0.0001", "1", "1", "5", "2000000"),
    ("APTUSDT", "0.0001", "0.1", "0.1", "5", "1000000"),
    ("ARBUSDT", "0.0001", "0.1", "0.1", "5", "1000000"),
    ("AVAXUSDT", "0.001", "1", "1", "5", "100000"),
    ("BCHUSDT", "0.01", "0.001", "0.001", "20", "10000"),
    ("BNBUSDT", "0.01", "0.01", "0.01", "5", "100000"),
    ("BTCUSDT", "0.1", "0.001", "0.001", "100", "1000"),
    ("DOGEUSDT", "0.00001", "1", "1", "5", "50000000"),
    ("DOTUSDT", "0.001", "0.1", "0.1", "5", "1000000"),
    ("ETCUSDT", "0.001", "0.01", "0.01", "20", "100000"),
    ("ETHUSDT", "0.01", "0.001", "0.001", "20", "10000"),
    ("LINKUSDT", "0.001", "0.01", "0.01", "20", "200000"),
    ("LTCUSDT", "0.01", "0.001", "0.001", "20", "10000"),
    ("NEARUSDT", "0.001", "1", "1", "5", "10000000"),
    ("OPUSDT", "0.0001", "0.1", "0.1", "5", "10000000"),
    ("SOLUSDT", "0.01", "1", "1", "5", "1000000"),
    ("SUIUSDT", "0.0001", "0.1", "0.1", "5", "10000000"),
    ("TRXUSDT", "0.00001", "1", "1", "5", "10000000"),
    ("XRPUSDT", "0.0001", "0.1", "0.1", "5", "10000000"),
)

BUILT_IN: tuple[str, ...] = tuple(row[0] for row in _BINANCE_USDM)
"""Symbols that `built_in_instrument` knows: perpetuals of Binance USD-M."""

_KEYS = ("symbol", "tick_size", "lot_step", "min_qty", "min_notional", "max_qty")


def built_in_instrument(symbol: str) -> Instrument:
    """A perpetual of Binance USD-M with its filters of March 2025.

    Raises:
        InvalidInputError: `symbol` is not in `BUILT_IN`.
    """
    for name, tick_size, lot_step, min_qty, min_notional, max_qty in _BINANCE_USDM:
        if name == symbol:
            return Instrument(name, tick_size, lot_step, min_qty, min_notional, max_qty)
    raise InvalidInputError("instrument", repr(symbol), f"expected one of {', '.join(BUILT_IN)}")


def instrument_from_json(text: str, path: str) -> Instrument:
    """The instrument that a JSON object describes.

    Keys: `symbol`, `tick_size`, `lot_step`, `min_qty`, `min_notional` and, optional, `max_qty`, as
    in `Instrument`. Numbers are JSON numbers or text; both are taken as written.

    Args:
        text: The JSON document.
        path: Where it comes from, for errors.

    Raises:
        InputFileError: Names the file and the key.
    """
    fields = Fields(parse_json(text, path), path=path, known=_KEYS, decimal_text=True)
    symbol = fields.text("symbol")
    tick_size, lot_step = fields.number("tick_size"), fields.number("lot_step")
    min_qty, min_notional = fields.number("min_qty"), fields.number("min_notional")
    max_qty = fields.number("max_qty") if fields.has("max_qty") else None
    with located(path):
        return Instrument(symbol, tick_size, lot_step, min_qty, min_notional, max_qty)
