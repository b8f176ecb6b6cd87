"""`quantum-exit config`: what is in force, and who said so."""

from typing import Any

import click

from quantum_exit.app.config_options import configured, effective
from quantum_exit.app.output import as_json_option, print_json, table


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
