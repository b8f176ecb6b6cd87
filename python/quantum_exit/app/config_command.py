"""`quantum-exit config`: what is in force, and who said so."""

import os
from collections.abc import Callable
from typing import Any

import click

from quantum_exit.app.config.load import Effective, load
from quantum_exit.app.config.schema import keys
from quantum_exit.app.output import print_json, table
from quantum_exit.app.profiles_command import as_json_option

_OPTIONS = (
    click.option("--config", "config_path", metavar="FILE", help="Configuration, TOML."),
    click.option("--live", is_flag=True, help='Trade with money; mode = "live" is needed, too.'),
    click.option(
        "--set",
        "pairs",
        multiple=True,
        metavar="KEY=VALUE",
        help="One setting, such as guardian.min_move_ticks=3. It counts more than the environment.",
    ),
)


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a service is configured."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def effective(given: dict[str, Any], **options: object) -> Effective:
    """The configuration that a command runs under.

    Args:
        given: The values of the options of `configured`.
        options: Settings that the command line states in other options; None = not given. A dot
            is written as two underscores.

    Raises:
        InputFileError: As `load` raises it.
        InvalidInputError: Likewise.
    """
    named = {name.replace("__", "."): value for name, value in options.items()}
    return load(
        file=given["config_path"],
        env=os.environ,
        options={**named, **_pairs(given["pairs"])},
        live=given["live"],
    )


@click.group()
def config() -> None:
    """The configuration: a file, then the environment, then the command line."""


@config.command()
@configured
@as_json_option
def show(*, as_json: bool, **given: Any) -> None:
    """Print every setting, its value and who gave it; secrets are masked."""
    rows = effective(given).rows()
    if as_json:
        found = {name: {"value": value, "source": source} for name, value, source in rows}
        print_json({"command": "config show", "settings": found})
    else:
        click.echo(table([("setting", "value", "source"), *rows]))


def _pairs(pairs: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        key = _settable(name)
        if not mark or key is None:
            message = f"{name!r} is not allowed; expected KEY=VALUE of a setting that is no secret"
            raise click.BadParameter(message, param_hint="--set")
        found[key] = value
    return found


def _settable(name: str) -> str | None:
    # A command line can be read by every user of the machine.
    key = keys().get(name)
    return None if key is None or key.is_secret else name
