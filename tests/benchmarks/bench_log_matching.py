"""Photos found in logs by the times between them: random flights, with misfires and clocks that are off."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from pipeline.capture_logs.clock_matching import Seconds, match_clocks
from tests.benchmarks.figure import Figure, at_least

FLIGHTS = 50
SPACINGS_S = (0.8, 1.4, 2.0, 3.0)
WHOLE_SECONDS, HUNDREDTHS = 1.0, 0.01
PHOTOS_LOST, RELEASES_LOST = 0.03, 0.02
LARGEST_OFFSET_S = 86_400.0
SHUTTER_SIGMA_S = 0.03


def figures() -> Iterator[Figure]:
    """Match 50 flights of each spacing and clock."""
    began = time.perf_counter()
    for resolution_s in (WHOLE_SECONDS, HUNDREDTHS):
        for spacing_s in SPACINGS_S:
            rng = np.random.default_rng(6)
            right, wrong, there = np.sum(
                [_matched(rng, spacing_s, resolution_s) for _ in range(FLIGHTS)], axis=0
            )
            name = f"every {spacing_s:g} s, clock of {resolution_s:g} s"
            yield at_least(f"photos found, {name}", 100 * right / there, "%", 98)
            yield Figure(f"given another's place, {name}", 100 * wrong / max(right + wrong, 1), "%")
    flights = 2 * len(SPACINGS_S) * FLIGHTS
    yield Figure("time per flight of some 90 photos", (time.perf_counter() - began) / flights, "s")


def _matched(rng: np.random.Generator, spacing_s: float, resolution_s: float) -> tuple[int, int, int]:
    """How many photos were matched rightly and wrongly, and how many could be."""
    shutter_s = _flight(rng, spacing_s)
    photos = np.flatnonzero(rng.random(len(shutter_s)) > PHOTOS_LOST)
    releases = np.flatnonzero(rng.random(len(shutter_s)) > RELEASES_LOST)
    offset_s = rng.uniform(-LARGEST_OFFSET_S, LARGEST_OFFSET_S)
    shown_s = shutter_s[photos] + offset_s + rng.normal(0, SHUTTER_SIGMA_S, len(photos))
    shown_s = np.sort(np.floor(shown_s / resolution_s) * resolution_s)
    match = match_clocks(shown_s, shutter_s[releases], resolution_s)
    pairs = match.pairs if match is not None else ()
    right = sum(photos[photo] == releases[event] for photo, event in pairs)
    return right, len(pairs) - right, len(np.intersect1d(photos, releases))


def _flight(rng: np.random.Generator, spacing_s: float) -> Seconds:
    """When the shutter opened: eight passes of ten to twelve photos, with turns between them."""
    starts_s = np.cumsum(np.r_[0.0, rng.uniform(12 * spacing_s + 5, 20 * spacing_s + 15, 7)])
    passes = [start_s + np.cumsum(rng.normal(spacing_s, 0.05, rng.integers(10, 13))) for start_s in starts_s]
    return np.concatenate(passes)
