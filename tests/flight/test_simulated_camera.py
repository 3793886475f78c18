"""The simulated camera: the ground in the right pixels, whole files, nothing twice."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import exifread
import numpy as np
import pytest
from PIL import Image
from shapely import LineString, Point, box

from flight.simulator.camera import develop_photos
from flight.simulator.district import District, build_district
from flight.simulator.exposure import Exposure
from flight.simulator.ground_rendering import Ground
from flight.simulator.photo_geometry import footprint, ground_of_pixels, photographed_damages
from flight.simulator.photo_rendering import render_photo
from flight.simulator.sensor_errors import measure
from pipeline.sites.site_reading import Site
from vision.attitude import camera_to_enu
from vision.camera import Camera

CAMERA = Camera.centred("test", 480, 360, 500.0)
START = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def district() -> District:
    road = Site("r", "Road", "road", LineString([(106.84, -6.3), (106.84025, -6.3)]), 6.0)
    return build_district([road], seed=4, spacing_m=7)


def exposure_over(
    district: District, east_north: tuple[float, float], number: int = 1, **changes: float
) -> Exposure:
    lat, lon = district.frame.to_lat_lon([east_north])[0]
    pose = {"alt_rel_m": 6.0, "yaw_deg": 0.0, "pitch_deg": -90.0, "roll_deg": 0.0} | changes
    return Exposure(number, START + timedelta(seconds=2 * number), float(lat), float(lon), **pose)


def test_nadir_photo_shows_north_up(district: District) -> None:
    exposure = exposure_over(district, (3.0, -2.0))
    pixels = np.array([[239.5, 179.5], [489.5, 179.5], [239.5, -70.5]])
    ground = ground_of_pixels(pixels, exposure, CAMERA, district)
    np.testing.assert_allclose(ground, [[3, -2], [6, -2], [3, 1]], atol=1e-3)


def best_shift(picture: np.ndarray, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> tuple[int, int]:
    """By how many pixels the places (x, y) have to move for the picture to show the values there."""
    shifts = itertools.product(range(-3, 4), range(-3, 4))
    return max(shifts, key=lambda s: float(np.corrcoef(picture[y + s[1], x + s[0]], values)[0, 1]))


def test_photo_shows_the_ground_where_it_projects_to(district: District) -> None:
    """From ground to pixels, against the rendering's pixels to ground; tilted, a distorting lens."""
    camera = dataclasses.replace(CAMERA, distortion=(-0.1, 0.03, 0.001, -0.001, 0.0))
    exposure = exposure_over(district, (1.0, 0.5), yaw_deg=33.0, pitch_deg=-82.0, roll_deg=2.0)
    ground = Ground(district)
    photo = render_photo(exposure, district, ground, camera, seed=1).astype(float).mean(axis=2)
    places = np.random.default_rng(0).uniform(-4, 4, (20_000, 2))
    rays = np.column_stack([places - (1.0, 0.5), np.full(len(places), -6.0)])
    pixels = camera.project(rays @ camera_to_enu(33.0, -82.0, 2.0))
    inside = ((pixels > 5) & (pixels < (474, 354))).all(axis=1)
    picture, window = ground.picture(box(-4, -4, 4, 4))
    grey = cv2.GaussianBlur(picture, (0, 0), 1.5).astype(float).mean(axis=2)
    columns, rows = np.round(window.to_px(places[inside])).astype(int).T
    x, y = np.round(pixels[inside]).astype(int).T
    assert inside.sum() > 1000
    assert best_shift(photo, x, y, grey[rows, columns]) == (0, 0)


def test_overlapping_photos_show_the_same_ground(district: District) -> None:
    ground = Ground(district)
    exposures = [exposure_over(district, (east, 0.0), alt_rel_m=5.0) for east in (0.0, 1.0)]
    one, two = (render_photo(e, district, ground, CAMERA, 1).astype(float).mean(axis=2) for e in exposures)
    y, x = np.mgrid[10:350, 110:470].reshape(2, -1)
    assert best_shift(two, x - 100, y, one[y, x]) == (0, 0)  # 1 m is 100 pixels


def test_sky_is_haze_and_no_error(district: District) -> None:
    exposure = exposure_over(district, (0.0, 0.0), pitch_deg=20.0)
    photo = render_photo(exposure, district, Ground(district), CAMERA, 1)
    assert photo.shape == (360, 480, 3)
    assert footprint(exposure, CAMERA, district).is_empty


def test_damage_counts_as_photographed_when_it_is_in_a_picture(district: District) -> None:
    damage = district.damages[0]
    above = exposure_over(district, tuple(damage.centre_m), alt_rel_m=12.0)
    far = exposure_over(district, (400.0, 400.0))
    assert footprint(above, CAMERA, district).contains(Point(damage.centre_m))
    assert damage.id in photographed_damages(district, [far, above], CAMERA)
    assert photographed_damages(district, [far], CAMERA) == frozenset()


def test_no_exposures_no_photos(district: District, tmp_path: Path) -> None:
    assert develop_photos([], district, CAMERA, tmp_path, seed=1) == []


def test_develops_files_in_order_and_reports_each(district: District, tmp_path: Path) -> None:
    exposures = [exposure_over(district, (float(n), 0.0), n) for n in (1, 2)]
    done: list[Path] = []
    paths = develop_photos(
        exposures, district, CAMERA, tmp_path, seed=1, prefix="sortie-01_", on_done=done.append
    )
    assert [path.name for path in paths] == ["sortie-01_PANTAU_0001.JPG", "sortie-01_PANTAU_0002.JPG"]
    assert sorted(done) == sorted(paths) == sorted(tmp_path.iterdir())
    with Image.open(paths[0]) as image:
        assert image.size == (480, 360)


def test_resumes_without_touching_what_is_there(district: District, tmp_path: Path) -> None:
    exposures = [exposure_over(district, (float(n), 0.0), n) for n in (1, 2)]
    first, second = develop_photos(exposures, district, CAMERA, tmp_path, seed=1)
    whole = second.read_bytes()
    second.write_bytes(whole[: len(whole) // 2])
    before = first.stat().st_mtime_ns
    develop_photos(exposures, district, CAMERA, tmp_path, seed=1)
    assert first.stat().st_mtime_ns == before
    assert second.read_bytes() == whole


def test_photos_of_another_flight_are_developed_anew(district: District, tmp_path: Path) -> None:
    (path,) = develop_photos([exposure_over(district, (0.0, 0.0))], district, CAMERA, tmp_path, seed=1)
    before = path.read_bytes()
    develop_photos([exposure_over(district, (2.0, 0.0))], district, CAMERA, tmp_path, seed=1)
    assert path.read_bytes() != before


@pytest.mark.slow
def test_two_processes_make_the_same_files(district: District, tmp_path: Path) -> None:
    exposures = [exposure_over(district, (2.0 * n, 0.0), n) for n in range(1, 8)]
    two = develop_photos(exposures, district, CAMERA, tmp_path / "two", seed=1, processes=2)
    one = develop_photos(exposures, district, CAMERA, tmp_path / "one", seed=1, processes=1)
    assert [path.read_bytes() for path in two] == [path.read_bytes() for path in one]


def test_measured_position_of_the_flight_log_is_written(district: District, tmp_path: Path) -> None:
    position = (-6.25, 106.85, 7.5)
    (path,) = develop_photos(
        [exposure_over(district, (0.0, 0.0))], district, CAMERA, tmp_path, seed=1, measured={1: position}
    )
    with path.open("rb") as file:
        tags = exifread.process_file(file, details=False)
    degrees, minutes, seconds = (float(value) for value in tags["GPS GPSLatitude"].values)
    assert -(degrees + minutes / 60 + seconds / 3600) == pytest.approx(-6.25, abs=1e-7)


def test_sensor_errors_are_shared_by_a_flight_and_as_large_as_said(district: District) -> None:
    errors = []
    for seed in range(200):
        exposures = [exposure_over(district, (0.0, 0.0), n) for n in (1, 2)]
        measured = measure(exposures, ["", ""], seed)
        errors.append([(m.lat - e.lat) * 110_574 for m, e in zip(measured, exposures, strict=True)])
    north = np.array(errors)
    assert 0.85 < north.std() < 1.2
    assert np.abs(north[:, 0] - north[:, 1]).mean() < 0.4
