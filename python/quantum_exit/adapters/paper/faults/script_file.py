"""Faults from a TOML or JSON file: rates, scripted rules, and what happens at given times."""

from quantum_exit.adapters.definitions import read_text
from quantum_exit.adapters.paper.faults.action_fields import ACTION_KEYS, action_from
from quantum_exit.adapters.paper.faults.answer_fields import ANSWER_KEYS, plan_from
from quantum_exit.adapters.paper.faults.catalogue import FAULTS, SCRIPT
from quantum_exit.adapters.paper.faults.confusion import Mixup
from quantum_exit.adapters.paper.faults.request_faults import request_faults
from quantum_exit.adapters.paper.faults.spec import (
    EventRule,
    FaultSpec,
    Match,
    RequestRule,
    TimedAction,
)
from quantum_exit.adapters.paper.faults.swarm import swarm
from quantum_exit.domain.documents import parse_json, parse_toml
from quantum_exit.domain.fields import Fields, located

_KEYS = ("seed", "swarm", "rates", "bundles", "period_ms", "requests", "events", "actions")
_MATCH = ("nth", "symbol", "client_id", "from_ms", "to_ms")
_REQUEST = ("kind", *_MATCH, *ANSWER_KEYS, "events_after_ms", "fault", "mark")
_EVENT = ("event", *_MATCH, "delays_ms", "mark")
_TIMED = ("at_ms", "action", "mark", *ACTION_KEYS)


def load_faults(path: str, seed: int | None = None) -> FaultSpec:
    """The faults of a file; see `faults_from_text`.

    Raises:
        InputFileError: The file cannot be read, or was refused; names the key.
    """
    return faults_from_text(read_text(path), path, seed)


def faults_from_text(text: str, path: str, seed: int | None = None) -> FaultSpec:
    """The faults that a document describes.

    The tables `[[requests]]`, `[[events]]` and `[[actions]]` hold scripted rules, `[rates]` a rate
    from 0 to 1 for each fault number, `swarm = true` draws the rates that are not given by seed.

    Args:
        text: The document, JSON where `path` ends in `.json`, else TOML.
        path: Where it comes from, for errors.
        seed: In place of the seed that it names.

    Raises:
        InputFileError: Names the file, the key, and what is allowed.
    """
    parse = parse_json if path.endswith(".json") else parse_toml
    return faults_from_values(parse(text, path), path, seed)


def faults_from_values(values: object, path: str, seed: int | None = None) -> FaultSpec:
    """The faults that the values of a document describe; see `faults_from_text`.

    Raises:
        InputFileError: Names the file, the key, and what is allowed.
    """
    fields = Fields(values, path=path, known=_KEYS)
    if seed is None:
        seed = fields.integer("seed") if fields.has("seed") else 0
    with located(path):
        drawn = FaultSpec(seed=seed)
        if fields.has("swarm") and fields.flag("swarm"):
            drawn = swarm(seed)
        return FaultSpec(
            seed=seed,
            rates={**drawn.rates, **_rates(fields)},
            bundles=fields.texts("bundles") or drawn.bundles,
            period_ms=_whole(fields, "period_ms", FaultSpec().period_ms, low=1),
            requests=tuple(_request(rule) for rule in fields.tables("requests", _REQUEST)),
            events=tuple(_event(rule) for rule in fields.tables("events", _EVENT)),
            actions=tuple(_timed(timed) for timed in fields.tables("actions", _TIMED)),
        )


def _rates(fields: Fields) -> dict[str, float]:
    if not fields.has("rates"):
        return {}
    rates = fields.table("rates", tuple(FAULTS))
    return {fault: float(rates.number(fault)) for fault in FAULTS if rates.has(fault)}


def _request(fields: Fields) -> RequestRule:
    fault = fields.text("fault") if fields.has("fault") else None
    if fault is not None:
        _check_fault(fields, fault)
    return RequestRule(
        kind=fields.text("kind"),
        match=_match(fields),
        plan=plan_from(fields),
        events_after_ms=_whole(fields, "events_after_ms", 0),
        fault=fault,
        mark=fields.text("mark") if fields.has("mark") else fault or SCRIPT,
    )


def _check_fault(fields: Fields, fault: str) -> None:
    known = request_faults(Mixup())
    if fault not in known:
        fields.refuse("fault", f"{fault!r} is not allowed; expected one of {', '.join(known)}")
    for key in ANSWER_KEYS:
        if fields.has(key):
            fields.refuse(key, "not together with fault, which has an answer of its own")


def _event(fields: Fields) -> EventRule:
    return EventRule(
        event=fields.text("event"),
        match=_match(fields),
        delays_ms=_delays(fields),
        mark=_mark(fields),
    )


def _delays(fields: Fields) -> tuple[int, ...]:
    delays = fields.numbers("delays_ms")
    for index, delay in enumerate(delays):
        if delay != int(delay) or delay < 0:
            fields.refuse(
                f"delays_ms[{index}]", f"{delay} is not allowed; expected 0 or more, whole"
            )
    return tuple(int(delay) for delay in delays)


def _timed(fields: Fields) -> TimedAction:
    return TimedAction(
        at_ms=_whole(fields, "at_ms", None), action=action_from(fields), mark=_mark(fields)
    )


def _match(fields: Fields) -> Match:
    return Match(
        nth=_whole(fields, "nth", 1, low=1) if fields.has("nth") else None,
        symbol=fields.text("symbol") if fields.has("symbol") else "",
        client_id=fields.text("client_id") if fields.has("client_id") else "",
        from_ms=_whole(fields, "from_ms", 0),
        to_ms=_whole(fields, "to_ms", 0) if fields.has("to_ms") else None,
    )


def _mark(fields: Fields) -> str:
    return fields.text("mark") if fields.has("mark") else SCRIPT


def _whole(fields: Fields, key: str, default: int | None, low: int = 0) -> int:
    if default is not None and not fields.has(key):
        return default
    value = fields.integer(key)
    if value < low:
        fields.refuse(key, f"{value} is not allowed; expected {low} or more")
    return value
