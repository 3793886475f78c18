"""Alignment from pictures: of a made-up ground, and of real photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.alignment import align
from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.metadata.photo_reading import read_photo
from pipeline.photo import Photo
from pipeline.placing.flights import with_flights
from tests.benchmarks.synthetic_flights import FRAME, Truth, errors_m, recorded, strips
from tests.pipeline.patterned_ground import seen_by
from vision.camera import Camera

_CAMERA = Camera.centred("small", 684, 456, 525.0, focal_sigma_rel=0.01)
_TRUTH = strips(2, 4, camera=_CAMERA)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the cameras of two strips truly saw."""
    folder = tmp_path_factory.mktemp("flight")
    for number in range(len(_TRUTH.places_m)):
        cv2.imwrite(str(folder / f"{number:04d}.jpg"), seen_by(_TRUTH, number))
    return folder


def _photos(folder: Path, seed: int = 1, *, rtk: bool = True) -> list[Photo]:
    photos = recorded(_TRUTH, seed, rtk=rtk)
    return [replace(photo, path=folder / photo.path.name) for photo in photos]


def _remarks(photos: tuple[Photo, ...]) -> set[str]:
    return {photo.remarks[-1] for photo in photos}


def test_no_photos_are_aligned_to_nothing() -> None:
    alignment = align([])
    assert (alignment.photos, alignment.report.aligned, alignment.report.before.sightings) == ((), 0, 0)
    assert alignment.report.lines()


def test_a_single_photo_stays_as_recorded(pictures: Path) -> None:
    (photo,) = _photos(pictures)[:1]
    (kept,) = align([photo]).photos
    assert kept == replace(photo, remarks=("not_aligned_few_matches",))


@pytest.mark.parametrize("seed", [1, 2])
def test_photos_of_patterned_ground_become_right(pictures: Path, seed: int) -> None:
    photos = _photos(pictures, seed)
    steps: list[str] = []
    alignment = align(photos, advance=lambda _, name: steps.append(name))
    before_m, after_m = errors_m(photos, _TRUTH)[0], errors_m(list(alignment.photos), _TRUTH)[0]
    assert _remarks(alignment.photos) == {"aligned"}
    assert np.median(after_m) < np.median(before_m) / 2.5
    assert np.median(after_m) < 0.25
    assert alignment.report.after.median_m < alignment.report.before.median_m / 3
    assert steps == [photo.path.name for photo in photos]


def test_without_rtk_photos_agree_afterwards(pictures: Path) -> None:
    alignment = align(_photos(pictures, 4, rtk=False))
    assert alignment.report.after.median_m < 0.1 < alignment.report.before.median_m
    assert alignment.photos[0].pose.shared.position_m > 1.0
    assert {photo.flight for photo in alignment.photos} == {alignment.photos[0].flight}


def test_yaws_that_nobody_recorded_are_found(pictures: Path) -> None:
    photos = [
        replace(
            photo, pose=replace(photo.pose, yaw_deg=20.0, roll_deg=0.0, pitch_deg=-90.0, sigma_yaw_deg=180.0)
        )
        for photo in _photos(pictures)
    ]
    alignment = align(photos)
    assert np.median(errors_m(list(alignment.photos), _TRUTH)[0]) < 0.25


def test_a_photo_that_shows_nothing_stays_and_the_others_are_aligned(pictures: Path, tmp_path: Path) -> None:
    photos = _photos(pictures)
    cv2.imwrite(str(tmp_path / "grey.jpg"), np.full((456, 684), 128, np.uint8))
    photos[3] = replace(photos[3], path=tmp_path / "grey.jpg")
    photos[5] = replace(photos[5], path=tmp_path / "missing.jpg")
    alignment = align(photos)
    assert [photo.remarks[-1] for photo in alignment.photos].count("aligned") == 6
    assert alignment.photos[3].pose == photos[3].pose
    assert alignment.photos[5].pose == photos[5].pose


def test_a_picture_of_another_place_stays_as_recorded(pictures: Path) -> None:
    photos = _photos(pictures)
    photos[0] = replace(photos[0], path=photos[6].path)
    alignment = align(photos)
    assert alignment.photos[0].pose == photos[0].pose
    assert np.median(errors_m(list(alignment.photos[1:5]), _part(1, 5))[0]) < 0.25


def _part(start: int, end: int) -> Truth:
    return replace(_TRUTH, places_m=_TRUTH.places_m[start:end], rotations=_TRUTH.rotations[start:end])


def test_control_points_are_reported_before_and_after(pictures: Path) -> None:
    photos = _photos(pictures, 4, rtk=False)
    points = tuple(
        _point(photos, number, name) for number, name in ((0, "A"), (3, "B"), (4, "C"), (6, "CHK-D"))
    )
    report = align(photos, points).report
    (check,) = [residual for residual in report.control_after if residual.is_check]
    assert check.marks > 1
    assert check.distance_m < 0.15 < report.control_before[-1].distance_m
    assert any("check point CHK-D" in line for line in report.lines())


def _point(photos: list[Photo], number: int, name: str) -> ControlPoint:
    place_m = _TRUTH.places_m[number] * (1, 1, 0)
    marks = []
    for other, photo in enumerate(photos):
        x_px, y_px = _CAMERA.project((place_m - _TRUTH.places_m[other])[None] @ _TRUTH.rotations[other])[0]
        if 0 < x_px < 683 and 0 < y_px < 455:
            marks.append(Mark(photo.path.name, float(x_px), float(y_px)))
    lat, lon = FRAME.to_lat_lon(place_m[:2])[0]
    return ControlPoint(name, float(lat), float(lon), 51.0, tuple(marks), name.startswith("CHK-"))


@pytest.mark.slow
@pytest.mark.real_data
def test_real_photos_agree_at_least_twice_as_well(shared: Path) -> None:
    paths = sorted((shared / "data/photos/brighton-beach").glob("*.JPG"))
    readings = [read_photo(path) for path in paths]
    alignment = align(with_flights([photo for photo in readings if isinstance(photo, Photo)]))
    report = alignment.report
    assert report.aligned == 6
    assert report.after.median_m < report.before.median_m / 2
    assert all(
        np.isfinite(ground_offsets(photo, np.array([[2000.0, 1000.0]]))).all() for photo in alignment.photos
    )
