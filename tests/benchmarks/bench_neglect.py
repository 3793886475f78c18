"""Neglect on paved ground: how right it is on pictures labelled by eye, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.benchmarks.figure import Figure, at_most
from tests.vision.surface_points import (
    DRY,
    PAINT_AND_THINGS,
    WEEDS,
    count_points,
    labelled_pictures,
    picked_for_paving,
)
from vision.decoding import Undecodable, read_picture
from vision.surface import find_neglect

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LEAST_F1 = 0.8
KINDS = {
    "weeds in paving": WEEDS,
    "low green": frozenset("V"),
    "crowns": frozenset("C"),
    "dry or autumn-coloured": DRY,
    "vehicles, fences, green paint": PAINT_AND_THINGS,
}


def figures() -> Iterator[Figure]:
    """Both halves of the labels, the part picked for paving, then the time for a place in a photo of 20 MP.

    Nothing without the data.
    """
    if not DATA.is_dir():
        return
    yield from _accuracy("half to choose on", labelled_pictures("choose"))
    yield from _accuracy("half to report", labelled_pictures("report"))
    yield from _accuracy("of it picked for paving", picked_for_paving())
    yield at_most("50 × 35 m in a photo of 20 MP at 1 cm, processor time", 1000 * _seconds(), "ms", 60.0)


def _accuracy(part: str, pictures: list[dict[str, Any]]) -> Iterator[Figure]:
    count = count_points(pictures, DATA)
    f1 = 2 * count.precision * count.recall / (count.precision + count.recall)
    name = f"living plants, {part}"
    yield Figure(f"{name}: pictures", len(count.share_errors), "")
    yield Figure(f"{name}: sure points", count.points, "")
    yield Figure(f"{name}: precision of points", count.precision, "")
    yield Figure(f"{name}: recall of points", count.recall, "")
    yield Figure(f"{name}: F1", f1, "", f"≥ {LEAST_F1}", f1 >= LEAST_F1)
    yield Figure(f"{name}: error of the area share", count.share_error_points, "points")
    yield Figure(f"{name}: worst picture's error", max(map(abs, count.share_errors)), "points")
    for what, letters in KINDS.items():
        if points := count.labelled_points(letters):
            yield Figure(f"{name}: {what} found, of {points:,} points", count.share_found(letters), "")


def _seconds() -> float:
    """Processor time, the best of five: others use the machine too."""
    picture = read_picture(DATA / "photos" / "brighton-beach" / "DJI_0026.JPG")
    assert not isinstance(picture, Undecodable)
    photo = np.asarray(cv2.resize(picture, (5472, 3648)), np.uint8)
    facility = np.array([[200.0, 70.0], [5200.0, 70.0], [5200.0, 3570.0], [200.0, 3570.0]])
    times_s = []
    for _ in range(5):
        start_s = time.process_time()
        find_neglect(photo, 1.0, [facility])
        times_s.append(time.process_time() - start_s)
    return min(times_s)
