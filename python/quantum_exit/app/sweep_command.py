"""`quantum-exit sweep`."""

import click


@click.command()
def sweep() -> None:
    """Run many plans."""
