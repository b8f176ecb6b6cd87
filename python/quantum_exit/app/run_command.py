"""`quantum-exit run`: guards the positions of an account."""

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from quantum_exit.app.config.settings import Mode, RunConfig
from quantum_exit.app.config_options import configured, effective, live_option, venue_option
from quantum_exit.app.output import as_json_option, seconds_option
from quantum_exit.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from quantum_exit.app.live_run import RunOptions

_DEMO = "demo"


@click.command()
@configured
@venue_option
@live_option
@click.option(
    "--paper",
    multiple=True,
    metavar="TICKS",
    help="Prices of the simulated exchange in this process: tick files of one series, or `demo`. "
    "[default: a random walk]",
)
@click.option(
    "--demo", is_flag=True, help="The same as --paper demo: half an hour of made-up prices."
)
@click.option("--symbol", default="BTCUSDT", show_default=True, help="Whose prices --paper has.")
@click.option(
    "--speed",
    metavar="max|Nx",
    help="Pace of --paper; max runs on virtual time. [default: max with --paper, else 1x]",
)
@click.option(
    "--entries",
    "entries_path",
    metavar="CSV",
    help="Entries at the market of the simulated exchange in this process, as in `replay`. "
    "[default: a LONG that is handed over and a SHORT that has to be found, in turn, each when the "
    "one before is gone]",
)
@click.option(
    "--no-entries", is_flag=True, help="Enter nothing on the simulated exchange in this process."
)
@click.option("--metrics-port", type=int, metavar="N", help="Prometheus figures on this port.")
@seconds_option
@as_json_option
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Guard the positions of an account until Ctrl-C; stops and floors stay at the venue.

    Without a configuration, orders go to a simulated exchange in this process, where positions are
    entered, too. It ends with the process, and its journal with it unless `folder` is set. Exit
    codes: 0 done, 1 failure, 2 bad usage or input, 3 a
    position is or was unprotected for longer than gap_bound_ms.
    """
    found = effective(given, venue_url=given["venue"], metrics__port=given["metrics_port"])
    try:
        from quantum_exit.app.live_run import run_service  # noqa: PLC0415 - live only
    except ImportError as error:
        raise MissingExtraError("live", error.name or "aiohttp") from error
    context.exit(run_service(found, _options(given, found.config)))


def _options(given: dict[str, Any], config: RunConfig) -> "RunOptions":
    from quantum_exit.app.live_run import RunOptions  # noqa: PLC0415 - live only

    paper = _paper_of(given)
    common: dict[str, Any] = {name: given[name] for name in ("live", "seconds", "as_json")}
    if config.mode is not Mode.PAPER or config.venue_url is not None:
        _refuse_paper(given, paper)
        return RunOptions(**common)
    speed = _speed(given["speed"], paper=bool(paper))
    return RunOptions(
        **common,
        virtual=speed is None,
        feed=_feed(paper, given["symbol"], config, speed=1.0 if speed is None else speed),
        entries=_entries(given),
    )


def _refuse_paper(given: dict[str, Any], paper: tuple[str, ...]) -> None:
    for name, value in (
        ("--paper", ", ".join(paper)),
        ("--speed", given["speed"]),
        ("--entries", given["entries_path"]),
    ):
        if value:
            allowed = "expected it with the simulated exchange in this process only"
            raise InvalidInputError(name, value, allowed)


def _speed(text: str | None, *, paper: bool) -> float | None:
    """How many times as fast as the prices were; None = on virtual time."""
    if text is None:
        return None if paper else 1.0
    if text == "max":
        return None
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not text.endswith("x") or not 0 < speed < float("inf"):
        raise InvalidInputError("--speed", text, "expected max, 1x or another factor")
    return speed


def _feed(paper: tuple[str, ...], symbol: str, config: RunConfig, *, speed: float) -> Any:
    from dataclasses import replace  # noqa: PLC0415 - beside what it is for

    from quantum_exit.app.paper_feed import (  # noqa: PLC0415 - live only
        demo_feed,
        file_feed,
        walk_feed,
    )
    from quantum_exit.execution.clock import SystemClock  # noqa: PLC0415 - live only

    if _DEMO in paper:
        if len(paper) > 1:
            raise InvalidInputError("--paper", ", ".join(paper), "expected demo or files")
        return replace(demo_feed(), speed=speed)
    if paper:
        return file_feed(paper, symbol, speed=speed)
    return walk_feed(symbol, start_ms=SystemClock().now_ms(), seed=config.seed)


def _entries(given: dict[str, Any]) -> Any:
    from quantum_exit.app.entering import entries_of, one_after_another  # noqa: PLC0415

    if given["no_entries"]:
        return None
    if (path := given["entries_path"]) is not None:
        return entries_of(path)
    rule = one_after_another()
    # The prices of the demonstration are made for two positions.
    return islice(rule, 2) if _DEMO in _paper_of(given) else rule


def _paper_of(given: dict[str, Any]) -> tuple[str, ...]:
    return (*given["paper"], _DEMO) if given["demo"] else given["paper"]
