"""Neglect on paved ground: how right it is on pictures labelled by eye, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.figure import Figure, at_most
from tests.vision.surface_points import DRY, GREEN, count_points
from vision.decoding import Undecodable, read_picture
from vision.surface import find_neglect

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LEAST_F1 = 0.8


def figures() -> Iterator[Figure]:
    """Both halves of the labels, then the time for a place in a photo of 20 MP; nothing without the data."""
    if not DATA.is_dir():
        return
    for half in ("choose", "report"):
        count = count_points(half, DATA)
        f1 = 2 * count.precision * count.recall / (count.precision + count.recall)
        name = f"living plants, half to {half} on"
        yield Figure(f"{name}: pictures", len(count.share_errors), "")
        yield Figure(f"{name}: precision of points", count.precision, "")
        yield Figure(f"{name}: recall of points", count.recall, "")
        yield Figure(f"{name}: F1", f1, "", f"≥ {LEAST_F1}", f1 >= LEAST_F1)
        yield Figure(f"{name}: error of the area share", count.share_error_points, "points")
        yield Figure(f"{name}: worst picture's error", max(map(abs, count.share_errors)), "points")
        yield Figure(f"{name}: dry or autumn-coloured taken for green", count.share_found(DRY), "")
        yield Figure(f"{name}: low green found", count.share_found(frozenset("V")), "")
        yield Figure(f"{name}: crowns found", count.share_found(GREEN - frozenset("V")), "")
    yield at_most("50 × 35 m in a photo of 20 MP at 1 cm, processor time", 1000 * _seconds(), "ms", 60.0)


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
