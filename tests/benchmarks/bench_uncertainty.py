"""Whether the stated 95 % ellipses hold: drawn errors, and real ground points (brighton-beach)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.defects.fusion import fuse
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo, Pose
from pipeline.placing.flights import shared_errors, with_flights
from pipeline.sighting import Sighting, frame_around
from tests.benchmarks.drawn_flights import (
    Errors,
    Setup,
    Share,
    heavy_tailed,
    judged,
    share_inside,
    share_of,
    sightings_of,
)
from tests.benchmarks.figure import Figure
from vision.frames import LocalFrame
from vision.ground import FlatGround

SHARED = Path(__file__).resolve().parents[3] / "shared"
_SURVEYS, _SURVEYS_REPORTED = 1000, 300
_SEED = 20


def _pose(pitch_deg: float = -90.0, sigma_position_m: float = 1.5, sigma_alt_m: float = 3.0) -> Pose:
    pose = Pose(
        -6.88, 107.54, 30.0, 0.0, pitch_deg, 0.0, sigma_position_m=sigma_position_m, sigma_alt_m=sigma_alt_m
    )
    return replace(pose, shared=shared_errors(pose))


WITHOUT_RTK, WITH_RTK = _pose(), _pose(sigma_position_m=0.02, sigma_alt_m=0.03)

AS_ASSUMED = {
    "without RTK": Setup(WITHOUT_RTK),
    "with RTK": Setup(WITH_RTK),
    "with RTK, ground known to 1 m": Setup(WITH_RTK, ground=FlatGround(1.0)),
    "without RTK, 25° oblique": Setup(_pose(pitch_deg=-65.0)),
    "without RTK, two flights": Setup(WITHOUT_RTK, flights=2),
}
_WALK = Errors(walk_m_per_root_s=0.1)
NOT_AS_ASSUMED = {
    "without RTK, GNSS walks 0.1 m/√s on top": Setup(WITHOUT_RTK, _WALK),
    "without RTK, heavy tails": Setup(WITHOUT_RTK, Errors(draw=heavy_tailed)),
    "with RTK, heavy tails": Setup(WITH_RTK, Errors(draw=heavy_tailed)),
    "without RTK, boresight always 2 σ off": Setup(WITHOUT_RTK, Errors(boresight_sigmas=2.0)),
    "with RTK, boresight always 2 σ off": Setup(WITH_RTK, Errors(boresight_sigmas=2.0)),
}


def figures() -> Iterator[Figure]:
    """Simulated flights at 30 m with the reference errors, then the shared photos where they are."""
    for name, setup in AS_ASSUMED.items():
        yield from _figures_of(name, share_inside(setup, _SURVEYS, _SEED), held_to_95=True)
    for name, setup in NOT_AS_ASSUMED.items():
        yield from _figures_of(name, share_inside(setup, _SURVEYS_REPORTED, _SEED), held_to_95=False)
    if (SHARED / "data").is_dir():
        yield from _figures_of("brighton-beach ground points", on_ground_points(SHARED), held_to_95=False)


def _figures_of(name: str, share: Share, held_to_95: bool) -> Iterator[Figure]:
    for what, value in (("observations", share.observations), ("defects", share.defects)):
        aim = ("95 ± 2", abs(value - 0.95) <= 0.02) if held_to_95 else ()
        yield Figure(f"{name}: {what} inside", 100 * value, "%", *aim)
    yield Figure(f"{name}: median error of an observation", share.median_observation_m, "m")
    yield Figure(f"{name}: median error of a defect", share.median_defect_m, "m")


def on_ground_points(shared: Path) -> Share:
    """Each ground point of brighton-beach by each photo, and by all photos that show it together."""
    folder = shared / "data/photos/brighton-beach"
    photos = [photo for path in sorted(folder.glob("*.JPG")) if isinstance(photo := read_photo(path), Photo)]
    by_name = {photo.path.name: photo for photo in with_flights(photos)}
    seen: defaultdict[str, list[Sighting]] = defaultdict(list)
    truth: dict[str, tuple[float, float]] = {}
    with (folder / "ground_points.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            photo = by_name[row["image"]]
            frame, pixels_px = (
                LocalFrame(photo.pose.lat, photo.pose.lon),
                [[float(row["px"]), float(row["py"])]],
            )
            seen[row["point_id"]] += sightings_of(photo, np.array(pixels_px), frame, np.zeros(2))
            truth[row["point_id"]] = float(row["lat"]), float(row["lon"])
    frame = frame_around([sighting for sightings in seen.values() for sighting in sightings])
    places_m = {point: frame.to_metres(*truth[point])[0] for point in seen}
    return share_of(
        [judged(each, frame, places_m[point]) for point in seen for each in seen[point]],
        [judged(fuse(seen[point], frame).position, frame, places_m[point]) for point in seen],
    )
