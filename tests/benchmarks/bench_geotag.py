"""Ground points of real photos (brighton-beach) and the speed of reading photos."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.geotagging.ground_error import ground_covariances, ground_offsets
from pipeline.metadata.photo_reading import interpret, read_photo, read_photos
from pipeline.photo import Photo
from tests.benchmarks.figure import Figure, at_least, at_most
from vision.frames import LocalFrame

SHARED = Path(__file__).resolve().parents[3] / "shared"
_CHI2_95 = 5.991  # two degrees of freedom
_READING_ROUNDS = 5


@dataclass(frozen=True)
class Measured:
    """Horizontal errors of the ground points, and the share inside the stated 95 % ellipse."""

    median_m: float
    percentile_90_m: float
    share_in_95: float


def figures() -> Iterator[Figure]:
    """Measure on the shared photos; nothing where they are absent."""
    if not (SHARED / "data").is_dir():
        return
    found = measure(SHARED)
    yield at_most("brighton-beach as delivered, median horizontal error", found.median_m, "m", 2.3)
    yield at_most("brighton-beach as delivered, 90th percentile", found.percentile_90_m, "m", 3.4)
    yield Figure("brighton-beach, inside the stated 95 % ellipse", 100 * found.share_in_95, "%")
    paths = _photos_as_taken(SHARED)
    yield at_least("photos parsed, files cached, on one core", parsing_speed(paths), "photos/s", 300)
    yield Figure("photos read, with disk and hash", reading_speed(paths), "photos/s")


def measure(shared: Path) -> Measured:
    """Compare every ground point of brighton-beach with where its pixel is put, photo by photo."""
    folder = shared / "data/photos/brighton-beach"
    rows_of: defaultdict[str, list[list[float]]] = defaultdict(list)
    with (folder / "ground_points.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows_of[row["image"]].append([float(row[name]) for name in ("px", "py", "lat", "lon")])
    errors_m, distances2 = [], []
    for name, rows in rows_of.items():
        photo = read_photo(folder / name)
        assert isinstance(photo, Photo), photo
        points = np.array(rows)
        truth_m = LocalFrame(photo.pose.lat, photo.pose.lon).to_metres(points[:, 2], points[:, 3])
        error_m = ground_offsets(photo, points[:, :2]) - truth_m
        inverse = np.linalg.inv(ground_covariances(photo, points[:, :2]))
        errors_m += list(np.hypot(*error_m.T))
        distances2 += list(np.einsum("ni,nij,nj->n", error_m, inverse, error_m))
    return Measured(
        float(np.median(errors_m)),
        float(np.percentile(errors_m, 90)),
        float(np.mean(np.array(distances2) < _CHI2_95)),
    )


def parsing_speed(paths: Sequence[Path]) -> float:
    """Photos parsed per second of processor time, their bytes in memory."""
    photos = [path.read_bytes() for path in paths]
    start_s = time.process_time()
    for data in photos * _READING_ROUNDS:
        interpret(data)
    return len(photos) * _READING_ROUNDS / (time.process_time() - start_s)


def reading_speed(paths: Sequence[Path]) -> float:
    """Photos read per second, on all cores, from files that the system has cached."""
    start_s = time.perf_counter()
    count = sum(1 for _ in read_photos(list(paths) * _READING_ROUNDS))
    return count / (time.perf_counter() - start_s)


def _photos_as_taken(shared: Path) -> list[Path]:
    """The shared photos but for those that a viewer saved again, whose pixels must be decoded."""
    paths = sorted((shared / "data/photos").glob("*/*.[jJ]*[gG]"))
    return [path for path in paths if "pixels_turned" not in getattr(read_photo(path), "remarks", ())]
