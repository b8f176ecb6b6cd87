"""The journal as the checker reads it: durable bytes of the disk, and nothing of the service."""

import json
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from quantum_exit.adapters.store.memory import MemoryDisk

# The layout of `adapters.store.frames`: length, seq, epoch, kind, time, checksum, hash.
_HEADER = struct.Struct(">IQQBQI32s")


class DurableJournal:
    """Reads what has become durable since it last looked.

    Attributes:
        placed: Bodies of the orders that were intended, by client id.
        answered: Client ids of the requests that had an outcome.
        cancelled: Client ids of the orders that were to be cancelled.
        void: Client ids of intents that an instance wrote which had been replaced before.
        plans: Plans by epoch of their position, oldest first.
        trades: Every trade that was told, by symbol and trade id.
        due: Lots that the core wanted closed, by epoch of the position and leg.
        records: How many records were read.
    """

    def __init__(self, disk: MemoryDisk) -> None:
        self._refused: Counter[int] = Counter()
        self._disk = disk
        self._read = 0
        self._epoch = 0
        self.placed: dict[str, dict[str, Any]] = {}
        self.answered: set[str] = set()
        self.cancelled: set[str] = set()
        self.void: set[str] = set()
        self.plans: dict[int, list[dict[str, Any]]] = {}
        self.trades: dict[tuple[str, int], dict[str, Any]] = {}
        self.due: dict[tuple[int, int], int] = {}
        self.records = 0

    def read(self) -> None:
        """Takes in what is new."""
        for epoch, body in self._new():
            self.records += 1
            if epoch < self._epoch:
                # Whoever wrote it had been replaced already: nothing that it says is in force.
                continue
            self._epoch = epoch
            if "intent" in body:
                self._take_intent(body["intent"])
                if epoch < self._epoch:
                    self.void.add(body["intent"]["client_id"])
            elif "fact" in body:
                self._take_fact(body["fact"])
            elif "refused" in body:
                self._refused[epoch] += body["refused"]["count"]

    def names(self, client_id: str) -> bool:
        """Whether any durable byte tells of an order."""
        return client_id.encode() in self._disk.durable

    def unanswered_closes(self) -> frozenset[str]:
        """Symbols of the closes that were intended and have had no outcome."""
        return frozenset(
            order["key"][1]
            for client_id, order in self.placed.items()
            if order["t"] == "MarketClose" and client_id not in self.answered
        )

    @property
    def refused_of_newest(self) -> int:
        """Messages that were refused under the newest lease."""
        return self._refused[self._epoch]

    def _new(self) -> Iterator[tuple[int, dict[str, Any]]]:
        content = self._disk.durable
        while self._read + _HEADER.size <= len(content):
            length, _, epoch = _HEADER.unpack_from(content, self._read)[:3]
            begin = self._read + _HEADER.size
            if begin + length > len(content):
                return
            self._read = begin + length
            yield epoch, json.loads(content[begin : begin + length])

    def _take_intent(self, intent: dict[str, Any]) -> None:
        if intent["t"] == "Place":
            self.placed[intent["client_id"]] = intent["order"]
        else:
            self.cancelled.add(intent["client_id"])

    def _take_fact(self, fact: dict[str, Any]) -> None:
        kind = fact.get("t")
        if kind == "PositionOpened":
            self.plans.setdefault(fact["key"][3], []).append(fact)
        elif kind == "CoreEvent" and fact["kind"] == "LEG_DUE" and fact["lots"] is not None:
            self.due[fact["key"][3], fact["leg"]] = fact["lots"]
        elif kind == "Sent":
            self.answered.add(fact["client_id"])
        elif kind == "Fill":
            self.trades[fact["symbol"], fact["trade_id"]] = fact
        elif kind == "TradesRead":
            for fill in fact["fills"]:
                self.trades[fill["symbol"], fill["trade_id"]] = fill
