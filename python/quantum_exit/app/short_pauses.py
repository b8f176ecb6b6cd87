"""Keeps the pauses of the garbage collector short."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def short_pauses() -> Iterator[None]:
    """Leaves what exists now out of collections: to walk through all modules takes 0.1 s.

    Prices and stops would wait for it. References are counted as before, so nothing is kept for
    longer but cycles that exist already.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
