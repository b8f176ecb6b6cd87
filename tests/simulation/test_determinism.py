"""The same seed gives the same run, byte for byte."""

from hashlib import sha256

from tests.simulation.paper_world import PaperWorld
from tests.simulation.test_crashes import life
from tests.simulation.virtual_loop import run_virtual


def trace(seed: int) -> tuple[str, str]:
    """Hash of the journal and of everything that happened at the exchange."""
    world = PaperWorld()
    run_virtual(lambda: life(world), seed=seed)
    ledger = world.exchange.desk.venue.ledger_hash()
    return sha256(world.disk.durable).hexdigest(), ledger


def test_a_seed_gives_one_run() -> None:
    assert trace(7) == trace(7)


def test_other_seeds_give_other_runs_with_the_same_end() -> None:
    traces = {trace(seed)[0] for seed in range(6)}

    assert len(traces) > 1
