"""Alignment: real photos of one point, surveyed points without attitudes, simulated flights; its time."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from csv import DictReader
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from flight.simulator.district import SAMPLE_SITES, District, build_district
from flight.simulator.exposure import Exposure
from flight.simulator.ground_rendering import Ground
from flight.simulator.photo_rendering import render_photo
from models.catalogue import open_detector
from pipeline.alignment import align
from pipeline.alignment.adjustment import adjust, adjusted_photo
from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.alignment.posterior import with_posterior_errors
from pipeline.geotagging.geotag import ground_sample_distance_cm
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from pipeline.placing.flights import with_flights
from pipeline.sites.site_reading import read_sites
from tests.benchmarks.figure import Figure, at_most
from tests.benchmarks.helenenschacht import Helenenschacht
from tests.benchmarks.synthetic_flights import (
    CHI2_95,
    FRAME,
    Truth,
    errors_m,
    recorded,
    strips,
    tie_points,
)  # fmt: skip
from vision.attitude import attitude_of
from vision.camera import FloatArray
from vision.decoding import Undecodable, read_picture
from vision.frames import LocalFrame

SHARED = Path(__file__).resolve().parents[3] / "shared"
_TIED_TO = 6
_RENDERED_SEEDS = 3
_DRAWN_SEEDS = 32
_LONG_SEEDS = {True: 1, False: 8}
_RTK = {True: "RTK", False: "no RTK"}
_MEMORY_MINUTES = 5.0


def figures() -> Iterator[Figure]:
    """Measure on the shared photos and points, where they are, and on simulated flights."""
    if (SHARED / "data").is_dir():
        yield from _brighton_beach()
        yield from _seconds_per_photo()
        yield from _helenenschacht()
    yield from _drawn_flights()
    yield from _rendered_flights()
    yield from _long_flights()


def _brighton_beach() -> Iterator[Figure]:
    folder = SHARED / "data/photos/brighton-beach"
    readings = [read_photo(path) for path in sorted(folder.glob("*.JPG"))]
    photos = with_flights([photo for photo in readings if isinstance(photo, Photo)])
    aligned = align(photos)
    points = _ground_points(folder)
    before, after = (_spread_m(points, some) for some in (photos, aligned.photos))
    name = "brighton-beach, one point seen from several photos, from their mean"
    yield Figure(f"{name}: single", float(np.median(before)), "m")
    yield at_most(f"{name}: aligned", float(np.median(after)), "m", float(np.median(before)) / 2)
    yield Figure(f"{name}: single, 90 %", float(np.percentile(before, 90)), "m")
    yield Figure(f"{name}: aligned, 90 %", float(np.percentile(after, 90)), "m")
    yield from _tied_to_control_points(photos, points)


def _ground_points(folder: Path) -> list[ControlPoint]:
    """The points that several photos show, six of them to be tied to and the others to be checked with."""
    marks: dict[str, list[Mark]] = defaultdict(list)
    places: dict[str, tuple[float, float]] = {}
    with (folder / "ground_points.csv").open(encoding="utf-8", newline="") as file:
        for row in DictReader(file):
            marks[row["point_id"]].append(Mark(row["image"], float(row["px"]), float(row["py"])))
            places[row["point_id"]] = float(row["lat"]), float(row["lon"])
    several = sorted((name for name in marks if len(marks[name]) > 1), key=int)
    tied = set(several[:: len(several) // _TIED_TO][:_TIED_TO])
    return [
        ControlPoint(name, *places[name], None, tuple(marks[name]), is_check=name not in tied)
        for name in several
    ]


def _tied_to_control_points(photos: Sequence[Photo], points: Sequence[ControlPoint]) -> Iterator[Figure]:
    report = align(photos, points).report
    checked_m = [
        [residual.distance_m for residual in residuals if residual.is_check]
        for residuals in (report.control_before, report.control_after)
    ]
    name = f"brighton-beach, tied to {_TIED_TO} points, off the {len(checked_m[0])} others"
    for state, distances_m in zip(("before", "after"), checked_m, strict=True):
        yield Figure(f"{name}: median {state}", float(np.median(distances_m)), "m")
        yield Figure(f"{name}: 90 % {state}", float(np.percentile(distances_m, 90)), "m")


def _seconds_per_photo() -> Iterator[Figure]:
    """Processor time of a photo of 9 megapixels, aligned among six, and read by the shipped detector."""
    detector = open_detector().detector
    files = sorted((SHARED / "data/photos/brighton-beach").glob("*.JPG"))
    photos = [photo for photo in map(read_photo, files) if isinstance(photo, Photo)]

    def detect(some: Sequence[Photo]) -> None:
        for photo in some:
            picture = read_picture(photo.path)
            assert not isinstance(picture, Undecodable)
            detector.detect(picture, gsd_cm=ground_sample_distance_cm(photo))

    detecting_s, aligning_s = (_processor_s(work, photos) for work in (detect, align))
    yield Figure("decoding and detecting, 9 MP, processor time", detecting_s, "s/photo")
    yield at_most("aligning, 9 MP, processor time", aligning_s, "s/photo", detecting_s)


def _processor_s(work: Callable[[Sequence[Photo]], object], photos: Sequence[Photo]) -> float:
    work(photos[:2])  # imports and the libraries' own preparations are no time of a photo
    start_s = time.process_time()
    work(photos)
    return (time.process_time() - start_s) / len(photos)


def _spread_m(points: Sequence[ControlPoint], photos: Sequence[Photo]) -> FloatArray:
    """Distances of all places of each point, which several photos show, from their mean."""
    by_name = {photo.path.name: photo for photo in photos}
    frame = LocalFrame(photos[0].pose.lat, photos[0].pose.lon)
    spread = []
    for point in points:
        places = []
        for mark in point.marks:
            photo = by_name[mark.photo_name]
            foot_m = frame.to_metres(photo.pose.lat, photo.pose.lon)
            places.append((ground_offsets(photo, np.array([[mark.x_px, mark.y_px]])) + foot_m)[0])
        spread.append(np.hypot(*(np.array(places) - np.mean(places, axis=0)).T))
    return np.concatenate(spread)


def _helenenschacht() -> Iterator[Figure]:
    points = Helenenschacht(SHARED / "data/gcp/helenenschacht")
    name = "Helenenschacht, RTK, no attitude"
    single_m, aligned_m = points.errors_m(aligned=False), points.errors_m(aligned=True)
    yield Figure(f"{name}, single: median", float(np.median(single_m)), "m")
    yield at_most(f"{name}, aligned to the other points: median", float(np.median(aligned_m)), "m", 1.0)
    yield Figure(f"{name}, aligned: 90th percentile", float(np.percentile(aligned_m, 90)), "m")


def _rendered_flights() -> Iterator[Figure]:
    """Rendered photos of the sample district from 30 m, the reference errors drawn as they are assumed."""
    truth = strips(3, 5)
    with tempfile.TemporaryDirectory() as folder:
        _render(truth, build_district(read_sites(SAMPLE_SITES).sites, 5), Path(folder))
        for rtk in (True, False):
            flights = [
                _in_folder(recorded(truth, seed, rtk=rtk), Path(folder)) for seed in range(_RENDERED_SEEDS)
            ]
            aligned = [list(align(photos).photos) for photos in flights]
            yield from _compared(
                f"rendered area, {_RTK[rtk]}", truth, flights, aligned, 0.30 if rtk else None
            )


def _drawn_flights() -> Iterator[Figure]:
    """Many flights with computed ties, the reference errors drawn as they are assumed."""
    for kind, truth in (("road, one strip", strips(1, 14)), ("area, three strips", strips(3, 5))):
        for rtk in (True, False):
            flights = [recorded(truth, seed, rtk=rtk) for seed in range(_DRAWN_SEEDS)]
            aligned = [_adjusted(photos, truth, seed) for seed, photos in enumerate(flights)]
            yield from _compared(f"{kind}, {_RTK[rtk]}", truth, flights, aligned, 0.30 if rtk else None)


def _long_flights() -> Iterator[Figure]:
    """Flights of ten minutes with computed ties, the satellites' errors correlated over minutes."""
    truth = strips(8, 45)
    for rtk, aim_m in ((True, 0.30), (False, 1.5)):
        minutes = 0.0 if rtk else _MEMORY_MINUTES
        flights = [recorded(truth, seed, rtk=rtk, minutes=minutes) for seed in range(_LONG_SEEDS[rtk])]
        aligned = [_adjusted(photos, truth, seed) for seed, photos in enumerate(flights)]
        yield from _compared(f"ten minutes, {_RTK[rtk]}", truth, flights, aligned, aim_m)


def _adjusted(photos: list[Photo], truth: Truth, seed: int) -> list[Photo]:
    adjusted = adjust(photos, tie_points(truth, seed, per_photo=40), FRAME)
    moved = [adjusted_photo(adjusted, number, FRAME) for number in range(len(photos))]
    return with_posterior_errors(adjusted, moved, FRAME)


def _compared(
    name: str,
    truth: Truth,
    recorded_flights: Sequence[list[Photo]],
    aligned_flights: Sequence[list[Photo]],
    aim_m: float | None,
) -> Iterator[Figure]:
    single_m = np.concatenate([errors_m(photos, truth)[0] for photos in recorded_flights])
    measured = [errors_m(photos, truth) for photos in aligned_flights]
    median_m = float(np.median(np.concatenate([away_m for away_m, _ in measured])))
    yield Figure(f"{name}: single, median", float(np.median(single_m)), "m")
    if aim_m is None:
        yield Figure(f"{name}: aligned, median", median_m, "m")
    else:
        yield at_most(f"{name}: aligned, median", median_m, "m", aim_m)
    inside = float(np.mean(np.concatenate([squares for _, squares in measured]) < CHI2_95))
    yield Figure(f"{name}: aligned, inside the stated 95 %", 100 * inside, "%")


def _render(truth: Truth, district: District, folder: Path) -> None:
    ground = Ground(district, chunks_kept=200)
    frame = district.frame
    photos = recorded(truth, 0, rtk=True)
    for number, photo in enumerate(photos):
        assert photo.taken_at is not None
        lat, lon = frame.to_lat_lon(truth.places_m[number, :2])[0]
        attitude = attitude_of(truth.rotations[number])
        exposure = Exposure(
            number, photo.taken_at, float(lat), float(lon), float(truth.places_m[number, 2]), *attitude
        )
        picture = render_photo(exposure, district, ground, truth.camera, 5)
        cv2.imwrite(str(folder / photo.path.name), picture)


def _in_folder(photos: Sequence[Photo], folder: Path) -> list[Photo]:
    return [replace(photo, path=folder / photo.path.name) for photo in photos]
