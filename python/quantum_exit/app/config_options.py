"""Options of the commands that run or reach a service, and the configuration that follows."""

import os
from collections.abc import Callable
from typing import Any

import click

from quantum_exit.app.config.layers import hint, secret_variables
from quantum_exit.app.config.load import Effective, load
from quantum_exit.app.config.schema import keys
from quantum_exit.errors import InvalidInputError

_OPTIONS = (
    click.option("--config", "config_path", metavar="FILE", help="Configuration, TOML."),
    click.option(
        "--set",
        "pairs",
        multiple=True,
        metavar="KEY=VALUE",
        help="One setting, such as guardian.min_move_ticks=3. It counts more than the environment.",
    ),
)


live_option = click.option(
    "--live", is_flag=True, help='Trade with money; mode = "live" is needed, too.'
)
venue_option = click.option(
    "--venue", metavar="URL", help="A simulated exchange, such as http://127.0.0.1:8899."
)


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a service is configured."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def effective(given: dict[str, Any], **options: object) -> Effective:
    """The configuration that a command runs under.

    Secrets are taken out of the environment, so that no child process gets them.

    Args:
        given: The values of the options of `configured`.
        options: Settings that the command line states in other options; None = not given. A dot
            is written as two underscores.

    Raises:
        InputFileError: As `load` raises it.
        InvalidInputError: Likewise.
    """
    named = {name.replace("__", "."): value for name, value in options.items()}
    found = load(
        file=given["config_path"],
        env=os.environ,
        options={**named, **_pairs(given["pairs"])},
    )
    for name in secret_variables():
        os.environ.pop(name, None)
    return found


def _pairs(pairs: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark:
            raise InvalidInputError("--set", repr(name), "expected KEY=VALUE")
        found[_settable(name)] = value
    return found


def _settable(name: str) -> str:
    key = keys().get(name)
    if key is None:
        raise InvalidInputError("--set", repr(name), f"expected a known key{hint(name)}")
    if key.is_secret:
        # A command line can be read by every user of the machine.
        allowed = "expected a key that is no secret: use the environment or keys_file"
        raise InvalidInputError("--set", repr(name), allowed)
    return name
