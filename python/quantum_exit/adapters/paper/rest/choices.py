"""Parameters that are one of a few words, each with the code that refuses another word."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from quantum_exit.adapters.paper.errors import refusal
from quantum_exit.adapters.paper.params import Params

Word = TypeVar("Word", bound=str)

Side: TypeAlias = Literal["BUY", "SELL"]
PositionSide: TypeAlias = Literal["BOTH", "LONG", "SHORT"]
OrderType: TypeAlias = Literal["LIMIT", "MARKET"]
AlgoType: TypeAlias = Literal[
    "STOP_MARKET", "STOP", "TAKE_PROFIT_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"
]
TimeInForce: TypeAlias = Literal["GTC", "IOC", "FOK", "GTX", "GTD"]
WorkingType: TypeAlias = Literal["CONTRACT_PRICE", "MARK_PRICE"]
MarginType: TypeAlias = Literal["CROSSED", "ISOLATED"]
StpMode: TypeAlias = Literal["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]
PriceMatch: TypeAlias = Literal[
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


@dataclass(frozen=True, slots=True)
class Choice(Generic[Word]):
    """A few words.

    Attributes:
        words: What is allowed.
        code: Refusal of any other word.
    """

    words: tuple[Word, ...]
    code: int = -1130

    def required(self, params: Params, name: str) -> Word:
        """The word of a mandatory parameter.

        Raises:
            VenueRefusal: It is missing, empty or another word.
        """
        return self._word(params.text(name), name)

    def optional(self, params: Params, name: str) -> Word | None:
        """The word of a parameter that may be absent.

        Raises:
            VenueRefusal: It is empty or another word.
        """
        text = params.optional_text(name)
        return None if text is None else self._word(text, name)

    def _word(self, text: str, name: str) -> Word:
        for word in self.words:
            if word == text:
                return word
        raise refusal(self.code, name=name)


SIDES: Choice[Side] = Choice(("BUY", "SELL"), -1117)
POSITION_SIDES: Choice[PositionSide] = Choice(("BOTH", "LONG", "SHORT"))
ORDER_TYPES: Choice[OrderType] = Choice(("LIMIT", "MARKET"), -1116)
ALGO_TYPES: Choice[AlgoType] = Choice(
    ("STOP_MARKET", "STOP", "TAKE_PROFIT_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"), -1116
)
TIMES_IN_FORCE: Choice[TimeInForce] = Choice(("GTC", "IOC", "FOK", "GTX", "GTD"), -1115)
WORKING_TYPES: Choice[WorkingType] = Choice(("CONTRACT_PRICE", "MARK_PRICE"))
MARGIN_TYPES: Choice[MarginType] = Choice(("CROSSED", "ISOLATED"))
STP_MODES: Choice[StpMode] = Choice(("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"))
RESPONSE_TYPES: Choice[str] = Choice(("ACK", "RESULT"))
PRICE_MATCHES: Choice[PriceMatch] = Choice(
    (
        "NONE",
        "OPPONENT",
        "OPPONENT_5",
        "OPPONENT_10",
        "OPPONENT_20",
        "QUEUE",
        "QUEUE_5",
        "QUEUE_10",
        "QUEUE_20",
    )
)
