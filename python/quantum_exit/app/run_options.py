"""Options that the commands of a live run share."""

import os

import click

from quantum_exit.app.config import RunConfig
from quantum_exit.app.config_reader import load_config
from quantum_exit.errors import InvalidInputError

config_file = click.option(
    "--config", "config_path", metavar="FILE", help="TOML file. [default: the defaults]"
)
settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Overrides a key of the configuration, such as guardian.close_ms=2000.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
control_file = click.option(
    "--control",
    "control_path",
    metavar="FILE",
    help="Control file of the running service. [default: that of the configuration]",
)


def effective(path: str | None, given: tuple[str, ...], venue: str | None) -> RunConfig:
    """The configuration of the file, the environment, `--set` and `--venue`.

    Raises:
        InputFileError: Names the file and the key.
        InvalidInputError: A setting is none.
    """
    overrides = dict(_setting(text) for text in given)
    if venue is not None:
        overrides["venue_url"] = f'"{venue}"'
    return load_config(path, os.environ, overrides)


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InvalidInputError("--set", text, "expected KEY=VALUE")
    return key.strip(), value.strip()
