"""The command `quantum-exit`."""

import click

from quantum_exit._core import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quantum-exit")
def main() -> None:
    """Exit engine for leveraged crypto positions."""
