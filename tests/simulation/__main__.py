"""Runs many schedules and prints the table of promises; exit code 1 where one was broken.

`python -m tests.simulation --seeds 2000 --jobs 2`
"""

import argparse
import gc
import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256

from tests.simulation.crash_points import STORIES, count, kill
from tests.simulation.planted import DEFECTS, find
from tests.simulation.runner import Result, run_seed
from tests.simulation.table import Table

_CHUNK = 25
_TWICE_EVERY = 40
_MOST_FAILURES = 20
_ALL_FAULTS_FROM = 2_000


def main() -> int:
    options = _options()
    _begin()
    if options.crashes:
        return _show_crashes(options.crashes, options.jobs)
    if options.planted:
        return _show_planted(options.seeds)
    seeds = range(options.start, options.start + options.seeds)
    table = Table()
    for result in _results(seeds, options.jobs):
        table.add(result)
    for result in _results(seeds[::_TWICE_EVERY], options.jobs):
        if table.traces[result.seed] != result.trace:
            table.broken["P17"] += 1
            table.failures.append(f"seed {result.seed}: another trace the second time")
    _show(table, as_json=options.json)
    lacks = options.seeds >= _ALL_FAULTS_FROM and (table.lacking or table.unchecked)
    return 1 if table.failures or lacks else 0


def _show_crashes(stride: int, jobs: int) -> int:
    """Kills canonical lives at every `stride`-th callback."""
    wanted = [(story, at) for story in STORIES for at in range(1, count(story), stride)]
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        points = list(pool.map(kill, *zip(*wanted, strict=True), chunksize=_CHUNK))
    recovery_ms = sorted(ms for point in points for ms in point.recovery_ms)
    broken = [point for point in points if point.broken]
    lines = [f"{len(points)} crash points, {len(broken)} with violations"]
    if recovery_ms:
        half, most = (recovery_ms[int(len(recovery_ms) * part)] for part in (0.5, 0.99))
        lines.append(f"restart to ready and covered: p50 {half} ms, p99 {most} ms")
    lines += [f"{point.story} at {point.at}: {point.broken[0]}" for point in broken]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if broken else 0


def _show_planted(most: int) -> int:
    """Plants each defect and tells how many schedules it took to find it."""
    lost = 0
    for defect in DEFECTS:
        found = find(defect, range(most))
        if found is None:
            lost += 1
            sys.stdout.write(f"{defect.name}: not found in {most} schedules\n")
            continue
        number, result = found
        first = next(one for one in result.broken if one.promise in defect.found_by)
        sys.stdout.write(f"{defect.name}: {number} ({first.promise}: {first.text})\n")
    return 1 if lost else 0


def _show(table: Table, *, as_json: bool) -> None:
    traces = "".join(table.traces[seed] for seed in sorted(table.traces))
    trace = sha256(traces.encode()).hexdigest()[:16]
    if as_json:
        sys.stdout.write(json.dumps({**table.as_json(), "trace": trace}) + "\n")
        return
    lines = [*table.lines(), f"trace {trace}", *table.failures[:_MOST_FAILURES]]
    sys.stdout.write("\n".join(lines) + "\n")


def _results(seeds: range, jobs: int) -> Iterator[Result]:
    if jobs == 1 or len(seeds) <= _CHUNK:
        yield from map(run_seed, seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        yield from pool.map(run_seed, seeds, chunksize=_CHUNK)


def _begin() -> None:
    """Tells of failures only, and spares the collector what stays until the end anyway."""
    logging.disable(logging.WARNING)
    gc.freeze()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200, help="how many schedules")
    parser.add_argument("--start", type=int, default=0, help="number of the first one")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--crashes", type=int, metavar="STRIDE", help="kill at callbacks instead")
    parser.add_argument("--planted", action="store_true", help="find the planted defects instead")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
