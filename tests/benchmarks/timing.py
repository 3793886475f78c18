"""How long works take that are to be compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 5


def medians(works: Sequence[Callable[[], object]]) -> list[tuple[float, float]]:
    """Median wall and CPU seconds of each work, done in turns so that all have the same weather."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for round_number in range(ROUNDS + 1):
        for times, work in zip(taken, works, strict=True):
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            work()
            if round_number:  # the first one warms up
                times.append((time.perf_counter() - wall_s, time.process_time() - cpu_s))
    return [
        (statistics.median(wall for wall, _ in times), statistics.median(cpu for _, cpu in times))
        for times in taken
    ]
