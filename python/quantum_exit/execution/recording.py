"""Facts, intents and decisive prices as entries of the journal, and back."""

from dataclasses import dataclass
from typing import TypeAlias

from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.codec import Codec, encode
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.guardian.facts import Command, Fact, PositionOpened, Sent
from quantum_exit.execution.payloads import decode_payload, encode_payload
from quantum_exit.execution.records import Entry, Record, RecordKind
from quantum_exit.execution.rejections import Refused
from quantum_exit.execution.watch_log import price_as_json, price_from_json
from quantum_exit.execution.watch_plan import WatchPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A position to guard, with the plan by which the core watches it.

    Attributes:
        fact: What the guardian hears.
        plan: What the core hears.
    """

    fact: PositionOpened
    plan: WatchPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A price that decided something.

    Attributes:
        key: The position that it decided about.
        price: The price.
        watermark: Whether it is the best price since trailing began.
    """

    key: PositionKey
    price: Price
    watermark: bool


Input: TypeAlias = Fact | Opened | Tick
"""What enters the reducer: everything from which its state follows."""

_FACTS = Codec(Fact)
_INTENTS = Codec(Place | Cancel)
_MOVES_NOTHING = frozenset({"intent", "state_hash", "refused", "lease"})
_LONGEST_WHY = 200
_KINDS = ((Sent, RecordKind.OUTCOME), (Command, RecordKind.COMMAND))


class Recorder:
    """Makes entries of inputs and intents and reads them back."""

    def input_entry(self, given: Input, epoch: int, now_ms: int) -> Entry:
        """What entered the reducer at `now_ms` under lease `epoch`."""
        if isinstance(given, Tick):
            price = price_as_json(given.price)
            body = {"tick": price, "key": list(given.key), "watermark": given.watermark}
            return _entry(RecordKind.FACT, epoch, now_ms, body)
        if isinstance(given, Opened):
            body = {"fact": encode(given.fact), "watch": given.plan.as_json()}
            return _entry(RecordKind.PLAN, epoch, now_ms, body)
        kind = next((found for type_, found in _KINDS if isinstance(given, type_)), RecordKind.FACT)
        return _entry(kind, epoch, now_ms, {"fact": encode(given)})

    def intent_entry(self, intent: Place | Cancel, epoch: int, now_ms: int) -> Entry:
        """What is about to be sent."""
        return _entry(RecordKind.INTENT, epoch, now_ms, {"intent": encode(intent)})

    def state_entry(self, state_hash: str, epoch: int, now_ms: int) -> Entry:
        """The hash of the state after everything before it."""
        return _entry(RecordKind.SNAPSHOT, epoch, now_ms, {"state_hash": state_hash})

    def refused_entry(self, refused: Refused, epoch: int, now_ms: int) -> Entry:
        """Messages that made no sense; their content stays out, as it may hold anything."""
        body = {
            "source": refused.source,
            "why": refused.why[:_LONGEST_WHY],
            "size": refused.size,
            "count": refused.count,
        }
        return _entry(RecordKind.FACT, epoch, now_ms, {"refused": body})

    def lease_entry(self, account: str, epoch: int, now_ms: int) -> Entry:
        """Where a lease of `account` begins: records of older leases after it count no more."""
        return _entry(RecordKind.FACT, epoch, now_ms, {"lease": epoch, "account": account})

    def account_of(self, record: Record) -> str | None:
        """The account whose lease begins at a record, or None.

        Raises:
            JournalVersionError: It is of a newer version.
        """
        if b'"lease"' not in record.payload:
            return None
        body = decode_payload(record.payload)
        return str(body["account"]) if "lease" in body else None

    def state_hash_of(self, record: Record) -> str | None:
        """The hash of the state that a record tells, or None.

        Raises:
            JournalVersionError: It is of a newer version.
        """
        found = decode_payload(record.payload).get("state_hash")
        return found if isinstance(found, str) else None

    def input_of(self, record: Record) -> Input | None:
        """The input that a record tells; None where it tells one that has moved nothing.

        Intents and hashes follow from the inputs; what was refused never was one; a mark of a
        lease only tells which records after it count.

        Raises:
            InvalidInputError: It tells neither.
            JournalVersionError: It is of a newer version.
        """
        body = decode_payload(record.payload)
        try:
            if not _MOVES_NOTHING.isdisjoint(body):
                return None
            if "tick" in body:
                account, symbol, side, epoch = body["key"]
                return Tick(
                    key=PositionKey(account, symbol, Side(side), epoch),
                    price=price_from_json(body["tick"]),
                    watermark=body["watermark"],
                )
            fact: Fact = _FACTS.decode(body["fact"])
            if isinstance(fact, PositionOpened) and "watch" in body:
                return Opened(fact=fact, plan=WatchPlan.from_json(body["watch"]))
        except (KeyError, TypeError, ValueError) as error:
            place = f"record {record.seq}"
            raise InvalidInputError(place, error, "expected an input or an intent") from error
        return fact

    def intent_of(self, record: Record) -> Place | Cancel | None:
        """The intent that a record tells, or None.

        Raises:
            InvalidInputError: It is one, and damaged.
            JournalVersionError: It is of a newer version.
        """
        body = decode_payload(record.payload)
        if "intent" not in body:
            return None
        intent: Place | Cancel = _INTENTS.decode(body["intent"])
        return intent


def _entry(kind: RecordKind, epoch: int, now_ms: int, body: dict[str, object]) -> Entry:
    return Entry(kind=kind, epoch=epoch, ts_ms=now_ms, payload=encode_payload(body))
